/**
 * The metrics of one process, made from the table and kept under their names in it.
 * @module
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MetricObjectWithValues, MetricValue } from 'prom-client'

import {
  catalogue,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricFacts,
} from './catalogue.ts'

/** All metrics of one process as values, for the one that adds them up. */
export type Snapshot = readonly MetricObjectWithValues<MetricValue<string>>[]

/** Metrics as Prometheus reads them. */
export interface Exposition {
  readonly text: string
  readonly contentType: string
}

/** A value of a gauge, with its labels. */
export type Reading<Name extends GaugeName> = readonly [labels: LabelsOf<Name>, value: number]

/** Counts and measures by the names of the table. */
export interface Meters {
  /** Adds to a counter; adding nothing makes it known at 0. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void
  /** Where the values of one set of labels go; kept by whoever measures often. */
  observer<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>): (value: number) => void
  /** Replaces all values of a gauge. */
  set<Name extends GaugeName>(name: Name, readings: readonly Reading<Name>[]): void
  expose(): Promise<Exposition>
  snapshot(): Promise<Snapshot>
}

/**
 * Gauges of prom-client that are named as counters are; each stands in `nodejs_active_handles` and the
 * like as well, by type. `promtool check metrics` refuses the names.
 */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** Registers the whole table and Node's own metrics. */
export function createMeters(): Meters {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  const table: Readonly<Record<string, MetricFacts>> = catalogue
  for (const [name, facts] of Object.entries(table)) {
    const base = { name, help: facts.help, labelNames: [...facts.labels], registers: [registry] }
    if (facts.type === 'counter') counters.set(name, new Counter(base))
    else if (facts.type === 'gauge') {
      gauges.set(name, new Gauge({ ...base, aggregator: facts.aggregator }))
    } else histograms.set(name, new Histogram({ ...base, buckets: [...facts.buckets] }))
  }
  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    observer(name, labels) {
      const histogram = histograms.get(name)
      histogram?.zero(labels)
      const child = histogram?.labels(labels)
      return (value) => child?.observe(value)
    },
    set(name, readings) {
      const gauge = gauges.get(name)
      gauge?.reset()
      // A gauge without labels is back at 0, which is a value: it is to have none.
      if (readings.length === 0 && table[name]?.labels.length === 0) gauge?.remove()
      for (const [labels, value] of readings) gauge?.set(labels, value)
    },
    expose: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
    snapshot: () => registry.getMetricsAsJSON(),
  }
}
