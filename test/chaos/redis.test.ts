import test from 'ava'

import { ruleOf, until, type TestGateway } from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import { startRedis, type RedisOptions } from '../support/redis.ts'
import { referenceOf, type Reader } from '../support/reader.ts'
import { openHouse } from './house.ts'
import { pathOf } from './mishaps.ts'

const rules = {
  press: ruleOf('www.press.test'),
  seated: ruleOf('www.seated.test', { seats: 3 }),
}

async function opened(
  t: { teardown(work: () => Promise<void>): void },
  options: RedisOptions & { readonly isUp?: false; readonly url?: (url: string) => string } = {},
) {
  const publisher = await startPublisher((socket) => socket.write(reply('good')))
  const redis = await startRedis({ persistence: 'appendonly', ...options })
  if (options.isUp === false) await redis.kill()
  const house = await openHouse({
    rules,
    hosts: { 'www.press.test': publisher.port, 'www.seated.test': publisher.port },
    redis: options.url?.(redis.url) ?? redis.url,
  })
  t.teardown(async () => {
    await house.close()
    await publisher.close()
    await redis.stop()
  })
  const { gateway } = house
  return {
    house,
    gateway,
    publisher,
    redis,
    press: (path: string) => gateway.proxied(`http://www.press.test${path}`),
    seated: (path: string) => gateway.proxied(`http://www.seated.test${path}`),
  }
}

async function isReady(gateway: TestGateway): Promise<boolean> {
  return (await gateway.manage('/readyz')).status === 200
}

/** Everything read was told once: paths at the publisher against paths of stored events. */
async function storedPaths(gateway: TestGateway): Promise<string[]> {
  const events = await gateway.usage()
  return events.filter(({ kind }) => kind === 'exchange').map(({ path }) => String(path))
}

function assertQuiet(t: { is(a: unknown, b: unknown): unknown }, gateway: TestGateway): void {
  t.is(gateway.said.errors.replace(/^Darbaza serves.*\n/, ''), '')
}

test('a Redis that is down at the start: not ready and says so, and serves by itself when it comes', async (t) => {
  const { house, gateway, redis, press } = await opened(t, { isUp: false })
  const ready = await gateway.manage('/readyz')
  t.deepEqual(ready, { status: 503, body: 'the store does not answer\n' })
  t.is((await gateway.manage('/healthz')).status, 200)
  t.is(await gateway.metric('darbaza_store_up'), 0)

  const reader = house.reader('r1')
  t.is((await reader.ask(gateway.portal)).status, 200)
  const page = await reader.ask(`${gateway.portal}/sign-in`)
  t.is(page.status, 503)
  t.like(await gateway.failure(referenceOf(page)), { code: 'ERR_STORE_AWAY' })

  await redis.restart()
  await until(() => isReady(gateway), 'the gateway does not find Redis by itself')
  t.is((await reader.visit(press('/'))).text, 'good')
  assertQuiet(t, gateway)
})

test('a wrong Redis password: not ready, and the password is in no log', async (t) => {
  const wrong = 'canary-wrong-password'
  const { house, gateway } = await opened(t, {
    password: 'canary-right-password',
    url: (url) => url.replace('canary-right-password', wrong),
  })
  t.is((await gateway.manage('/readyz')).status, 503)
  const page = await house.reader('r1').ask(`${gateway.portal}/sign-in`)
  t.is(page.status, 503)
  const failure = await gateway.failure(referenceOf(page))
  t.like(failure, { code: 'ERR_STORE_AWAY' })
  t.regex(String(failure['msg']), /WRONGPASS|NOAUTH/)
  const { log, errors } = gateway.said
  t.false(`${log}${errors}${page.text}`.includes(wrong))
})

test('a Redis that dies under load and comes back: readers go on, no seat is granted, no event is lost or doubled', async (t) => {
  const { house, gateway, publisher, redis, press, seated } = await opened(t)
  const holder = house.reader('r1')
  const known = house.reader('r2')
  const late = house.reader('r3')
  for (const reader of [holder, known, late]) {
    t.is((await reader.visit(press(`/first-${reader.account}`))).status, 200)
  }
  t.is((await holder.visit(seated('/first-seat'))).status, 200)

  const stopped = new AbortController()
  const failed: unknown[] = []
  const readOn = async (reader: Reader, url: (path: string) => string, name: string) => {
    for (let turn = 0; !stopped.signal.aborted; turn++) {
      const { status, isWhole } = await reader.ask(url(`/${name}/${turn}`), { as: 'script' })
      if (status !== 200 || !isWhole) failed.push([name, turn, status, isWhole])
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const reading = [
    readOn(holder, seated, 'holder'),
    readOn(holder, press, 'holder-free'),
    readOn(known, press, 'known'),
  ]
  await until(() => publisher.requests.length > 60, 'readers are too slow')
  await redis.kill()
  await until(async () => !(await isReady(gateway)), 'the gateway is ready without its store')

  const refusal = await known.ask(seated('/no-seat'), { as: 'script' })
  t.is(refusal.status, 503)
  t.like(JSON.parse(refusal.text), { title: 'seats_unknown' })
  const stranger = await house.reader('r4').ask(`${gateway.portal}/sign-in`)
  t.is(stranger.status, 503)
  // Its session was never seen by the host of seats, but it was seen by this process.
  t.is((await late.ask(press('/late'))).status, 200)
  await until(
    async () => Number(await gateway.metric('darbaza_spool_bytes')) > 0,
    'nothing waits on disk',
  )

  await redis.restart()
  await until(() => isReady(gateway), 'the gateway does not find Redis again')
  t.is((await known.visit(seated('/a-seat-again'))).status, 200)
  stopped.abort()
  await Promise.all(reading)
  t.deepEqual(failed, [])

  const read = publisher.requests.map(pathOf).toSorted()
  await until(
    async () => (await storedPaths(gateway)).length >= read.length,
    'spooled events do not reach the store',
    20_000,
  )
  t.deepEqual((await storedPaths(gateway)).toSorted(), read)
  const denials = (await gateway.usage()).filter(({ kind }) => kind === 'denial')
  t.deepEqual(
    denials.map(({ reason }) => reason),
    ['seats_unknown'],
  )
  t.is(await gateway.metric('darbaza_usage_events_total{result="lost"}'), 0)
  assertQuiet(t, gateway)
})

test('a Redis that hangs slows readers down by seconds and stops nobody', async (t) => {
  const { house, gateway, redis, press, seated } = await opened(t)
  const reader = house.reader('r1')
  t.is((await reader.visit(press('/first'))).status, 200)
  t.is((await reader.visit(seated('/first'))).status, 200)
  process.kill(redis.pid, 'SIGSTOP')
  const before = performance.now()
  const answers = await Promise.all([reader.ask(press('/a')), reader.ask(seated('/b'))])
  t.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  )
  t.true(performance.now() - before < 8000)
  t.is((await gateway.manage('/healthz')).status, 200)
  process.kill(redis.pid, 'SIGCONT')
  await until(() => isReady(gateway), 'the gateway does not find Redis again')
  t.is((await reader.ask(press('/c'))).status, 200)
  assertQuiet(t, gateway)
})
