import { once } from 'node:events'
import { createServer } from 'node:http'

import test, { type ExecutionContext } from 'ava'
import { WebSocket, WebSocketServer } from 'ws'

import { limits } from '../../src/core/limits.ts'
import type { ExchangeParts } from '../../src/exchange/exchange.ts'
import { portOf, saysAndEnds, startPublisher, type Script } from '../support/publisher.ts'
import { browse, startGateway, until, upstreamConfig, zoneOrigin } from './harness.ts'

const hostLine = { host: 'www-publisher-test.proxy.localhost' }

/** A publisher with an honest WebSocket that sends everything back. */
async function setUpEcho(t: ExecutionContext, more: Partial<ExchangeParts> = {}) {
  const server = createServer((_request, response) => response.end('page'))
  const sockets = new WebSocketServer({
    server,
    handleProtocols: (offered) => [...offered][0] ?? false,
  })
  const heads: (string | undefined)[] = []
  sockets.on('headers', (lines) => lines.push('Set-Cookie: track=1'))
  sockets.on('connection', (socket, request) => {
    heads.push(request.headers.host)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  const config = upstreamConfig({ www: port })
  const gateway = await startGateway({ config, ...more })
  t.teardown(async () => {
    for (const socket of sockets.clients) socket.terminate()
    await gateway.close()
    server.close()
  })
  return { gateway, sockets, heads }
}

function openSocket(
  port: number,
  headers: Record<string, string> = {},
  protocols?: string,
): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, protocols, {
    headers: { ...hostLine, ...headers },
  })
  socket.on('error', () => undefined)
  return socket
}

/** The status with which a handshake is refused. */
async function refusal(socket: WebSocket): Promise<{ status: number; body: string }> {
  const [, response] = await once(socket, 'unexpected-response')
  let body = ''
  response.on('data', (chunk: Buffer) => (body += chunk.toString()))
  await once(response, 'close')
  return { status: response.statusCode, body }
}

test('messages of every size go both ways, with the subprotocol and compression', async (t) => {
  const { gateway, heads } = await setUpEcho(t)
  const socket = openSocket(
    gateway.port,
    { origin: 'http://www-publisher-test.proxy.localhost' },
    'graphql-ws',
  )
  const upgraded = once(socket, 'upgrade')
  await once(socket, 'open')
  t.is(socket.protocol, 'graphql-ws')
  const [{ headers }] = await upgraded
  t.is(headers['set-cookie'], undefined)
  t.deepEqual(heads, ['www.publisher.test'])
  for (const size of [0, 1, 125, 126, 65_536, 1_000_000]) {
    const sent = Buffer.alloc(size, 'z')
    socket.send(sent)
    const [echoed] = await once(socket, 'message')
    t.deepEqual(echoed, sent)
  }
  socket.close(4000, 'bye')
  const [code, reason] = await once(socket, 'close')
  t.is(code, 4000)
  t.is(String(reason), 'bye')
})

const origins: readonly [origin: string, isOpen: boolean][] = [
  [zoneOrigin.replace('proxy', 'other-publisher-test.proxy'), true],
  ['https://evil.example', false],
  ['null', false],
  [zoneOrigin, false],
  ['http://www.publisher.test', false],
  ['http://www-evil-test.proxy.localhost', false],
  ['http://library.localhost', false],
]
for (const [origin, isOpen] of origins) {
  test(`a handshake from ${origin} ${isOpen ? 'opens' : 'gets 403'}`, async (t) => {
    const { gateway, heads } = await setUpEcho(t)
    const socket = openSocket(gateway.port, { origin })
    if (isOpen) await once(socket, 'open')
    else t.is((await refusal(socket)).status, 403)
    t.is(heads.length, isOpen ? 1 : 0)
    socket.terminate()
  })
}

async function setUpScript(t: ExecutionContext, script: Script) {
  const publisher = await startPublisher(script)
  const gateway = await startGateway({ config: upstreamConfig({ www: publisher.port }) })
  t.teardown(async () => {
    await gateway.close()
    await publisher.close()
  })
  return { publisher, gateway }
}

