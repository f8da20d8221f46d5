/**
 * The stages between the host and the publisher that every exchange passes: the address, the session,
 * policy with its seat. On a real embedded store, with as large a library as one likes.
 * @module
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

import Koa from 'koa'

import type { NetworkConfig } from '../../src/config/config.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { GatewayState, Stage } from '../../src/core/context.ts'
import { createEventBus } from '../../src/core/events.ts'
import type { Resource, Rulebook } from '../../src/core/resource.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { createIdentity } from '../../src/identity/identity.ts'
import { createSessions } from '../../src/identity/sessions.ts'
import { createFairUse } from '../../src/policy/fair-use.ts'
import { compilePlaces } from '../../src/policy/networks.ts'
import { createSeatKeeper } from '../../src/policy/seat-keeper.ts'
import { createPolicyStage, createTreatmentStage } from '../../src/policy/stage.ts'
import type { Store } from '../../src/store/contract.ts'

/** What the stages are built on. */
export interface StagesOptions {
  readonly store: Pick<Store, 'records' | 'seats'>
  readonly clock: Clock
  readonly resources: readonly Resource[]
  readonly networks: readonly NetworkConfig[]
}

const zoneOrigin = 'http://proxy.localhost'
const portalOrigin = 'http://library.localhost'

/** The stages of one process. */
export function buildStages({ store, clock, resources, networks }: StagesOptions) {
  const { records, seats } = store
  const bus = createEventBus((error) => {
    throw error
  })
  const config = { providers: [], units: {}, sessionIdleSeconds: 3600, sessionMaxSeconds: 36_000 }
  const identity = createIdentity({
    config,
    portalOrigin,
    zoneOrigin,
    records,
    clock,
    bus,
    onSessionEnd: () => Promise.resolve(),
    releaseSeats: () => Promise.resolve(),
  })
  const rulebook: Rulebook = {
    version: '1',
    resources: new Map(resources.map((resource) => [resource.id, resource])),
    hosts: createHostMap({ resources: [...resources], zoneOrigin }),
    placeOf: compilePlaces(networks, resources, 'test'),
  }
  const keeper = createSeatKeeper({ seats, clock })
  const byId = (id: string) => rulebook.resources.get(id)
  const fairUse = createFairUse({ records, clock, bus, resourceOf: byId })
  const parts = { clock, bus, timeZone: 'Asia/Bishkek', keeper, fairUse, portalOrigin }
  const treatment = createTreatmentStage(parts)
  const policy = createPolicyStage(parts)
  const sessions = createSessions({ config, records, clock })
  const app = new Koa<GatewayState>()

  /** An exchange of a browser as far as a stage; whether its end was reached. */
  async function pass(stage: Stage, exchange: Exchange): Promise<boolean> {
    const request = new IncomingMessage(new Socket())
    request.method = 'GET'
    request.url = '/a.css'
    request.headers = {
      host: exchange.host,
      cookie: `darbaza-zone=${exchange.token}`,
      accept: 'text/css,*/*;q=0.1',
      'sec-fetch-dest': 'style',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-site': 'same-origin',
    }
    request.rawHeaders = Object.entries(request.headers).flat().map(String)
    const context = app.createContext<GatewayState>(request, new ServerResponse(request))
    const upstream = rulebook.hosts.upstreamOf(exchange.host)
    if (upstream === undefined) throw new Error(`no host ${exchange.host}`)
    const { clientAddress } = exchange
    Object.assign(context.state, { rulebook, clientAddress, route: { kind: 'proxied', upstream } })
    let isThrough = false
    await stage(context, () => {
      isThrough = true
      return Promise.resolve()
    })
    return isThrough
  }
  return {
    none: (_context: unknown, next: () => Promise<void>) => next(),
    all: ((context, next) =>
      treatment(context, () =>
        identity.zoneStage(context, () => policy(context, next)),
      )) satisfies Stage,
    pass,
    hostOf: ({ hosts: [rule] }: Resource) =>
      rulebook.hosts.proxiedAuthority('https', rule?.host ?? '') ?? '',
    /** Signs a student in; the answer is the cookie's value. */
    async signIn(subject: string): Promise<string> {
      const patron = { issuer: 'https://id.example', subject, groups: ['readers'], unit: 'Law' }
      const { session } = await sessions.begin({ patron: { ...patron, categories: ['student'] } })
      return sessions.issue(session, 'zone')
    },
    async stop() {
      keeper.stop()
      await fairUse.stop()
      await identity.stop()
    },
  }
}

/** Who asks for what. */
export interface Exchange {
  readonly host: string
  readonly token: string
  readonly clientAddress: string
}
