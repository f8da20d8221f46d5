/**
 * The Koa application: gives each request its reference, client address, rules and language, runs
 * the stages of its route, and turns what they throw or refuse into a page and an event: whichever
 * stage refuses, it is said here, once.
 *
 * A WebSocket handshake runs through the same stages as any request; the response is then bound to
 * the raw socket, and the exchange stage takes the socket over when everything before let it pass.
 * @module
 */
import { ServerResponse, type IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import Koa from 'koa'

import { randomReference, timeOrderedId, type Clock } from '../core/clock.ts'
import type { GatewayContext, GatewayState, Stage } from '../core/context.ts'
import { asGatewayError, GatewayError, systemCodeOf } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { Language } from '../core/languages.ts'
import type { Pages } from '../core/pages.ts'
import type { Rulebook } from '../core/resource.ts'
import type { RequestOver, Stopwatch } from '../core/stopwatch.ts'
import { createAnnouncer } from '../policy/announcer.ts'
import { sendAnswer } from './body.ts'
import type { ClientAddressReader } from './client-address.ts'
import { endSoon } from './connections.ts'
import { createPlaces } from './places.ts'
import { showFailure, showRefusal } from './problem-page.ts'

/** Node's request handler. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

/** Node's upgrade handler. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What the application is made of. */
export interface ApplicationParts {
  /** Tells by its scheme whether browsers may be told to come by TLS only. */
  readonly portalOrigin: string
  readonly pipeline: Stage
  readonly rulebook: () => Rulebook
  readonly clientAddress: ClientAddressReader
  readonly languageOf: (context: GatewayContext) => Language
  readonly pages: Pages
  readonly bus: EventBus
  readonly clock: Clock
  /** Times every request, whatever becomes of it. */
  readonly watch?: Stopwatch<[], [RequestOver]>
}

/** What a server hands its requests to. */
export interface Application {
  readonly onRequest: RequestHandler
  readonly onUpgrade: UpgradeHandler
}

/** The two handlers of a server. */
export function createApplication(parts: ApplicationParts): Application {
  // Contexts are Koa's; what a request goes through and how its answer leaves is the gateway's.
  const app = new Koa<GatewayState>()
  const places = createPlaces()
  const announcer = createAnnouncer(parts)
  // A year, for this host: what a publisher says of it is not passed on (RFC 6797 section 6.1).
  const ownLines = parts.portalOrigin.startsWith('https:')
    ? ['Strict-Transport-Security', 'max-age=31536000']
    : []

  async function act(context: GatewayContext): Promise<void> {
    const { state } = context
    const leave = places.take(state.clientAddress)
    state.whenOver(leave)
    await parts.pipeline(context, nothingMore)
    // A WebSocket is no request any more; the exchange stage counts those.
    if (context.respond === false) leave()
    const { decision, route } = state
    if (decision?.isAllowed === false) {
      delete state.reply
      const entered = route.kind === 'proxied' ? route.upstream.resource : undefined
      if (decision.isTold !== true) announcer.denial(context, entered, decision.reason)
      showRefusal(context, parts.pages)
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const context = app.createContext<GatewayState>(request, response)
    // Koa's sense of an answer that no stage has given.
    response.statusCode = 404
    prepare(context, parts)
    try {
      await act(context)
    } catch (thrown) {
      fail(context, thrown, parts)
      if (response.headersSent) response.destroy()
    }
    try {
      sendAnswer(context, { ownLines, showBroken: (error) => fail(context, error, parts) })
    } catch (thrown) {
      announce(context, failureOf(thrown), parts)
      response.destroy()
    }
  }

  return {
    onRequest: (request, response) => void handle(request, response),
    onUpgrade: (request, socket, head) => {
      const response = new ServerResponse(request)
      upgrades.set(request, { socket, head })
      if (socket instanceof Socket) response.assignSocket(socket)
      response.shouldKeepAlive = false
      response.once('finish', () => endSoon(socket))
      socket.once('error', () => socket.destroy())
      void handle(request, response)
    },
  }
}

const nothingMore = (): Promise<void> => Promise.resolve()

/** Sockets of handshakes, from the server's event to the context. */
const upgrades = new WeakMap<IncomingMessage, { socket: Duplex; head: Buffer }>()

function prepare(context: GatewayContext, parts: ApplicationParts): void {
  const { req, res } = context
  const { state } = context
  // One listener for all: each costs as much as a stage.
  const endings: (() => void)[] = []
  const tellOver = parts.watch?.()
  let isOver = false
  res.once('close', () => {
    isOver = true
    for (const act of endings) act()
    tellOver?.(overOf(context))
  })
  state.whenOver = (act) => {
    if (isOver) act()
    else endings.push(act)
  }
  state.sentBytes = 0
  state.reference = randomReference()
  state.rulebook = parts.rulebook()
  state.clientAddress = parts.clientAddress(
    req.socket.remoteAddress,
    req.headers['x-forwarded-for'],
  )
  state.language = parts.languageOf(context)
  const upgrade = upgrades.get(req)
  if (upgrade !== undefined) state.upgrade = upgrade
}

function overOf({ req, res, state }: GatewayContext): RequestOver {
  // Whatever was answered before the stage of hosts has no route.
  const route = (state.route as GatewayState['route'] | undefined)?.kind
  const { sentBytes: bytes, upgrade } = state
  const contentType = String(res.getHeader('content-type') ?? '')
  const isLasting = upgrade !== undefined || contentType.startsWith('text/event-stream')
  return { route, path: req.url ?? '', status: res.statusCode, bytes, isLasting }
}

/** How streams tell that the browser's connection is gone; stages tell everything by their own codes. */
const leftCodes = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'])

function failureOf(thrown: unknown): GatewayError {
  const isLeft = leftCodes.has(systemCodeOf(thrown) ?? '')
  return isLeft ? new GatewayError('ERR_READER_LEFT', 'reader left') : asGatewayError(thrown)
}

function fail(context: GatewayContext, thrown: unknown, parts: ApplicationParts): void {
  const error = failureOf(thrown)
  delete context.state.reply
  announce(context, error, parts)
  if (!context.res.headersSent) showFailure(context, error, parts.pages)
}

function announce(context: GatewayContext, error: GatewayError, parts: ApplicationParts): void {
  const { reference, resource } = context.state
  const at = parts.clock.now()
  parts.bus.emit({
    kind: 'failure',
    id: timeOrderedId(at),
    at,
    reference,
    code: error.code,
    status: error.status,
    message: error.message,
    ...(resource && { resourceId: resource.id }),
    cause: error.cause,
  })
}
