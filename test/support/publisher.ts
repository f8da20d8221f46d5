/**
 * Publishers that misbehave, on raw sockets: each script gets a request's head and writes whatever
 * bytes it likes.
 * @module
 */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/** One request as it arrived. */
export interface SeenRequest {
  /** Request line and header lines, without the empty line. */
  readonly head: string
  /** How many requests came before it, on any connection. */
  readonly index: number
  /** Bytes of the body so far; grows. */
  body: Buffer
}

/** What a publisher does with a request. */
export type Script = (socket: Socket, request: SeenRequest) => void

/** A listening publisher. */
export interface Publisher {
  readonly port: number
  readonly requests: readonly SeenRequest[]
  /** Connections accepted, and how many of them are open. */
  readonly sockets: ReadonlySet<Socket>
  accepted(): number
  close(): Promise<void>
}

/** Where and with what certificate to listen. */
export interface PublisherOptions {
  readonly host?: string
  readonly tls?: { readonly key: string; readonly cert: string }
}

/**
 * Listens on a free port. Heads are cut at the empty line; bodies are collected on the last request,
 * as Content-Length or chunked coding says.
 */
export async function startPublisher(
  script: Script,
  { host = '127.0.0.1', tls }: PublisherOptions = {},
): Promise<Publisher> {
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  let accepted = 0
  function serve(socket: Socket): void {
    accepted++
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    let held = Buffer.alloc(0)
    let current: SeenRequest | undefined
    socket.on('data', (chunk: Buffer) => {
      if (current !== undefined) {
        current.body = Buffer.concat([current.body, chunk])
        return
      }
      held = Buffer.concat([held, chunk])
      for (let end = held.indexOf('\r\n\r\n'); end >= 0; end = held.indexOf('\r\n\r\n')) {
        const head = held.subarray(0, end).toString('latin1')
        held = held.subarray(end + 4)
        const hasBody = /^(?:content-length: *[1-9]|transfer-encoding:|upgrade:)/im.test(head)
        const request = { head, index: requests.length, body: hasBody ? held : Buffer.alloc(0) }
        requests.push(request)
        if (hasBody) current = request
        script(socket, request)
        if (hasBody) return
      }
    })
  }
  const server = tls ? createTlsServer(tls, serve) : createServer(serve)
  server.on('tlsClientError', () => undefined)
  server.listen(0, host)
  await once(server, 'listening')
  return {
    port: portOf(server),
    requests,
    sockets,
    accepted: () => accepted,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The port of a server that listens on one. */
export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('listens on no port')
  return address.port
}

/** An answer with its right length. */
export function reply(body: string | Buffer, lines = 'Content-Type: text/plain'): string {
  const length = Buffer.byteLength(body)
  return `HTTP/1.1 200 OK\r\n${lines}\r\nContent-Length: ${length}\r\n\r\n${body.toString('latin1')}`
}

/** Writes this and says no more. */
export function says(text: string): Script {
  return (socket) => socket.write(text, 'latin1')
}

/** Writes this and closes in good order. */
export function saysAndEnds(text: string): Script {
  return (socket) => socket.end(text, 'latin1')
}

/** Writes this and resets the connection. */
export function saysAndResets(text: string): Script {
  return (socket) => {
    if (text === '') socket.resetAndDestroy()
    else socket.write(text, 'latin1', () => setTimeout(() => socket.resetAndDestroy(), 50))
  }
}