const upgradeLines = 'Connection: Upgrade\r\nUpgrade: websocket'
const refusals: readonly [does: string, answer: string, status: number, body?: string][] = [
  ['answers 200', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage', 200, 'page'],
  ['answers 403', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', 403, 'no'],
  [
    'sends a wrong accept',
    `HTTP/1.1 101 X\r\n${upgradeLines}\r\nSec-WebSocket-Accept: AAAA\r\n\r\n`,
    502,
  ],
  ['sends no accept', `HTTP/1.1 101 X\r\n${upgradeLines}\r\n\r\n`, 502],
  ['switches without saying to what', 'HTTP/1.1 101 X\r\n\r\n', 502],
  ['closes', '', 502],
]
for (const [does, answer, status, body] of refusals) {
  test(`a publisher that ${does} gives ${status} and no tunnel`, async (t) => {
    const { publisher, gateway } = await setUpScript(t, saysAndEnds(answer))
    const seen = await refusal(openSocket(gateway.port))
    t.is(seen.status, status)
    if (body !== undefined) t.is(seen.body, body)
    await until(() => publisher.sockets.size === 0)
  })
}

test('another protocol is never upgraded to: the request is an ordinary one', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage'
  const { publisher, gateway } = await setUpScript(t, saysAndEnds(answer))
  const lines = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMA' }
  const seen = await browse(gateway.port, 'www', { headers: lines })
  t.is(seen.status, 200)
  t.is(seen.body.toString(), 'page')
  t.notRegex(publisher.requests[0]?.head ?? '', /h2c|http2-settings|upgrade/i)
})

const ends: readonly [
  why: string,
  act: (set: Awaited<ReturnType<typeof setUpEcho>>, reader: WebSocket) => unknown,
  more?: Partial<ExchangeParts>,
][] = [
  ['the reader leaves', (_set, reader) => reader.terminate()],
  ['the publisher leaves', ({ sockets }) => [...sockets.clients][0]?.terminate()],
  ['nobody says anything', () => undefined, { webSocketIdleMs: 300 }],
  ['the session ends', ({ gateway }) => gateway.exchange.endSession('s1')],
  ['the gateway stops', ({ gateway }) => gateway.exchange.close()],
]
for (const [why, act, more] of ends) {
  test(`both ends of a WebSocket are closed when ${why}`, async (t) => {
    const set = await setUpEcho(t, more)
    const reader = openSocket(set.gateway.port)
    await once(reader, 'open')
    await until(() => set.sockets.clients.size === 1)
    set.gateway.exchange.endSession('another')
    t.is(reader.readyState, WebSocket.OPEN)
    const closed = once(reader, 'close')
    await act(set, reader)
    await closed
    await until(() => set.sockets.clients.size === 0)
  })
}

test('a session that ends during a handshake has no WebSocket afterwards', async (t) => {
  let isAsked = false
  const { gateway } = await setUpScript(t, () => (isAsked = true))
  const reader = openSocket(gateway.port)
  await until(() => isAsked)
  const refused = refusal(reader)
  gateway.exchange.endSession('s1')
  t.is((await refused).status, 499)
})

test('one session cannot take every WebSocket there is, and a place is free again at its end', async (t) => {
  const { gateway, sockets } = await setUpEcho(t)
  const readers = Array.from({ length: limits.exchange.webSocketsPerSession }, () =>
    openSocket(gateway.port),
  )
  await Promise.all(readers.map((reader) => once(reader, 'open')))
  t.is((await refusal(openSocket(gateway.port))).status, 503)
  readers[0]?.terminate()
  await until(() => sockets.clients.size < readers.length)
  const late = openSocket(gateway.port)
  await once(late, 'open')
  for (const reader of [...readers, late]) reader.terminate()
})

test('a WebSocket stays as long as its session may, and is asked about from time to time', async (t) => {
  let isAllowed = true
  const asked: (string | undefined)[] = []
  const { gateway, sockets } = await setUpEcho(t, {
    webSocketCheckMs: 20,
    staysOpen: ({ state }) => {
      asked.push(state.session?.id)
      return Promise.resolve(isAllowed)
    },
  })
  const reader = openSocket(gateway.port)
  await once(reader, 'open')
  await until(() => asked.length >= 3)
  t.is(reader.readyState, WebSocket.OPEN)
  t.deepEqual(new Set(asked), new Set(['s1']))
  const closed = once(reader, 'close')
  isAllowed = false
  await closed
  await until(() => sockets.clients.size === 0)
  const before = asked.length
  await new Promise((done) => setTimeout(done, 100))
  t.is(asked.length, before, 'nobody is asked about who is gone')
})

test('a WebSocket outlives one question that nobody could answer, not two in a row', async (t) => {
  const answers = [true, undefined, true, undefined, undefined]
  let count = 0
  const { gateway } = await setUpEcho(t, {
    webSocketCheckMs: 20,
    staysOpen: () => {
      const answer = answers[count++]
      return answer === undefined ? Promise.reject(new Error('away')) : Promise.resolve(answer)
    },
  })
  const reader = openSocket(gateway.port)
  await once(reader, 'open')
  await once(reader, 'close')
  t.is(count, answers.length)
})

test('a session that runs out during a handshake has no WebSocket afterwards', async (t) => {
  const publisher = await startPublisher(() => undefined)
  const config = upstreamConfig({ www: publisher.port }, { headersSeconds: 30 })
  const gateway = await startGateway({
    config,
    webSocketCheckMs: 20,
    staysOpen: () => Promise.resolve(false),
  })
  t.teardown(async () => {
    await gateway.close()
    await publisher.close()
  })
  t.is((await refusal(openSocket(gateway.port))).status, 499)
  await until(() => publisher.sockets.size === 0)
})
