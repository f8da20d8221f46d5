/**
 * Sockets to publishers: opened to an address that the egress guard has judged, from the address
 * that licences know, and under TLS only to a host that proves its name.
 *
 * Certificates are always verified; a publisher with a private authority needs `upstream.caFile`.
 * TLS sessions are not resumed: a kept connection saves more, and no host can borrow another's.
 * @module
 */
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, rootCertificates } from 'node:tls'
import { callbackify } from 'node:util'

import type { buildConnector } from 'undici'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { EgressGuard } from './egress.ts'
import { upstreamError } from './failure.ts'

/** How sockets are opened. */
export interface ConnectOptions {
  readonly localAddress?: string
  readonly caFile?: string
  /** For the name, the connection and the TLS handshake together. */
  readonly connectSeconds: number
}

/**
 * Makes undici's connector.
 * @throws {GatewayError} `ERR_CONFIG` when the file of authorities cannot be read.
 */
export function createConnector(
  options: ConnectOptions,
  locate: EgressGuard,
): buildConnector.connector {
  const secureContext = createSecureContext({
    minVersion: 'TLSv1.2',
    ...(options.caFile !== undefined && { ca: authorities(options.caFile) }),
  })

  async function open({ hostname, port, protocol }: buildConnector.Options): Promise<Socket> {
    const isSecure = protocol === 'https:'
    const deadline = AbortSignal.timeout(options.connectSeconds * 1000)
    const named = Number(port) || (isSecure ? 443 : 80)
    const destination = await within(deadline, locate(hostname, named))
    const { localAddress } = options
    const plain = await connectFirst(destination, localAddress, deadline)
    plain.setNoDelay(true).setKeepAlive(true, 60_000)
    if (!isSecure) return plain
    const secure = connectTls({
      socket: plain,
      secureContext,
      servername: hostname,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
    })
    return await ready(secure, 'secureConnect', deadline)
  }

  const openSoon = callbackify(async (target: buildConnector.Options) => {
    try {
      return await open(target)
    } catch (cause) {
      throw upstreamError(cause, target.host ?? target.hostname)
    }
  })
  return (target, callback) => {
    openSoon(target, (error, socket) => {
      if (error) callback(error, null)
      else callback(null, socket)
    })
  }
}

/** The first address that answers; all but the last get a part of the time only. */
async function connectFirst(
  { addresses, port }: Awaited<ReturnType<EgressGuard>>,
  localAddress: string | undefined,
  deadline: AbortSignal,
): Promise<Socket> {
  const [host, ...others] = addresses
  const [next, ...rest] = others
  const isLast = next === undefined
  const signal = isLast
    ? deadline
    : AbortSignal.any([deadline, AbortSignal.timeout(limits.exchange.attemptMs)])
  const socket = connectTcp({ host, port, ...(localAddress !== undefined && { localAddress }) })
  try {
    return await ready(socket, 'connect', signal)
  } catch (error) {
    if (isLast || deadline.aborted) throw error
    return await connectFirst({ addresses: [next, ...rest], port }, localAddress, deadline)
  }
}

/** Resolves on the event; destroys the socket and rejects on an error or when time is over. */
function ready(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const onAbort = () => socket.destroy(tooSlow())
  const onClose = () => {
    reject(new GatewayError('ERR_UPSTREAM_BROKEN', 'connection closed while it was opened'))
  }
  const onReady = () => {
    socket.off('error', reject).off('close', onClose)
    signal.removeEventListener('abort', onAbort)
    resolve(socket)
  }
  socket.once(event, onReady).once('error', reject).once('close', onClose)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return promise
}

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    reject(tooSlow())
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function tooSlow(): GatewayError {
  return new GatewayError('ERR_UPSTREAM_SLOW', 'no connection within upstream.connectSeconds')
}

function authorities(file: string): string[] {
  try {
    return [...rootCertificates, readFileSync(file, 'utf8')]
  } catch (cause) {
    const message = `cannot read ${file}, a PEM file expected`
    throw new GatewayError('ERR_CONFIG', message, { at: 'upstream.caFile', cause })
  }
}
