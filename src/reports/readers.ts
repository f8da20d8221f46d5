/**
 * Distinct readers, told for each month and year by itself and never summed: who reads in two months is
 * one reader of each.
 *
 * Numbers below `limits.reports.leastPersons` are hidden, with others where a sum would tell them.
 * @module
 */
import type { ReaderFigures } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import { categories } from '../core/types.ts'
import { capitalised, numberText } from '../pages/formats.ts'
import { monthText } from '../pages/month-text.ts'
import { column, resourceColumns } from './columns.ts'
import { bounded, resourceTitle, say, stretchOf, type ReportInput } from './input.ts'
import { GroupCounts } from './masking.ts'
import { hidden, type ReportBody, type Table, type Value } from './model.ts'
import { monthChart } from './month-chart.ts'

const least = limits.reports.leastPersons

/** The report. */
export function readersReport(input: ReportInput): ReportBody {
  const { resourceId } = input
  const byMonth = monthTable(input)
  return {
    charts: input.span.months.length > 1 ? [monthChart(input, byMonth, -1)] : [],
    tables: [byMonth, ...(resourceId === undefined ? [resourceTable(input)] : [])],
    warnings: [],
    notes: [say(input, 'report.note_readers'), say(input, 'report.note_hidden', { least })],
  }
}

/** Readers by category, and together, of whom these categories are not told. */
function rowOf(
  title: string,
  mine: readonly ReaderFigures[] | undefined,
  isHidden: (category: string) => boolean,
): Value[] {
  if (mine === undefined) return [title, ...[...kinds, ''].map(() => undefined)]
  const all = mine.find(({ by }) => by === '')?.readers ?? 0
  const values = groups.map((group) => ({ group, value: valueOf(mine, group) }))
  // Beside one that is hidden nobody is to see who did not read.
  const hasHidden = values.some(({ group, value }) => value > 0 && isHidden(group))
  return [
    title,
    ...values.map(({ group, value }) =>
      hasHidden && (value === 0 || isHidden(group)) ? hidden : value,
    ),
    shown(all),
  ]
}

function valueOf(mine: readonly ReaderFigures[], group: string): number {
  return mine.find(({ by, key }) => by === 'category' && key === group)?.readers ?? 0
}

/** Those who have no category are the last. */
const groups = [...categories, ''] as const
const kinds = [...categories, 'none'] as const

function monthTable(input: ReportInput): Table {
  const { span, months, language, resourceId = '', yearReaders } = input
  const mine = (readers: readonly ReaderFigures[] | undefined) =>
    readers?.filter((each) => each.resourceId === resourceId)
  const rows = span.months.map((month) => {
    const digest = months.get(month)
    const isHidden = (group: string) => digest?.hidden.category.has(group) ?? true
    return rowOf(monthText(month, language), mine(digest?.readers), isHidden)
  })
  return {
    id: 'readers_by_month',
    title: say(input, 'report.readers_by_month'),
    columns: [
      column(input, 'month', 'text', 'report.by_month'),
      ...categories.map((category) => ({
        id: category,
        kind: 'count' as const,
        title: capitalised(say(input, `category.${category}`), language),
      })),
      column(input, 'none', 'count', 'report.none_known'),
      column(input, 'readers', 'count', 'report.readers'),
    ],
    rows,
    ...(yearReaders && {
      total: rowOf(say(input, 'report.whole_year'), mine(yearReaders), hiddenInYear(input)),
    }),
    notes: [],
  }
}

/**
 * A year tells of a category what may be told of it as of a month, unless that is more than its months
 * tell together: the difference would be theirs in which it is hidden. What is hidden is never of few.
 */
function hiddenInYear(input: ReportInput): (group: string) => boolean {
  const { yearReaders = [], resourceId = '' } = input
  const mine = yearReaders.filter((each) => each.resourceId === resourceId)
  const inYear = new GroupCounts().mask('category', yearReaders).of(resourceId)
  const inMonths = (group: string) =>
    stretchOf(input, input.span).digests.reduce((sum, { readers, hidden: { category } }) => {
      const own = readers.filter((each) => each.resourceId === resourceId)
      return category.has(group) ? sum : sum + valueOf(own, group)
    }, 0)
  const not = new Set<string>(
    groups.filter((group) => inYear.has(group) || inMonths(group) < valueOf(mine, group)),
  )
  const told = groups
    .filter((group) => !not.has(group) && valueOf(mine, group) > 0)
    .toSorted((one, other) => valueOf(mine, one) - valueOf(mine, other))
  const sum = () => [...not].reduce((all, group) => all + valueOf(mine, group), 0)
  for (const group of told) {
    if (sum() === 0 || sum() >= least) break
    not.add(group)
  }
  return (group) => not.has(group)
}

/** Of one number beside which no sum stands. */
function shown(value: number | undefined): Value {
  return value !== undefined && value > 0 && value < least ? hidden : value
}

/** Each resource's readers in the month that had most, and in the year if the span is one. */
function resourceTable(input: ReportInput): Table {
  const { span, yearReaders, language } = input
  const most = new Map<string, { readers: number; month: string }>()
  for (const { period, readers } of stretchOf(input, span).digests) {
    for (const { resourceId, by, readers: found } of readers) {
      if (resourceId === '' || by !== '' || found <= (most.get(resourceId)?.readers ?? 0)) continue
      most.set(resourceId, { readers: found, month: period })
    }
  }
  const inYear = (id: string) =>
    yearReaders?.find((each) => each.resourceId === id && each.by === '')?.readers
  const { rows, more } = bounded(
    [...most].toSorted(([, one], [, other]) => other.readers - one.readers),
  )
  return {
    id: 'readers_by_resource',
    title: say(input, 'report.readers_by_resource'),
    columns: [
      ...resourceColumns(input),
      column(input, 'readers', 'count', 'report.readers_best'),
      column(input, 'month', 'text', 'report.best_month'),
      ...(yearReaders ? [column(input, 'readers_year', 'count', 'report.readers_year')] : []),
    ],
    rows: rows.map(([id, { readers, month }]) => [
      resourceTitle(input, id),
      id,
      shown(readers),
      monthText(month, language),
      ...(yearReaders ? [shown(inYear(id))] : []),
    ]),
    notes: more > 0 ? [say(input, 'report.note_more', { more: numberText(more, language) })] : [],
  }
}
