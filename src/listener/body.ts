/**
 * The way of an answer to the browser: a publisher's as the stages have left it in `state.reply`,
 * anything else as it stands in Koa's context.
 *
 * What breaks before the first byte of a streamed body is told by a page; what breaks later ends the
 * connection early, so that half a body never looks whole. Koa's own way would close a connection
 * without a word where a page is still possible, and drop the part that was written last.
 * @module
 */
import { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import { Readable } from 'node:stream'

import type { GatewayContext, Reply } from '../core/context.ts'
import { asGatewayError } from '../core/errors.ts'
import { takeWhole } from '../core/ready-body.ts'
import { endSoon } from './connections.ts'

/** RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5. */
const bodiless = new Set([204, 205, 304])

/** How to send. */
export interface Sending {
  /** Header lines of every answer, names and values in turn. */
  readonly ownLines: readonly string[]
  /** Puts a page into the context for an error before the first byte. */
  readonly showBroken: (error: Error) => void
}

/** Sends the answer. When the browser leaves, a streamed body is destroyed. */
export function sendAnswer(context: GatewayContext, sending: Sending): void {
  const { reply } = context.state
  if (context.respond === false) return
  if (reply === undefined) sendPage(context, sending)
  else sendReply(context, reply, sending)
}

function sendReply(context: GatewayContext, reply: Reply, sending: Sending): void {
  const { res, state } = context
  const { body, status } = reply
  const begin = (more: readonly string[] = []): void => {
    res.writeHead(status, [...reply.lines, ...sending.ownLines, ...more])
  }
  const whole = body instanceof Readable ? (takeWhole(body) ?? body) : body
  if (whole instanceof Readable) {
    sendStream(context, whole, { ...sending, begin })
  } else if (whole === undefined) {
    // Nothing will come: without a length the protocol would announce chunks.
    begin(context.req.method === 'HEAD' || status === 204 || status === 304 ? [] : noLength)
    res.end()
  } else {
    begin()
    state.sentBytes = whole.length
    res.end(whole)
  }
}

const noLength = ['Content-Length', '0']

/** What a stage has put into Koa's context, in Koa's sense of it. */
function sendPage(context: GatewayContext, sending: Sending): void {
  const { res, state } = context
  if (!res.headersSent) {
    for (let at = 0; at + 1 < sending.ownLines.length; at += 2) {
      context.set(sending.ownLines[at] ?? '', sending.ownLines[at + 1] ?? '')
    }
  }
  if (bodiless.has(context.status)) context.body = null
  const { body } = context
  if (context.method === 'HEAD' || body === null || body === undefined) {
    res.end()
  } else if (body instanceof Readable) {
    sendStream(context, body, { ...sending, begin: () => undefined })
  } else {
    const isPlain = typeof body === 'string' || Buffer.isBuffer(body)
    const bytes = Buffer.from(isPlain ? body : JSON.stringify(body))
    state.sentBytes = bytes.length
    res.end(bytes)
  }
}

/** @param sending.begin Sends the header lines, unless the first byte does. */
function sendStream(
  context: GatewayContext,
  body: Readable,
  sending: Sending & { readonly begin: () => void },
): void {
  const { res, state } = context
  let isBegun = false
  let isBroken = false
  function begin(): boolean {
    try {
      if (!isBegun) sending.begin()
      isBegun = true
    } catch (error) {
      // A head that cannot be sent; thrown from a stream's event it would end the process.
      body.destroy()
      onError(asGatewayError(error))
    }
    return isBegun
  }
  const resume = (): void => void body.resume()
  function onError(error: Error): void {
    if (isBroken || res.destroyed) return
    isBroken = true
    delete state.reply
    sending.showBroken(error)
    if (isBegun) breakOff(res)
    else sendPage(context, sending)
  }
  state.whenOver(() => body.destroy())
  // Whoever listens to events waits for the first one, not for the headers.
  if (isOfEvents(context)) {
    if (!begin()) return
    res.flushHeaders()
  }
  if (body.errored) return onError(body.errored)
  body.on('error', onError)
  body.on('end', () => {
    if (begin()) res.end()
  })
  res.on('drain', resume)
  body.on('data', (chunk: Buffer | string) => {
    if (!begin()) return
    state.sentBytes += Buffer.byteLength(chunk)
    if (!res.write(chunk)) body.pause()
  })
}

function isOfEvents({ res, state }: GatewayContext): boolean {
  const lines = state.reply?.lines ?? []
  const at = lines.findIndex((text, index) => index % 2 === 0 && /^content-type$/i.test(text))
  const type = state.reply === undefined ? res.getHeader('content-type') : lines[at + 1]
  return /^\s*text\/event-stream/i.test(String(type))
}

/** What was written leaves; the end that the protocol asks for does not. */
function breakOff(response: ServerResponse | Http2ServerResponse): void {
  if (!(response instanceof ServerResponse)) {
    response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  } else if (response.socket !== null) endSoon(response.socket)
}
