/**
 * Proxies that change nothing: what HTTP alone costs in Node. `undici` passes bytes from dispatcher
 * to response; `http` pipes a request of node:http through an agent, as http-proxy does. Run as a
 * process of its own: kind, port to listen on, port of the origin.
 * @module
 */
import { Agent, createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'

import { Pool } from 'undici'

const [kind, port, originPort] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const pool = new Pool(`http://127.0.0.1:${originPort}`, { connections: 256, pipelining: 1 })

function byHttp(asked: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = asked
  const options = { host: '127.0.0.1', port: originPort, method, path: url, headers, agent }
  const sent = request(options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    pipeline(answer, response, () => undefined)
  })
  sent.on('error', () => response.destroy())
  asked.pipe(sent)
}

function byUndici(asked: IncomingMessage, response: ServerResponse): void {
  const { connection: _, ...headers } = asked.headers
  pool.dispatch(
    { path: asked.url ?? '/', method: 'GET', headers },
    {
      onRequestStart: () => undefined,
      onResponseStart(_controller, status, lines) {
        response.writeHead(status, lines)
      },
      onResponseData(controller, chunk) {
        if (response.write(chunk)) return
        controller.pause()
        response.once('drain', () => controller.resume())
      },
      onResponseEnd: () => response.end(),
      onResponseError(_controller, error) {
        process.stderr.write(`${error.message}\n`)
        response.destroy()
      },
    },
  )
}

createServer(kind === 'undici' ? byUndici : byHttp).listen(Number(port), '127.0.0.1')
