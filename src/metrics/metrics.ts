/**
 * The metrics of one process: what is said on the bus is counted, what parts know is asked at a
 * scrape. The table of them all stands in `catalogue.ts`.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { EventBus, GatewayEvent } from '../core/events.ts'
import { poolsOf, type SeatPool } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import type { Rulebook } from '../core/resource.ts'
import { countEvents } from './counting.ts'
import type { Instruments } from './instruments.ts'
import type { Exposition, Meters, Reading, Snapshot } from './meters.ts'

/** What is told of links. */
export interface LinksTold {
  /** Those of which it is known, by resource. */
  readonly isUp: ReadonlyMap<string, boolean>
  /** Epoch milliseconds at which all that was due had been checked; absent for never. */
  readonly doneAt?: number
}

/** What is asked of other parts at the time of a scrape. */
export interface MetricsSources {
  readonly bus: EventBus
  readonly clock: Clock
  readonly meters: Meters
  readonly instruments: Instruments
  /** Of the gateway. */
  readonly version: string
  readonly rulebook: () => Rulebook
  /** Version of the rule set in force, 0 for the files, and when it came into force here. */
  readonly rules: () => {
    readonly version: number
    readonly swappedAt: number
    /** Overrides that hold, by kind. */
    readonly overrides: Readonly<Record<string, number>>
  }
  /** Epoch milliseconds at which the last day of a licence is over; undefined for one without end. */
  readonly licenceEndOf: (untilOn: string) => number | undefined
  /** How the seats of a pool stand now; undefined when the store cannot tell. */
  readonly poolUse: (
    pool: string,
  ) => Promise<{ readonly used: number; readonly waiting: number } | undefined>
  /** Usage events since the start, and bytes of those that wait on disk. */
  readonly usage: () => {
    readonly recorded: number
    readonly stored: number
    readonly lost: number
    readonly late: number
    readonly spooledBytes: number
  }
  /** Lines of the access log since the start. */
  readonly accessLog: () => { readonly written: number; readonly lost: number }
  readonly jobs: readonly string[]
  /** When a job was due last, and for which time it was done last; undefined when nobody can tell. */
  readonly jobTimes: (
    job: string,
  ) => Promise<{ readonly dueAt: number; readonly doneAt: number } | undefined>
  /** How the links of resources stand; undefined when nobody can tell. */
  readonly links: () => Promise<LinksTold | undefined>
  /** Readers' reports that nobody has ended, of whatever resource; undefined when the store cannot tell. */
  readonly openLinkReports: () => Promise<
    readonly { readonly resourceId: string; readonly at: number }[] | undefined
  >
  /** WebSockets that are open. */
  readonly webSockets: () => number
  readonly isStoreReady: () => Promise<boolean>
  readonly providers: () => readonly { readonly id: string; readonly isReady: boolean }[]
}

/** All metrics. */
export interface Metrics {
  expose(): Promise<Exposition>
  snapshot(): Promise<Snapshot>
}

/** Begins to listen. */
export function createMetrics(sources: MetricsSources): Metrics {
  const { meters, instruments } = sources
  const tellCounts = countEvents(sources)
  const tellUsage = followUsage(sources)
  const active = followSessions(sources.bus, sources.clock)
  const endsOf = rememberedEnds(sources.licenceEndOf)

  async function refresh(): Promise<void> {
    tellCounts()
    tellUsage()
    instruments.tell()
    meters.set('darbaza_sessions_active', [[{}, active()]])
    meters.set('darbaza_web_sockets_open', [[{}, sources.webSockets()]])
    tellProcess(sources)
    tellRules(sources)
    meters.set('darbaza_licence_end_timestamp_seconds', endsOf(sources.rulebook()))
    await Promise.all([
      tellSeats(sources),
      tellStore(sources),
      tellJobs(sources),
      tellLinks(sources),
    ])
  }
  return {
    async expose() {
      await refresh()
      return await meters.expose()
    },
    async snapshot() {
      await refresh()
      return await meters.snapshot()
    },
  }
}

function tellProcess({ meters, version, providers }: MetricsSources): void {
  meters.set('darbaza_build_info', [[{ version, node: process.versions.node }, 1]])
  meters.set('darbaza_workers_serving', [[{}, 1]])
  meters.set(
    'darbaza_provider_up',
    providers().map(({ id: provider, isReady }) => [{ provider }, isReady ? 1 : 0]),
  )
}

