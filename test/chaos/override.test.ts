/**
 * What staff do by the command line while readers read: a reader is suspended, a database is closed.
 * Exchanges, seats and WebSockets that are under way follow within a second.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'

import test, { type ExecutionContext } from 'ava'
import { WebSocket, WebSocketServer } from 'ws'

import { clientSecret, ruleOf, until } from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import type { Reader } from '../support/reader.ts'
import { startRedis } from '../support/redis.ts'
import { openHouse } from './house.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const message = { ky: 'Дүйшөмбүгө чейин', ru: 'До понедельника', en: 'Until <Monday>' }
/** A second, and as much again for a machine that runs other tests. */
const soonMs = 2000

async function openLibrary(t: ExecutionContext, redisUrl: string | undefined) {
  const publisher = await startPublisher((socket) => socket.write(reply('good')))
  const live = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(live, 'listening')
  const rule = ruleOf('www.press.test', { seats: 2 })
  const house = await openHouse({
    rules: { press: { ...rule, hosts: ['http://www.press.test', 'http://live.press.test'] } },
    hosts: {
      'www.press.test': publisher.port,
      'live.press.test': (live.address() as { port: number }).port,
    },
    ...(redisUrl !== undefined && { redis: redisUrl }),
  })
  const { gateway } = house
  const store = gateway.store()
  t.teardown(async () => {
    await store.close()
    await house.close()
    await publisher.close()
    live.close()
  })
  async function openSocket(reader: Reader) {
    const url = new URL(gateway.proxied('http://live.press.test/'))
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.ports.public}/`, {
      origin: url.origin,
      headers: { Host: url.host, Cookie: await reader.jar.getCookieString(url.href) },
    })
    socket.on('error', () => undefined)
    await once(socket, 'open')
    return socket
  }
  async function override(...words: string[]): Promise<void> {
    const environment = { TEST_CLIENT_SECRET: clientSecret, TEST_REDIS_URL: redisUrl }
    const how = ['--until', '1d', '--why', 'a test', '--by', 'Aida']
    await promisify(execFile)(
      process.execPath,
      [main, 'override', 'add', ...words, '--config', gateway.configFile, ...how],
      { env: { PATH: process.env['PATH'], ...environment } },
    )
  }
  return { ...house, store, openSocket, override }
}

for (const kind of ['embedded', 'redis'] as const) {
  test(`${kind}: who is suspended, and a database that is closed, are felt within a second`, async (t) => {
    const redis = kind === 'redis' ? await startRedis() : undefined
    const { gateway, reader, store, openSocket, override } = await openLibrary(t, redis?.url)
    t.teardown(() => redis?.stop())
    const url = gateway.proxied('http://www.press.test/')
    const [bad, good] = [reader('r1'), reader('r2')]
    t.is((await bad.visit(url)).status, 200)
    const holders = async () => (await store.seats.leases('press')).map(({ holder }) => holder)
    const [holder = ''] = await holders()
    t.is((await good.visit(url)).status, 200)
    const [sad, glad] = [await openSocket(bad), await openSocket(good)]
    t.is((await holders()).length, 2)

    const isSadClosed = once(sad, 'close', { signal: AbortSignal.timeout(60_000) })
    await override('suspend', '--patron', holder)
    let before = performance.now()
    const isRefused = (each: Reader) => async () => (await each.ask(url)).status === 403
    await until(isRefused(bad), 'the reader is refused', soonMs)
    await until(async () => !(await holders()).includes(holder), 'the seat', soonMs)
    await isSadClosed
    t.true(performance.now() - before < soonMs)
    t.log(`suspended within ${Math.round(performance.now() - before)} ms`)
    t.is((await good.ask(url)).status, 200)
    t.is(glad.readyState, WebSocket.OPEN)

    const isGladClosed = once(glad, 'close', { signal: AbortSignal.timeout(60_000) })
    const words = Object.entries(message).flatMap(([language, text]) => [
      `--message-${language}`,
      text,
    ])
    await override('close', 'press', ...words)
    before = performance.now()
    await until(isRefused(good), 'the database is closed', soonMs)
    await isGladClosed
    t.true(performance.now() - before < soonMs)
    t.log(`closed within ${Math.round(performance.now() - before)} ms`)
    for (const [language, text] of Object.entries(message)) {
      const headers = { 'Accept-Language': language }
      const shown = `lang="${language}">${text.replace('<', '&lt;').replace('>', '&gt;')}</p>`
      for (const page of [url, `${gateway.portal}/db/press`]) {
        const answer = await good.ask(page, { headers })
        t.true(answer.text.includes(shown), `${page} ${language}`)
      }
    }
  })
}
