import test from 'ava'

import { createHourOf } from '../../src/core/calendar.ts'
import type { StoredEvent } from '../../src/store/contract.ts'
import { startCounting } from '../../src/usage/count.ts'
import { recordedEventOf } from '../../src/usage/recorded-event.ts'
import { ruleOf, until } from '../support/gateway.ts'
import { startPublisher } from '../support/publisher.ts'
import type { Reader } from '../support/reader.ts'
import { browser, sumsOf, timeZone } from '../usage/events.ts'
import { openHouse } from './house.ts'

const headers = { 'User-Agent': browser }
const answer = 'HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 4\r\n\r\n%PDF'

/** Counts what a gateway has stored; gaps in seconds go before the events of that number. */
function countedWith(events: readonly StoredEvent[], gapBefore: (number: number) => number) {
  const endAt = Number.MAX_SAFE_INTEGER
  const counting = startCounting({ period: 'x', endAt, hourOf: createHourOf(timeZone) })
  let shiftedMs = 0
  events.forEach((stored, number) => {
    shiftedMs += gapBefore(number) * 1000
    const event = recordedEventOf({ ...stored, at: stored.at + shiftedMs })
    if (typeof event === 'object') counting.add(event)
  })
  return sumsOf(counting.end().figures)
}

test('the auditors’ scenarios through a gateway: items, seats, licences', async (t) => {
  const publisher = await startPublisher((socket) => socket.write(answer))
  const house = await openHouse({
    rules: {
      press: ruleOf('www.press.test'),
      seated: ruleOf('www.seated.test', { seats: 1 }),
      ended: ruleOf('www.ended.test', { until: '2020-12-31' }),
    },
    hosts: {
      'www.press.test': publisher.port,
      'www.seated.test': publisher.port,
      'www.ended.test': publisher.port,
    },
  })
  const { gateway } = house
  const store = gateway.store()
  t.teardown(async () => {
    await store.close()
    await house.close()
    await publisher.close()
  })
  const urlOf = (path: string) => gateway.proxied(`http://www.${path}`)
  const [first, second] = ['r1', 'r2'].map((account) => house.reader(account)) as [Reader, Reader]
  // Signing in is done by a program without a name, which counts for nothing.
  t.is((await first.visit(urlOf('press.test/'))).status, 200)
  t.is((await first.visit(urlOf('seated.test/'))).status, 200)
  t.is((await second.visit(urlOf('press.test/'))).status, 200)

  /** Asks so often and gives the events of a resource that are stored by then. */
  async function eventsAfter(
    resourceId: string,
    count: number,
    ask: (number: number) => Promise<{ readonly status: number }>,
    status: number,
  ): Promise<StoredEvent[]> {
    for (let number = 0; number < count; number++) t.is((await ask(number)).status, status)
    let found: StoredEvent[] = []
    await until(async () => {
      const all = await store.usage.read({ fromAt: 0, toAt: Number.MAX_SAFE_INTEGER, count: 1000 })
      found = all.filter(({ body }) => {
        const event = JSON.parse(body) as { resourceId?: string; userAgent?: string }
        return event.resourceId === resourceId && event.userAgent === browser
      })
      return found.length === count
    }, `not ${count} events of ${resourceId}`)
    return found
  }

  // E.2.3: 30 items, each opened twice; of 15 the second time is within 30 seconds.
  const items = await eventsAfter(
    'press',
    60,
    (number) => first.ask(urlOf(`press.test/pdf/${number >> 1}?from=list`), { headers }),
    200,
  )
  const { sessions, openings, exchanges, bytes, ...itemSums } = countedWith(items, (number) =>
    number % 2 === 0 ? 60 : number < 30 ? 20 : 35,
  )
  t.deepEqual([sessions, exchanges, bytes], [1, 60, 240])
  t.true((openings ?? 0) >= 1)
  t.deepEqual(itemSums, {
    Total_Item_Investigations: 45,
    Total_Item_Requests: 45,
    Unique_Item_Investigations: 30,
    Unique_Item_Requests: 30,
  })

  // E.3.1: one seat, held by the first; the second is refused. A script does not wait for one.
  const refusals = await eventsAfter(
    'seated',
    50,
    () => second.ask(urlOf('seated.test/pdf/1'), { headers, as: 'script' }),
    403,
  )
  t.deepEqual(
    countedWith(refusals, () => 31),
    { Limit_Exceeded: 50 },
  )
  t.deepEqual(
    countedWith(refusals, () => 0),
    { Limit_Exceeded: 1 },
  )

  // E.3.2: 50 requests for what is not licensed any more.
  const unlicensed = await eventsAfter(
    'ended',
    50,
    (number) => second.ask(urlOf(`ended.test/pdf/${number}`), { headers }),
    403,
  )
  t.deepEqual(
    countedWith(unlicensed, () => 0),
    { No_License: 50 },
  )
})
