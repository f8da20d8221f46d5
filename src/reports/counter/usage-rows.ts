/**
 * From figures of use to the rows of a report: which figure is which metric under which Data_Type.
 *
 * Searches and refusals stand under the type of the database, items under that of their title. All of
 * it happened at, or passed, the library's gateway, so that the platform is the gateway itself; the
 * publisher is named beside each database.
 * Source: COUNTER Code of Practice 5.1, sections 3.3.2 and 3.3.4; the official schema, which allows no
 * item metric under a database's own type.
 * @module
 */
import { usualCounterFacts, type CounterFacts } from '../../core/counter.ts'
import { metrics, type Cell, type Figures, type Metric } from '../../core/figures.ts'
import type { Resource } from '../../core/resource.ts'
import type { Steps } from '../../usage/steps.ts'
import { definitionOf, type ReportId } from './definitions.ts'
import type { ReportChoice, UsageRow } from './report.ts'

/** A number, by what reports of COUNTER's form tell apart. */
export type UseCell = Pick<Cell, 'resourceId' | 'category' | 'dataType' | 'metric' | 'count'>

/** What these reports need of a month's figures. */
export interface MonthFigures extends Pick<Figures, 'period' | 'readers' | 'denials'> {
  readonly cells: readonly UseCell[]
}

/** What a report is made from. */
export interface UsageSources {
  /** Of months, in any order. */
  readonly figures: readonly MonthFigures[]
  readonly resources: ReadonlyMap<string, Pick<Resource, 'id' | 'title' | 'provider' | 'counter'>>
}

const itemMetrics = new Set<Metric>([
  'Total_Item_Investigations',
  'Total_Item_Requests',
  'Unique_Item_Investigations',
  'Unique_Item_Requests',
])
const titleMetrics = new Set<Metric>(['Unique_Title_Investigations', 'Unique_Title_Requests'])
/** Section 3.3: titles are counted of these alone. */
const bookTypes = new Set(['Book', 'Reference_Work'])
/** Of each metric of text mining, the one that it is in these reports. */
const regularOf = new Map<Metric, Metric>(
  metrics.flatMap((metric) => {
    const own = metrics.find((each) => each === `TDM_${metric}`)
    return own === undefined ? [] : [[own, metric] as const]
  }),
)
const searchMetrics = new Set<Metric>([
  'Searches_Automated',
  'Searches_Federated',
  'Searches_Regular',
])
const databaseMetrics = new Set<Metric>([...searchMetrics, 'Limit_Exceeded', 'No_License'])

/** Makes the rows of one of COUNTER's own reports, month by month. */
export function* usageRows(
  id: ReportId,
  sources: UsageSources,
  choice: ReportChoice,
): Steps<UsageRow[]> {
  const { metrics: own, of, hasDataType, isView } = definitionOf(id)
  const taken = new Set(own.filter((each) => choice.metrics?.includes(each) ?? true))
  const isTaken = ({ metric, dataType }: TypedCount): boolean =>
    taken.has(metric) && (!hasDataType || (choice.dataTypes?.includes(dataType) ?? true))
  const methods = isView ? ['Regular'] : (choice.accessMethods ?? ['Regular', 'TDM'])
  const rows: UsageRow[] = []
  for (const { period, cells } of sources.figures) {
    for (const each of cells) {
      const { method, cell } = byMethod(each)
      const counted = of === 'platform' ? onPlatform(cell, sources) : inDatabase(cell, sources)
      if (cell.resourceId === '' || counted === undefined || !isTaken(counted)) continue
      if (!methods.includes(method)) continue
      rows.push({
        item: of === 'platform' ? '' : cell.resourceId,
        attributes: {
          ...(hasDataType && { Data_Type: counted.dataType }),
          ...(choice.showsAccessMethod === true && { Access_Method: method }),
        },
        metric: counted.metric,
        month: period,
        count: cell.count,
      })
    }
    yield
  }
  return rows
}

/** Text mining never stands in a Standard View (section 7.10). */
function byMethod(cell: UseCell): { readonly method: 'Regular' | 'TDM'; readonly cell: UseCell } {
  const metric = regularOf.get(cell.metric)
  return metric === undefined
    ? { method: 'Regular', cell }
    : { method: 'TDM', cell: { ...cell, metric } }
}

interface TypedCount {
  readonly metric: string
  readonly dataType: string
}

function inDatabase(cell: UseCell, sources: UsageSources): TypedCount | undefined {
  const { metric } = cell
  const { database } = factsOf(cell.resourceId, sources)
  return databaseMetrics.has(metric) ? { metric, dataType: database } : ofItems(cell, sources)
}

/** A search is one of the platform, whoever chose the databases: it was one action of a reader. */
function onPlatform(cell: UseCell, sources: UsageSources): TypedCount | undefined {
  return searchMetrics.has(cell.metric)
    ? { metric: 'Searches_Platform', dataType: 'Platform' }
    : ofItems(cell, sources)
}

function ofItems(cell: UseCell, sources: UsageSources): TypedCount | undefined {
  const { metric } = cell
  const dataType = cell.dataType === '' ? factsOf(cell.resourceId, sources).titles : cell.dataType
  if (itemMetrics.has(metric)) return { metric, dataType }
  return titleMetrics.has(metric) && bookTypes.has(dataType) ? { metric, dataType } : undefined
}

function factsOf(resourceId: string, { resources }: UsageSources): CounterFacts {
  return resources.get(resourceId)?.counter ?? usualCounterFacts
}
