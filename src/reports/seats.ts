/**
 * How full the pools of seats were: the most at once, hours without a free one, who waited and how
 * long, and how many seats the figures speak for.
 * @module
 */
import { poolsOf } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import { numberText } from '../pages/formats.ts'
import { column } from './columns.ts'
import { bounded, ratio, resourceTitle, say, stretchOf, type ReportInput } from './input.ts'
import type { Chart, ReportBody, Table, Value } from './model.ts'
import { plainText } from './plain-text.ts'
import { reasonsOf } from './refusals.ts'
import { seatAdvice, type SeatAdvice, type SeatEvidence } from './seat-advice.ts'

interface PoolSum extends SeatEvidence {
  readonly pool: string
  readonly titles: string
  readonly granted: number
  readonly left: number
  readonly waitedMs: number
  readonly longestWaitMs: number
}

/** The report. */
export function seatsReport(input: ReportInput): ReportBody {
  const pools = poolSums(input).toSorted(
    (one, other) =>
      (ratio(other.minutesAtLimit, other.minutesUsed) ?? 0) -
        (ratio(one.minutesAtLimit, one.minutesUsed) ?? 0) || one.pool.localeCompare(other.pool),
  )
  const { leastMonths, leastHours, leastWaits, fewerMonths } = limits.reports.seats
  return {
    charts: pools.length > 1 ? [limitChart(input, pools)] : [],
    tables: [poolTable(input, pools), adviceTable(input, pools)],
    warnings: [],
    notes: [
      say(input, 'report.note_seats'),
      say(input, 'report.note_advice', { leastMonths, leastHours, leastWaits, fewerMonths }),
    ],
  }
}

function poolSums(input: ReportInput): PoolSum[] {
  const { digests } = stretchOf(input, input.span)
  const owners = ownersOf(input)
  const names = new Set(digests.flatMap(({ pools }) => pools.map(({ pool }) => pool)))
  return [...names]
    .filter(
      (pool) => input.resourceId === undefined || owners.get(pool)?.includes(input.resourceId),
    )
    .map((pool): PoolSum => {
      const months = digests.flatMap(({ pools }) => pools.find((each) => each.pool === pool) ?? [])
      const sum = (key: keyof (typeof months)[number]) =>
        months.reduce((before, each) => before + Number(each[key]), 0)
      const most = (key: keyof (typeof months)[number]) =>
        Math.max(0, ...months.map((each) => Number(each[key])))
      const seats = most('seats')
      const ids = owners.get(pool) ?? []
      return {
        pool,
        titles: ids.map((id) => resourceTitle(input, id)).join(', ') || plainText(pool),
        seats,
        isChanged: months.some((each) => each.seats !== seats),
        months: months.length,
        peak: most('peak'),
        minutesAtLimit: sum('minutesAtLimit'),
        minutesUsed: sum('minutesUsed'),
        waits: sum('waits'),
        granted: sum('granted'),
        left: sum('left'),
        waitedMs: sum('waitedMs'),
        longestWaitMs: most('longestWaitMs'),
        refusals: ids.reduce(
          (before, id) => before + (reasonsOf({ digests }, id).get('seats_full') ?? 0),
          0,
        ),
      }
    })
}

/** The resources of each pool, by the licences of now. */
function ownersOf({ resources }: ReportInput): Map<string, string[]> {
  const owners = new Map<string, string[]>()
  for (const { id, licence } of resources.values()) {
    for (const { pool } of poolsOf(licence)) owners.set(pool, [...(owners.get(pool) ?? []), id])
  }
  return owners
}

/** With one place, which is six minutes. */
const hours = (minutes: number) => Math.round(minutes / 6) / 10
const minutes = (ms: number) => Math.round(ms / 6000) / 10

function poolTable(input: ReportInput, pools: readonly PoolSum[]): Table {
  const { rows, more } = bounded(pools)
  return {
    id: 'seats',
    title: say(input, 'report.seats'),
    columns: [
      column(input, 'resources', 'text', 'report.by_resource'),
      column(input, 'pool', 'text', 'report.pool'),
      column(input, 'seats', 'count', 'report.seats_there'),
      column(input, 'peak', 'count', 'report.peak'),
      column(input, 'hours_used', 'decimal', 'report.hours_used'),
      column(input, 'hours_at_limit', 'decimal', 'report.hours_at_limit'),
      column(input, 'share_at_limit', 'share', 'report.share_at_limit'),
      column(input, 'refusals', 'count', 'report.limit_exceeded'),
      column(input, 'waits', 'count', 'report.waits'),
      column(input, 'granted', 'count', 'report.granted'),
      column(input, 'left', 'count', 'report.left'),
      column(input, 'mean_wait_minutes', 'decimal', 'report.mean_wait'),
      column(input, 'longest_wait_minutes', 'decimal', 'report.longest_wait'),
    ],
    rows: rows.map((pool): Value[] => [
      pool.titles,
      pool.pool,
      pool.seats,
      pool.peak,
      hours(pool.minutesUsed),
      hours(pool.minutesAtLimit),
      ratio(pool.minutesAtLimit, pool.minutesUsed),
      pool.refusals,
      pool.waits,
      pool.granted,
      pool.left,
      ratio(minutes(pool.waitedMs), pool.granted),
      pool.granted === 0 ? undefined : minutes(pool.longestWaitMs),
    ]),
    notes: more > 0 ? [say(input, 'report.note_more', { more })] : [],
  }
}

function adviceTable(input: ReportInput, pools: readonly PoolSum[]): Table {
  const { rows } = bounded(pools)
  return {
    id: 'seat_advice',
    title: say(input, 'report.seat_advice'),
    columns: [
      column(input, 'resources', 'text', 'report.by_resource'),
      column(input, 'seats', 'count', 'report.seats_there'),
      column(input, 'advice', 'text', 'report.advice'),
      column(input, 'evidence', 'text', 'report.evidence'),
    ],
    rows: rows.map((pool) => [
      pool.titles,
      pool.seats,
      adviceText(input, seatAdvice(pool)),
      say(input, 'report.evidence_text', {
        months: pool.months,
        hours: numberText(Math.round(hours(pool.minutesUsed)), input.language),
        waits: pool.waits,
        refusals: pool.refusals,
      }),
    ]),
    notes: [],
  }
}

function adviceText(input: ReportInput, advice: SeatAdvice): string {
  if (advice.kind === 'unknown') return say(input, `report.advice_${advice.why}`)
  if (advice.kind === 'enough') return say(input, 'report.advice_enough')
  const { seats } = advice
  if (advice.kind === 'fewer') return say(input, 'report.advice_fewer', { seats })
  return say(input, advice.isLeast ? 'report.advice_least' : 'report.advice_more', { seats })
}

function limitChart(input: ReportInput, pools: readonly PoolSum[]): Chart {
  const shown = pools.slice(0, limits.reports.chartBars)
  return {
    id: 'seats',
    title: say(input, 'report.hours_at_limit'),
    kind: 'bars',
    tableId: 'seats',
    labels: shown.map(({ titles }) => titles),
    series: [
      {
        name: say(input, 'report.hours_at_limit'),
        values: shown.map(({ minutesAtLimit }) => Math.round(hours(minutesAtLimit) * 10) / 10),
      },
    ],
  }
}
