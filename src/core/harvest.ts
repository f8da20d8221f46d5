/**
 * How the harvest of publishers' reports stands, and both figures side by side, as staff see them.
 * @module
 */

/** How a harvest went; each is told to staff in their language. */
export const harvestStates = [
  /** Every month that was asked for has come. */
  'done',
  /** Some months are not ready, or only a part of them came. */
  'incomplete',
  /** The report is being made (1011): asked again in an hour. */
  'queued',
  /** Asked too often (1020, 429): asked again when it was told to. */
  'told-to-wait',
  /** The key or customer is refused (2000 to 2020, 401, 403): staff must act. */
  'refused',
  /** The server is away, slow, or says so: asked again, at ever longer intervals. */
  'unavailable',
  /** What came is no report, too long, for somebody else, or leads elsewhere: staff must look. */
  'unusable',
  /** A key cannot be read here: nothing was asked. */
  'no-secret',
] as const

/** One of the states. */
export type HarvestState = (typeof harvestStates)[number]

/** Something that a report is not wholly right in. */
export type HarvestRemark = 'numbers-as-text' | 'contradictory'

/** How it stands with one publisher. */
export interface HarvestStanding {
  readonly resourceId: string
  /** Months that have come. */
  readonly months: number
  /** Of the last question; absent before the first. */
  readonly last?: {
    readonly state: HarvestState
    /** In English, for those who look after the rule. */
    readonly detail?: string | undefined
    readonly remarks: readonly HarvestRemark[]
    /** Epoch milliseconds: when, and when again at the earliest. */
    readonly at: number
    readonly nextAt: number
  }
}

/** What of two figures is worth a look. */
export type Gap =
  /** The publisher ought to have reported by now. */
  | 'missing'
  /** It has not yet, and need not have. */
  | 'not-ready'
  | 'partial'
  | 'gone'
  /** More than twice the gateway's: readers who pass it by, or a rule that misses items. */
  | 'publisher-more'
  /** Less than four fifths of the gateway's: what the rule counts is no use there, or another's report. */
  | 'gateway-more'

/** Metrics of both, in the order of the page. */
export const comparedMetrics = [
  'Total_Item_Requests',
  'Unique_Item_Requests',
  'Total_Item_Investigations',
  'Unique_Item_Investigations',
  'Searches_Regular',
  'Limit_Exceeded',
  'No_License',
] as const

/** One of them. */
export type ComparedMetric = (typeof comparedMetrics)[number]

/** One metric of a month. */
export interface ComparedCount {
  readonly metric: ComparedMetric
  readonly gateway: number
  /** Absent where nothing came. */
  readonly publisher?: number
  readonly gap?: Gap
}

/** A month of a resource. */
export interface ComparedMonth {
  /** `2026-11`. */
  readonly month: string
  readonly gap?: Gap
  readonly counts: readonly ComparedCount[]
}

/** What staff may ask of the harvest. Both may reject with `ERR_STORE_AWAY`. */
export interface HarvestBooks {
  standings(resourceIds: readonly string[]): Promise<readonly HarvestStanding[]>
  /** The last months, the latest first. */
  comparison(resourceId: string): Promise<readonly ComparedMonth[]>
}
