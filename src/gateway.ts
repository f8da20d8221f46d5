/**
 * A whole gateway: the only place that constructs the parts and connects them. What they show to people
 * is put together in `showing.ts`, what they tell to machines in `telling.ts`.
 *
 * Nothing listens before everything is ready. A reload swaps the rulebook as a whole; a request goes
 * on to its end under the one it began with. Stopping lets exchanges end, then usage reach the
 * store, then closes what is left.
 * @module
 */

import type { Logger } from 'pino'

import type { GatewayConfig } from './config/config.ts'
import { loadConfig } from './config/load.ts'
import { holdRules, type RulesInForce } from './control/in-force.ts'
import { systemClock as clock, timeOrderedId } from './core/clock.ts'
import type { GatewayContext, Stage } from './core/context.ts'
import { GatewayError } from './core/errors.ts'
import { createEventBus, type EventBus } from './core/events.ts'
import { findingText } from './core/findings.ts'
import { createExchange, type Exchange } from './exchange/exchange.ts'
import { createHostsStage } from './hosts/stage.ts'
import { createIdentity, type Identity } from './identity/identity.ts'
import { gatherUnmatched, type UnmatchedValues } from './identity/unmatched-values.ts'
import { counterHarvestJob } from './jobs/counter-harvest.ts'
import { linkCheckJob } from './jobs/link-check.ts'
import { licenceNoticesJob } from './jobs/licence-notices.ts'
import { sayOutcomes } from './jobs/outcomes.ts'
import { startScheduler, type Job } from './jobs/scheduler.ts'
import { figuresJobs, seatLookJob } from './jobs/usage-jobs.ts'
import { createApplication, type Application } from './listener/application.ts'
import { createClientAddressReader } from './listener/client-address.ts'
import { listenForManagement } from './listener/management.ts'
import { listen } from './listener/server.ts'
import { createLinks, type Links } from './links/links.ts'
import { createWords } from './locales/words.ts'
import { createInstruments, type Instruments } from './metrics/instruments.ts'
import { createMeters, type Meters } from './metrics/meters.ts'
import { createAssets, type Assets } from './pages/assets.ts'
import { createLanguageSwitch, languageCookie, languageOf } from './pages/language.ts'
import { createProblemPages } from './pages/problem-pages.ts'
import { createShell, type Shell } from './pages/shell.ts'
import { createPipeline } from './pipeline.ts'
import { createAccess, type Access } from './policy/access.ts'
import { createFairUse, type FairUseKeeper } from './policy/fair-use.ts'
import { createAnnouncer } from './policy/announcer.ts'
import { createPools, type Pools } from './policy/pools.ts'
import { createSeatKeeper, type SeatKeeper } from './policy/seat-keeper.ts'
import { createSeatSigns } from './policy/seat-signs.ts'
import { createPolicyStage, createTreatmentStage } from './policy/stage.ts'
import { gateStage } from './rewriting/gate.ts'
import { createJarKeeper, jarKey } from './rewriting/jar-keeper.ts'
import { createScriptCookies } from './rewriting/script-cookies.ts'
import { createShim } from './rewriting/shim.ts'
import { createBodyThreads, type BodyThreads } from './rewriting/body-threads.ts'
import { createRewritingStage } from './rewriting/stage.ts'
import { deliveryJobs } from './reports/delivery.ts'
import { createSushi, type Sushi } from './reports/sushi/sushi.ts'
import type { Store } from './store/contract.ts'
import { openStore } from './store/open.ts'
import { watchedStore } from './store/watched.ts'
import { shownBy } from './showing.ts'
import type { UsageFigures } from './usage/figures.ts'
import { toldBy, type Tell } from './telling.ts'
import type { AccessLog } from './usage/access-log.ts'
import { createLog, logEvents } from './usage/log.ts'
import type { Recorder } from './usage/recorder.ts'
import { createUsageStage } from './usage/stage.ts'
import { startUsage } from './usage/usage.ts'

/** A gateway that is built and can be started. */
export interface Gateway {
  /**
   * Puts the rules into force and listens. Rejects with `ERR_RULE` and the like, or with `ERR_CONFIG`
   * when an address is taken; then nothing is left open.
   */
  start(): Promise<void>
  /** Lets exchanges end and closes everything; may be called again. */
  stop(): Promise<void>
  /**
   * Reads rules and networks again, or, where a set is published, that set; answers its version, 0
   * for the files. Rejects with what is wrong, and then nothing has changed.
   */
  reload(): Promise<number>
}

