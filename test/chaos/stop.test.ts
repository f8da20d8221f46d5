import { once } from 'node:events'
import { connect } from 'node:net'

import test from 'ava'
import { WebSocket, WebSocketServer } from 'ws'

import { ruleOf, until } from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import { openHouse } from './house.ts'
import { pathOf } from './mishaps.ts'

const chunkCount = 20

test('SIGTERM under load: what is in flight ends whole, nothing new begins, sockets close, exit 0', async (t) => {
  const publisher = await startPublisher((socket, request) => {
    if (!pathOf(request).startsWith('/slow')) {
      socket.write(reply('good'))
      return
    }
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 20000\r\n\r\n',
    )
    let sent = 0
    const timer = setInterval(() => {
      socket.write('a'.repeat(20_000 / chunkCount))
      sent += 1
      if (sent === chunkCount) clearInterval(timer)
    }, 100)
  })
  const live = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  live.on('connection', (socket) =>
    socket.on('message', (data) => socket.send(data, { binary: false })),
  )
  await once(live, 'listening')
  const livePort = (live.address() as { port: number }).port
  const house = await openHouse({
    rules: { press: ruleOf('www.press.test'), live: ruleOf('live.press.test') },
    hosts: { 'www.press.test': publisher.port, 'live.press.test': livePort },
  })
  t.teardown(async () => {
    await house.close()
    await publisher.close()
    live.close()
  })
  const { gateway } = house
  const press = (path: string) => gateway.proxied(`http://www.press.test${path}`)
  const reader = house.reader('r1')
  t.is((await reader.visit(press('/'))).status, 200)

  const liveUrl = gateway.proxied('http://live.press.test/')
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.ports.public}/`, {
    origin: new URL(liveUrl).origin,
    headers: { Host: new URL(liveUrl).host, Cookie: await reader.jar.getCookieString(liveUrl) },
  })
  await once(socket, 'open')
  socket.send('hello')
  t.is(String((await once(socket, 'message'))[0]), 'hello')
  const isClosed = once(socket, 'close')
  socket.on('error', () => undefined)

  // Laptops that were closed: they never answer the end of a connection.
  const { host } = new URL(liveUrl)
  const cookie = await reader.jar.getCookieString(liveUrl)
  const asleep = [
    '',
    'GET / HTTP/1.1\r\nHost: ',
    `GET /half HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  ]
  for (const said of asleep) {
    const open = connect({ port: gateway.ports.public, host: '127.0.0.1', allowHalfOpen: true })
    open.on('error', () => undefined).resume()
    open.write(said)
    if (said.includes(cookie)) await once(open, 'data')
  }
  const slow = Array.from({ length: 20 }, (_, index) => reader.ask(press(`/slow/${index}`)))
  const begun = () => publisher.requests.filter((each) => pathOf(each).startsWith('/slow')).length
  await until(() => begun() === slow.length, 'the slow answers do not begin')

  const before = performance.now()
  gateway.signal('SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 300))
  const refused = connect(gateway.ports.public, '127.0.0.1')
  const [error]: { code?: string }[] = await once(refused, 'error')
  t.is(error?.code, 'ECONNREFUSED')

  const answers = await Promise.all(slow)
  t.deepEqual(
    answers.map(({ status, isWhole, body }) => [status, isWhole, body.length]),
    answers.map(() => [200, true, 20_000]),
  )
  await isClosed
  t.deepEqual(await gateway.ended(), { code: 0, signal: null })
  t.true(performance.now() - before < 6000, `took ${performance.now() - before} ms`)

  const events = await gateway.usage()
  const paths = events
    .filter(({ path }) => String(path).startsWith('/slow'))
    .map(({ path }) => path)
  t.is(new Set(paths).size, 20)
  t.is(paths.length, 20)
  t.true(events.some(({ isWebSocket }) => isWebSocket === true))
  t.is(gateway.said.errors.replace(/^Darbaza serves.*\n/, ''), '')
})
