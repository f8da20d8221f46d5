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
import type { GatewayContext, Stage, UpgradeSocket, UpstreamRequest } from '../core/context.ts'
import { GatewayError, asGatewayError, systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { ask, type Outcome } from './ask.ts'
import { createConnector } from './connect.ts'
import { createEgressGuard, type Resolver } from './egress.ts'
import { createOpenSockets } from './open-sockets.ts'
import { checkHandshake, isHandshake, switchingHead, tunnel } from './web-socket.ts'

/** What the exchange is made of. */
export interface ExchangeParts {
  readonly config: UpstreamConfig
  /** DNS, unless given. */
  readonly resolver?: Resolver
  readonly webSocketIdleMs?: number
  readonly stalledMs?: number
}

/** The way to publishers. */
export interface Exchange {
  readonly stage: Stage
  /** Closes the WebSockets of a session that has ended. */
  endSession(sessionId: string): void
  /** Breaks off what is under way and closes every connection. */
  close(): Promise<void>
}

/**
 * Opens the way to publishers; no connection is made before the first request.
 * @throws {GatewayError} `ERR_CONFIG` or `ERR_ADDRESS_RANGE`, with the setting.
 */
export function createExchange(parts: ExchangeParts): Exchange {
  const { config } = parts
  const agent = createAgent(config, createEgressGuard(config, parts.resolver ?? resolveByDns))
  const inFlight = new Map<string, number>()
  const sockets = createOpenSockets()

  function send(request: UpstreamRequest, signal: AbortSignal, upgrade?: 'websocket') {
    const { origin, authority } = request.upstream
    const count = inFlight.get(origin) ?? 0
    if (count >= config.connectionsPerHost + limits.exchange.queuedPerHost) {
      throw new GatewayError('ERR_OVERLOAD', `${authority}: ${count} requests are waiting`)
    }
    inFlight.set(origin, count + 1)
    const queueMs = config.connectSeconds * 1000 + limits.exchange.queueMs
    const onDone = () => {
      const left = (inFlight.get(origin) ?? 1) - 1
      if (left > 0) inFlight.set(origin, left)
      else inFlight.delete(origin)
    }
    const stalledMs = parts.stalledMs ?? limits.exchange.stalledMs
    return ask(agent, request, { signal, queueMs, stalledMs, onDone, ...(upgrade && { upgrade }) })
  }

  async function open(context: GatewayContext, request: UpstreamRequest, left: AbortSignal) {
    checkHandshake(context)
    const { upgrade: reader, session } = context.state
    const place = sockets.admit(session?.id)
    try {
      const outcome = await send(request, AbortSignal.any([left, place.signal]), 'websocket')
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
      const left = new AbortController()
      context.res.once('close', () => {
        // After a whole answer nothing is left to abort, and an abort is not free.
        if (!context.res.writableFinished) left.abort()
      })
      if (context.res.closed) left.abort()
      const outcome = isHandshake(context)
        ? await open(context, request, left.signal)
        : await sendAgain(request, () => send(request, left.signal))
      if (outcome.kind === 'answer') context.state.upstreamAnswer = outcome.answer
    },
    endSession: (sessionId) => sockets.endSession(sessionId),
    async close() {
      sockets.endAll()
      await agent.destroy()
    },
  }
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

function createAgent(config: UpstreamConfig, guard: ReturnType<typeof createEgressGuard>): Agent {
  return new Agent({
    connect: createConnector(config, guard),
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
