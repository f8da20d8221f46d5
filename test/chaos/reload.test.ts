import anyTest, { type TestFn } from 'ava'

import { ruleOf, until } from '../support/gateway.ts'
import { reply, startPublisher, type Publisher } from '../support/publisher.ts'
import { keepReading } from '../support/reader.ts'
import { openHouse, type House } from './house.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
}

const test = anyTest as TestFn<Context>

test.before(async (t) => {
  const publisher = await startPublisher((socket) =>
    setTimeout(() => socket.write(reply('good')), 20),
  )
  const house = await openHouse({
    rules: { press: ruleOf('www.press.test') },
    hosts: { 'www.press.test': publisher.port, 'new.press.test': publisher.port },
  })
  Object.assign(t.context, { house, publisher })
})

test.after.always(async (t) => {
  await t.context.house?.close()
  await t.context.publisher?.close()
})

test('a broken rule changes nothing and says so, a good one is in force, and no exchange fails', async (t) => {
  const { gateway } = t.context.house
  const reader = t.context.house.reader('r1')
  const url = gateway.proxied('http://www.press.test/')
  t.is((await reader.visit(url)).status, 200)

  const { statuses, stop } = keepReading(reader, url, 8)

  gateway.writeRule('press', 'title: [')
  gateway.signal('SIGHUP')
  await until(() => gateway.said.errors.includes('Nothing was changed'), 'no word of the bad rule')
  t.regex(gateway.said.errors, /rules\/press\.yaml:1: /)
  const newUrl = gateway.proxied('http://new.press.test/')
  t.is((await reader.ask(newUrl)).status, 421)

  gateway.writeRule('press', { ...ruleOf('www.press.test'), licence: { seats: 5 } })
  gateway.writeRule('new', ruleOf('new.press.test'))
  gateway.signal('SIGHUP')
  await until(() => gateway.said.errors.includes('were read again'), 'no word of the good rule')
  t.is((await reader.visit(newUrl)).status, 200)
  await until(
    async () => (await gateway.metric('darbaza_seats_used{pool="press"}')) === 1,
    'the new licence is not in force',
  )

  for (let again = 0; again < 20; again++) {
    gateway.signal('SIGHUP')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await until(() => (statuses.get(200) ?? 0) > 100, 'readers are too slow', 30_000)
  await stop()
  t.deepEqual([...statuses.keys()], [200])
})
