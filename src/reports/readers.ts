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
import { column } from './columns.ts'
import { bounded, resourceTitle, say, stretchOf, type ReportInput } from './input.ts'
import { hidden, type ReportBody, type Table, type Value } from './model.ts'
import { monthChart } from './month-chart.ts'
import { monthText } from './month-text.ts'
import { hideSmall } from './suppression.ts'

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

/** Readers of a month or year by category, and together. */
function rowOf(
  title: string,
  readers: readonly ReaderFigures[] | undefined,
  resourceId: string,
): Value[] {
  const mine = readers?.filter((each) => each.resourceId === resourceId)
  if (mine === undefined) return [title, ...[...kinds, ''].map(() => undefined)]
  const all = mine.find(({ by }) => by === '')?.readers ?? 0
  const known = categories.map(
    (category) => mine.find(({ by, key }) => by === 'category' && key === category)?.readers ?? 0,
  )
  // Who has no category is in the sum alone.
  const values = [...known, Math.max(0, all - known.reduce((sum, value) => sum + value, 0))]
  const { places, isTotalHidden } = hideSmall(values, least)
  const isAllSmall = all > 0 && all < least
  return [
    title,
    ...values.map((value, place) => (places.has(place) || isAllSmall ? hidden : value)),
    isTotalHidden || isAllSmall ? hidden : all,
  ]
}

const kinds = [...categories, 'none'] as const

function monthTable(input: ReportInput): Table {
  const { span, months, language, resourceId = '', yearReaders } = input
  const rows = span.months.map((month) =>
    rowOf(monthText(month, language), months.get(month)?.readers, resourceId),
  )
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
      total: rowOf(say(input, 'report.whole_year'), yearReaders, resourceId),
    }),
    notes: [],
  }
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
      column(input, 'resource', 'text', 'report.by_resource'),
      column(input, 'id', 'text', 'report.id'),
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
