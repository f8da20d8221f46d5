/**
 * Proxies that change nothing: what HTTP alone costs in Node. `http-proxy` is what most have built on;
 * `http` pipes a request of node:http through an agent, as that does; `undici` passes bytes from
 * dispatcher to response. Run as a process of its own: kind, port to listen on, port of the origin.
 * @module
 */
import { Agent, createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'

import { createProxyServer } from 'http-proxy'
import { Pool } from 'undici'

const [kind, port, originPort] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const pool = new Pool(`http://127.0.0.1:${originPort}`, { connections: 256, pipelining: 1 })

const proxy = createProxyServer({ target: `http://127.0.0.1:${originPort}`, agent })
proxy.on('error', (error) => process.stderr.write(`${error.message}\n`))

function byHttpProxy(asked: IncomingMessage, response: ServerResponse): void {
  proxy.web(asked, response)
}

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

const handlers = new Map([
  ['http', byHttp],
  ['http-proxy', byHttpProxy],
  ['undici', byUndici],
])
createServer(handlers.get(kind ?? '')).listen(Number(port), '127.0.0.1')
