/**
 * All hosts of a publisher on one https server, which notes what it hears: what a browser asks must be
 * the same whichever way it comes.
 * @module
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as ask, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import type { CertificatePair } from '../support/certificates.ts'
import { portOf } from '../support/publisher.ts'

/** What takes over a connection for a WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What answers at a publisher's hosts. */
export interface Answering {
  readonly listener: RequestListener
  readonly upgrade?: Upgrade
  /** Ends what stands behind it. */
  readonly stop?: () => Promise<void>
}

/** A publisher's server. */
export interface Front {
  readonly port: number
  /** Requests since the last call, one text each, in no order that matters. */
  heard(): string[]
  /** Names that connections were opened for since the last call. */
  met(): string[]
  stop(): Promise<void>
}

/** Headers that differ between any two connections, or are the same in every request. */
const untold =
  /^(?:host|connection|user-agent|sec-ch-.*|sec-gpc|sec-websocket-.*|upgrade|accept-encoding|accept-language|upgrade-insecure-requests|cache-control|pragma|priority|content-length|if-.*)$/

/** Starts it on a free port of this machine. */
export async function startFront(
  { cert, key }: CertificatePair,
  { listener, upgrade, stop }: Answering,
): Promise<Front> {
  const heard: string[] = []
  const met: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket) => met.push(String(socket.servername)))
  server.on('tlsClientError', (error) => met.push(`somebody in vain: ${error.message}`))
  server.on('request', (request, response) => {
    listenTo(request, heard)
    listener(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    heard.push(told(request, ''))
    if (upgrade) upgrade(request, socket, head)
    else socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    heard: () => heard.splice(0),
    met: () => met.splice(0),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await Promise.all([once(server, 'close'), stop?.()])
    },
  }
}

function listenTo(request: IncomingMessage, heard: string[]): void {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.once('end', () => heard.push(told(request, body)))
}

function told({ method, url, headers }: IncomingMessage, body: string): string {
  const lines = Object.entries(headers)
    .filter(([name]) => !untold.test(name))
    .map(
      ([name, value]) => `${name}: ${name === 'cookie' ? inOrder(String(value)) : String(value)}`,
    )
  const head = [`${method} https://${headers.host}${url}`, ...lines.toSorted()].join(' | ')
  const whole = body === '' ? head : `${head} | body: ${body}`
  return whole.replaceAll(/----WebKitFormBoundary\w+/g, '----boundary')
}

function inOrder(cookies: string): string {
  return cookies.split('; ').toSorted().join('; ')
}

/** Hands everything to a plain server on this machine, as the balancers of publishers do. */
export function forwardTo(port: number): Answering {
  return {
    listener(request, response) {
      const { method, url: path, headers } = request
      const target = { host: '127.0.0.1', port, method, path, agent: false } as const
      const forwarded = { ...headers, 'x-forwarded-proto': 'https' }
      const sent = ask({ ...target, headers: forwarded }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(response)
      })
      sent.on('error', () => response.destroy())
      response.once('close', () => sent.destroy())
      request.pipe(sent)
    },
    upgrade({ method, url, rawHeaders }, socket, head) {
      const lines = rawHeaders.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n'))
      const onward = connect(port, '127.0.0.1', () => {
        onward.write(`${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`)
        onward.write(head)
        onward.pipe(socket).pipe(onward)
      })
      for (const [one, other] of [
        [onward, socket],
        [socket, onward],
      ] as const) {
        one.on('error', () => other.destroy())
        one.once('close', () => other.destroy())
      }
    },
  }
}
