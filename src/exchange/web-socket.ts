/**
 * WebSockets: a handshake that both sides must mean, then bytes in both directions, untouched.
 *
 * Of a publisher's 101 only the lines of the handshake reach the reader: everything else (cookies,
 * policies) would come past the rewriting of headers. Source: RFC 6455 sections 1.3, 4.1 and 4.2.
 * @module
 */
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'

import type { GatewayContext, HeaderLines, UpgradeSocket } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { lineValue } from './header-lines.ts'

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const relayedNames = ['sec-websocket-protocol', 'sec-websocket-extensions']

/** Whether the request is a WebSocket handshake; other upgrades (h2c) are served without one. */
export function isHandshake({ state, req }: GatewayContext): boolean {
  return state.upgrade !== undefined && req.headers.upgrade?.toLowerCase() === 'websocket'
}

/**
 * Checks what the browser sent.
 * @throws {GatewayError} `ERR_FORGERY` when another site's page asks, `ERR_BAD_REQUEST` when the
 *   handshake is not one of RFC 6455.
 */
export function checkHandshake({ state, req, method }: GatewayContext): void {
  const { origin } = req.headers
  // No Origin means no browser; there are no cookies to ride on then (RFC 6455 section 10.2).
  if (origin !== undefined && state.rulebook.hosts.unmapUrl(origin) === undefined) {
    throw new GatewayError('ERR_FORGERY', 'Origin of a WebSocket is not a proxied host')
  }
  const isKey = /^[A-Za-z0-9+/]{22}==$/.test(req.headers['sec-websocket-key'] ?? '')
  if (method === 'GET' && isKey && req.headers['sec-websocket-version'] === '13') return
  throw new GatewayError('ERR_BAD_REQUEST', 'not a WebSocket handshake of version 13')
}

/**
 * The head of the answer to the browser.
 * @throws {GatewayError} `ERR_UPSTREAM_BROKEN` when the publisher did not answer this handshake.
 */
export function switchingHead(request: HeaderLines, answer: HeaderLines): string {
  const key = lineValue(request, 'sec-websocket-key') ?? ''
  const expected = createHash('sha1')
    .update(key + guid)
    .digest('base64')
  if (lineValue(answer, 'sec-websocket-accept') !== expected) {
    throw new GatewayError('ERR_UPSTREAM_BROKEN', 'Sec-WebSocket-Accept does not fit the key')
  }
  const lines = answer
    .filter(([name]) => relayedNames.includes(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${expected}\r\n${lines.join('')}\r\n`
  )
}

/** Joins both sockets until one is closed, breaks, or both have been silent for too long. */
export function tunnel(
  reader: UpgradeSocket,
  publisher: Duplex,
  head: string,
  idleMs: number,
): void {
  const idle = setTimeout(() => {
    reader.socket.destroy()
    publisher.destroy()
  }, idleMs)
  function join(socket: Duplex, other: Duplex): void {
    socket.on('data', () => idle.refresh())
    socket.once('error', () => other.destroy())
    socket.once('close', () => {
      endSoon(other)
      if (other.destroyed) clearTimeout(idle)
    })
    socket.pipe(other)
  }
  reader.socket.write(head, 'latin1')
  if (reader.head.length > 0) publisher.write(reader.head)
  join(publisher, reader.socket)
  join(reader.socket, publisher)
}

/** Lets what was written arrive, then closes. */
function endSoon(socket: Duplex): void {
  if (socket.writableFinished || !socket.writable) socket.destroy()
  else socket.end(() => socket.destroy())
}
