import { spawnSync } from 'node:child_process'

import test from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import type { Resource } from '../../src/core/resource.ts'
import { createInstruments } from '../../src/metrics/instruments.ts'
import { createMeters } from '../../src/metrics/meters.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { emptyRulebook } from '../support/application.ts'

const resource = {
  id: 'steppe',
  licence: { pool: 'steppe', seats: 3, untilOn: '2026-12-31' },
} as unknown as Resource

const linksTold = {
  isUp: new Map([
    ['steppe', true],
    ['letters', false],
  ]),
  doneAt: 60_000,
}

function setUp(
  used: () => Promise<number | undefined> = () => Promise.resolve(2),
  links: () => { isUp: Map<string, boolean>; doneAt?: number } | undefined = () => linksTold,
) {
  const bus = createEventBus((error) => {
    throw error
  })
  const meters = createMeters()
  let ms = 0
  const clock = { now: systemClock.now, steady: () => (ms += 20) }
  const instruments = createInstruments(meters, clock)
  const metrics = createMetrics({
    bus,
    clock,
    meters,
    instruments,
    version: '1.2.3',
    rulebook: () => ({ ...emptyRulebook, resources: new Map([['steppe', resource]]) }),
    rules: () => ({ version: 7, swappedAt: 1_700_000_000_500, overrides: { block: 2 } }),
    async poolUse() {
      const count = await used()
      return count === undefined ? undefined : { used: count, waiting: 4 }
    },
    licenceEndOf: (untilOn) => Date.parse(untilOn) + 86_400_000,
    usage: () => ({ recorded: 5, stored: 3, lost: 1, late: 2, spooledBytes: 7 }),
    accessLog: () => ({ written: 8, lost: 2 }),
    jobs: ['licence-notices', 'unknown'],
    jobTimes: (job) =>
      Promise.resolve(job === 'unknown' ? undefined : { dueAt: 90_000, doneAt: 30_000 }),
    links: () => Promise.resolve(links()),
    openLinkReports: () =>
      Promise.resolve(
        ['steppe', 'gone', 'steppe'].map((resourceId, at) => ({
          resourceId,
          at: 7000 - 2000 * at,
        })),
      ),
    webSockets: () => 3,
    isStoreReady: () => Promise.resolve(true),
    providers: () => [{ id: 'university', isReady: false }],
  })
  return { bus, instruments, text: async () => (await metrics.expose()).text }
}

const base = {
  id: '1',
  at: Date.now(),
  reference: 'R',
  address: '192.0.2.1',
  channel: 'remote',
} as const

const aigul = { issuer: 'test', subject: 'aigul', categories: [], groups: [] }

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

const over = { status: 200, bytes: 2000, isLasting: false } as const

