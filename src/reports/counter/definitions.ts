/**
 * The reports of COUNTER's form that the gateway makes, as one table: names, metrics and columns as the
 * Code of Practice has them, and one report of our own under the library's namespace.
 *
 * TR and IR are not among them: they need Access_Type and YOP, which only the publisher knows.
 * Source: COUNTER Code of Practice 5.1, sections 3.1, 4.1, 4.2 and 11.
 * @module
 */

/** A metric of items, in the order of the Code of Practice. */
export const itemMetrics = [
  'Total_Item_Investigations',
  'Total_Item_Requests',
  'Unique_Item_Investigations',
  'Unique_Item_Requests',
  'Unique_Title_Investigations',
  'Unique_Title_Requests',
] as const

/** Metrics of a database as a whole. */
const searchMetrics = ['Searches_Automated', 'Searches_Federated', 'Searches_Regular'] as const

/** Refusals that COUNTER counts. */
const denialMetrics = ['Limit_Exceeded', 'No_License'] as const

/** Reports by their id; `GA1` is the id behind the library's namespace. */
export const reportIds = ['PR', 'PR_P1', 'DR', 'DR_D1', 'DR_D2', 'GA1'] as const

/** Formats of a report's file; JSON is what a SUSHI client gets as well. */
export const counterFormats = ['json', 'tsv', 'xlsx'] as const

/** One report. */
export type ReportId = (typeof reportIds)[number]

/** What a report is. */
export interface ReportDefinition {
  readonly name: string
  readonly description: string
  /** What an item of the report is. */
  readonly of: 'platform' | 'database'
  /** What it may hold, in the order in which a Standard View must name it. */
  readonly metrics: readonly string[]
  /** A Standard View: nothing of it can be chosen. */
  readonly isView: boolean
  /** Whether usage is told apart by Data_Type. */
  readonly hasDataType: boolean
}

/** Each report. */
export const definitions = {
  PR: {
    name: 'Platform Report',
    description: 'Use of all databases together, by data type.',
    of: 'platform',
    metrics: ['Searches_Platform', ...itemMetrics],
    isView: false,
    hasDataType: true,
  },
  PR_P1: {
    name: 'Platform Usage',
    description: 'Searches, and items and books that were read.',
    of: 'platform',
    metrics: [
      'Searches_Platform',
      'Total_Item_Requests',
      'Unique_Item_Requests',
      'Unique_Title_Requests',
    ],
    isView: true,
    hasDataType: true,
  },
  DR: {
    name: 'Database Report',
    description: 'Use and refusals of each database, by data type.',
    of: 'database',
    metrics: [...searchMetrics, ...itemMetrics, ...denialMetrics],
    isView: false,
    hasDataType: true,
  },
  DR_D1: {
    name: 'Database Search and Item Usage',
    description: 'Searches, and items looked at and read, of each database.',
    of: 'database',
    metrics: [
      ...searchMetrics,
      'Total_Item_Investigations',
      'Total_Item_Requests',
      'Unique_Item_Investigations',
      'Unique_Item_Requests',
    ],
    isView: true,
    hasDataType: false,
  },
  DR_D2: {
    name: 'Database Access Denied',
    description: 'Refusals for want of a free seat or of a licence, of each database.',
    of: 'database',
    metrics: denialMetrics,
    isView: true,
    hasDataType: false,
  },
  GA1: {
    name: 'Gateway Activity by User Category',
    description:
      'Openings, sessions, distinct readers, searches seen and refusals by reason, by category of reader.',
    of: 'database',
    metrics: [],
    isView: false,
    hasDataType: false,
  },
} as const satisfies Record<ReportId, ReportDefinition>

/** The definition of a report. */
export function definitionOf(id: ReportId): ReportDefinition {
  return definitions[id]
}

/** The report as requests and headers name it, `DR_D2` or `library:GA1`. */
export function fullId(id: ReportId, namespace: string): string {
  return id === 'GA1' ? `${namespace}:${id}` : id
}

/** The report of a name in letters of either case, with the namespace or without. */
export function reportNamed(text: string, namespace: string): ReportId | undefined {
  const wanted = text.toLowerCase()
  return reportIds.find(
    (id) => id.toLowerCase() === wanted || fullId(id, namespace).toLowerCase() === wanted,
  )
}
