/**
 * The demonstration: a gateway, two publishers, a sign-in service and a library computer, all on
 * loopback addresses of this machine, started and stopped together.
 *
 * Everything is read from `config/demo.yaml`; tests hand in ports, 0 meaning any free one. The demo
 * never runs with NODE_ENV=production nor on an address that another machine can reach.
 * @module
 */
import assert from 'node:assert'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { GatewayConfig, ProviderConfig } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { randomToken } from '../core/clock.ts'
import { createGateway } from '../gateway.ts'
import { accounts } from './accounts.ts'
import { banner } from './banner.ts'
import {
  freePort,
  listening,
  refuseOpenAddresses,
  refuseProduction,
  withDevelopmentDependencies,
} from './guard.ts'
import type { Publisher } from './publisher.ts'
import { openReadingRoom } from './reading-room.ts'

/** Ports in place of those of `config/demo.yaml`; 0 lets the system choose. */
interface DemoPorts {
  readonly gateway?: number
  readonly management?: number
  readonly provider?: number
  readonly publishers?: number
}

/** How to run the demo. */
export interface DemoOptions {
  /** Default: `config/demo.yaml`. */
  readonly configFile?: string
  readonly ports?: DemoPorts
  /** Where state is kept, in place of the configured folder. */
  readonly dataFolder?: string
  /** Prints and logs nothing. */
  readonly quiet?: boolean
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A demo that runs. */
export interface RunningDemo {
  readonly portalOrigin: string
  readonly zoneOrigin: string
  readonly managementOrigin: string
  readonly issuer: string
  /** Address and port of each publisher host. */
  readonly publishers: Readonly<Record<string, string>>
  /** Address on which a browser is a library computer, at the portal's port. */
  readonly readingRoom: string | undefined
  /** Stops everything, in the reverse order of the start; may be called again. */
  stop(): Promise<void>
}

const defaultFile = fileURLToPath(new URL('../../config/demo.yaml', import.meta.url))

/** Starts everything, or throws `ERR_CONFIG` with advice and leaves nothing running. */
export async function runDemo(options: DemoOptions = {}): Promise<RunningDemo> {
  const env = options.env ?? process.env
  refuseProduction(env)
  const parts = await withDevelopmentDependencies(loadParts)
  const written = loadConfig(options.configFile ?? defaultFile, { env })
  refuseOpenAddresses(written)

  await using started = new AsyncDisposableStack()
  const resolve = await startPublishers(written, parts, options.ports?.publishers, started)
  const config = await withGatewayPorts(written, options)
  const provider = await startProvider(config, parts, options, started)
  await startGateway(
    {
      ...config,
      identity: { ...config.identity, providers: [provider] },
      upstream: { ...config.upstream, resolve: { ...config.upstream.resolve, ...resolve } },
    },
    started,
  )
  const readingRoom = await startReadingRoom(config, started)
  const facts = factsOf(config, readingRoom)
  if (!options.quiet) process.stdout.write(banner({ ...facts, accounts }))
  const stop = stopOnSignal(started.move())
  return {
    ...facts,
    zoneOrigin: config.zoneOrigin,
    issuer: provider.issuer,
    publishers: resolve,
    stop,
  }
}

async function loadParts() {
  const [{ listenProvider }, { listenPublisher }, { steppeJournals }, { alatooBooks }] =
    await Promise.all([
      import('./provider.ts'),
      import('./publisher.ts'),
      import('./steppe/steppe-journals.ts'),
      import('./alatoo/alatoo-books.ts'),
    ])
  return { listenProvider, listenPublisher, publishers: [steppeJournals, alatooBooks] }
}

type Parts = Awaited<ReturnType<typeof loadParts>>

/** Starts each publisher where the configuration expects it; tells where each host is. */
async function startPublishers(
  config: GatewayConfig,
  { listenPublisher, publishers }: Parts,
  port: number | undefined,
  started: AsyncDisposableStack,
): Promise<Record<string, string>> {
  const licensedAddress = config.upstream.localAddress ?? '127.0.0.1'
  const resolve: Record<string, string> = {}
  for (const publisher of publishers) {
    const place = { ...placeOf(config, publisher), ...(port !== undefined && { port }) }
    const running = await listening({ what: 'a publisher', ...place }, () =>
      listenPublisher(publisher, { ...place, licensedAddress }),
    )
    started.defer(() => running.stop())
    for (const host of Object.keys(publisher.sites)) {
      resolve[host] = `${place.address}:${running.port}`
    }
  }
  return resolve
}

function placeOf(
  config: GatewayConfig,
  publisher: Publisher,
): { readonly address: string; readonly port: number } {
  const hosts = Object.keys(publisher.sites)
  const target = hosts.map((host) => config.upstream.resolve[host]).find(Boolean) ?? '127.0.0.1:0'
  const colon = target.lastIndexOf(':')
  return { address: target.slice(0, colon), port: Number(target.slice(colon + 1)) }
}

async function withGatewayPorts(
  config: GatewayConfig,
  { ports = {}, dataFolder, quiet }: DemoOptions,
): Promise<GatewayConfig> {
  const listen = config.listen
  const { address } = config.management
  const port = ports.gateway ?? listen.port
  const gatewayPort = port === 0 ? await freePort(listen.address) : port
  const wanted = ports.management ?? config.management.port
  const managementPort = wanted === 0 ? await freePort(address) : wanted
  return {
    ...config,
    portalOrigin: withPort(config.portalOrigin, gatewayPort),
    zoneOrigin: withPort(config.zoneOrigin, gatewayPort),
    listen: { ...listen, port: gatewayPort },
    management: { address, port: managementPort },
    ...(dataFolder !== undefined && {
      dataFolder,
      store: { kind: 'embedded', file: join(dataFolder, 'darbaza.sqlite') },
    }),
    ...(quiet === true && { logLevel: 'silent' }),
  }
}

function withPort(origin: string, port: number): string {
  const url = new URL(origin)
  url.port = String(port)
  return url.origin
}

/** Starts the sign-in service of the configuration; answers how the gateway reaches it. */
async function startProvider(
  { identity, listen, portalOrigin }: GatewayConfig,
  { listenProvider }: Parts,
  { ports }: DemoOptions,
  started: AsyncDisposableStack,
): Promise<ProviderConfig> {
  const [written] = identity.providers
  assert(written !== undefined)
  const clientSecret = randomToken()
  const port = ports?.provider ?? Number(new URL(written.issuer).port)
  const place = { address: listen.address, port }
  const client = {
    id: written.clientId,
    secret: clientSecret,
    portalOrigin,
    callbackPath: `/callback/${written.id}`,
  }
  const provider = await listening({ what: 'the sign-in service', ...place }, () =>
    listenProvider(client, place),
  )
  started.defer(() => provider.stop())
  return { ...written, issuer: provider.issuer, clientSecret }
}

async function startGateway(config: GatewayConfig, started: AsyncDisposableStack): Promise<void> {
  // An outgoing address that the machine lacks would fail only at the first article.
  const { localAddress = '127.0.0.1' } = config.upstream
  const outgoing = { what: 'connections to publishers', address: localAddress, port: 0 }
  await listening(outgoing, () => freePort(localAddress))

  const gateway = createGateway(config)
  started.defer(() => gateway.stop())
  await listening({ what: 'the gateway', ...config.listen }, () => gateway.start())
}

async function startReadingRoom(
  { networks, listen }: GatewayConfig,
  started: AsyncDisposableStack,
): Promise<string | undefined> {
  const network = networks.find(({ treatment }) => treatment === 'auto-login')
  const address = network?.ranges[0]?.replace('/32', '')
  if (address === undefined || address === listen.address) return undefined
  const room = await listening({ what: 'the library computer', address, port: listen.port }, () =>
    openReadingRoom(address, listen),
  )
  started.defer(() => room.stop())
  return address
}

function factsOf({ portalOrigin, management }: GatewayConfig, readingRoom: string | undefined) {
  const managementOrigin = `http://${management.address}:${management.port}`
  return { portalOrigin, managementOrigin, readingRoom }
}

function stopOnSignal(started: AsyncDisposableStack): () => Promise<void> {
  const stop = async () => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await started.disposeAsync()
  }
  const onSignal = () => void stop()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return stop
}
