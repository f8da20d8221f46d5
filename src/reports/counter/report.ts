/**
 * A report of COUNTER's form as JSON has it: the shape, the header, and the nesting of rows.
 *
 * A month without use stands nowhere, nor a metric, a combination of attributes or an item without
 * months (section 3.3, "Zero Usage").
 * Source: COUNTER Code of Practice 5.1, sections 3.2 and 5.1.
 * @module
 */
import type { CounterConfig } from '../../config/config.ts'
import type { Steps } from '../../usage/steps.ts'
import type { CounterException } from './exceptions.ts'
import { firstDay, lastDay, type Month } from './months.ts'
import { definitionOf, fullId, type ReportId } from './definitions.ts'

/** Counts by metric and month. */
export type Performance = Readonly<Record<string, Readonly<Record<Month, number>>>>

/** One combination of attributes, such as `Data_Type`, with its counts. */
export type AttributePerformance = { readonly Performance: Performance } & {
  readonly [attribute: string]: string | Performance
}

/** What was used. */
export interface ReportItem {
  readonly Database?: string
  readonly Publisher?: string
  readonly Platform: string
  readonly Item_ID?: { readonly Proprietary: string }
  readonly Attribute_Performance: readonly AttributePerformance[]
}

/** A value of a filter. */
export type FilterValue = string | readonly string[]

/** What a report says of itself. */
export interface ReportHeader {
  readonly Report_Name: string
  readonly Report_ID: string
  readonly Release: '5.1'
  readonly Institution_Name: string
  readonly Institution_ID: Readonly<Record<string, readonly string[]>>
  readonly Report_Filters: Readonly<Record<string, FilterValue>>
  readonly Report_Attributes?: { readonly Attributes_To_Show: readonly string[] }
  readonly Exceptions: readonly CounterException[]
  readonly Created: string
  readonly Created_By: string
  /** Blank: the library's gateway has no record in COUNTER's registry. */
  readonly Registry_Record: ''
}

/** A whole report. */
export interface CounterReport {
  readonly Report_Header: ReportHeader
  readonly Report_Items: readonly ReportItem[]
}

/** What is asked of a report that can be chosen from; absent filters leave nothing out. */
export interface ReportChoice {
  readonly metrics?: readonly string[]
  readonly dataTypes?: readonly string[]
  readonly accessMethods?: readonly string[]
  /** Named where it was asked for; there is one alone. */
  readonly platform?: string
  /** The title of one database. */
  readonly database?: string
  readonly showsAccessMethod?: boolean
}

/** Which report of which time, and what is said of it besides. */
export interface ReportRequest {
  readonly id: ReportId
  readonly from: Month
  readonly to: Month
  readonly choice?: ReportChoice
  readonly exceptions: readonly CounterException[]
  /** Of whom it is made for; the institution's own unless given. */
  readonly customerId?: string
}

/** Who reports. */
export interface Reporter {
  readonly counter: Omit<CounterConfig, 'requestors'>
  readonly institutionName: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** The header of a report. */
export function headerOf(request: ReportRequest, reporter: Reporter): ReportHeader {
  const { id, choice } = request
  const { name } = definitionOf(id)
  const { counter, institutionName, at } = reporter
  return {
    Report_Name: name,
    Report_ID: fullId(id, counter.namespace),
    Release: '5.1',
    Institution_Name: institutionName,
    Institution_ID: institutionIds(request.customerId ?? counter.customerId, counter),
    Report_Filters: filtersOf(request),
    ...(choice?.showsAccessMethod === true && {
      Report_Attributes: { Attributes_To_Show: ['Access_Method'] },
    }),
    Exceptions: request.exceptions.toSorted((one, other) => one.Code - other.Code),
    Created: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    Created_By: `${institutionName}: Darbaza`,
    Registry_Record: '',
  }
}

/** The ids of the institution, that of the customer among them (section 3.2, table 3.f). */
export function institutionIds(
  customerId: string,
  { namespace, institutionIds: ids }: Pick<CounterConfig, 'namespace' | 'institutionIds'>,
): Record<string, readonly string[]> {
  const listed = Object.entries(ids).map(([kind, id]) => [kind, [id]] as const)
  return { ...Object.fromEntries(listed), Proprietary: [`${namespace}:${customerId}`] }
}

function filtersOf({ id, from, to, choice = {} }: ReportRequest): ReportHeader['Report_Filters'] {
  const { isView, metrics } = definitionOf(id)
  const { metrics: wanted, dataTypes, accessMethods, database } = choice
  const chosen = isView
    ? { Metric_Type: metrics, Access_Method: ['Regular'] }
    : {
        ...(wanted && { Metric_Type: wanted }),
        ...(dataTypes && { Data_Type: dataTypes }),
        ...(accessMethods && { Access_Method: accessMethods }),
        ...(database !== undefined && { Database: database }),
      }
  const { platform } = choice
  return {
    ...chosen,
    ...(platform !== undefined && { Platform: platform }),
    Begin_Date: firstDay(from),
    End_Date: lastDay(to),
  }
}

/** A count before it is nested. */
export interface UsageRow {
  /** What item it belongs to: a resource's id, or '' for all that the gateway serves. */
  readonly item: string
  readonly attributes: Readonly<Record<string, string>>
  readonly metric: string
  readonly month: Month
  readonly count: number
}

/** Nests rows by item, attributes, metric and month; counts of the same are added up. */
export function* nesting(
  rows: readonly UsageRow[],
  describe: (item: string) => Omit<ReportItem, 'Attribute_Performance'>,
  metricOrder: readonly string[],
): Steps<ReportItem[]> {
  const used = rows.filter(({ count }) => count > 0)
  const items: ReportItem[] = []
  for (const [item, own] of Map.groupBy(used, (row) => row.item)) {
    items.push({
      ...describe(item),
      Attribute_Performance: attributePerformances(own, metricOrder),
    })
    yield
  }
  return items.toSorted((one, other) => byText(titleOf(one), titleOf(other)))
}

/** Databases by name, then by id; what stands for all of them comes first. */
function titleOf({ Database = '', Item_ID }: ReportItem): string {
  return `${Database}\n${Item_ID?.Proprietary ?? ''}`
}

function attributePerformances(
  rows: readonly UsageRow[],
  metricOrder: readonly string[],
): AttributePerformance[] {
  const groups = Map.groupBy(rows, ({ attributes }) => JSON.stringify(Object.entries(attributes)))
  return [...groups]
    .toSorted(([one], [other]) => byText(one, other))
    .map(([, own]) => ({ ...own[0]?.attributes, Performance: performanceOf(own, metricOrder) }))
}

function performanceOf(rows: readonly UsageRow[], metricOrder: readonly string[]): Performance {
  const place = (metric: string): number => {
    const at = metricOrder.indexOf(metric)
    return at === -1 ? metricOrder.length : at
  }
  const groups = [...Map.groupBy(rows, ({ metric }) => metric)].toSorted(
    ([one], [other]) => place(one) - place(other) || byText(one, other),
  )
  return Object.fromEntries(groups.map(([metric, own]) => [metric, countsOf(own)]))
}

function countsOf(rows: readonly UsageRow[]): Readonly<Record<Month, number>> {
  const counts = new Map<Month, number>()
  for (const { month, count } of rows) counts.set(month, (counts.get(month) ?? 0) + count)
  return Object.fromEntries([...counts].toSorted(([one], [other]) => byText(one, other)))
}

function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
