/**
 * Every Prometheus metric of the gateway, in one table, fed by the events on the bus.
 *
 * Labels are bounded: a resource is one of the catalogue, the rest are closed lists. No user, URL,
 * host or address is ever a label. Units are Prometheus's base units (seconds, bytes).
 * @module
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MetricObjectWithValues, MetricValue } from 'prom-client'

import { claimRejections } from '../core/claims.ts'
import type { Clock } from '../core/clock.ts'
import type { EventBus, GatewayEvent } from '../core/events.ts'
import { poolsOf, type SeatPool } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import type { Rulebook } from '../core/resource.ts'

/** What is asked of other parts at the time of a scrape. */
export interface MetricsSources {
  readonly bus: EventBus
  readonly clock: Clock
  readonly rulebook: () => Rulebook
  /** Version of the rule set in force, 0 for the files, and when it came into force here. */
  readonly rules: () => {
    readonly version: number
    readonly swappedAt: number
    /** Overrides that hold, by kind. */
    readonly overrides: Readonly<Record<string, number>>
  }
  /** How the seats of a pool stand now; undefined when the store cannot tell. */
  readonly poolUse: (
    pool: string,
  ) => Promise<{ readonly used: number; readonly waiting: number } | undefined>
  readonly spooledBytes: () => number
  readonly lostEvents: () => number
  readonly isStoreReady: () => Promise<boolean>
  readonly providers: () => readonly { readonly id: string; readonly isReady: boolean }[]
}

/** Metrics as Prometheus reads them. */
export interface Exposition {
  readonly text: string
  readonly contentType: string
}

/** All metrics of one process as values, for the one that adds them up. */
export type Snapshot = readonly MetricObjectWithValues<MetricValue<string>>[]

/** All metrics. */
export interface Metrics {
  expose(): Promise<Exposition>
  snapshot(): Promise<Snapshot>
}

