/**
 * A gateway of hosts, rewriting and exchange on real sockets, in front of publishers that say
 * whatever a test scripts; everybody who asks is signed in, unless nobody shall be.
 * @module
 */
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
import { createApplication } from '../../src/listener/application.ts'
import { createClientAddressReader } from '../../src/listener/client-address.ts'
import { listen } from '../../src/listener/server.ts'
import { gateStage } from '../../src/rewriting/gate.ts'
import { createRewritingStage } from '../../src/rewriting/stage.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { emptyRulebook } from './application.ts'
import { startPublisher, type Script } from './publisher.ts'

/** What the gateway is made of. */
export interface MessageGatewayOptions {
  readonly resources: readonly Resource[]
  readonly zoneOrigin: string
  readonly gatewayCookies?: readonly string[]
  /** What publishers do over TLS, and without it. */
  readonly script: Script
  readonly plainScript?: Script
  readonly shimMarkup?: string
  readonly reader?: 'signed-in' | 'nobody'
  /** Whether the gateway itself speaks TLS, and HTTP/2 over it. */
  readonly tls?: 'none' | 'own'
}

/** A running gateway; `version` may be changed, as if other rules had been published. */
export type MessageGateway = Awaited<ReturnType<typeof startMessageGateway>>

/** Origin of the portal that publishers shall never hear of. */
export const portalOrigin = 'https://library.example.edu'

const session: Session = {
  id: 'session-1',
  patron: { issuer: 'https://idp.example', subject: 's', categories: ['student'], groups: [] },
  startedAt: Date.now(),
  endsAt: Date.now() + 3_600_000,
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
  const stages: readonly Stage[] = [
    createHostsStage({ portalOrigin, zoneOrigin }),
    gateStage,
    async (context, next) => {
      if (options.reader !== 'nobody') context.state.session = session
      await next()
    },
    createRewritingStage({
      records: store.records,
      clock: systemClock,
      gatewayCookieNames: options.gatewayCookies ?? ['__Host-gw'],
      portalOrigin,
      shimOf: () => ({ headMarkup: () => options.shimMarkup ?? '' }),
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
    async close() {
      await exchange.close()
      await server.stop()
      await Promise.all([secure.close(), plain.close()])
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
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

/** Sends bytes as they are and gives all that comes back until the connection ends. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket: Socket = connect({ port, host: '127.0.0.1' })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
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
