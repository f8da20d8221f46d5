/**
 * Where a test's browser goes: a proxy that every browser understands, so that made-up https names
 * lead to servers of this machine in Chromium, Firefox and WebKit alike. What it does not know it
 * refuses and writes down: that is how a request that escapes is seen.
 *
 * Source: RFC 9110 section 9.3.6 (CONNECT).
 * @module
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'

import { portOf } from './publisher.ts'

/** A proxy that listens. */
export interface Crossroads {
  /** Its address, as browsers are told it. */
  readonly server: string
  /** `host:port` of everything that was asked for and led nowhere. */
  readonly refused: readonly string[]
  close(): Promise<void>
}

/** @param portFor The port of this machine that a name leads to; undefined refuses. */
export async function startCrossroads(
  portFor: (host: string, port: number) => number | undefined,
): Promise<Crossroads> {
  const refused: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer(({ url = '' }, response) => {
    refused.push(URL.parse(url)?.host ?? url)
    response.writeHead(502).end()
  })
  server.on('connection', (socket: Socket) => hold(socket, sockets))
  server.on('connect', ({ url = '' }, socket: Socket) => {
    const [host = '', port = '443'] = url.split(':')
    const target = portFor(host, Number(port))
    if (target === undefined) {
      refused.push(url)
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
      return
    }
    const way = connect({ port: target, host: '127.0.0.1' }, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      way.pipe(socket).pipe(way)
    })
    hold(way, sockets)
    way.once('close', () => socket.destroy())
    socket.once('close', () => way.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server: `http://127.0.0.1:${portOf(server)}`,
    refused,
    close: () => end(server, sockets),
  }
}

function hold(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  socket.on('error', () => socket.destroy())
}

async function end(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
}