test('events and stopwatches become the figures of the table', async (t) => {
  const { bus, instruments, text } = setUp()
  bus.emit(exchange)
  bus.emit({ ...exchange, sessionId: 's2' })
  instruments.request()({ ...over, route: 'proxied', path: '/staff' })
  instruments.request()({ ...over, route: 'portal', path: '/staff/seats', status: 503 })
  instruments.request()({ ...over, route: 'portal', path: '/staffing' })
  instruments.request()({ ...over, route: undefined, path: '/.darbaza/style.css' })
  instruments.request()({ ...over, route: 'proxied', path: '/socket', isLasting: true })
  instruments.request()
  instruments.upstream()()
  instruments.rewriting.whole('html')(500)
  instruments.rewriting.whole('html')(700)
  instruments.rewriting.piece('event-stream')(20)
  instruments.rewriting.piece('event-stream')(30)
  instruments.store('seats')(true)
  instruments.store('seats')(false)
  bus.emit({ ...base, kind: 'denial', resourceId: 'steppe', reason: 'seats_full' })
  bus.emit({ ...base, kind: 'wait', resourceId: 'steppe', pools: [], outcome: 'joined' })
  const waited = { outcome: 'granted', waitedMs: 90_000 } as const
  bus.emit({ ...base, kind: 'wait', resourceId: 'steppe', pools: [], ...waited })
  const away = { kind: 'provider', provider: 'university', detail: '' } as const
  bus.emit({ ...base, ...away, status: 'ready' })
  bus.emit({ ...base, ...away, status: 'away' })
  bus.emit({ ...base, kind: 'failure', code: 'ERR_UPSTREAM_SLOW', status: 504, message: '' })
  bus.emit({ ...base, kind: 'sign-out', sessionId: 's2', patron: aigul, by: 'reader' })
  const rejections = { foreign_scope: 2 }
  bus.emit({ ...base, kind: 'sign-in', outcome: 'success', provider: 'university', rejections })
  const reference = 'R'
  bus.emit({ id: '2', at: 0, reference, kind: 'job', name: 'licence-notices', outcome: 'done' })
  const rules = { ...base, kind: 'rules', version: 7, hash: 'h', logHead: '' } as const
  bus.emit({ ...rules, outcome: 'in-force' })
  bus.emit({ ...rules, outcome: 'failed', code: 'ERR_RULE' })
  const lines = (await text()).split('\n')
  for (const line of [
    'darbaza_jobs_total{name="licence-notices",outcome="done"} 1',
    'darbaza_exchanges_total{resource="steppe",status="2xx"} 2',
    'darbaza_exchange_sent_bytes_total{resource="steppe"} 2000',
    'darbaza_exchange_seconds_total{resource="steppe"} 0.08',
    'darbaza_requests_total{surface="zone",status="2xx"} 2',
    'darbaza_requests_total{surface="staff",status="5xx"} 1',
    'darbaza_requests_total{surface="portal",status="2xx"} 1',
    'darbaza_requests_total{surface="gateway",status="2xx"} 1',
    'darbaza_requests_total{surface="gateway",status="5xx"} 0',
    'darbaza_requests_in_flight 1',
    'darbaza_request_duration_seconds_count{surface="zone"} 1',
    'darbaza_request_duration_seconds_bucket{le="0.025",surface="zone"} 1',
    'darbaza_request_duration_seconds_bucket{le="0.01",surface="zone"} 0',
    'darbaza_response_size_bytes_bucket{le="4096",surface="zone"} 1',
    'darbaza_response_size_bytes_bucket{le="1024",surface="zone"} 0',
    'darbaza_upstream_duration_seconds_count 1',
    'darbaza_rewriting_duration_seconds_count{content="html"} 2',
    'darbaza_rewriting_bytes_total{content="html"} 1200',
    'darbaza_rewriting_streamed_bytes_total{content="event-stream"} 50',
    'darbaza_web_sockets_open 3',
    'darbaza_store_command_duration_seconds_count{part="seats"} 2',
    'darbaza_store_command_duration_seconds_count{part="usage"} 0',
    'darbaza_store_failures_total{part="seats"} 1',
    'darbaza_seat_wait_seconds_bucket{le="60"} 0',
    'darbaza_seat_wait_seconds_bucket{le="120"} 1',
    'darbaza_provider_losses_total{provider="university"} 1',
    'darbaza_licence_end_timestamp_seconds{resource="steppe"} 1798761600',
    'darbaza_link_reports_open 2',
    'darbaza_link_report_oldest_timestamp_seconds 3',
    'darbaza_link_up{resource="steppe"} 1',
    'darbaza_link_up{resource="letters"} 0',
    'darbaza_link_check_last_success_timestamp_seconds 60',
    'darbaza_usage_events_total{result="stored"} 3',
    'darbaza_usage_events_total{result="lost"} 1',
    'darbaza_usage_events_total{result="late"} 2',
    'darbaza_access_log_lines_total{result="lost"} 2',
    'darbaza_job_due_timestamp_seconds{name="licence-notices"} 90',
    'darbaza_job_last_success_timestamp_seconds{name="licence-notices"} 30',
    `darbaza_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
    'darbaza_workers_serving 1',
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

test('no label tells a host, path, address or session, and an unknown resource is "_other"', async (t) => {
  const { bus, text } = setUp()
  bus.emit({ ...exchange, resourceId: 'made-up-by-a-request' })
  const exposed = await text()
  t.notRegex(exposed, /steppe\.example|secret-path|192\.0\.2|"s1"|made-up/)
  t.regex(exposed, /darbaza_exchanges_total\{resource="_other",status="2xx"\} 1/)
})

test('a store that cannot tell leaves the gauge out rather than at an old value', async (t) => {
  let used: number | undefined = 2
  const { text } = setUp(() => Promise.resolve(used))
  t.regex(await text(), /darbaza_seats_used\{pool="steppe"\} 2/)
  used = undefined
  t.notRegex(await text(), /darbaza_seats_used\{/)
})

test('a check of links that never came to its end has no time, nor has one that nobody can tell of', async (t) => {
  let told: ReturnType<NonNullable<Parameters<typeof setUp>[1]>> = linksTold
  const { text } = setUp(undefined, () => told)
  t.regex(await text(), /^darbaza_link_check_last_success_timestamp_seconds 60$/m)
  told = { isUp: new Map() }
  t.notRegex(await text(), /^darbaza_link_(?:up|check)/m)
  told = undefined
  t.notRegex(await text(), /^darbaza_link_(?:up|check)/m)
})

test('what was told at one scrape is not counted again at the next', async (t) => {
  const { bus, instruments, text } = setUp()
  bus.emit(exchange)
  instruments.request()({ ...over, route: 'proxied', path: '/' })
  instruments.rewriting.whole('css')(10)
  const counted =
    /^darbaza_(?:exchanges|requests|rewriting_bytes|usage_events|decisions)_total.*$/gm
  const first = (await text()).match(counted)
  t.deepEqual((await text()).match(counted), first)
})

test('what can happen is known at 0 before it does', async (t) => {
  const { text } = setUp()
  const exposed = await text()
  for (const series of [
    'darbaza_failures_total{code="ERR_UPSTREAM_SLOW"}',
    'darbaza_decisions_total{resource="steppe",outcome="seats_full"}',
    'darbaza_sign_ins_total{outcome="failure",provider="university"}',
    'darbaza_jobs_total{name="licence-notices",outcome="failed"}',
    'darbaza_requests_total{surface="zone",status="5xx"}',
    'darbaza_store_failures_total{part="seats"}',
    'darbaza_rules_failures_total',
  ]) {
    t.true(exposed.includes(`\n${series} 0\n`), series)
  }
})

test('a job of which nobody can tell is left out', async (t) => {
  t.notRegex(
    await setUp().text(),
    /name="unknown"\} [1-9]|job_due_timestamp_seconds\{name="unknown"/,
  )
})

test('promtool finds nothing to criticise', async (t) => {
  const { bus, text } = setUp()
  bus.emit(exchange)
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await text(),
    encoding: 'utf8',
  })
  t.is(status, 0, stdout + stderr)
})