/** Everything that is built, before anything listens. */
interface Parts {
  readonly config: GatewayConfig
  readonly log: Logger
  readonly bus: EventBus
  readonly rules: RulesInForce
  readonly store: Store
  readonly recorder: Recorder
  readonly figures: UsageFigures
  /** Absent: none is written. */
  readonly accessLog?: AccessLog
  readonly access: Access
  readonly pools: Pools
  readonly keeper: SeatKeeper
  readonly policy: Stage
  readonly fairUse: FairUseKeeper
  readonly exchange: Exchange
  readonly identity: Identity
  readonly unmatched: UnmatchedValues
  readonly threads: BodyThreads
  readonly sushi: Sushi
  readonly links: Links
  readonly jobs: readonly Job[]
  readonly meters: Meters
  readonly instruments: Instruments
  /** Aborted when the gateway stops: what would never end by itself ends then. */
  readonly stopping: AbortController
}

/** What the pages are made of. */
interface Surface {
  readonly assets: Assets
  readonly shell: Shell
}

/**
 * Builds a gateway from a configuration; `start` makes it listen.
 *
 * @throws {GatewayError} `ERR_CONFIG`, or what the embedded store finds wrong with its file.
 */
export function createGateway(config: GatewayConfig, tell: Tell = tellAt(config)): Gateway {
  const parts = buildParts(config)
  const assets = createAssets()
  const { institution, portalOrigin } = config
  const { units } = config.identity
  const shell = createShell({ words: createWords(), assets, institution, units, portalOrigin })
  const application = createApplication({
    portalOrigin,
    pipeline: buildPipeline(parts, { assets, shell }),
    rulebook: () => parts.rules.current(),
    clientAddress: createClientAddressReader(config.listen.trustedProxies),
    languageOf,
    pages: createProblemPages(shell),
    bus: parts.bus,
    clock,
    watch: parts.instruments.request,
  })
  return runnable(parts, application, tell)
}

function tellAt({ management }: GatewayConfig): Tell {
  return ({ metrics, unready }) =>
    listenForManagement({ ...management, metrics: metrics.expose, unready })
}

function buildParts(config: GatewayConfig): Parts {
  const log = createLog(config.logLevel)
  const bus = createEventBus((error) => {
    log.error({ cause: String(error) }, 'a listener of events failed')
  })
  logEvents(bus, log)

  const { portalOrigin, zoneOrigin } = config
  const { timeZone } = config.institution
  const meters = createMeters()
  const instruments = createInstruments(meters, clock)
  const store = watchedStore(openStore(config.store, clock), instruments.store)
  const rules = holdRules({
    config,
    control: store.control,
    clock,
    bus,
    onWarning: (warning) => {
      log.warn({ finding: warning.number }, findingText(warning))
    },
    onSuspended: (holder) => {
      // The seat ends by itself when the store is away: nobody renews it any more.
      access.releaseHolder(holder).catch(() => undefined)
    },
    onChange: () => {
      exchange.checkSockets()
    },
  })
  const keeper = createSeatKeeper({ seats: store.seats, clock })
  const fairUse = createFairUse({
    records: store.records,
    clock,
    bus,
    resourceOf: (id) => rules.current().resources.get(id),
  })
  const policy = createPolicyStage({ clock, bus, keeper, fairUse, timeZone, portalOrigin })
  const exchange = createExchange({
    config: config.upstream,
    watch: instruments.upstream,
    staysOpen: (context) => staysOpen(context, { identity, policy, rules }),
  })
  const resources = () => rules.current().resources.values()
  const announcer = createAnnouncer({ bus, clock })
  const access = createAccess({ seats: store.seats, keeper, clock, timeZone, resources, announcer })
  const identity = createIdentity({
    config: config.identity,
    portalOrigin,
    zoneOrigin,
    records: store.records,
    clock,
    bus,
    async onSessionEnd(session) {
      exchange.endSession(session.id)
      await store.records.remove([jarKey(session.id)])
    },
    releaseSeats: access.releaseSeats,
  })
  const pools = createPools({ seats: store.seats, keeper })
  const { recorder, figures, accessLog } = startUsage({
    config,
    bus,
    store,
    clock,
    onTrouble: (message, cause) => {
      log.error({ cause: cause instanceof Error ? cause.message : undefined }, message)
    },
  })
  const sushi = createSushi({ config, store, clock, bus })
  const links = createLinks({ config, store, clock })
  const linkJob = linkCheckJob({
    bus,
    clock,
    check: (onChecked) => links.checker.runDue(rules.current(), onChecked),
  })
  return {
    config,
    log,
    bus,
    rules,
    store,
    recorder,
    figures,
    ...(accessLog && { accessLog }),
    access,
    keeper,
    pools,
    policy,
    fairUse,
    exchange,
    identity,
    unmatched: gatherUnmatched({
      records: store.records,
      clock,
      bus,
      timeZone,
      providers: config.identity.providers,
    }),
    threads: createBodyThreads(new URL('./body-thread.ts', import.meta.url)),
    sushi,
    links,
    jobs: [
      seatLookJob({ bus, clock, pools, resources }),
      ...figuresJobs(figures),
      licenceNoticesJob({ bus, clock, timeZone, resources }),
      ...deliveryJobs({ config, store, figures, rules, clock, askLinks: links.overview }),
      ...(config.links.isChecked ? [linkJob] : []),
      counterHarvestJob({ bus, clock, resources, harvest: sushi.harvester.runDue }),
    ],
    meters,
    instruments,
    stopping: new AbortController(),
  }
}