/** Registers every metric and begins to listen. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const tell = countEvents(registry, sources)
  registerGauges(registry, sources)
  return {
    async expose() {
      tell()
      return { text: await registry.metrics(), contentType: registry.contentType }
    },
    snapshot() {
      tell()
      return registry.getMetricsAsJSON()
    },
  }
}

/** Bucket bounds in seconds: from an untouched picture to a search that makes a reader sigh. */
const durationBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Counts what is said on the bus; what it gives back puts the counts of exchanges into the registry. */
function countEvents(registry: Registry, { bus, rulebook }: MetricsSources): () => void {
  const registers = [registry]
  const exchanges = new Counter({
    name: 'darbaza_exchanges_total',
    help: 'Exchanges with publishers that were answered, by resource and status class.',
    labelNames: ['resource', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'darbaza_exchange_duration_seconds',
    help: 'From the request to the last byte sent to the reader; WebSockets are left out.',
    labelNames: ['resource'],
    buckets: durationBuckets,
    registers,
  })
  const bytes = new Counter({
    name: 'darbaza_exchange_sent_bytes_total',
    help: 'Body bytes sent to readers.',
    labelNames: ['resource'],
    registers,
  })
  const decisions = new Counter({
    name: 'darbaza_decisions_total',
    help: 'Decisions by resource and outcome: allowed, direct, or the reason of the denial.',
    labelNames: ['resource', 'outcome'],
    registers,
  })
  const failures = new Counter({
    name: 'darbaza_failures_total',
    help: 'Requests that ended in an operating error, by code.',
    labelNames: ['code'],
    registers,
  })
  const signIns = new Counter({
    name: 'darbaza_sign_ins_total',
    help: 'Sign-ins by outcome and provider.',
    labelNames: ['outcome', 'provider'],
    registers,
  })
  const rejections = new Counter({
    name: 'darbaza_claims_rejected_total',
    help: 'Values of claims that counted for nothing at sign-in, by reason.',
    labelNames: ['reason'],
    registers,
  })
  const jobs = new Counter({
    name: 'darbaza_jobs_total',
    help: 'Scheduled jobs that were run, by job and outcome.',
    labelNames: ['job', 'outcome'],
    registers,
  })
  const quotas = new Counter({
    name: 'darbaza_fair_use_reached_total',
    help: 'Readers who used up the fair-use quota of a resource, by mode.',
    labelNames: ['resource', 'mode'],
    registers,
  })
  const ruleFailures = new Counter({
    name: 'darbaza_rules_failures_total',
    help: 'Published rule sets that could not be put into force, by each process.',
    registers,
  })
  const waits = new Counter({
    name: 'darbaza_seat_waits_total',
    help: 'Readers who joined the queue for a seat, got one, or left, by resource.',
    labelNames: ['resource', 'outcome'],
    registers,
  })
  const known = (id: string | undefined) =>
    id !== undefined && rulebook().resources.has(id) ? id : 'none'

  // Counted here and told when somebody asks: to look for labels costs more than to count.
  const tallies = new Map<string, { byClass: number[]; bytes: number; count: number }>()
  function tell(): void {
    for (const [resource, { byClass, ...tally }] of tallies) {
      for (const [statusClass, count] of byClass.entries()) {
        if (count > 0) exchanges.inc({ resource, status: `${statusClass}xx` }, count)
      }
      bytes.inc({ resource }, tally.bytes)
      decisions.inc({ resource, outcome: 'allowed' }, tally.count)
    }
    tallies.clear()
  }

  bus.listen((event) => {
    if (event.kind === 'exchange') {
      const resource = known(event.resourceId)
      const tally = tallies.get(resource) ?? { byClass: [], bytes: 0, count: 0 }
      const statusClass = Math.floor(event.status / 100)
      tally.byClass[statusClass] = (tally.byClass[statusClass] ?? 0) + 1
      tally.bytes += event.bytes
      tally.count += 1
      tallies.set(resource, tally)
      if (!event.isWebSocket) duration.observe({ resource }, event.durationMs / 1000)
    }
    if (event.kind === 'denial') {
      decisions.inc({ resource: known(event.resourceId), outcome: event.reason })
    }
    if (event.kind === 'direct') {
      decisions.inc({ resource: known(event.resourceId), outcome: 'direct' })
    }
    if (event.kind === 'job') jobs.inc({ job: event.name, outcome: event.outcome })
    if (event.kind === 'fair-use') {
      quotas.inc({ resource: known(event.resourceId), mode: event.mode })
    }
    if (event.kind === 'wait') {
      waits.inc({ resource: known(event.resourceId), outcome: event.outcome })
    }
    if (event.kind === 'failure') failures.inc({ code: event.code })
    if (event.kind === 'rules' && event.outcome === 'failed') ruleFailures.inc()
    if (event.kind === 'sign-in') {
      signIns.inc({ outcome: event.outcome, provider: event.provider ?? 'none' })
      for (const reason of claimRejections) {
        rejections.inc({ reason }, event.rejections?.[reason] ?? 0)
      }
    }
  })
  return tell
}

function registerGauges(registry: Registry, sources: MetricsSources): void {
  const { bus, clock, rulebook } = sources
  const active = followSessions(bus, clock)
  gauge(registry, 'darbaza_seats_used', {
    help: 'Seats held now or kept for who has waited, by pool.',
    labelNames: ['pool'],
    aggregator: 'max',
    async collect(set) {
      for (const { pool } of pools(rulebook())) {
        const use = await sources.poolUse(pool)
        if (use !== undefined) set(use.used, { pool })
      }
    },
  })
  gauge(registry, 'darbaza_seats_waiting', {
    help: 'Readers who wait for a seat now, by pool.',
    labelNames: ['pool'],
    aggregator: 'max',
    async collect(set) {
      for (const { pool } of pools(rulebook())) {
        const use = await sources.poolUse(pool)
        if (use !== undefined) set(use.waiting, { pool })
      }
    },
  })
  gauge(registry, 'darbaza_seats_limit', {
    help: 'Seats of the licence, by pool.',
    labelNames: ['pool'],
    aggregator: 'max',
    collect(set) {
      for (const { pool, seats } of pools(rulebook())) set(seats, { pool })
    },
  })
  gauge(registry, 'darbaza_sessions_active', {
    help: 'Sessions with an exchange in the last five minutes, as each process saw them.',
    aggregator: 'sum',
    collect: (set) => set(active()),
  })
  gauge(registry, 'darbaza_spool_bytes', {
    help: 'Usage events on disk, not yet stored.',
    aggregator: 'sum',
    collect: (set) => set(sources.spooledBytes()),
  })
  gauge(registry, 'darbaza_usage_lost_events', {
    help: 'Usage events lost since the start.',
    aggregator: 'sum',
    collect: (set) => set(sources.lostEvents()),
  })
  gauge(registry, 'darbaza_store_up', {
    help: '1 when the store answers.',
    aggregator: 'min',
    collect: async (set) => set((await sources.isStoreReady()) ? 1 : 0),
  })
  gauge(registry, 'darbaza_provider_up', {
    help: '1 when the identity provider was found, by its id.',
    labelNames: ['provider'],
    aggregator: 'min',
    collect(set) {
      for (const { id, isReady } of sources.providers()) set(isReady ? 1 : 0, { provider: id })
    },
  })
  gauge(registry, 'darbaza_rules_version', {
    help: 'Version of the rule set in force, 0 for the files; of several processes the lowest.',
    aggregator: 'min',
    collect: (set) => set(sources.rules().version),
  })
  gauge(registry, 'darbaza_overrides_active', {
    help: 'Overrides by staff that hold now, by kind.',
    labelNames: ['kind'],
    aggregator: 'max',
    collect(set) {
      for (const [kind, count] of Object.entries(sources.rules().overrides)) set(count, { kind })
    },
  })
  gauge(registry, 'darbaza_rules_timestamp_seconds', {
    help: 'When the rules came into force; of several processes the last.',
    aggregator: 'max',
    collect: (set) => set(sources.rules().swappedAt / 1000),
  })
}

type SetValue = (value: number, labels?: Record<string, string>) => void

interface GaugeFacts {
  readonly help: string
  readonly labelNames?: readonly string[]
  /** What the values of several worker processes come to as one. */
  readonly aggregator: 'sum' | 'max' | 'min'
  readonly collect: (set: SetValue) => void | Promise<void>
}

function gauge(
  registry: Registry,
  name: string,
  { help, labelNames = [], aggregator, collect }: GaugeFacts,
): void {
  const metric: Gauge = new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    aggregator,
    registers: [registry],
    async collect() {
      metric.reset()
      await collect((value, labels = {}) => {
        metric.set(labels, value)
      })
    },
  })
}

/** Each pool once, as the licences count it. */
function pools(rulebook: Rulebook): readonly SeatPool[] {
  const found = new Map<string, SeatPool>()
  for (const { licence } of rulebook.resources.values()) {
    for (const each of poolsOf(licence)) found.set(each.pool, each)
  }
  return [...found.values()]
}

/** Counts the sessions heard of lately; the oldest are forgotten first, so memory is bounded. */
function followSessions(bus: EventBus, clock: Clock): () => number {
  const seenAt = new Map<string, number>()
  function forget(): void {
    const since = clock.now() - limits.metrics.sessionActiveMs
    for (const [id, at] of seenAt) {
      if (at >= since && seenAt.size <= limits.metrics.sessions) return
      seenAt.delete(id)
    }
  }
  function hear(event: GatewayEvent): void {
    if (event.kind === 'sign-out') seenAt.delete(event.sessionId)
    if (event.kind !== 'exchange' || event.sessionId === undefined) return
    seenAt.delete(event.sessionId) // so that it moves to the end: the map stays sorted by time
    seenAt.set(event.sessionId, event.at)
    if (seenAt.size > limits.metrics.sessions) forget()
  }
  bus.listen(hear)
  return function active() {
    forget()
    return seenAt.size
  }
}
