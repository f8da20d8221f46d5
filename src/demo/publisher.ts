/**
 * A demo publisher: one HTTP server on a loopback address that answers for all hosts of the
 * publisher by their Host header, and knows its one subscriber by the address of the connection.
 * @module
 */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'

import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'

import { plain, redirect, send } from './reply.ts'
import type { Reply } from './reply.ts'
import { readVisit } from './visit.ts'
import type { Visit } from './visit.ts'

/** One page or action; the pattern's groups come along. */
export interface PublisherRoute {
  readonly methods: readonly string[]
  readonly path: RegExp
  answer(visit: Visit, groups: readonly string[]): Reply | Promise<Reply>
}

/** All that is asked for has moved to another origin, for good. */
export function movedTo(origin: string): PublisherRoute {
  return {
    methods: ['GET'],
    path: /^\//,
    answer: ({ url }) => ({ ...redirect(`${origin}${url.pathname}${url.search}`), status: 301 }),
  }
}

/** Everything that answers under one publisher's names. */
export interface Publisher {
  readonly sites: Readonly<Record<string, readonly PublisherRoute[]>>
  /** Looks and words of the page for what does not exist. */
  readonly notFound: (visit: Visit) => Reply
  /** Takes a WebSocket, or says why not. */
  readonly socket?: (visit: Visit) => ((socket: WebSocket) => void) | undefined
}

/** A publisher that listens. */
interface RunningPublisher {
  readonly port: number
  stop(): Promise<void>
}

/** Bytes of a request body that a demo publisher reads; its forms send some hundred. */
const bodyBytesMax = 64 * 1024

/** Starts a publisher. Rejects with the system's error when the port is taken. */
export async function listenPublisher(
  publisher: Publisher,
  place: { readonly address: string; readonly port: number; readonly licensedAddress: string },
): Promise<RunningPublisher> {
  const { licensedAddress } = place
  const server = createServer((request, response) => {
    respond(publisher, request, licensedAddress)
      .then((reply) => send(request, response, reply))
      .catch(() => response.destroy())
  })
  const sockets = attachSockets(server, publisher, licensedAddress)
  const port = await listen(server, place)
  return {
    port,
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Listens and tells the port, which the system chooses for 0. */
export async function listen(
  server: Server,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, resolve)
  })
  const place = server.address()
  assert(typeof place === 'object' && place, 'a server that listens on TCP has an AddressInfo')
  return place.port
}

async function respond(
  publisher: Publisher,
  request: IncomingMessage,
  licensedAddress: string,
): Promise<Reply> {
  try {
    const body = await readBody(request)
    return await answer(publisher, readVisit(request, body, licensedAddress))
  } catch {
    return plain(400, 'Bad request')
  }
}

async function answer(publisher: Publisher, visit: Visit): Promise<Reply> {
  const routes = publisher.sites[visit.host]
  if (!routes) return plain(421, `No site "${visit.host}" here`)
  const method = visit.method === 'HEAD' ? 'GET' : visit.method

  for (const route of routes) {
    const match = route.path.exec(visit.url.pathname)
    if (match && route.methods.includes(method)) return route.answer(visit, match.slice(1))
  }
  return publisher.notFound(visit)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  // Without an encoding set, a request yields buffers: Node, stream.Readable.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new RangeError(`body over ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function attachSockets(
  server: Server,
  publisher: Publisher,
  licensedAddress: string,
): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 4096 })
  server.on('upgrade', (request, socket, head) => {
    const take = publisher.socket?.(readVisit(request, '', licensedAddress))
    socket.on('error', () => socket.destroy())
    if (take) sockets.handleUpgrade(request, socket, head, take)
    else socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
  return sockets
}
