import test from 'ava'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

import { createMetricsSum } from '../../src/metrics/sum.ts'

/** A worker that has counted so many, measured so much and observed one second so often. */
async function snapshotOf({ count = 0, store = 1, spool = 0 }) {
  const registry = new Registry()
  const registers = [registry]
  new Counter({ name: 'c_total', help: 'c', labelNames: ['of'], registers }).inc({ of: 'a' }, count)
  new Gauge({ name: 'store_up', help: 's', registers, aggregator: 'min' }).set(store)
  new Gauge({ name: 'spool_bytes', help: 's', registers, aggregator: 'sum' }).set(spool)
  const seconds = new Histogram({ name: 'h_seconds', help: 'h', buckets: [0.5, 2], registers })
  for (let index = 0; index < count; index += 1) seconds.observe(1)
  return await registry.getMetricsAsJSON()
}

test('counts are added up, each gauge in its own way', async (t) => {
  const sum = createMetricsSum()
  sum.tell(1, await snapshotOf({ count: 2, spool: 10 }))
  sum.tell(2, await snapshotOf({ count: 3, store: 0, spool: 5 }))
  const lines = (await sum.expose({ serving: 2 })).text.split('\n')
  for (const line of [
    'c_total{of="a"} 5',
    'store_up 0',
    'spool_bytes 15',
    'h_seconds_bucket{le="0.5"} 0',
    'h_seconds_bucket{le="2"} 5',
    'h_seconds_count 5',
    'darbaza_workers_serving 2',
  ]) {
    t.true(lines.includes(line), line)
  }
})

test('what a worker counted stays when it ends, what it measured goes', async (t) => {
  const sum = createMetricsSum()
  for (let worker = 1; worker <= 3; worker += 1) {
    sum.tell(worker, await snapshotOf({ count: 1 }))
    sum.tell(worker, await snapshotOf({ count: 4, store: 0, spool: 7 }))
    sum.retire(worker)
  }
  sum.tell(4, await snapshotOf({ count: 1, spool: 1 }))
  sum.retire(5) // said nothing before it ended
  const lines = (await sum.expose({ serving: 1 })).text.split('\n')
  for (const line of ['c_total{of="a"} 13', 'h_seconds_sum 13', 'store_up 1', 'spool_bytes 1']) {
    t.true(lines.includes(line), line)
  }
})

test('without workers there is nothing but their number', async (t) => {
  const { text, contentType } = await createMetricsSum().expose({ serving: 0 })
  t.regex(text, /^darbaza_workers_serving 0$/m)
  t.regex(contentType, /^text\/plain/)
})
