/**
 * The way of a streamed body to the browser. What breaks before its first byte is told by a page;
 * what breaks later ends the connection early, so that half a body never looks whole.
 *
 * Koa's own way would close a connection without a word where a page is still possible, and drop the
 * part that was written last.
 * @module
 */
import { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import { Readable } from 'node:stream'

import type { GatewayContext } from '../core/context.ts'
import { endSoon } from './connections.ts'

/** The body of the response if it is a stream that the browser gets. */
export function streamedBody(context: GatewayContext): Readable | undefined {
  const { body, method, status } = context
  const isSent = method !== 'HEAD' && ![204, 205, 304].includes(status)
  return isSent && body instanceof Readable ? body : undefined
}

/**
 * Sends a body; Koa has nothing more to do. When the browser leaves, the body is destroyed: Koa sees
 * to that for every stream.
 *
 * @param showBroken Puts a page into the context for an error before the first byte.
 */
export function sendBody(
  context: GatewayContext,
  body: Readable,
  showBroken: (error: Error) => void,
): void {
  const { res } = context
  context.respond = false
  function onError(error: Error): void {
    body.unpipe(res)
    if (res.destroyed) return
    const isBegun = res.headersSent
    showBroken(error)
    if (isBegun) breakOff(res)
    else res.end(context.body)
  }
  // Whoever listens to events waits for the first one, not for the headers.
  if (context.type === 'text/event-stream') res.flushHeaders()
  if (body.errored) onError(body.errored)
  else body.once('error', onError).pipe(res)
}

/** What was written leaves; the end that the protocol asks for does not. */
function breakOff(response: ServerResponse | Http2ServerResponse): void {
  if (!(response instanceof ServerResponse)) {
    response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  } else if (response.socket !== null) endSoon(response.socket)
}
