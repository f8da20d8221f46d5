/**
 * Publishers on loopback that answer as a test wants, and the checker of links before them.
 * @module
 */
import { createServer, type RequestListener } from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net'

import type { Clock } from '../../src/core/clock.ts'
import type { LinkCheck, LinkHealth, ResourceLinks } from '../../src/core/links.ts'
import type { HostRule, Resource } from '../../src/core/resource.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import {
  createLinkChecker,
  type LinkCheckerParts,
  type LinkedRules,
} from '../../src/links/check.ts'
import { resourceWith } from '../support/conformance-case.ts'
import { openLinkStore, type LinkStore } from './store.ts'

/** A server that was started; ended with its connections. */
export interface Publisher {
  readonly port: number
  stop(): Promise<void>
}

/** Starts a publisher that speaks HTTP. */
export async function startPublisher(handler: RequestListener): Promise<Publisher> {
  return await started(createServer(handler))
}

/** Starts one that writes to each connection what it wants, once something was asked. */
export async function startTcpPublisher(act: (socket: Socket) => void): Promise<Publisher> {
  return await started(
    createTcpServer((socket) => {
      socket.on('error', () => undefined).once('data', () => act(socket))
    }),
  )
}

/** Listens on a free port. */
export async function started(server: Server): Promise<Publisher> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    // A server that listens on TCP has an address with a port.
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

/** A resource with some hosts, the first of which it starts at. */
export function linkedResource(
  id: string,
  hosts: readonly (Partial<HostRule> & { readonly host: string })[],
  more: { readonly path?: string; readonly check?: LinkCheck } & Partial<Resource> = {},
): Resource {
  const rules = hosts.map((rule) => ({ match: 'exact', scheme: 'http', ...rule }) as const)
  const { path = '/', check, ...rest } = more
  const [first] = rules
  return {
    ...resourceWith(rules, id),
    startUrl: `${first?.scheme}://${first?.host}${path}`,
    ...(check && { check }),
    ...rest,
  }
}

/** The rules in force. */
export function rulesOf(resources: readonly Resource[]): LinkedRules {
  return {
    resources: new Map(resources.map((resource) => [resource.id, resource])),
    hosts: createHostMap({ resources, zoneOrigin: 'https://proxy.example.edu' }),
  }
}

/** Hours and days that pass when a test says so; durations are real. */
export function testClock(): Clock & { pass(hours: number): void } {
  let now = Date.parse('2026-11-30T12:00:00Z')
  return {
    now: () => now,
    steady: () => performance.now(),
    pass(hours) {
      now += hours * 3_600_000
    },
  }
}

/** A checker with a store of its own. */
export function openChecker(
  resolve: Readonly<Record<string, number>>,
  more: Partial<LinkCheckerParts> & { readonly allow?: readonly string[] } = {},
  clock = testClock(),
  opened = openLinkStore(clock),
) {
  const { allow = ['127.0.0.1/32'], ...parts } = more
  const checker = createLinkChecker({
    records: opened.records,
    clock,
    timeZone: 'UTC',
    portalOrigin: 'https://library.example.edu',
    upstream: {
      allow,
      resolve: Object.fromEntries(
        Object.entries(resolve).map(([host, port]) => [host, `127.0.0.1:${port}`]),
      ),
      connectSeconds: 20,
      headersSeconds: 20,
      bodySeconds: 20,
      connectionsPerHost: 4,
    },
    resolver: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    hostPauseMs: 0,
    answerMs: 20_000,
    ...parts,
  })
  const told: ResourceLinks[] = []
  return {
    ...opened,
    clock,
    checker,
    told,
    /** Looks at what is due, and tells how all stand. */
    async run(resources: readonly Resource[]): Promise<readonly ResourceLinks[]> {
      await checker.runDue(rulesOf(resources), ({ after }) => told.push(after))
      return await opened.books.standings(resources)
    },
    async [Symbol.asyncDispose]() {
      await checker.close()
      await opened[Symbol.asyncDispose]()
    },
  }
}

/** One store for all who look once: to open one costs more than to look. */
let shared: { readonly clock: ReturnType<typeof testClock>; readonly store: LinkStore } | undefined
let looks = 0

/** Closes what those who look once have shared. */
export async function closeShared(): Promise<void> {
  await shared?.store[Symbol.asyncDispose]()
}

/** Looks once at one publisher's starting point. */
export async function lookOnce(
  publisher: Pick<Publisher, 'port'>,
  resource: Resource = linkedResource('press', [{ host: 'www.press.test' }]),
  more: Parameters<typeof openChecker>[1] = {},
): Promise<{ readonly link: LinkHealth; readonly text: string; readonly nextHours: number }> {
  const hosts = resource.hosts.map(({ host }) => [host, publisher.port])
  const clock = shared?.clock ?? testClock()
  shared ??= { clock, store: openLinkStore(clock) }
  const opened = openChecker(Object.fromEntries(hosts), more, clock, shared.store)
  looks += 1
  const [links] = await opened.run([{ ...resource, id: `${resource.id}-${looks}` }])
  await opened.checker.close()
  const link = links?.links.find(({ last }) => last !== undefined)
  if (link === undefined) throw new Error('nothing was looked at')
  const nextHours = ((links?.nextAt ?? 0) - opened.clock.now()) / 3_600_000
  return { link, text: JSON.stringify(links), nextHours }
}
