/**
 * What COUNTER has to know of a resource: of what type the database is, of what type its titles, and
 * where its publisher tells of its use by itself.
 *
 * Source: COUNTER Code of Practice 5.1, section 3.3.2 (Data_Type) and section 8 (COUNTER API).
 * @module
 */
import type { Scope } from './rewriting-options.ts'
import { dataTypes } from './use.ts'

/**
 * Data_Type of searches and refusals: abstracts and indexes, full text in journals and books, or full
 * text that stands in no title.
 */
export const databaseTypes = ['Database_AI', 'Database_Aggregated', 'Database_Full'] as const

/** One type of database. */
export type DatabaseType = (typeof databaseTypes)[number]

/** Data_Type of items that were read where the exchange itself did not tell. */
export const titleTypes = [...dataTypes, 'Database_Full_Item', 'Unspecified'] as const

/** One type of titles. */
export type TitleType = (typeof titleTypes)[number]

/** What reports of COUNTER's form say of a resource. */
export interface CounterFacts {
  readonly database: DatabaseType
  readonly titles: TitleType
  /** What is text and data mining. */
  readonly mining?: MiningFacts
}

/**
 * What the publisher has agreed to as text and data mining: whatever these groups or networks ask for, and
 * whoever asks for these addresses. Source: COUNTER 5.1, section 7.10.
 */
export interface MiningFacts {
  readonly groups: readonly string[]
  readonly networks: readonly string[]
  /** Absent: no address by itself. */
  readonly scope?: Scope
}

/** Whether an exchange is text and data mining that was agreed to. */
export function isMining(
  { groups, networks, scope }: MiningFacts,
  asked: {
    readonly groups: readonly string[]
    readonly network: string | undefined
    readonly host: string
    readonly path: string
  },
): boolean {
  return (
    (asked.network !== undefined && networks.includes(asked.network)) ||
    asked.groups.some((group) => groups.includes(group)) ||
    scope?.covers(asked.host, asked.path) === true
  )
}

/** What is said of a resource whose rule says nothing: most databases; and nobody knows of what. */
export const usualCounterFacts: CounterFacts = {
  database: 'Database_Aggregated',
  titles: 'Unspecified',
}

/** The reports that are harvested: by platform, database, title or item. */
export const harvestedReports = ['PR', 'DR', 'TR', 'IR'] as const

/** Where a publisher offers its own reports, by the COUNTER API (SUSHI). */
export interface SushiSource {
  /** What stands before `/r51/reports` or `/reports`, without a slash at its end. */
  readonly url: string
  readonly release: '5' | '5.1'
  readonly report: (typeof harvestedReports)[number]
  readonly customerId: string
  /** Absent: not asked for. Functions, so that nothing prints or hashes what they give. */
  readonly requestorId?: () => string
  readonly apiKey?: () => string
  /** For a server that tells of several platforms. */
  readonly platform?: string
  /** Only this database of the report counts; absent: all of them together. */
  readonly database?: string
  /** A secret could not be read: it is not asked until that is mended. */
  readonly isIncomplete?: true
}