/**
 * Whether a WebSocket may stay: its session lives, and policy lets it in anew, under the rules of now,
 * which keeps its seat.
 */
async function staysOpen(
  context: GatewayContext,
  { identity, policy, rules }: Pick<Parts, 'identity' | 'policy' | 'rules'>,
): Promise<boolean> {
  const { state } = context
  if (state.session !== undefined && !(await identity.isLive(state.session))) return false
  const rulebook = rules.current()
  if (state.rulebook !== rulebook) {
    const upstream = rulebook.hosts.upstreamOf(context.host)
    if (upstream === undefined) return false
    state.rulebook = rulebook
    state.route = { kind: 'proxied', upstream }
    state.place = rulebook.placeOf(state.clientAddress, upstream.resource)
  }
  await policy(context, () => Promise.resolve())
  return context.state.decision?.isAllowed ?? false
}

function buildPipeline(parts: Parts, surface: Surface): Stage {
  const { config, bus, store, keeper, policy, exchange, identity, threads, instruments } = parts
  const { portalOrigin, zoneOrigin } = config
  const { timeZone } = config.institution
  const shim = createShim()
  const openJar = createJarKeeper({
    records: store.records,
    clock,
    isShared: store.kind !== 'embedded',
  })
  const gatewayCookieNames = [...identity.cookieNames, languageCookie]
  return createPipeline({
    hosts: createHostsStage({ portalOrigin, zoneOrigin }),
    gate: gateStage,
    treatment: createTreatmentStage({ clock, bus, timeZone }),
    portalSession: identity.portalStage,
    zoneSession: identity.zoneStage,
    landing: identity.landingStage,
    zoneFarewell: identity.farewellOnHost,
    assets: surface.assets.stage,
    language: createLanguageSwitch(portalOrigin),
    portal: shownBy(parts, surface.shell),
    policy,
    seatSigns: createSeatSigns({ keeper, session: identity.zoneStage }),
    usage: createUsageStage({ bus, clock }),
    shim: shim.stage,
    scriptCookies: createScriptCookies({
      openJar,
      clock,
      gatewayCookieNames,
      session: identity.zoneStage,
    }),
    rewriting: createRewritingStage({
      openJar,
      clock,
      gatewayCookieNames,
      portalOrigin,
      shimOf: shim.of,
      threads,
      watch: instruments.rewriting,
    }),
    exchange: exchange.stage,
    notFound: () => Promise.reject(new GatewayError('ERR_NOT_FOUND', 'nothing is here')),
  })
}

function runnable(parts: Parts, application: Application, tell: Tell): Gateway {
  const { config, bus, rules, store, recorder, keeper, fairUse, exchange, identity } = parts
  const opened = new AsyncDisposableStack()
  opened.defer(() => store.close())
  opened.defer(() => rules.stop())
  opened.defer(() => recorder.stop())
  opened.defer(() => parts.accessLog?.stop())
  opened.defer(() => parts.threads.close())
  opened.defer(() => fairUse.stop())
  opened.defer(() => parts.unmatched.stop())
  opened.defer(() => {
    keeper.stop()
  })
  opened.defer(() => exchange.close())
  opened.defer(() => identity.stop())

  return {
    async start() {
      try {
        await rules.start()
        identity.start()
        const telling = await tell(toldBy(parts))
        opened.defer(() => telling.stop())
        const { hostname } = new URL(config.portalOrigin)
        const server = await listen(config.listen, hostname, {
          ...application,
          onBroken: (error, reference, status) => {
            const at = clock.now()
            const { code, message, cause } = error
            const id = timeOrderedId(at)
            bus.emit({ kind: 'failure', id, at, reference, code, status, message, cause })
          },
        })
        opened.defer(() => {
          parts.stopping.abort()
          return server.stop()
        })
        const scheduler = startJobs(parts)
        opened.defer(() => scheduler.stop())
        // Before the scheduler, which waits for the job that is under way.
        opened.defer(() => parts.sushi.harvester.close())
        opened.defer(() => parts.links.checker.close())
      } catch (error) {
        await opened.disposeAsync()
        throw error
      }
    },
    stop: () => opened.disposeAsync(),
    async reload() {
      const { networks } = loadConfig(config.file, { env: process.env })
      return await rules.reload({ ...config, networks })
    },
  }
}

function startJobs({ config, bus, jobs, store }: Parts) {
  const { timeZone } = config.institution
  const onOutcome = sayOutcomes(bus, clock)
  return startScheduler({ jobs, records: store.records, clock, timeZone, onOutcome })
}
