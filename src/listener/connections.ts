/**
 * The open connections of a server, so that stopping can tell the idle from the busy: idle ones are
 * closed at once, busy ones when their exchanges end or the time to drain is over.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { limits } from '../core/limits.ts'

/** The connections of one server. */
export interface Connections {
  /** Resolves when the server has none left. */
  drain(drainMs: number): Promise<void>
}

/** Follows every connection of a server from now on. */
export function followConnections(server: Server): Connections {
  const busy = new Map<Socket, number>()
  const sessions = new Set<ServerHttp2Session>()
  let isDraining = false

  function onSocket(socket: Socket): void {
    busy.set(socket, 0)
    socket.once('close', () => busy.delete(socket))
  }

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    if (!busy.has(socket)) return // a stream of an HTTP/2 session, which drains by itself
    busy.set(socket, (busy.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (busy.get(socket) ?? 1) - 1
      if (busy.has(socket)) busy.set(socket, left)
      if (isDraining && left === 0) endSoon(socket)
    })
  }

  const isTls = 'setSecureContext' in server
  // Under TLS the raw socket never looks busy; the TLS socket above it is the one to follow.
  server.on(isTls ? 'secureConnection' : 'connection', onSocket)
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session)
    // Streams that are open go on; an idle browser connects again when it needs to.
    session.setTimeout(limits.listener.http2IdleMs, () => session.close())
    session.once('close', () => sessions.delete(session))
  })
  server.prependListener('request', onRequest)

  return {
    async drain(drainMs) {
      isDraining = true
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => {
        resolve()
      })
      for (const session of sessions) session.close()
      for (const [socket, count] of busy) {
        if (count === 0 && !isHttp2(socket)) endSoon(socket)
      }
      const cut = setTimeout(() => {
        for (const session of sessions) session.destroy()
        for (const socket of busy.keys()) socket.destroy()
      }, drainMs)
      await promise
      clearTimeout(cut)
    },
  }
}

/**
 * Ends a connection from here, and wholly soon after: a client that has gone to sleep, or means harm,
 * never answers the end. What was written has left by then.
 */
export function endSoon(socket: Duplex, lastWords?: string): void {
  socket.end(lastWords)
  setTimeout(() => socket.destroy(), limits.listener.lingerMs).unref()
}

/** Its session ends it, once its streams have ended. */
function isHttp2(socket: Socket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
}
