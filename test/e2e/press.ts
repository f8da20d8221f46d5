/**
 * A publisher on https, strict in everything that browsers can be told to be strict in: a content
 * security policy, integrity of scripts, prefixed cookies, credentialed CORS.
 * @module
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'

import { WebSocketServer } from 'ws'

import type { CertificatePair } from '../support/certificates.ts'
import { portOf } from '../support/publisher.ts'

/** Its hosts. */
export const pressHosts = ['www', 'static', 'api'].map((name) => `${name}.press.test`)

const script = `
const show = (name, value) => { document.body.dataset[name] = value }
const answer = await fetch('https://api.press.test/papers', { credentials: 'include' })
const { papers, reader } = await answer.json()
show('api', papers + ' for ' + reader)
const socket = new WebSocket('wss://api.press.test/live')
socket.addEventListener('open', () => socket.send('salam'))
socket.addEventListener('message', ({ data }) => show('socket', data))
const events = new EventSource('/events')
events.addEventListener('message', ({ data }) => show('events', data))
`
const digest = createHash('sha384').update(script).digest('base64')

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>On gates</title>
    <link rel="icon" href="data:,">
    <script type="module" crossorigin integrity="sha384-${digest}" src="https://static.press.test/app.js"></script>
  </head>
  <body>
    <h1>On gates</h1>
    <img crossorigin="anonymous" src="//static.press.test/dot.svg" alt="">
  </body>
</html>
`

const policy = [
  "default-src 'none'",
  'script-src https://static.press.test',
  'img-src data: https://static.press.test',
  'font-src https://static.press.test',
  "connect-src 'self' https://api.press.test wss://api.press.test",
].join('; ')

type Answer = readonly [type: string, body: string, headers?: Record<string, string | string[]>]

function answerTo(path: string, cookie: string): Answer | undefined {
  switch (path) {
    case 'www.press.test/article':
      return ['text/html', page, { 'content-security-policy': policy, ...pageHeaders }]
    case 'static.press.test/app.js':
      return ['text/javascript', script, { 'access-control-allow-origin': '*' }]
    case 'static.press.test/dot.svg':
      return ['image/svg+xml', dot, { 'access-control-allow-origin': '*' }]
    case 'static.press.test/serif.woff2':
      return ['font/woff2', 'wOF2 and no more', { 'access-control-allow-origin': '*' }]
    case 'api.press.test/papers': {
      const reader = /press_reader=(\w+)/.exec(cookie)?.[1] ?? 'nobody'
      return ['application/json', JSON.stringify({ papers: 3, reader }), credentialed]
    }
    default:
      return undefined
  }
}

const pageHeaders = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'set-cookie': [
    'press_reader=library; Domain=press.test; Path=/; Secure; SameSite=None',
    '__Host-press=1; Path=/; Secure; HttpOnly',
  ],
}
const credentialed = {
  'access-control-allow-origin': 'https://www.press.test',
  'access-control-allow-credentials': 'true',
}
const dot = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'

/** Starts it on a free port of this machine. */
export async function startPress({ cert, key }: CertificatePair) {
  const heard: string[] = []
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) })
  const listen = (request: IncomingMessage) => {
    heard.push(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n`)
  }
  server.on('request', (request, response) => {
    listen(request)
    respond(request, response)
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    listen(request)
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (message: Buffer) => client.send(`echo ${message.toString()}`))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    /** Request lines and headers of everything that was asked. */
    heard: () => heard.join('\n'),
    async stop() {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function respond({ headers, url = '/' }: IncomingMessage, response: ServerResponse): void {
  if (url === '/events') {
    // Never ends: what arrives must not wait for more.
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n')
    return
  }
  const found = answerTo(`${headers.host}${url}`, headers.cookie ?? '')
  const [type, body, more] = found ?? ['text/plain', 'not here']
  response.writeHead(found ? 200 : 404, { ...more, 'content-type': `${type}; charset=utf-8` })
  response.end(body)
}
