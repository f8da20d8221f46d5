/**
 * A gateway of one stage: the exchange, between a real listener and real publishers.
 * @module
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'

import type { UpstreamConfig } from '../../src/config/config.ts'
import type { HeaderLines } from '../../src/core/context.ts'
import type { HostRule } from '../../src/core/resource.ts'
import { createExchange, type ExchangeParts } from '../../src/exchange/exchange.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { emptyRulebook, serveStage } from '../support/application.ts'
import { resourceWith } from '../support/conformance-case.ts'

export const zoneOrigin = 'http://proxy.localhost'

/** The publisher's hosts; `ported` is known at a port of its own, so that DNS can lead to it. */
function hostMap(ported: number) {
  const rules: readonly HostRule[] = [
    { host: 'www.publisher.test', match: 'exact', scheme: 'http' },
    { host: 'other.publisher.test', match: 'exact', scheme: 'http' },
    { host: 'ported.publisher.test', match: 'exact', scheme: 'http', port: ported },
    { host: 'secure.publisher.test', match: 'exact', scheme: 'https' },
    { host: 'second.publisher.test', match: 'exact', scheme: 'https' },
  ]
  return createHostMap({ resources: [resourceWith(rules)], zoneOrigin })
}

/** Settings with short times, where only loopback is allowed. */
export function upstreamConfig(ports: Record<string, number>, more: Partial<UpstreamConfig> = {}) {
  const config: UpstreamConfig = {
    allow: ['127.0.0.0/8'],
    resolve: Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [`${name}.publisher.test`, `127.0.0.1:${port}`]),
    ),
    connectSeconds: 2,
    headersSeconds: 1,
    bodySeconds: 1,
    connectionsPerHost: 8,
    ...more,
  }
  return config
}

/** Starts the gateway; its host is the first label of the publisher's name. */
export async function startGateway(parts: ExchangeParts, ported = 81) {
  const hosts = hostMap(ported)
  const exchange = createExchange(parts)
  const { server, events, origin } = await serveStage(async (context) => {
    const { state, req } = context
    const upstream = hosts.upstreamOf(req.headers.host ?? '')
    if (upstream === undefined) throw new Error('the test asks for an unknown host')
    state.rulebook = { ...emptyRulebook, hosts }
    const subject = String(req.headers['x-reader'] ?? 's')
    state.session = {
      id: `${subject}1`,
      patron: { issuer: 'i', subject, categories: [], groups: [] },
      startedAt: 0,
      endsAt: 0,
    }
    const hasBody = 'content-length' in req.headers || 'transfer-encoding' in req.headers
    state.upstreamRequest = {
      upstream,
      method: req.method ?? '',
      target: req.url ?? '',
      headers: linesOf(req),
      ...(hasBody && { body: req }),
    }
    await exchange.stage(context, () => Promise.resolve())
    const answer = state.upstreamAnswer
    if (answer === undefined) return
    context.respond = false
    context.res.writeHead(answer.status, answer.headers.flat())
    await pipeline(answer.body, context.res)
  })
  return {
    exchange,
    events,
    origin,
    port: server.address.port,
    async close() {
      await exchange.close()
      await server.stop()
    },
  }
}

function linesOf({ rawHeaders }: IncomingMessage): HeaderLines {
  return rawHeaders.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : [],
  )
}

/** What a reader sees; `isWhole` is false when the connection broke within the body. */
export interface Seen {
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly isWhole: boolean
}

/** Asks the gateway as a browser does. */
export async function browse(
  port: number,
  name: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Seen> {
  const { method = 'GET', path = '/', headers = {}, body } = options
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    maxHeaderSize: 131_072,
    headers: { host: `${name}-publisher-test.proxy.localhost`, ...headers },
  })
  request.once('response', resolve).once('error', reject).end(body)
  const response = await promise
  const chunks: Buffer[] = []
  response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
  await new Promise((done) => response.once('close', done))
  return {
    status: response.statusCode ?? 0,
    rawHeaders: response.rawHeaders,
    body: Buffer.concat(chunks),
    isWhole: response.complete,
  }
}

/** Waits until it holds. */
export async function until(holds: () => boolean, withinMs = 5000): Promise<void> {
  for (const endsAt = performance.now() + withinMs; performance.now() < endsAt;) {
    if (holds()) return
    await new Promise((done) => setTimeout(done, 10))
  }
  throw new Error(`did not come to hold within ${withinMs} ms`)
}
