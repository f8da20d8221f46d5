import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import test, { type ExecutionContext } from 'ava'

import type { UpstreamConfig } from '../../src/config/config.ts'
import { limits } from '../../src/core/limits.ts'
import type { ExchangeParts } from '../../src/exchange/exchange.ts'
import { reply, startPublisher, type Script } from '../support/publisher.ts'
import { browse, startGateway, until, upstreamConfig } from './harness.ts'

const smallBytes = 600_000
const longBytes = 50_000_000

/** Short and long files, each sent as fast as the gateway takes it. */
const library: Script = (socket, { head }) => {
  const bytes = /^GET \/(?:small|long)/.exec(head)?.[0] === 'GET /long' ? longBytes : smallBytes
  if (head.startsWith('GET /page')) socket.write(reply('page'))
  else {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`)
    socket.write(Buffer.alloc(bytes, 'x'))
  }
}

async function setUp(
  t: ExecutionContext,
  config: Partial<UpstreamConfig>,
  more: Partial<ExchangeParts> = {},
) {
  const publisher = await startPublisher(library)
  const gateway = await startGateway({
    config: upstreamConfig({ www: publisher.port }, { bodySeconds: 30, ...config }),
    ...more,
  })
  t.teardown(async () => {
    await gateway.close()
    await publisher.close()
  })
  return { publisher, gateway }
}

/** A reader who has got the first bytes and takes no more. */
async function sleeper(port: number, path: string, reader: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: www-publisher-test.proxy.localhost\r\nX-Reader: ${reader}\r\n\r\n`,
  )
  await once(socket, 'readable')
  return socket
}

test.serial('a file that is not long leaves the publisher while its reader sleeps', async (t) => {
  const { publisher, gateway } = await setUp(t, { connectionsPerHost: 1 })
  const asleep = await sleeper(gateway.port, '/small', 'a')
  t.is((await browse(gateway.port, 'www', { path: '/page' })).body.toString(), 'page')
  t.is(publisher.accepted(), 1)
  const taken: Buffer[] = []
  asleep.on('data', (chunk: Buffer) => taken.push(chunk))
  await until(() => Buffer.concat(taken).length > smallBytes)
  asleep.destroy()
})

test.serial('one reader who lets long files trickle takes them from nobody else', async (t) => {
  const { publisher, gateway } = await setUp(t, { connectionsPerHost: 8 })
  const asleep = await Promise.all(
    Array.from({ length: limits.exchange.readerConnections }, () =>
      sleeper(gateway.port, '/long', 'greedy'),
    ),
  )
  const page = { path: '/page', headers: { 'x-reader': 'modest' } }
  const seen = await Promise.all([1, 2, 3, 4, 5].map(() => browse(gateway.port, 'www', page)))
  t.true(seen.every(({ status }) => status === 200))

  // What the same reader asks for next waits for one of these to end.
  const own = { path: '/page', headers: { 'x-reader': 'greedy' } }
  let isServed = false
  const next = browse(gateway.port, 'www', own).then(() => (isServed = true))
  await new Promise((done) => setTimeout(done, 100))
  t.false(isServed)
  asleep[0]?.destroy()
  t.true(await next)
  t.true(publisher.accepted() <= 8 + 1)
  for (const socket of asleep) socket.destroy()
})

test.serial('who waits for a share gets a connection that is kept, not a new one', async (t) => {
  const { publisher, gateway } = await setUp(t, { connectionsPerHost: 24 })
  const all = Array.from({ length: 60 }, () => browse(gateway.port, 'www', { path: '/page' }))
  t.true((await Promise.all(all)).every(({ status }) => status === 200))
  t.true(publisher.accepted() <= limits.exchange.readerConnections, `${publisher.accepted()}`)
})

test.serial(
  'a reader who takes nothing of a file taken in ahead loses it after a while',
  async (t) => {
    const { publisher, gateway } = await setUp(t, {}, { stalledMs: 200 })
    const asleep = await sleeper(gateway.port, '/long', 'a')
    await until(() => publisher.sockets.size === 0, 20_000)
    const closed = once(asleep, 'close')
    asleep.resume()
    await closed
    t.true(asleep.bytesRead < longBytes)
  },
)

test.serial('a reader who takes little by little keeps the file', async (t) => {
  const stalledMs = 1000
  const { gateway } = await setUp(t, {}, { stalledMs })
  const slow = await sleeper(gateway.port, '/long', 'a')
  const startedAt = performance.now()
  let taken = 0
  slow.on('data', (chunk: Buffer) => {
    const before = Math.floor(taken / 1e6)
    taken += chunk.length
    if (Math.floor(taken / 1e6) === before) return
    slow.pause()
    setTimeout(() => slow.resume(), 50)
  })
  await until(() => slow.destroyed || taken >= longBytes, 20_000)
  t.true(performance.now() - startedAt > 2 * stalledMs)
  t.true(taken >= longBytes)
  slow.destroy()
})
