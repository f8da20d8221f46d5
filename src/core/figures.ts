/**
 * Figures of use of one day or month, as reports read them: a pure function of the events of that
 * time, made in `usage/`. COUNTER-formatted, gateway-observed, not audited.
 *
 * Everything can be summed over resources, formats, categories, units, sites, channels and periods,
 * but for what counts distinct persons: `readers` of a longer time are fewer than their sum, and are
 * told for each day, month and year by itself.
 * @module
 */
import type { DenialReason } from './denials.ts'
import type { Category, Channel } from './types.ts'
import type { DataType, UseFormat } from './use.ts'

/** A day, `2026-11-30`, a month, `2026-11`, or a year, `2026`, in the institution's time zone. */
export type Period = string

/** What is counted; the words with capitals are COUNTER 5.1's Metric_Types (section 3.3). */
export const metrics = [
  /** Each item looked at in any way, double clicks once. */
  'Total_Item_Investigations',
  /** Of these, each item once in a session. */
  'Unique_Item_Investigations',
  /** Each full text opened, double clicks once. */
  'Total_Item_Requests',
  /** Of these, each item once in a session, whatever its format. */
  'Unique_Item_Requests',
  /** Each book or reference work once in a session, however many of its parts were looked at. */
  'Unique_Title_Investigations',
  /** Likewise of those of which a full text was opened. */
  'Unique_Title_Requests',
  /** Searches whose address tells that they are; observed, where the publisher counts by result set. */
  'Searches_Regular',
  /** Those of them that the rule says the platform ran over several databases, or a program elsewhere. */
  'Searches_Automated',
  'Searches_Federated',
  /** Refused for want of a free seat, double clicks once. */
  'Limit_Exceeded',
  /** Refused for want of a licence in force, double clicks once. */
  'No_License',
  /**
   * Sessions with at least one exchange, of one day each. Of one resource; with the resource ''
   * those of the whole library, which are fewer than the sum over resources.
   */
  'sessions',
  /**
   * Entries into a resource: a session's first exchange of a day or after half an hour without one,
   * and readers sent to the publisher directly, double clicks once.
   */
  'openings',
  /** Everything answered, pictures and scripts too, whatever its status. */
  'exchanges',
  /** Bytes of bodies sent to readers. */
  'bytes',
  /** Of text and data mining that the publisher has agreed to, which counts in nothing above but the last two. */
  'TDM_Total_Item_Investigations',
  'TDM_Unique_Item_Investigations',
  'TDM_Total_Item_Requests',
  'TDM_Unique_Item_Requests',
  'TDM_Unique_Title_Investigations',
  'TDM_Unique_Title_Requests',
  'TDM_Searches_Regular',
  'TDM_Searches_Automated',
  'TDM_Searches_Federated',
] as const

/** One of what is counted. */
export type Metric = (typeof metrics)[number]

/** By what figures are told apart. */
export interface Cut {
  readonly resourceId: string
  /** The first of the reader's categories in the order of `categories`; '' where none is known. */
  readonly category: Category | ''
  /** Faculty or department, campus; '' where none is known. */
  readonly unit: string
  readonly site: string
  readonly channel: Channel
}

/** A number, by everything that reports divide by; never 0. */
export interface Cell extends Cut {
  readonly metric: Metric
  /** Of items that were investigated or requested; '' for all else. */
  readonly format: UseFormat | ''
  /** Likewise, of the title that the item belongs to; '' where it is not known. */
  readonly dataType: DataType | ''
  readonly count: number
}

/** A number by the hour of the day; what is counted once, by the hour of its first. */
export interface HourCell {
  readonly resourceId: string
  /** 0 to 23, in the institution's time zone. */
  readonly hour: number
  readonly metric: Metric
  readonly count: number
}

/** Refusals by reason, double clicks once. */
export interface DenialCell extends Omit<Cut, 'resourceId'> {
  /** '' for a refusal on the portal, of the address alone. */
  readonly resourceId: string
  readonly reason: DenialReason
  readonly count: number
}

/** How often an item was used; the items of a period beyond a bound, used least, are left out. */
export interface ItemFigures {
  readonly resourceId: string
  /** As `UseFacts.item`, or `url:host/path` where nothing better is known. */
  readonly item: string
  readonly itemName?: string
  readonly title?: string
  readonly titleName?: string
  readonly dataType?: DataType
  /** Total, double clicks once. */
  readonly requests: number
  /** Total, requests included. */
  readonly investigations: number
  /**
   * Distinct readers, counted as far as `limits.reports.leastPersons`: more need not be known. Absent
   * in figures of a version that did not count them, whose events are gone.
   */
  readonly readers?: number
}

/** Distinct readers of all items of a title, counted as far as those of an item. */
export interface TitleFigures {
  readonly resourceId: string
  readonly title: string
  readonly readers: number
}

/** What groups of persons are told apart by. */
export const personDimensions = ['category', 'unit', 'site'] as const

/** One of what groups of persons are told apart by. */
export type PersonDimension = (typeof personDimensions)[number]

/** Distinct persons of the period. */
export interface ReaderFigures {
  /** '' for the whole library. */
  readonly resourceId: string
  /** '' for everybody. */
  readonly by: PersonDimension | ''
  /** The category, faculty or campus; '' for everybody, and for those of whom none is known. */
  readonly key: string
  readonly readers: number
}

/** Seats of a pool, as looked at once a minute, and those who waited for one. */
export interface PoolFigures {
  readonly pool: string
  /** The most that there were. */
  readonly seats: number
  /** The most that were used at once. */
  readonly peak: number
  /** Minutes in which none was free. */
  readonly minutesAtLimit: number
  /** Minutes in which at least one was used. */
  readonly minutesUsed: number
  /** Waits begun, ended with a seat, ended without one. */
  readonly waits: number
  readonly granted: number
  readonly left: number
  /** Of the waits that ended with a seat, together, and the longest. */
  readonly waitedMs: number
  readonly longestWaitMs: number
}

/** Uses and refusals that were not counted, and why. */
export interface LeftOut {
  readonly robots: number
  /** All but the last of the same address by the same reader within 30 seconds each. */
  readonly doubleClicks: number
  readonly prefetches: number
  /** Answers other than 200 and 304: parts of a text, redirects, errors. */
  readonly otherStatuses: number
}

/** Figures of a day or a month. */
export interface Figures {
  readonly period: Period
  readonly cells: readonly Cell[]
  readonly hours: readonly HourCell[]
  readonly denials: readonly DenialCell[]
  readonly items: readonly ItemFigures[]
  /** The titles of the items; absent with what `ItemFigures.readers` is absent with. */
  readonly titles: readonly TitleFigures[]
  readonly readers: readonly ReaderFigures[]
  readonly pools: readonly PoolFigures[]
  readonly leftOut: LeftOut
  /** Nothing will change them any more: the events that they were made from are gone. */
  readonly isFinal: boolean
}
