/**
 * Full texts as publishers report them, for the report on cost. Only months that were reported whole
 * count: a month that is missing or came in part would make every text look dearer than it is.
 * @module
 */
import type { Span } from '../period.ts'
import type { ReportedMonths } from './ledger.ts'

/** What a publisher reports of a span. */
export interface ReportedUse {
  /** COUNTER's Total_Item_Requests, the metric that the gateway's own full texts are counted by. */
  readonly fullTexts: number
  /** Those of the span that it is of. */
  readonly months: readonly string[]
}

/** By resource; those of which no month was reported whole are absent. */
export function reportedUse(reported: ReportedMonths, { months }: Span): Map<string, ReportedUse> {
  const use = new Map<string, ReportedUse>()
  for (const month of months) {
    for (const [id, { status, counts }] of Object.entries(reported.get(month) ?? {})) {
      if (status !== 'had') continue
      const before = use.get(id)
      use.set(id, {
        fullTexts: (before?.fullTexts ?? 0) + (counts['Total_Item_Requests'] ?? 0),
        months: [...(before?.months ?? []), month],
      })
    }
  }
  return use
}
