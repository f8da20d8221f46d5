/**
 * What a gateway tells of itself to machines: metrics, and whether it can serve.
 * @module
 */
import manifest from '../package.json' with { type: 'json' }
import type { GatewayConfig } from './config/config.ts'
import type { RulesInForce } from './control/in-force.ts'
import { dayIn, instantIn } from './core/calendar.ts'
import { systemClock as clock } from './core/clock.ts'
import { daysAfter } from './core/days.ts'
import type { EventBus } from './core/events.ts'
import type { LinkReports } from './core/link-reports.ts'
import type { LinkBooks } from './core/links.ts'
import type { Exchange } from './exchange/exchange.ts'
import type { Identity } from './identity/identity.ts'
import { createJobTimes, type Job } from './jobs/scheduler.ts'
import { checkedResources } from './links/check.ts'
import { createLinksTold } from './links/told.ts'
import type { Instruments } from './metrics/instruments.ts'
import type { Meters } from './metrics/meters.ts'
import { createMetrics, type Metrics } from './metrics/metrics.ts'
import type { Access } from './policy/access.ts'
import type { Store } from './store/contract.ts'
import type { AccessLog } from './usage/access-log.ts'
import type { Recorder } from './usage/recorder.ts'

/** What a gateway tells of itself to machines. */
export interface Told {
  readonly metrics: Metrics
  /** What keeps it from serving readers now, in words for operators; empty when nothing. */
  readonly unready: () => Promise<readonly string[]>
}

/** How it is told: at an address of the gateway's own, or to the process that supervises it. */
export type Tell = (told: Told) => Promise<{ stop(): Promise<void> }>

/** Those that know. */
export interface TellingParts {
  readonly config: GatewayConfig
  readonly bus: EventBus
  readonly rules: RulesInForce
  readonly store: Store
  readonly recorder: Recorder
  readonly accessLog?: AccessLog
  readonly access: Access
  readonly identity: Identity
  readonly exchange: Pick<Exchange, 'webSockets'>
  readonly jobs: readonly Job[]
  readonly links: { readonly books: LinkBooks; readonly reports: Pick<LinkReports, 'open'> }
  readonly meters: Meters
  readonly instruments: Instruments
}

/** Makes what is told; asks nothing yet. */
export function toldBy(parts: TellingParts): Told {
  const { config, bus, rules, store, recorder, access, identity, jobs, links } = parts
  const { timeZone } = config.institution
  const isStoreReady = () => isReady(store)
  const timesOf = createJobTimes({ jobs, records: store.records, clock, timeZone })
  const metrics = createMetrics({
    bus,
    clock,
    meters: parts.meters,
    instruments: parts.instruments,
    version: manifest.version,
    rulebook: () => rules.current(),
    rules: () => rules.facts(),
    licenceEndOf: (untilOn) => instantIn(timeZone, daysAfter(untilOn, 1)),
    poolUse: access.poolUse,
    usage: () => recorder.facts(),
    webSockets: () => parts.exchange.webSockets(),
    accessLog: () => parts.accessLog?.facts() ?? { written: 0, lost: 0 },
    jobs: jobs.map(({ name }) => name),
    // A store that is away is told of by another metric.
    jobTimes: (name) => timesOf(name).catch(() => undefined),
    links: createLinksTold({
      books: links.books,
      clock,
      resources: () => checkedResources(rules.current(), dayIn(timeZone, clock.now())),
      isOn: config.links.isChecked,
    }),
    openLinkReports: () => links.reports.open().catch(() => undefined),
    isStoreReady,
    providers: identity.providers,
  })
  return {
    metrics,
    // Readers who are signed in can be served without the provider: it is not asked here.
    unready: async () => {
      if (!(await isStoreReady())) return ['the store does not answer']
      return rules.isKnown() ? [] : ['the rules in force are not known yet']
    },
  }
}

/** Whether the store answers. */
export function isReady(store: Store): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  )
}
