/**
 * Several processes as one gateway, with a real Redis: who serves what is nobody's concern, figures
 * are sums, and a worker that dies takes nothing with it.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs'

import test from 'ava'

import { openHouse } from '../chaos/house.ts'
import {
  prepareGateway,
  ruleOf,
  until,
  type LogLine,
  type TestGateway,
} from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import { startRedis } from '../support/redis.ts'

const exchanges = 'darbaza_exchanges_total{resource="press",status="2xx"}'

/** Processes whose parent is the gateway's. */
function workersOf({ pid }: TestGateway): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number)
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined // it ended meanwhile
  }
}

async function countedIn(gateway: TestGateway): Promise<number> {
  return (await gateway.usage()).filter(({ kind }) => kind === 'exchange').length
}

const isToldOf = (line: LogLine) => line['kind'] === 'licence'

test('workers share sessions, add up their figures, and are replaced when they die', async (t) => {
  const redis = await startRedis()
  const publisher = await startPublisher((socket) => socket.write(reply('good')))
  const house = await openHouse({
    config: { links: { check: true } },
    rules: {
      press: ruleOf('www.press.test'),
      old: ruleOf('old.press.test', { until: '2020-01-31' }),
    },
    hosts: { 'www.press.test': publisher.port },
    redis: redis.url,
    workers: 2,
  })
  t.teardown(async () => {
    await house.close()
    await publisher.close()
    await redis.stop()
  })
  const { gateway } = house
  const page = gateway.proxied('http://www.press.test/')
  t.is(await gateway.metric('darbaza_workers_serving'), 2)
  t.is((await gateway.manage('/readyz')).status, 200)

  // Both looked, one did it: the licence that has ended is told of once. (A store that is found a
  // moment late is asked again at the second look.)
  await until(() => gateway.log().some(isToldOf), 'no notice of a licence', 40_000)
  t.deepEqual(
    gateway
      .log()
      .filter(isToldOf)
      .map(({ msg, resourceId }) => [msg, resourceId]),
    [['licence: ended 2020-01-31', 'old']],
  )
  t.is(await gateway.metric('darbaza_jobs_total{name="licence-notices",outcome="done"}'), 1)
  // The link of the other one, in force, was looked at once; each process tells how it stands.
  const isUp = 'darbaza_link_up{resource="press"}'
  await until(async () => (await gateway.metric(isUp)) === 1, 'the link is not known to work')
  t.is(await gateway.metric('darbaza_jobs_total{name="link-check",outcome="done"}'), 1)
  t.is(publisher.requests.filter(({ head }) => head.includes('DarbazaLinkCheck')).length, 1)

  const reader = house.reader('r1')
  t.is((await reader.visit(page)).status, 200)
  for (let round = 0; round < 8; round += 1) {
    const answers = await Promise.all([1, 2, 3, 4].map(() => reader.visit(page)))
    t.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  }
  await until(async () => (await gateway.metric(exchanges)) === 33, 'the sum is not that of all')
  await until(async () => (await countedIn(gateway)) === 33, 'not everything is stored')
  const before = workersOf(gateway)
  t.is(before.length, 2)

  process.kill(before[0] ?? 0, 'SIGKILL')
  await until(async () => (await gateway.metric('darbaza_workers_serving')) === 1, 'nobody ended')
  t.is(await gateway.metric(exchanges), 33)
  t.is((await reader.visit(page)).status, 200)
  await until(async () => (await gateway.metric('darbaza_workers_serving')) === 2, 'not replaced')
  t.is((await reader.visit(page)).status, 200)
  await until(async () => (await gateway.metric(exchanges)) === 35, 'the sum has lost something')

  gateway.writeRule('press', 'title: [')
  gateway.signal('SIGHUP')
  await until(() => gateway.said.errors.includes('Nothing was changed'), 'nothing was told')
  t.is(gateway.said.errors.split('error F002').length, 2)
  t.is((await reader.visit(page)).status, 200)

  const last = workersOf(gateway)
  gateway.signal('SIGTERM')
  t.deepEqual(await gateway.ended(), { code: 0, signal: null })
  t.deepEqual(last.map(String).map(parentOf), [undefined, undefined])
  t.is(await countedIn(gateway), 36)
})

test('workers end with a supervisor that is killed', async (t) => {
  const redis = await startRedis()
  const house = await openHouse({
    rules: { press: ruleOf('www.press.test') },
    hosts: {},
    redis: redis.url,
    workers: 2,
  })
  t.teardown(async () => {
    await house.close()
    await redis.stop()
  })
  const workers = workersOf(house.gateway)
  await house.gateway.kill()
  await until(
    () => workers.every((pid) => parentOf(String(pid)) === undefined),
    'a worker lives on',
  )
  t.is(workers.length, 2)
})

test('several workers on the embedded store are refused before anything starts', async (t) => {
  const rules = { press: ruleOf('www.press.test') }
  const gateway = await prepareGateway({
    issuer: 'http://127.0.0.1:9',
    rules,
    hosts: {},
    workers: 2,
  })
  t.teardown(() => gateway.stop())
  await t.throwsAsync(gateway.start(), { message: /the gateway ended/ })
  t.regex(gateway.said.errors, /store: found the embedded store, which is for one process/)
  t.regex(gateway.said.errors, /Not started\./)
  t.deepEqual(await gateway.ended(), { code: 1, signal: null })
})
