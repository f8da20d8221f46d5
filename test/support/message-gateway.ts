/**
 * A gateway of hosts, identity, rewriting and exchange on real sockets, in front of publishers that
 * say whatever a test scripts. Whoever asks is signed in, or nobody whom identity's own stage judges.
 * @module
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { generate } from 'selfsigned'

import type { ListenConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Stage } from '../../src/core/context.ts'
import { createEventBus } from '../../src/core/events.ts'
import type { Resource, Rulebook } from '../../src/core/resource.ts'
import type { Session } from '../../src/core/types.ts'
import { createExchange } from '../../src/exchange/exchange.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { createHostsStage } from '../../src/hosts/stage.ts'
import { createIdentity } from '../../src/identity/identity.ts'
import { createApplication } from '../../src/listener/application.ts'
import { createClientAddressReader } from '../../src/listener/client-address.ts'
import { listen } from '../../src/listener/server.ts'
import { gateStage } from '../../src/rewriting/gate.ts'
import { createJarKeeper } from '../../src/rewriting/jar-keeper.ts'
import { createScriptCookies } from '../../src/rewriting/script-cookies.ts'
import { createShim } from '../../src/rewriting/shim.ts'
import { createBodyThreads } from '../../src/rewriting/body-threads.ts'
import { createRewritingStage } from '../../src/rewriting/stage.ts'
import type { RecordStore } from '../../src/store/contract.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { emptyRulebook } from './application.ts'
import { startPublisher, type Script } from './publisher.ts'

/** Who asks. */
export type Reader = 'signed-in' | 'nobody'

/** What the gateway is made of. */
export interface MessageGatewayOptions {
  readonly resources: readonly Resource[]
  readonly zoneOrigin: string
  readonly gatewayCookies?: readonly string[]
  /** What publishers do over TLS, and without it. */
  readonly script: Script
  readonly plainScript?: Script
  readonly shimMarkup?: string
  readonly reader?: Reader
  /** Whether the gateway itself speaks TLS, and HTTP/2 over it. */
  readonly tls?: 'none' | 'own'
  /** The shim as browsers get it; otherwise `shimMarkup` stands where it would. */
  readonly shim?: 'none' | 'own'
  /** Names the session; whoever asks without this cookie is nobody. */
  readonly sessionCookie?: string
}

/** A running gateway; `version` may be changed, as if other rules had been published. */
export type MessageGateway = Awaited<ReturnType<typeof startMessageGateway>>

/** Origin of the portal that publishers shall never hear of. */
export const portalOrigin = 'https://library.example.edu'

function sessionOf(reader: Reader): Session | undefined {
  if (reader === 'nobody') return undefined
  return {
    id: randomUUID(),
    patron: { issuer: 'https://idp.example', subject: 's', categories: ['student'], groups: [] },
    startedAt: Date.now(),
    endsAt: Date.now() + 3_600_000,
  }
}

