import test from 'ava'

import { ruleOf, until } from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import type { Reader } from '../support/reader.ts'
import { startRedis } from '../support/redis.ts'
import { openHouse } from './house.ts'

const readerCount = 200
const seats = 3

for (const kind of ['embedded', 'redis'] as const) {
  test.serial(
    `${kind}: of ${readerCount} first exchanges at once ${seats} get a seat, the others wait, each refused once`,
    async (t) => {
      const publisher = await startPublisher((socket) => socket.write(reply('good')))
      const redis = kind === 'redis' ? await startRedis() : undefined
      const { gateway, reader, close } = await openHouse({
        rules: { press: ruleOf('www.press.test'), seated: ruleOf('www.seated.test', { seats }) },
        hosts: { 'www.press.test': publisher.port, 'www.seated.test': publisher.port },
        ...(redis && { redis: redis.url }),
      })
      t.teardown(async () => {
        await close()
        await publisher.close()
        await redis?.stop()
      })
      const readers = Array.from({ length: readerCount }, (_, index) => reader(`r${index}`))
      const waiting = [...readers]
      const signIn = async (): Promise<void> => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
          t.is((await next.visit(gateway.proxied('http://www.press.test/'))).status, 200)
        }
      }
      await Promise.all(Array.from({ length: 10 }, signIn))

      const url = gateway.proxied('http://www.seated.test/')
      const answers = await Promise.all(readers.map((each) => each.ask(url)))
      const holders: Reader[] = readers.filter((_, index) => answers[index]?.status === 200)
      const refused = answers.filter(({ status }) => status === 303)
      t.is(holders.length, seats)
      t.is(refused.length, readerCount - seats)
      t.true(refused.every(({ location }) => location.startsWith(`${gateway.portal}/wait?to=`)))

      const denials = async () => {
        const events = await gateway.usage()
        return events.filter(({ kind: told }) => told === 'denial')
      }
      await until(async () => (await denials()).length >= refused.length, 'denials are missing')
      const told = await denials()
      t.true(
        told.every(({ reason, resourceId }) => reason === 'seats_full' && resourceId === 'seated'),
      )
      t.is(new Set(told.map(({ person }) => person)).size, refused.length)
      t.is(await gateway.metric('darbaza_seats_waiting{pool="seated"}'), refused.length)
      t.is(await gateway.metric('darbaza_seats_used{pool="seated"}'), seats)
      t.is(
        await gateway.metric('darbaza_decisions_total{resource="seated",outcome="seats_full"}'),
        refused.length,
      )
      for (const holder of holders) t.is((await holder.ask(url)).status, 200)
    },
  )
}
