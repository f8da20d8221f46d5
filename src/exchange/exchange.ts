/**
 * The exchange stage: one HTTP request to a publisher and its answer, or a WebSocket.
 *
 * Connections are pooled for each origin, one request at a time on each; redirects are the browser's
 * to follow, and only a request without a body that met a connection just closed is sent again.
 * @module
 */
import { lookup } from 'node:dns/promises'

import { Agent } from 'undici'

import type { UpstreamConfig } from '../config/config.ts'
import type {
  GatewayContext,
  GatewayState,
  Stage,
  UpgradeSocket,
  UpstreamRequest,
} from '../core/context.ts'
import { GatewayError, asGatewayError, systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { Stopwatch } from '../core/stopwatch.ts'
import { Admission } from './admission.ts'
import { ask, type Outcome } from './ask.ts'
import { createConnector } from './connect.ts'
import { Departure } from './departure.ts'
import { createEgressGuard, type Resolver } from './egress.ts'
import { createOpenSockets } from './open-sockets.ts'
import { checkHandshake, isHandshake, switchingHead, tunnel } from './web-socket.ts'

/** What the exchange is made of. */
export interface ExchangeParts {
  readonly config: UpstreamConfig
  /** DNS, unless given. */
  readonly resolver?: Resolver
  /**
   * Asked from time to time while a WebSocket is open: whether its session still stands and the
   * reader may still be there. May reject when nobody can tell now.
   */
  readonly staysOpen?: (context: GatewayContext) => Promise<boolean>
  readonly webSocketCheckMs?: number
  readonly webSocketIdleMs?: number
  readonly stalledMs?: number
  /** Times each question up to the head of its answer. */
  readonly watch?: Stopwatch<[], []>
}

/** The way to publishers. */
export interface Exchange {
  readonly stage: Stage
  /** How many WebSockets are open, or about to be. */
  webSockets(): number
  /** Closes the WebSockets of a session that has ended. */
  endSession(sessionId: string): void
  /** Asks about every WebSocket now: what is in force has changed. */
  checkSockets(): void
  /** Breaks off what is under way and closes every connection. */
  close(): Promise<void>
}

/**
 * Opens the way to publishers; no connection is made before the first request.
 * @throws {GatewayError} `ERR_CONFIG` or `ERR_ADDRESS_RANGE`, with the setting.
 */
export function createExchange(parts: ExchangeParts): Exchange {
  const { config } = parts
  const agent = createAgent(config, parts.resolver)
  const admission = createAdmission(config)
  const sockets = createOpenSockets(parts)

  async function send(
    { state }: GatewayContext,
    request: UpstreamRequest,
    departure: Departure,
    upgrade?: 'websocket',
  ): Promise<Outcome> {
    const { origin, authority } = request.upstream
    const applicant = { origin, authority, reader: readerOf(state) }
    const onDone = await admission.enter(applicant, departure)
    const stalledMs = parts.stalledMs ?? limits.exchange.stalledMs
    return await ask(agent, request, { departure, stalledMs, onDone, ...(upgrade && { upgrade }) })
  }

  async function open(context: GatewayContext, request: UpstreamRequest, departure: Departure) {
    checkHandshake(context)
    const { upgrade: reader } = context.state
    const place = sockets.admit(context)
    place.signal.addEventListener('abort', () => departure.leave(), { once: true })
    try {
      const outcome = await send(context, request, departure, 'websocket')
      if (outcome.kind === 'answer' || reader === undefined) {
        place.leave()
        return outcome
      }
      joinSockets(reader, outcome, { request, ended: place.signal })
      outcome.socket.once('close', place.leave)
      // The response stays bound to the socket, so that its end is seen; nothing is written to it.
      context.respond = false
      return outcome
    } catch (error) {
      place.leave()
      throw error
    }
  }

  function joinSockets(
    reader: UpgradeSocket,
    { socket, headers }: Extract<Outcome, { kind: 'upgrade' }>,
    { request, ended }: { readonly request: UpstreamRequest; readonly ended: AbortSignal },
  ): void {
    try {
      if (reader.socket.destroyed || ended.aborted) {
        throw new GatewayError('ERR_READER_LEFT', `${request.upstream.authority}: reader left`)
      }
      const head = switchingHead(request.headers, headers)
      tunnel(reader, socket, head, parts.webSocketIdleMs ?? limits.exchange.webSocketIdleMs)
      ended.addEventListener('abort', () => socket.destroy(), { once: true })
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  return {
    async stage(context) {
      const { upstreamRequest: request } = context.state
      if (request === undefined) throw new GatewayError('ERR_INTERNAL', 'no upstream request')
      const departure = departureOf(context)
      const tellAnswer = parts.watch?.()
      const outcome = isHandshake(context)
        ? await open(context, request, departure)
        : await sendAgain(request, () => send(context, request, departure))
      tellAnswer?.()
      if (outcome.kind === 'answer') context.state.upstreamAnswer = outcome.answer
    },
    webSockets: () => sockets.count(),
    endSession: (sessionId) => sockets.endSession(sessionId),
    checkSockets: () => sockets.check(),
    async close() {
      sockets.endAll()
      await agent.destroy()
    },
  }
}

/** The reader's leaving; after a whole answer there is nothing left to give up. */
function departureOf({ res, state }: GatewayContext): Departure {
  const departure = new Departure()
  state.whenOver(() => {
    if (!res.writableFinished) departure.leave()
  })
  return departure
}

/** Requests of one person are of one reader; without a session the address tells readers apart. */
function readerOf({ session, clientAddress }: GatewayState): string {
  if (session === undefined) return clientAddress
  return `${session.patron.issuer}\n${session.patron.subject}`
}

function createAdmission({ connectionsPerHost: connections }: UpstreamConfig): Admission {
  const { readerShare, readerConnections, queuedPerHost, queuedPerReader } = limits.exchange
  const share = Math.floor(connections * readerShare)
  const bounds = {
    connections,
    perReader: Math.max(readerConnections, share),
    queued: queuedPerHost,
    queuedPerReader,
    waitMs: limits.exchange.queueMs,
  }
  // undici uses a connection again one turn of the event loop after its answer has ended.
  return new Admission(bounds, (act) => setImmediate(() => setImmediate(act)))
}

/**
 * Sends once more what failed before an answer began, if the method is safe and nothing was in the
 * body: a publisher may close an idle connection at the moment of its use (RFC 9112 section 9.3.1).
 */
async function sendAgain(request: UpstreamRequest, send: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await send()
  } catch (thrown) {
    const error = asGatewayError(thrown)
    const isSafe = request.method === 'GET' || request.method === 'HEAD'
    const isClosed = error.code === 'ERR_UPSTREAM_BROKEN' && isClosedSocket(error.cause)
    if (!isSafe || request.body !== undefined || !isClosed) throw thrown
    return await send()
  }
}

function isClosedSocket(cause: unknown): boolean {
  const code = systemCodeOf(cause)
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** Connections to publishers as the settings want them, each to an address that the egress guard judged. */
export function createAgent(config: UpstreamConfig, resolver: Resolver = resolveByDns): Agent {
  return new Agent({
    connect: createConnector(config, createEgressGuard(config, resolver)),
    connections: config.connectionsPerHost,
    pipelining: 1,
    allowH2: false,
    maxOrigins: limits.exchange.origins,
    maxHeaderSize: limits.exchange.headerBytes,
    headersTimeout: config.headersSeconds * 1000,
    bodyTimeout: config.bodySeconds * 1000,
    strictContentLength: true,
  })
}

async function resolveByDns(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}