/** Starts publishers and gateway; every host of the resources leads to the scripts. */
export async function startMessageGateway(options: MessageGatewayOptions) {
  const { resources, zoneOrigin, script, plainScript = script } = options
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-message-'))
  const names = hostsOf(resources)
  const { cert, private: key } = await certificateFor([
    ...names,
    `*.${new URL(zoneOrigin).hostname}`,
  ])
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)

  const secure = await startPublisher(script, { tls: { key, cert } })
  const plain = await startPublisher(plainScript)
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock: systemClock })
  const exchange = createExchange({
    config: {
      allow: ['127.0.0.0/8'],
      resolve: pins(names, resources, { secure: secure.port, plain: plain.port }),
      caFile: certFile,
      connectSeconds: 5,
      headersSeconds: 10,
      bodySeconds: 10,
      connectionsPerHost: 8,
    },
  })
  const rulebook: { -readonly [Key in keyof Rulebook]: Rulebook[Key] } = {
    ...emptyRulebook,
    version: 'v1',
    hosts: createHostMap({ resources, zoneOrigin }),
    resources: new Map(resources.map((resource) => [resource.id, resource])),
  }
  let session = sessionOf(options.reader ?? 'signed-in')
  const identity = identityOver(store.records, zoneOrigin)
  const shim = createShim()
  const openJar = createJarKeeper({ records: store.records, clock: systemClock })
  const gatewayCookieNames = options.gatewayCookies ?? ['__Host-gw']
  const threads = createBodyThreads(new URL('../../src/body-thread.ts', import.meta.url))
  const sessionStage: Stage = async (context, next) => {
    const { clientAddress: address, rulebook: rules } = context.state
    context.state.place = rules.placeOf(address)
    const id = new RegExp(`${options.sessionCookie}=([^;]+)`).exec(context.get('Cookie'))?.[1]
    const isKnown = options.sessionCookie === undefined || id !== undefined
    if (session === undefined || !isKnown) return await identity.zoneStage(context, next)
    context.state.session = id === undefined ? session : { ...session, id }
    await next()
  }
  const stages: readonly Stage[] = [
    createHostsStage({ portalOrigin, zoneOrigin }),
    gateStage,
    (context, next) =>
      context.state.route.kind === 'reserved' ? shim.stage(context, next) : next(),
    createScriptCookies({ openJar, clock: systemClock, gatewayCookieNames, session: sessionStage }),
    sessionStage,
    createRewritingStage({
      openJar,
      clock: systemClock,
      gatewayCookieNames,
      portalOrigin,
      threads,
      shimOf:
        options.shim === 'own'
          ? shim.of
          : () => ({ headMarkup: () => options.shimMarkup ?? '', workerOpening: () => '' }),
    }),
    exchange.stage,
  ]
  const server = await listenTo(stages, () => rulebook, {
    zoneOrigin,
    ...(options.tls === 'own' && { tls: { certFile, keyFile } }),
  })
  return {
    port: server.address.port,
    ca: cert,
    rulebook,
    secure,
    plain,
    store,
    /** From now on somebody else asks, with a session and a jar that nobody had before. */
    changeReader(reader: Reader): void {
      session = sessionOf(reader)
    },
    async close() {
      await exchange.close()
      await server.stop()
      await threads.close()
      await Promise.all([secure.close(), plain.close()])
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Identity as the gateway has it; its provider is never asked. */
function identityOver(records: RecordStore, zoneOrigin: string) {
  return createIdentity({
    config: {
      providers: [
        {
          id: 'idp',
          name: {},
          issuer: 'https://idp.example',
          clientId: 'darbaza',
          scopes: ['openid'],
          claims: {
            affiliation: [],
            entitlement: [],
            organisation: [],
            groups: [],
            unit: [],
            displayName: [],
            allowedScopes: [],
            isUnscopedAllowed: false,
            isTextSplit: true,
            values: {},
            commonLibTerms: 'walk-in',
            required: {},
          },
        },
      ],
      units: {},
      sessionIdleSeconds: 600,
      sessionMaxSeconds: 3600,
    },
    portalOrigin,
    zoneOrigin,
    records,
    clock: systemClock,
    bus: createEventBus(() => undefined),
    onSessionEnd: () => Promise.resolve(),
    releaseSeats: () => Promise.resolve(),
  })
}

function listenTo(
  stages: readonly Stage[],
  rulebook: () => Rulebook,
  { zoneOrigin, tls }: { zoneOrigin: string; tls?: { certFile: string; keyFile: string } },
) {
  const application = createApplication({
    portalOrigin,
    pipeline: (context, next) => follow(stages, 0)(context, next),
    rulebook,
    clientAddress: createClientAddressReader([]),
    languageOf: () => 'en',
    pages: {
      refusal: ({ reason }) => `refused: ${reason}`,
      failure: ({ code }) => `failed: ${code}`,
    },
    bus: createEventBus(() => undefined),
    clock: systemClock,
  })
  const config: ListenConfig = {
    address: '127.0.0.1',
    port: 0,
    trustedProxies: [],
    ...(tls && { tls: { portal: tls, zone: tls } }),
  }
  return listen(config, new URL(zoneOrigin).hostname, { ...application, onBroken: () => undefined })
}

/** The pipeline's own way of joining stages, in which `next` may be called again. */
function follow(stages: readonly Stage[], position: number): Stage {
  return async (context, next) => {
    const stage = stages[position]
    if (stage === undefined) return await next()
    await stage(context, () => follow(stages, position + 1)(context, next))
  }
}

/** Silence after which an answer is taken for whole, though its connection stays open. */
const silenceMs = 1000

/** Sends bytes as they are and gives all that comes back until the connection ends. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket: Socket = connect({ port, host: '127.0.0.1' })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    socket.setTimeout(silenceMs, () => socket.destroy())
  })
  socket.on('error', () => undefined)
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

let made: { names: string; pair: ReturnType<typeof generate> } | undefined

/** Made once for the same names: a key pair costs some time. */
function certificateFor(names: readonly string[]): ReturnType<typeof generate> {
  const key = names.join()
  if (made?.names === key) return made.pair
  const extensions = [
    { name: 'basicConstraints' as const, cA: true },
    {
      name: 'subjectAltName' as const,
      altNames: names.map((value) => ({ type: 2 as const, value })),
    },
  ]
  made = { names: key, pair: generate([{ name: 'commonName', value: 'test' }], { extensions }) }
  return made.pair
}

function hostsOf(resources: readonly Resource[]): string[] {
  const rules = resources.flatMap(({ hosts }) => hosts)
  const below = rules.flatMap(({ host, match }) =>
    match === 'exact' ? [] : [`daily.${host}`, `ars.${host}`, `cdn.${host}`],
  )
  return [...new Set([...rules.map(({ host }) => host), ...below])]
}

function pins(
  names: readonly string[],
  resources: readonly Resource[],
  ports: { readonly secure: number; readonly plain: number },
): Record<string, string> {
  const listed = resources.flatMap(({ hosts }) => hosts.flatMap(({ port }) => port ?? []))
  const pinsOf = (name: string) => [
    [`${name}:80`, `127.0.0.1:${ports.plain}`],
    ...[443, ...listed].map((port) => [`${name}:${port}`, `127.0.0.1:${ports.secure}`]),
  ]
  return Object.fromEntries(names.flatMap(pinsOf))
}
