/**
 * The management address: metrics and health for machines, on a port of its own that readers never
 * reach. Nothing else is served here.
 * @module
 */
import { createServer } from 'node:http'

import { GatewayError } from '../core/errors.ts'

/** What the management address tells. */
export interface ManagementParts {
  readonly address: string
  readonly port: number
  /** The exposition text and its content type. */
  readonly metrics: () => Promise<{ readonly text: string; readonly contentType: string }>
  /** What keeps the gateway from serving readers now, in words for operators; empty when nothing. */
  readonly unready: () => Promise<readonly string[]>
}

/** A listening management address. */
export interface ManagementServer {
  stop(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/**
 * Listens. `/healthz` answers while the process runs; `/readyz` is 503 with the reasons while
 * readers cannot be served.
 * @throws {GatewayError} `ERR_CONFIG` when the address is taken.
 */
export async function listenForManagement(parts: ManagementParts): Promise<ManagementServer> {
  const server = createServer((request, response) => {
    void answerFor(request.url ?? '', parts).then(({ status, contentType, body }) =>
      response
        .writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
        .end(request.method === 'HEAD' ? '' : body),
    )
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const at = `management ${parts.address}:${parts.port}`
    reject(new GatewayError('ERR_CONFIG', `cannot listen: ${cause.code}`, { at, cause }))
  })
  server.listen(parts.port, parts.address, resolve)
  await promise
  return {
    async stop() {
      const closed = Promise.withResolvers<void>()
      server.close(() => {
        closed.resolve()
      })
      server.closeAllConnections()
      await closed.promise
    },
  }
}

async function answerFor(path: string, parts: ManagementParts): Promise<Answer> {
  const text = { contentType: 'text/plain; charset=utf-8' }
  try {
    if (path === '/healthz') return { ...text, status: 200, body: 'ok\n' }
    if (path === '/readyz') {
      const reasons = await parts.unready()
      if (reasons.length === 0) return { ...text, status: 200, body: 'ready\n' }
      return { ...text, status: 503, body: `${reasons.join('\n')}\n` }
    }
    if (path === '/metrics') {
      const metrics = await parts.metrics()
      return { status: 200, contentType: metrics.contentType, body: metrics.text }
    }
    return { ...text, status: 404, body: 'only /metrics, /healthz and /readyz are here\n' }
  } catch {
    return { ...text, status: 500, body: 'failed; the log tells why\n' }
  }
}
