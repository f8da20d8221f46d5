/**
 * The public socket: plain HTTP behind a TLS terminator, or TLS 1.2+ with HTTP/2 by itself.
 *
 * Every way in has a bound in `core/limits.ts`. What breaks HTTP before a request exists is answered
 * here with its status and a reference. Stopping lets exchanges in flight end.
 * @module
 */
import { createServer, type ServerOptions } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import type { Duplex } from 'node:stream'

import type { ListenConfig } from '../config/config.ts'
import { randomReference } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { boundAddress } from './bound-address.ts'
import { loadCertificates, type Certificates } from './certificates.ts'
import type { RequestHandler, UpgradeHandler } from './application.ts'
import { endSoon, followConnections } from './connections.ts'

/** A listening socket. */
export interface PublicServer {
  readonly address: AddressInfo
  /** Takes no new connection, lets exchanges end within `limits.listener.drainMs`, then cuts. */
  stop(): Promise<void>
}

/** What the server hands its requests to. */
export interface ServerHandlers {
  readonly onRequest: RequestHandler
  readonly onUpgrade: UpgradeHandler
  /** A connection that never became a request, and the status it was answered with. */
  readonly onBroken: (error: GatewayError, reference: string, status: number) => void
}

/**
 * Listens.
 * @throws {GatewayError} `ERR_CONFIG` when the address is taken or a certificate cannot be used.
 */
export async function listen(
  config: ListenConfig,
  portalHost: string,
  handlers: ServerHandlers,
): Promise<PublicServer> {
  const certificates =
    config.tls &&
    loadCertificates(config.tls, portalHost, (error) => {
      handlers.onBroken(error, randomReference(), error.status)
    })
  const server = createPublicServer(certificates, handlers)
  const connections = followConnections(server)
  try {
    await listening(server, config)
  } catch (error) {
    certificates?.close()
    throw error
  }
  return {
    address: boundAddress(server),
    async stop() {
      certificates?.close()
      await connections.drain(limits.listener.drainMs)
    },
  }
}

function createPublicServer(certificates: Certificates | undefined, handlers: ServerHandlers) {
  const options: ServerOptions = {
    maxHeaderSize: limits.listener.headerBytes,
    headersTimeout: limits.listener.headersMs,
    requestTimeout: limits.listener.requestMs,
    // The hosts stage refuses a missing Host header, with a reference.
    requireHostHeader: false,
    insecureHTTPParser: false,
  }
  const server: Server = certificates
    ? createSecureServer({
        ...options,
        allowHTTP1: true,
        minVersion: 'TLSv1.2',
        maxSessionMemory: limits.listener.http2SessionMiB,
        // Publishers say headers twice, such as nosniff; browsers take them so by either protocol.
        strictSingleValueFields: false,
        settings: {
          maxConcurrentStreams: limits.listener.http2Streams,
          maxHeaderListSize: limits.listener.headerBytes,
        },
        SNICallback: (name, done) => {
          done(null, certificates.contextFor(name))
        },
      })
    : createServer(options)
  // The compatibility API gives both protocols' requests the shape that Koa works with.
  server.on('request', handlers.onRequest)
  server.on('upgrade', handlers.onUpgrade)
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    answerBroken(error, socket, handlers.onBroken)
  })
  return server
}

/** Status by the parser's code; anything else that breaks the protocol is 400. */
const brokenStatuses: Readonly<Record<string, readonly [status: number, words: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Content Too Large'],
}

/**
 * A page of the same origin, which can make a header too long by its cookies, must not read the
 * address that was asked for: it may hold a ticket that nobody has used yet.
 */
const secluded =
  'Cross-Origin-Opener-Policy: same-origin\r\nReferrer-Policy: no-referrer\r\n' +
  "Content-Security-Policy: frame-ancestors 'none'\r\n"

function answerBroken(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  onBroken: ServerHandlers['onBroken'],
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, words] = brokenStatuses[error.code ?? ''] ?? [400, 'Bad Request']
  const reference = randomReference()
  const code = error.code ?? 'unknown'
  const refusal = new GatewayError('ERR_BAD_REQUEST', `request refused by the parser: ${code}`)
  onBroken(refusal, reference, status)
  const body = `${status} ${words}\nReference: ${reference}\n`
  endSoon(
    socket,
    `HTTP/1.1 ${status} ${words}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\n${secluded}` +
      `Connection: close\r\n\r\n${body}`,
  )
}

function listening(server: Server, config: ListenConfig): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const at = `listen ${config.address}:${config.port}`
    reject(new GatewayError('ERR_CONFIG', `cannot listen: ${cause.code}`, { at, cause }))
  })
  server.listen(config.port, config.address, resolve)
  return promise
}
