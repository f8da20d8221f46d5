/**
 * PromQL by the names of the metrics' table, so that a metric that is renamed or loses a label breaks
 * the types here and not a panel in a library.
 *
 * Every selector is bound to the gateways that the page shows: variables `job` and `instance`.
 * @module
 */
import {
  catalogue,
  type CounterName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
} from '../../src/metrics/catalogue.ts'

/** Matchers by label: `value`, or with an operator of its own such as `=~"5.."`. */
type Matchers<Name extends MetricName> = Partial<LabelsOf<Name>>

/** A selector of Node's own metrics, which stand in no table. */
export function node(name: `process_${string}` | `nodejs_${string}`): string {
  return selectorOf(name, {})
}

/** A selector. */
export function of<Name extends MetricName>(name: Name, matchers: Matchers<Name> = {}): string {
  return selectorOf(name, matchers)
}

function selectorOf(name: string, matchers: Readonly<Record<string, string | undefined>>): string {
  const own = Object.entries(matchers).map(([label, value = '']) =>
    /^[=!]/.test(value) ? `${label}${value}` : `${label}="${value}"`,
  )
  return `${name}{${['job=~"$job"', 'instance=~"$instance"', ...own].join(', ')}}`
}

/** By the second, over what the page's resolution asks for. */
export function rate<Name extends CounterName>(
  name: Name,
  { by = [], where = {} }: Grouping<Name> = {},
): string {
  return sum(`rate(${of(name, where)}[$__rate_interval])`, by)
}

/** How much it grew in the time that the page shows. */
export function total<Name extends CounterName>(
  name: Name,
  { by = [], where = {} }: Grouping<Name> = {},
): string {
  return sum(`increase(${of(name, where)}[$__range])`, by)
}

/** Labels to keep, and those to look at. */
export interface Grouping<Name extends MetricName> {
  readonly by?: readonly (keyof LabelsOf<Name> & string)[]
  readonly where?: Matchers<Name>
}

/** A quantile by the buckets. */
export function quantile<Name extends HistogramName>(
  share: number,
  name: Name,
  { by = [], where = {} }: Grouping<Name> = {},
): string {
  const buckets = selectorOf(`${name}_bucket`, where)
  return `histogram_quantile(${share}, ${sum(`rate(${buckets}[$__rate_interval])`, ['le', ...by])})`
}

/** What several gateways on one store tell alike, once. */
export function alike<Name extends MetricName>(
  name: Name,
  { by = [], where = {} }: Grouping<Name> = {},
): string {
  const facts = catalogue[name]
  const least = facts.type === 'gauge' && facts.aggregator === 'min'
  const words = by.length === 0 ? '' : ` by (${by.join(', ')})`
  return `${least ? 'min' : 'max'}${words} (${of(name, where)})`
}

/** A sum that keeps these labels. */
export function sum(expr: string, by: readonly string[] = []): string {
  return by.length === 0 ? `sum(${expr})` : `sum by (${by.join(', ')}) (${expr})`
}
