/**
 * Who wanted to read and was refused, by reason, resource and month; per 100 openings, so that large
 * and small resources can be compared.
 * @module
 */
import { denialFacts, type DenialReason, type Turnaway } from '../core/denials.ts'
import type { WordKey } from '../locales/words.ts'
import { monthText } from '../pages/month-text.ts'
import { column, resourceColumns } from './columns.ts'
import {
  bounded,
  change,
  comparedOf,
  count,
  groupsOf,
  ratio,
  resourceTitle,
  say,
  stretchOf,
  totalOf,
  type ReportInput,
  type Stretch,
} from './input.ts'
import type { ReportBody, Table, Value } from './model.ts'
import { monthChart } from './month-chart.ts'

const turnaways = ['Limit_Exceeded', 'No_License', 'Not_Authorized', 'none'] as const

const turnawayWords = {
  Limit_Exceeded: 'report.limit_exceeded',
  No_License: 'report.no_license',
  Not_Authorized: 'report.not_authorized',
  none: 'report.refused_else',
} as const satisfies Record<Turnaway, WordKey>

/** The report. */
export function refusalsReport(input: ReportInput): ReportBody {
  const byMonth = monthTable(input)
  return {
    charts: input.span.months.length > 1 ? [monthChart(input, byMonth, 1)] : [],
    tables: [reasonTable(input), resourceTable(input), byMonth],
    warnings: [],
    notes: [say(input, 'report.note_refusals'), say(input, 'report.note_sign_in')],
  }
}

/** Refusals of a stretch by reason, of one resource or of all. */
export function reasonsOf(
  { digests }: Pick<Stretch, 'digests'>,
  resourceId?: string,
): ReadonlyMap<DenialReason, number> {
  const sums = new Map<DenialReason, number>()
  for (const { denials } of digests) {
    for (const [id, reasons] of denials) {
      if (resourceId !== undefined && id !== resourceId) continue
      for (const [reason, number] of reasons) sums.set(reason, (sums.get(reason) ?? 0) + number)
    }
  }
  return sums
}

/** Asking somebody to sign in is no refusal of anything yet. */
function isRefusal(reason: DenialReason): boolean {
  return reason !== 'not_signed_in'
}

/** How many were refused, by what COUNTER makes of it. */
export function turnawaysOf(reasons: ReadonlyMap<DenialReason, number>): Record<Turnaway, number> {
  const sums = { Limit_Exceeded: 0, No_License: 0, Not_Authorized: 0, none: 0 }
  for (const [reason, number] of reasons) {
    if (isRefusal(reason)) sums[denialFacts[reason].turnaway] += number
  }
  return sums
}

function reasonTable(input: ReportInput): Table {
  const { now, before, yearBefore } = comparedOf(input)
  const all = reasonsOf(now)
  const openings = count(totalOf(now), 'openings')
  const past = (stretch: Stretch | undefined, reason: DenialReason) =>
    stretch?.isComplete === true ? (reasonsOf(stretch).get(reason) ?? 0) : undefined
  const reasons = [...all].filter(([reason]) => isRefusal(reason))
  const refused = reasons.reduce((sum, [, number]) => sum + number, 0)
  return {
    id: 'refusals_by_reason',
    title: say(input, 'report.refusals_by_reason'),
    columns: [
      column(input, 'reason', 'text', 'report.reason'),
      column(input, 'code', 'text', 'report.id'),
      column(input, 'counted_as', 'text', 'report.counted_as'),
      column(input, 'refusals', 'count', 'report.refusals'),
      column(input, 'refusals_change', 'change', 'report.change'),
      ...(yearBefore
        ? [column(input, 'refusals_change_year', 'change', 'report.change_year')]
        : []),
      column(input, 'per_100_openings', 'decimal', 'report.per_100'),
    ],
    rows: reasons
      .toSorted(([, one], [, other]) => other - one)
      .map(([reason, number]) => [
        say(input, `denial.${reason}.title`),
        reason,
        say(input, turnawayWords[denialFacts[reason].turnaway]),
        number,
        change(number, past(before, reason)),
        ...(yearBefore ? [change(number, past(yearBefore, reason))] : []),
        per100(number, openings),
      ]),
    total: [
      say(input, 'report.total'),
      undefined,
      undefined,
      refused,
      undefined,
      ...(yearBefore ? [undefined] : []),
      per100(refused, openings),
    ],
    notes: [],
  }
}

function per100(part: number, openings: number): number | undefined {
  const share = ratio(part, openings)
  return share === undefined ? undefined : share * 100
}

function resourceTable(input: ReportInput): Table {
  const now = stretchOf(input, input.span)
  const openings = groupsOf(now, 'resource')
  const ids = new Set(now.digests.flatMap(({ denials }) => [...denials.keys()]))
  const found = [...ids]
    .map((id) => {
      const sums = turnawaysOf(reasonsOf(now, id))
      return { id, sums, all: turnaways.reduce((sum, each) => sum + sums[each], 0) }
    })
    .filter(({ all }) => all > 0)
    .toSorted((one, other) => other.all - one.all)
  const { rows, more } = bounded(found)
  return {
    id: 'refusals_by_resource',
    title: say(input, 'report.refusals_by_resource'),
    columns: [
      ...resourceColumns(input),
      ...turnaways.map((each) =>
        column(input, each === 'none' ? 'other' : each, 'count', turnawayWords[each]),
      ),
      column(input, 'refusals', 'count', 'report.refusals'),
      column(input, 'openings', 'count', 'report.openings'),
      column(input, 'per_100_openings', 'decimal', 'report.per_100'),
    ],
    rows: rows.map(({ id, sums, all }): Value[] => {
      const opened = count(openings.get(id), 'openings')
      return [
        resourceTitle(input, id),
        id,
        ...turnaways.map((each) => sums[each]),
        all,
        opened,
        per100(all, opened),
      ]
    }),
    notes: more > 0 ? [say(input, 'report.note_more', { more })] : [],
  }
}

function monthTable(input: ReportInput): Table {
  const { span, months, language } = input
  return {
    id: 'refusals_by_month',
    title: say(input, 'report.refusals_by_month'),
    columns: [
      column(input, 'month', 'text', 'report.by_month'),
      ...turnaways.map((each) =>
        column(input, each === 'none' ? 'other' : each, 'count', turnawayWords[each]),
      ),
    ],
    rows: span.months.map((month): Value[] => {
      const digest = months.get(month)
      const sums = digest && turnawaysOf(reasonsOf({ digests: [digest] }))
      return [monthText(month, language), ...turnaways.map((each) => sums?.[each])]
    }),
    notes: [],
  }
}