function tellRules({ meters, rules }: MetricsSources): void {
  const { version, swappedAt, overrides } = rules()
  meters.set('darbaza_rules_version', [[{}, version]])
  meters.set('darbaza_rules_timestamp_seconds', [[{}, swappedAt / 1000]])
  meters.set(
    'darbaza_overrides_active',
    Object.entries(overrides).map(([kind, count]) => [{ kind }, count]),
  )
}

/** To find midnight in a time zone costs more than all else of a scrape: once for each rulebook. */
function rememberedEnds(licenceEndOf: MetricsSources['licenceEndOf']) {
  let known: Rulebook | undefined
  let ends: Reading<'darbaza_licence_end_timestamp_seconds'>[] = []
  return (rulebook: Rulebook) => {
    if (rulebook === known) return ends
    known = rulebook
    ends = [...rulebook.resources.values()].flatMap(({ id: resource, licence: { untilOn } }) => {
      const endsAt = untilOn === undefined ? undefined : licenceEndOf(untilOn)
      return endsAt === undefined ? [] : [[{ resource }, endsAt / 1000] as const]
    })
    return ends
  }
}

/** A store that cannot tell leaves the gauge out rather than at an old value. */
async function tellSeats({ meters, rulebook, poolUse }: MetricsSources): Promise<void> {
  const pools = poolsIn(rulebook())
  const uses = await Promise.all(
    pools.map(async ({ pool }) => ({ pool, use: await poolUse(pool) })),
  )
  const known = uses.flatMap(({ pool, use }) => (use === undefined ? [] : [{ pool, ...use }]))
  meters.set(
    'darbaza_seats_limit',
    pools.map(({ pool, seats }) => [{ pool }, seats]),
  )
  meters.set(
    'darbaza_seats_used',
    known.map(({ pool, used }) => [{ pool }, used]),
  )
  meters.set(
    'darbaza_seats_waiting',
    known.map(({ pool, waiting }) => [{ pool }, waiting]),
  )
}

async function tellStore({ meters, isStoreReady }: MetricsSources): Promise<void> {
  meters.set('darbaza_store_up', [[{}, (await isStoreReady()) ? 1 : 0]])
}

async function tellJobs({ meters, jobs, jobTimes }: MetricsSources): Promise<void> {
  const all = await Promise.all(jobs.map(async (name) => ({ name, times: await jobTimes(name) })))
  const known = all.flatMap(({ name, times }) => (times === undefined ? [] : [{ name, ...times }]))
  meters.set(
    'darbaza_job_due_timestamp_seconds',
    known.map(({ name, dueAt }) => [{ name }, dueAt / 1000]),
  )
  meters.set(
    'darbaza_job_last_success_timestamp_seconds',
    known.map(({ name, doneAt }) => [{ name }, doneAt / 1000]),
  )
}

async function tellLinks(sources: MetricsSources): Promise<void> {
  const { meters, links, openLinkReports } = sources
  const [told, open] = await Promise.all([links(), openLinkReports()])
  meters.set(
    'darbaza_link_up',
    [...(told?.isUp ?? [])].map(([resource, isUp]) => [{ resource }, isUp ? 1 : 0]),
  )
  meters.set(
    'darbaza_link_check_last_success_timestamp_seconds',
    told?.doneAt === undefined ? [] : [[{}, told.doneAt / 1000]],
  )
  // One of a resource that there is no longer is shown to nobody, and nobody can end it.
  const { resources } = sources.rulebook()
  const known = open?.filter(({ resourceId }) => resources.has(resourceId))
  meters.set('darbaza_link_reports_open', known === undefined ? [] : [[{}, known.length]])
  const times = known?.map(({ at }) => at) ?? []
  meters.set(
    'darbaza_link_report_oldest_timestamp_seconds',
    times.length === 0 ? [] : [[{}, Math.min(...times) / 1000]],
  )
}

/** Others count since the start; a counter is told what came since they were asked last. */
function followUsage({ meters, usage, accessLog }: MetricsSources): () => void {
  const told = new Map<string, number>()
  function tell(
    name: 'darbaza_usage_events_total' | 'darbaza_access_log_lines_total',
    totals: Readonly<Record<string, number>>,
  ): void {
    for (const [result, total] of Object.entries(totals)) {
      meters.count(name, { result }, total - (told.get(name + result) ?? 0))
      told.set(name + result, total)
    }
  }
  return () => {
    const { spooledBytes, ...events } = usage()
    tell('darbaza_usage_events_total', events)
    tell('darbaza_access_log_lines_total', accessLog())
    meters.set('darbaza_spool_bytes', [[{}, spooledBytes]])
  }
}

/** Each pool once, as the licences count it. */
function poolsIn(rulebook: Rulebook): readonly SeatPool[] {
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
