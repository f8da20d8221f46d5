/**
 * Use by resource, month, category, faculty, campus, way in, hour and format, beside earlier times.
 *
 * Groups of persons (category, faculty, campus) of whom one is small in a month are told together for
 * that month: nobody can tell what a few persons did, and every sum is whole.
 * @module
 */
import { personDimensions, type Period } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import { categories } from '../core/types.ts'
import { monthText, shortMonthText } from '../pages/month-text.ts'
import type { Steps } from '../usage/steps.ts'
import { column, measureColumns, measureValues, type ComparedSums } from './columns.ts'
import { sumsOf, type Dimension, type Sums } from './digest.ts'
import {
  bounded,
  comparedOf,
  count,
  groupsOf,
  keyTitle,
  say,
  totalOf,
  type Compared,
  type ReportInput,
  type Stretch,
} from './input.ts'
import type { Chart, ReportBody, Table, Value } from './model.ts'
import { togetherKey } from './masking.ts'
import { monthsAfter } from './period.ts'
import { spikeWarnings } from './spikes.ts'

/** The report. */
export function* useReport(input: ReportInput): Steps<ReportBody> {
  const { by = 'month' } = input
  const { table, charts } = by === 'month' ? useByMonth(input) : useBy(input, by)
  return {
    charts,
    tables: [table],
    warnings: yield* spikeWarnings(input),
    notes: [say(input, 'report.note_use'), say(input, 'report.note_sessions')],
  }
}

/** A table with its charts. */
export interface Pictured {
  readonly table: Table
  readonly charts: readonly Chart[]
}

/** Use by month, each beside the month before and the same month a year before. */
export function useByMonth(input: ReportInput): Pictured {
  const { span, months, language } = input
  const yearBefore = { span, digests: [], isComplete: true }
  const comparison = { yearBefore }
  const rows = span.months.map((month): Value[] => [
    monthText(month, language),
    ...measureValues(
      {
        now: months.get(month)?.total,
        before: months.get(monthsAfter(month, -1))?.total,
        yearBefore: months.get(monthsAfter(month, -12))?.total,
      },
      comparison,
    ),
  ])
  const compared = comparedOf(input)
  const table: Table = {
    id: 'use_by_month',
    title: say(input, 'report.use_by_month'),
    columns: [
      column(input, 'month', 'text', 'report.by_month'),
      ...measureColumns(input, comparison),
    ],
    rows,
    // Beside the months of a year, the sums a year before are those of the whole time before.
    total: totalRow(input, {
      ...compared,
      yearBefore: compared.yearBefore ?? compared.before,
    }),
    notes: [say(input, 'report.note_months')],
  }
  return { table, charts: span.months.length > 1 ? [monthChart(input)] : [] }
}

function monthChart(input: ReportInput): Chart {
  const { span, months, language } = input
  const line = (metric: 'openings' | 'Total_Item_Requests', of: (month: Period) => Period) =>
    span.months.map((month) => {
      const digest = months.get(of(month))
      return digest && count(digest.total, metric)
    })
  return {
    id: 'use_by_month',
    title: say(input, 'report.use_by_month'),
    kind: 'lines',
    tableId: 'use_by_month',
    labels: span.months.map((month, place) => shortMonthText(month, language, place)),
    series: [
      { name: say(input, 'report.openings'), values: line('openings', (month) => month) },
      {
        name: say(input, 'report.full_texts'),
        values: line('Total_Item_Requests', (month) => month),
      },
    ],
  }
}

/** Use by one dimension, most used first; hours and categories in their own order. */
export function useBy(
  input: ReportInput,
  by: Dimension,
  rowsMax: number = limits.reports.rows,
): Pictured {
  const compared = comparedOf(input)
  const groups = groupsIn(input, compared, by)
  const id = `use_by_${by}`
  const { rows, more } = bounded(groups)
  const shown = rows.slice(0, rowsMax)
  const table: Table = {
    id,
    title: say(input, `report.use_by_${by}`),
    columns: [
      column(input, by, 'text', `report.by_${by}`),
      ...(by === 'resource' ? [column(input, 'id', 'text', 'report.id')] : []),
      ...measureColumns(input, compared),
    ],
    rows: shown.map(({ title, key, sums }) => [
      title,
      ...(by === 'resource' ? [key] : []),
      ...measureValues(sums, compared),
    ]),
    total: totalRow(input, compared, by === 'resource' ? [undefined] : []),
    notes: [
      ...(groups.some(({ key }) => key === togetherKey)
        ? [say(input, 'report.note_together', { least: limits.reports.leastPersons })]
        : []),
      ...(more > 0 ? [say(input, 'report.note_more', { more })] : []),
      ...(groups.length > shown.length && more === 0
        ? [say(input, 'report.note_top', { shown: shown.length, all: groups.length })]
        : []),
    ],
  }
  return { table, charts: chartsOf(input, by, shown) }
}

