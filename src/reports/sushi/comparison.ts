/**
 * Both figures side by side: what the gateway saw, and what the publisher reported. They are never one
 * number. The gateway sees what passes it; the publisher sees everything, and counts by its own knowledge
 * of what an item is. What cannot be explained by that is flagged.
 * @module
 */
import {
  comparedMetrics,
  type ComparedCount,
  type ComparedMetric,
  type ComparedMonth,
  type Gap,
} from '../../core/harvest.ts'
import { limits } from '../../core/limits.ts'
import { lastDay, monthsBetween, type Month } from '../counter/months.ts'
import type { MonthFigures } from '../counter/usage-rows.ts'
import type { ReportedMonths } from './ledger.ts'

/** Refusals are each side's own: those at the gateway never reach the publisher. */
const flagged = new Set<ComparedMetric>([
  'Total_Item_Requests',
  'Unique_Item_Requests',
  'Total_Item_Investigations',
  'Unique_Item_Investigations',
])

/** What is compared. */
export interface ComparisonSources {
  readonly figures: readonly Pick<MonthFigures, 'period' | 'cells'>[]
  readonly reported: ReportedMonths
}

/** The months of a resource, the latest first. */
export function comparisonOf(
  resourceId: string,
  { from, to }: { readonly from: Month; readonly to: Month },
  { figures, reported }: ComparisonSources,
  now: number,
): ComparedMonth[] {
  return monthsBetween(from, to)
    .toReversed()
    .map((month) => {
      const cells = figures.find(({ period }) => period === month)?.cells ?? []
      const own = cells.filter((cell) => cell.resourceId === resourceId)
      const told = reported.get(month)?.[resourceId]
      const gap = gapOfMonth(told?.status, month, now)
      const hasCounts = told?.status === 'had' || told?.status === 'partial'
      const counts = comparedMetrics.map((metric) => {
        const gateway = own
          .filter((cell) => cell.metric === metric)
          .reduce((sum, { count }) => sum + count, 0)
        const publisher = hasCounts ? publishersCount(told.counts, metric) : undefined
        return { metric, gateway, ...comparedWith(publisher, gateway, metric) }
      })
      return { month, counts, ...(gap !== undefined && { gap }) }
    })
}

/** A PR has searches of the platform, which for a resource is the same. */
function publishersCount(counts: Readonly<Record<string, number>>, metric: ComparedMetric): number {
  const other = metric === 'Searches_Regular' ? (counts['Searches_Platform'] ?? 0) : 0
  return counts[metric] ?? other
}

function comparedWith(
  publisher: number | undefined,
  gateway: number,
  metric: ComparedMetric,
): Pick<ComparedCount, 'publisher' | 'gap'> {
  if (publisher === undefined) return {}
  const { least } = limits.sushi.difference
  if (!flagged.has(metric) || Math.abs(publisher - gateway) < least) return { publisher }
  if (publisher > 2 * gateway) return { publisher, gap: 'publisher-more' }
  return publisher < 0.8 * gateway ? { publisher, gap: 'gateway-more' } : { publisher }
}

function gapOfMonth(
  status: 'had' | 'partial' | 'not-ready' | 'gone' | undefined,
  month: Month,
  now: number,
): Gap | undefined {
  if (status === 'had') return undefined
  if (status === 'partial' || status === 'gone') return status
  const dueAt = Date.parse(`${lastDay(month)}T00:00:00Z`) + limits.sushi.dueDays * 86_400_000
  return now < dueAt ? 'not-ready' : 'missing'
}
