import test, { type ExecutionContext } from 'ava'

import { ruleOf, until, type UsageFact } from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import type { Reader } from '../support/reader.ts'
import { startRedis } from '../support/redis.ts'
import { openHouse, seededChance } from './house.ts'
import { pathOf } from './mishaps.ts'

const stores = ['embedded', 'redis'] as const

async function opened(t: ExecutionContext, store: (typeof stores)[number]) {
  const publisher = await startPublisher((socket) => socket.write(reply('good')))
  const redis = store === 'redis' ? await startRedis({ persistence: 'appendonly' }) : undefined
  const house = await openHouse({
    rules: {
      press: ruleOf('www.press.test'),
      seated: ruleOf('www.seated.test', { seats: 3, seatIdleMinutes: 1 }),
    },
    hosts: { 'www.press.test': publisher.port, 'www.seated.test': publisher.port },
    ...(redis && { redis: redis.url }),
  })
  t.teardown(async () => {
    await house.close()
    await publisher.close()
    await redis?.stop()
  })
  const { gateway } = house
  return {
    house,
    gateway,
    publisher,
    press: (path: string) => gateway.proxied(`http://www.press.test${path}`),
    seated: (path: string) => gateway.proxied(`http://www.seated.test${path}`),
  }
}

function pathsOf(events: readonly UsageFact[]): string[] {
  return events.filter(({ kind }) => kind === 'exchange').map(({ path }) => String(path))
}

/** The response is at its end for the reader a moment before it is for the gateway. */
const momentMs = 250
const rounds = 4

for (const store of stores) {
  test(`${store}: what was read before a kill -9 is stored once, and sessions survive`, async (t) => {
    const { house, gateway, publisher, press } = await opened(t, store)
    const readers = ['r1', 'r2', 'r3', 'r4'].map((account) => house.reader(account))
    for (const reader of readers) {
      t.is((await reader.visit(press(`/first/${reader.account}`))).status, 200)
    }
    const seed = Date.now() % 1_000_000
    t.log(`seed ${seed}`)
    const chance = seededChance(seed)
    const finished: { readonly path: string; readonly atMs: number }[] = []

    async function readOn(reader: Reader, round: number): Promise<void> {
      for (let turn = 0; ; turn++) {
        const path = `/${round}/${reader.account}/${turn}`
        const answer = await reader.ask(press(path), { as: 'script' }).catch(() => undefined)
        if (answer === undefined || !answer.isWhole) return
        t.is(answer.status, 200)
        finished.push({ path, atMs: performance.now() })
      }
    }

    const before: string[] = []
    for (let round = 0; round < rounds; round++) {
      const reading = readers.map((reader) => readOn(reader, round))
      await until(() => finished.length >= 40, 'readers are too slow', 30_000)
      await new Promise((resolve) => setTimeout(resolve, momentMs + chance() * 750))
      const killedMs = performance.now()
      await gateway.kill()
      await Promise.all(reading)
      before.push(
        ...finished.filter(({ atMs }) => atMs < killedMs - momentMs).map(({ path }) => path),
      )
      await gateway.start()
      for (const reader of readers) {
        const again = await reader.ask(press(`/${round}/${reader.account}/again`))
        t.is(again.status, 200, 'the session did not survive')
      }
      finished.length = 0
    }
    t.true(before.length >= rounds * 40)

    const expected = new Set(before)
    await until(
      async () => new Set(pathsOf(await gateway.usage())).isSupersetOf(expected),
      'events are missing',
    )
    const stored = pathsOf(await gateway.usage())
    t.is(new Set(stored).size, stored.length, 'an event is stored twice')
    t.true(new Set(publisher.requests.map(pathOf)).isSupersetOf(new Set(stored)))
    t.is(await gateway.metric('darbaza_usage_events_total{result="lost"}'), 0)
  })

  test(`${store}: after a kill -9 who returns keeps the seat, the others' are free within the idle time`, async (t) => {
    const { house, gateway, press, seated } = await opened(t, store)
    const holders = ['r1', 'r2', 'r3'].map((account) => house.reader(account))
    for (const holder of holders) t.is((await holder.visit(seated('/seat'))).status, 200)
    const takenMs = performance.now()
    await gateway.kill()
    await gateway.start()

    const [faithful] = holders
    const waiting = house.reader('r4')
    t.is((await waiting.visit(press('/'))).status, 200)
    // A script is refused where a page would wait: it asks without a place in a queue.
    const askOnce = () => waiting.ask(seated('/wait'), { as: 'script' })
    t.is((await askOnce()).status, 403)
    t.is((await faithful?.ask(seated('/again')))?.status, 200)
    await until(
      async () => {
        t.is((await faithful?.ask(seated('/again')))?.status, 200)
        await new Promise((resolve) => setTimeout(resolve, 1000))
        return (await askOnce()).status === 200
      },
      'the seats are not free again',
      65_000,
    )
    const freeAfterMs = performance.now() - takenMs
    t.true(freeAfterMs > 55_000 && freeAfterMs < 64_000, `free after ${freeAfterMs} ms`)
    t.is((await faithful?.ask(seated('/again')))?.status, 200)
  })
}
