import { spawnSync } from 'node:child_process'

import test from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import type { Resource } from '../../src/core/resource.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { emptyRulebook } from '../support/application.ts'

const resource = {
  id: 'steppe',
  licence: { pool: 'steppe', seats: 3 },
} as unknown as Resource

function setUp(used: () => Promise<number | undefined> = () => Promise.resolve(2)) {
  const bus = createEventBus((error) => {
    throw error
  })
  const metrics = createMetrics({
    bus,
    clock: systemClock,
    rulebook: () => ({ ...emptyRulebook, resources: new Map([['steppe', resource]]) }),
    rules: () => ({ version: 7, swappedAt: 1_700_000_000_500, overrides: { block: 2 } }),
    async poolUse() {
      const count = await used()
      return count === undefined ? undefined : { used: count, waiting: 4 }
    },
    spooledBytes: () => 7,
    lostEvents: () => 0,
    isStoreReady: () => Promise.resolve(true),
    providers: () => [{ id: 'university', isReady: false }],
  })
  return { bus, text: async () => (await metrics.expose()).text }
}

const base = {
  id: '1',
  at: Date.now(),
  reference: 'R',
  address: '192.0.2.1',
  channel: 'remote',
} as const

const exchange: GatewayEvent = {
  ...base,
  kind: 'exchange',
  sessionId: 's1',
  resourceId: 'steppe',
  method: 'GET',
  host: 'www.steppe.example',
  path: '/secret-path',
  status: 206,
  contentType: 'application/pdf',
  bytes: 1000,
  durationMs: 40,
  isComplete: true,
  userAgent: 'test',
  isWebSocket: false,
}

test('events become the figures of the table', async (t) => {
  const { bus, text } = setUp()
  bus.emit(exchange)
  bus.emit({ ...exchange, sessionId: 's2' })
  bus.emit({ ...base, kind: 'denial', resourceId: 'steppe', reason: 'seats_full' })
  bus.emit({ ...base, kind: 'wait', resourceId: 'steppe', outcome: 'joined' })
  bus.emit({ ...base, kind: 'failure', code: 'ERR_UPSTREAM_SLOW', status: 504, message: '' })
  bus.emit({ ...base, kind: 'sign-out', sessionId: 's2', by: 'reader' })
  const rejections = { foreign_scope: 2 }
  bus.emit({ ...base, kind: 'sign-in', outcome: 'success', provider: 'university', rejections })
  const reference = 'R'
  bus.emit({ id: '2', at: 0, reference, kind: 'job', name: 'licence-notices', outcome: 'done' })
  const rules = { ...base, kind: 'rules', version: 7, hash: 'h', logHead: '' } as const
  bus.emit({ ...rules, outcome: 'in-force' })
  bus.emit({ ...rules, outcome: 'failed', code: 'ERR_RULE' })
  const lines = (await text()).split('\n')
  for (const line of [
    'darbaza_jobs_total{job="licence-notices",outcome="done"} 1',
    'darbaza_exchanges_total{resource="steppe",status="2xx"} 2',
    'darbaza_exchange_sent_bytes_total{resource="steppe"} 2000',
    'darbaza_exchange_duration_seconds_bucket{le="0.05",resource="steppe"} 2',
    'darbaza_exchange_duration_seconds_bucket{le="0.025",resource="steppe"} 0',
    'darbaza_decisions_total{resource="steppe",outcome="allowed"} 2',
    'darbaza_decisions_total{resource="steppe",outcome="seats_full"} 1',
    'darbaza_failures_total{code="ERR_UPSTREAM_SLOW"} 1',
    'darbaza_sign_ins_total{outcome="success",provider="university"} 1',
    'darbaza_claims_rejected_total{reason="foreign_scope"} 2',
    'darbaza_claims_rejected_total{reason="too_many"} 0',
    'darbaza_seats_used{pool="steppe"} 2',
    'darbaza_seats_limit{pool="steppe"} 3',
    'darbaza_rules_version 7',
    'darbaza_overrides_active{kind="block"} 2',
    'darbaza_rules_timestamp_seconds 1700000000.5',
    'darbaza_rules_failures_total 1',
    'darbaza_seats_waiting{pool="steppe"} 4',
    'darbaza_seat_waits_total{resource="steppe",outcome="joined"} 1',
    'darbaza_sessions_active 1',
    'darbaza_spool_bytes 7',
    'darbaza_store_up 1',
    'darbaza_provider_up{provider="university"} 0',
  ]) {
    t.true(lines.includes(line), line)
  }
})

test('no label tells a host, path, address or session, and an unknown resource is "none"', async (t) => {
  const { bus, text } = setUp()
  bus.emit({ ...exchange, resourceId: 'made-up-by-a-request' })
  const exposed = await text()
  t.notRegex(exposed, /steppe\.example|secret-path|192\.0\.2|"s1"|made-up/)
  t.regex(exposed, /darbaza_exchanges_total\{resource="none",status="2xx"\} 1/)
})

test('a store that cannot tell leaves the gauge out rather than at an old value', async (t) => {
  let used: number | undefined = 2
  const { text } = setUp(() => Promise.resolve(used))
  t.regex(await text(), /darbaza_seats_used\{pool="steppe"\} 2/)
  used = undefined
  t.notRegex(await text(), /darbaza_seats_used\{/)
})

test('promtool finds nothing to criticise', async (t) => {
  const { bus, text } = setUp()
  bus.emit(exchange)
  const own = (await text())
    .split('\n')
    .filter((line) => /^(# (HELP|TYPE) )?darbaza_/.test(line))
    .join('\n')
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: `${own}\n`,
    encoding: 'utf8',
  })
  t.is(status, 0, stdout + stderr)
})

test('promtool accepts the scrape configuration', (t) => {
  const { status, stdout, stderr } = spawnSync(
    'promtool',
    ['check', 'config', 'grafana/prometheus/prometheus.yml'],
    { encoding: 'utf8' },
  )
  t.is(status, 0, stdout + stderr)
})