interface Group {
  readonly key: string
  readonly title: string
  readonly sums: ComparedSums
}

function groupsIn(input: ReportInput, compared: Compared, by: Dimension): Group[] {
  const [now, before, yearBefore] = [compared.now, compared.before, compared.yearBefore].map(
    (stretch) => stretch && sumsIn(stretch, by),
  )
  const keys = new Set([now, before, yearBefore].flatMap((each) => [...(each?.sums.keys() ?? [])]))
  const sumsFor = (key: string): ComparedSums => {
    const of = (earlier: StretchSums | undefined) =>
      earlier?.isComplete === true && !now?.parted.has(key) && !earlier.parted.has(key)
        ? sumsOf([earlier.sums.get(key)])
        : undefined
    return { now: sumsOf([now?.sums.get(key)]), before: of(before), yearBefore: of(yearBefore) }
  }
  const groups = [...keys]
    .filter((key) => key !== togetherKey && (now?.sums.has(key) || by === 'resource'))
    .map((key): Group => ({ key, title: keyTitle(input, by, key), sums: sumsFor(key) }))
    .filter(({ sums }) => Object.keys(sums.now ?? {}).length > 0)
    .toSorted(orderOf(by))
  if (!now?.sums.has(togetherKey)) return groups
  const title = say(input, 'report.together')
  // Who is in it differs from month to month: it stands beside nothing.
  const sums = { now: now.sums.get(togetherKey), before: undefined, yearBefore: undefined }
  return [...groups, { key: togetherKey, title, sums }]
}

/** The sums of a stretch by group, and the groups of which months are told together with others. */
interface StretchSums {
  readonly sums: ReadonlyMap<string, Sums>
  readonly parted: ReadonlySet<string>
  readonly isComplete: boolean
}

function sumsIn(stretch: Stretch, by: Dimension): StretchSums {
  const dimension = personDimensions.find((each) => each === by)
  const parted = stretch.digests.flatMap(({ hidden }) => (dimension ? [...hidden[dimension]] : []))
  const { isComplete } = stretch
  return { sums: groupsOf(stretch, by), parted: new Set(parted), isComplete }
}

function orderOf(by: Dimension): (one: Group, other: Group) => number {
  if (by === 'hour') return (one, other) => Number(one.key) - Number(other.key)
  if (by === 'category') return (one, other) => categoryPlace(one.key) - categoryPlace(other.key)
  return (one, other) =>
    count(other.sums.now, 'Total_Item_Requests') - count(one.sums.now, 'Total_Item_Requests') ||
    count(other.sums.now, 'openings') - count(one.sums.now, 'openings') ||
    one.title.localeCompare(other.title)
}

/** In their own order; who has none comes last. */
function categoryPlace(key: string): number {
  const place = categories.findIndex((category) => category === key)
  return place === -1 ? categories.length : place
}

function totalRow(
  input: ReportInput,
  compared: Compared,
  blanks: readonly undefined[] = [],
): Value[] {
  const { now, before, yearBefore } = compared
  const sums = { now: totalOf(now), before: knownTotal(before), yearBefore: knownTotal(yearBefore) }
  return [say(input, 'report.total'), ...blanks, ...measureValues(sums, compared)]
}

function knownTotal(stretch: Stretch | undefined): Sums | undefined {
  return stretch?.isComplete === true ? totalOf(stretch) : undefined
}

function chartsOf(input: ReportInput, by: Dimension, groups: readonly Group[]): Chart[] {
  const isHour = by === 'hour'
  const most = isHour ? groups : groups.slice(0, limits.reports.chartBars)
  if (most.length < 2) return []
  const values = (metric: 'openings' | 'Total_Item_Requests') =>
    most.map(({ sums }) => count(sums.now, metric))
  const hasFullTexts = values('Total_Item_Requests').some((value) => value > 0)
  const isFormat = by === 'format'
  return [
    {
      id: `use_by_${by}`,
      title: say(input, `report.use_by_${by}`),
      kind: isHour ? 'columns' : 'bars',
      tableId: `use_by_${by}`,
      labels: most.map(({ title }) => title),
      series: [
        ...(isFormat ? [] : [{ name: say(input, 'report.openings'), values: values('openings') }]),
        ...(hasFullTexts || isFormat
          ? [{ name: say(input, 'report.full_texts'), values: values('Total_Item_Requests') }]
          : []),
      ],
    },
  ]
}
