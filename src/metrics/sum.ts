/**
 * The metrics of several worker processes as those of one gateway.
 *
 * Each is added up, or its greatest or least value taken, as the metric itself says. What a worker
 * had counted stays counted when it ends, so that a counter never falls; what it counted since it was
 * last asked is lost with it.
 * @module
 */
import { AggregatorRegistry, Gauge, Registry } from 'prom-client'

import { catalogue } from './catalogue.ts'
import type { Exposition, Snapshot } from './meters.ts'

/** Adds up the metrics of workers that come and go. */
export interface MetricsSum {
  /** What a worker said of itself last. */
  tell(worker: number, snapshot: Snapshot): void
  /** The worker has ended: what it counted is kept, what it measured is forgotten. */
  retire(worker: number): void
  expose(workers: { readonly serving: number }): Promise<Exposition>
}

/** Begins with no worker. */
export function createMetricsSum(): MetricsSum {
  const lastTold = new Map<number, Snapshot>()
  let retired: Snapshot = []

  return {
    tell(worker, snapshot) {
      lastTold.set(worker, snapshot)
    },
    retire(worker) {
      const counted = (lastTold.get(worker) ?? []).filter(isCount)
      lastTold.delete(worker)
      retired = added([retired, counted])
    },
    async expose({ serving }) {
      const registry = new Registry()
      const name = 'darbaza_workers_serving'
      const { help, aggregator } = catalogue[name]
      new Gauge({ name, help, aggregator, registers: [registry] }).set(serving)
      const own = await registry.getMetricsAsJSON()
      const sum = AggregatorRegistry.aggregate([...lastTold.values(), retired, own])
      return { text: await sum.metrics(), contentType: sum.contentType }
    },
  }
}

type Metric = Snapshot[number]

/** By its type, which snapshots write as the exposition format does. */
function isCount({ type }: Metric): boolean {
  return String(type) === 'counter' || String(type) === 'histogram'
}

/** The sum as a snapshot; the library's own form of it holds the values of each metric. */
function added(snapshots: Snapshot[]): Snapshot {
  return AggregatorRegistry.aggregate(snapshots).getMetricsAsArray().filter(hasValues)
}

function hasValues(metric: object): metric is Metric {
  return 'values' in metric
}
