/** Runs of the link checker: what is due, how often it must fail, who is asked when, and what survives. */
import { setTimeout as pause } from 'node:timers/promises'

import test from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import { linkCheckJob } from '../../src/jobs/link-check.ts'
import { startScheduler } from '../../src/jobs/scheduler.ts'
import type { CheckedLinks } from '../../src/links/check.ts'
import {
  linkedResource,
  openChecker,
  rulesOf,
  startPublisher,
  type Publisher,
} from './publisher.ts'

/** A publisher whose status is what it is told. */
async function publisherOf(status: { now: number }): Promise<Publisher & { asked: string[] }> {
  const asked: string[] = []
  const publisher = await startPublisher((request, response) => {
    asked.push(String(request.headers.host))
    response.writeHead(status.now, { 'content-type': 'text/html' })
    response.end('<title>Press</title>here')
  })
  return { ...publisher, asked }
}

const press = linkedResource('press', [{ host: 'www.press.test' }])

test('a link is broken when it has failed twice, hours apart, and works with the first page', async (t) => {
  const status = { now: 404 }
  const publisher = await publisherOf(status)
  t.teardown(() => publisher.stop())
  await using opened = openChecker({ 'www.press.test': publisher.port })
  const { clock, run } = opened
  const standing = async () => (await run([press]))[0]?.standing
  t.is(await standing(), 'suspect')
  clock.pass(1)
  t.is(await standing(), 'suspect')
  t.is(publisher.asked.length, 1, 'it is not due before six hours')
  clock.pass(6)
  t.is(await standing(), 'broken')
  // Who is busy has mended nothing.
  status.now = 503
  clock.pass(7)
  t.is(await standing(), 'broken')
  status.now = 200
  clock.pass(7)
  t.is(await standing(), 'works')
  t.is(publisher.asked.length, 4)
})

test('however often staff look, one failure is one', async (t) => {
  const publisher = await publisherOf({ now: 404 })
  t.teardown(() => publisher.stop())
  await using opened = openChecker({ 'www.press.test': publisher.port })
  for (let round = 0; round < 3; round++) {
    await opened.checker.runAll(rulesOf([press]), new Set(['press']), () => undefined)
    opened.clock.pass(1)
  }
  const [links] = await opened.books.standings([press])
  t.is(links?.standing, 'suspect')
  t.is(links?.links[0]?.failures, 1)
  t.is(publisher.asked.length, 3)
})

test('a state has its beginning as long as it lasts', async (t) => {
  const status = { now: 200 }
  const publisher = await publisherOf(status)
  t.teardown(() => publisher.stop())
  await using opened = openChecker({ 'www.press.test': publisher.port })
  const begunAt = opened.clock.now()
  await opened.run([press])
  opened.clock.pass(30)
  const [again] = await opened.run([press])
  t.like(again?.links[0]?.last, { sinceAt: begunAt, at: opened.clock.now() })
  status.now = 500
  opened.clock.pass(30)
  const [failed] = await opened.run([press])
  t.is(failed?.links[0]?.last?.sinceAt, opened.clock.now())
})

test('what staff have changed is looked at with the next run', async (t) => {
  const publisher = await publisherOf({ now: 200 })
  t.teardown(() => publisher.stop())
  await using opened = openChecker({ 'www.press.test': publisher.port })
  await opened.run([press])
  await opened.run([press])
  t.is(publisher.asked.length, 1)
  const [links] = await opened.run([{ ...press, startUrl: 'http://www.press.test/new' }])
  t.is(links?.standing, 'works')
  t.is(publisher.asked.length, 2)
})

test('nobody visits a resource that is closed, forbids it, or has no licence any more', async (t) => {
  const publisher = await publisherOf({ now: 200 })
  t.teardown(() => publisher.stop())
  const hosts = ['a', 'b', 'c', 'd'].map((name) => `www.${name}.test`)
  await using opened = openChecker(Object.fromEntries(hosts.map((host) => [host, publisher.port])))
  const [a, b, c, d] = hosts.map((host) => linkedResource(host.slice(4, 5), [{ host }]))
  if (!a || !b || !c || !d) return t.fail()
  const standings = await opened.run([
    { ...a, isOpen: false },
    { ...b, check: { isOn: false, everyHours: 24, entries: [] } },
    { ...c, licence: { ...c.licence, untilOn: '2026-11-29' } },
    { ...d, licence: { ...d.licence, untilOn: '2026-11-30' } },
  ])
  t.deepEqual(publisher.asked, ['www.d.test'])
  t.deepEqual(
    standings.map(({ standing }) => standing),
    ['unchecked', 'unchecked', 'unchecked', 'works'],
  )
})

test('a host is asked one question at a time, some time apart; others beside it', async (t) => {
  const times: { host: string; begunAt: number; endedAt: number }[] = []
  const publisher = await startPublisher((request, response) => {
    const begunAt = performance.now()
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<title>Press</title>here')
      times.push({ host: String(request.headers.host), begunAt, endedAt: performance.now() })
    }, 40)
  })
  t.teardown(() => publisher.stop())
  const names = ['www.one.test', 'www.two.test']
  await using opened = openChecker(
    Object.fromEntries(names.map((host) => [host, publisher.port])),
    { hostPauseMs: 60 },
  )
  const shared = { host: 'www.one.test' }
  await opened.run([
    linkedResource('a', [shared], { path: '/a' }),
    linkedResource('b', [{ host: 'www.two.test' }]),
  ])
  const again = linkedResource('a', [shared], {
    check: {
      isOn: true,
      everyHours: 24,
      entries: ['http://www.one.test/x', 'http://www.one.test/y'],
    },
  })
  // What staff ask for meanwhile waits for its turn as well.
  await Promise.all([
    opened.run([again]),
    opened.checker.runAll(rulesOf([again]), new Set(['a']), () => undefined),
  ])
  const one = times.filter(({ host }) => host === 'www.one.test')
  t.is(one.length, 7)
  const late = one.slice(1)
  t.true(late.slice(1).every(({ begunAt }, at) => begunAt - (late[at]?.endedAt ?? 0) >= 55))
})

test('a look by staff beside a run takes turns with it, and what it found is not forgotten', async (t) => {
  const open = { now: 0, most: 0 }
  const asked: (() => void)[] = []
  const publisher = await startPublisher((_, response) => {
    open.now += 1
    open.most = Math.max(open.most, open.now)
    asked.shift()?.()
    setTimeout(() => {
      open.now -= 1
      response.writeHead(404).end('gone')
    }, 60)
  })
  t.teardown(() => publisher.stop())
  await using opened = openChecker({ 'www.press.test': publisher.port })
  await opened.run([press])
  opened.clock.pass(7)
  const told: string[] = []
  const rules = rulesOf([press])
  const say = ({ before, after }: CheckedLinks) => told.push(`${before.standing} ${after.standing}`)
  const isAsked = new Promise<void>((resolve) => asked.push(resolve))
  const run = opened.checker.runDue(rules, say)
  await isAsked
  await Promise.all([run, opened.checker.runAll(rules, new Set(['press']), say)])
  t.is(open.most, 1)
  t.deepEqual(told, ['suspect broken', 'broken broken'])
})

test('when nobody can be reached it is the own network that is away, unless another answers', async (t) => {
  const publisher = await publisherOf({ now: 200 })
  t.teardown(() => publisher.stop())
  const dead = await publisherOf({ now: 200 })
  await dead.stop()
  const hosts = ['a', 'b', 'c'].map((name) => `www.${name}.test`)
  const resources = hosts.map((host) => linkedResource(host.slice(4, 5), [{ host }]))
  const resolve = Object.fromEntries(hosts.map((host) => [host, dead.port]))
  await using away = openChecker(resolve)
  const states = (all: Awaited<ReturnType<typeof away.run>>) =>
    all.map(({ links }) => links[0]?.last?.state)
  const found = await away.run(resources)
  t.deepEqual(states(found), ['untold', 'untold', 'untold'])
  t.true((found[0]?.nextAt ?? 0) <= away.clock.now() + 1.2 * 3_600_000)

  await using there = openChecker({ ...resolve, 'www.press.test': publisher.port })
  await there.run([press])
  t.deepEqual(states(await there.run([...resources, press])), [
    'unreachable',
    'unreachable',
    'unreachable',
    'works',
  ])
  t.is(publisher.asked.length, 2, 'a publisher that is not due is asked to tell the two apart')
})

test('the own network may be away when few are due: others are asked then as well', async (t) => {
  const publisher = await publisherOf({ now: 200 })
  t.teardown(() => publisher.stop())
  const dead = await publisherOf({ now: 200 })
  await dead.stop()
  const names = ['a', 'b', 'c', 'd']
  const hosts = names.map((name) => `www.${name}.test`)
  const all = hosts.map((host) => linkedResource(host.slice(4, 5), [{ host }]))
  const portsOf = ({ port }: Publisher) => Object.fromEntries(hosts.map((host) => [host, port]))
  await using there = openChecker(portsOf(publisher))
  await there.run(all)
  const away = openChecker(portsOf(dead), {}, there.clock, there)
  const moved = all.map((each) =>
    each.id === 'a' ? { ...each, startUrl: 'http://www.a.test/new' } : each,
  )
  const found = await away.run(moved)
  await away.checker.close()
  t.is(found[0]?.links[0]?.last?.state, 'untold')
  t.true(found.every(({ links: [link] }) => link?.failures === 0))
})

test('one or two that cannot be reached are what they are', async (t) => {
  const dead = await publisherOf({ now: 200 })
  await dead.stop()
  await using opened = openChecker({ 'www.press.test': dead.port })
  const [links] = await opened.run([press])
  t.is(links?.links[0]?.last?.state, 'unreachable')
})

test('a run that is broken off keeps what it knew, says nothing of what it was at, and is not done', async (t) => {
  const { promise: isAsked, resolve: tell } = Promise.withResolvers<void>()
  const publisher = await startPublisher((request, response) => {
    if (request.headers.host === 'www.slow.test') return tell()
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<title>Press</title>here')
  })
  t.teardown(() => publisher.stop())
  const ports = { 'www.press.test': publisher.port, 'www.slow.test': publisher.port }
  await using opened = openChecker(ports, { answerMs: 30_000 })
  const slow = linkedResource('slow', [{ host: 'www.slow.test' }])
  const run = opened.run([press, slow])
  await isAsked
  while ((await opened.records.recordOf('press')) === undefined) await pause(5)
  await opened.checker.close()
  const [known, unknown] = await run
  t.is(known?.standing, 'works')
  t.is(unknown?.standing, 'unchecked')
  t.is(await opened.books.lastDoneAt(), undefined)
})

test('the end of all that was due is remembered', async (t) => {
  await using opened = openChecker({})
  await opened.run([])
  t.is(await opened.books.lastDoneAt(), opened.clock.now())
})

test('of many processes one looks, and what has changed is said once', async (t) => {
  const publisher = await publisherOf({ now: 404 })
  t.teardown(() => publisher.stop())
  await using opened = openChecker({ 'www.press.test': publisher.port })
  const events: GatewayEvent[] = []
  const bus = createEventBus((error) => {
    throw error
  })
  bus.listen((event) => events.push(event))
  const schedulers = Array.from({ length: 3 }, () =>
    startScheduler({
      jobs: [
        linkCheckJob({
          bus,
          clock: systemClock,
          check: (onChecked) => opened.checker.runDue(rulesOf([press]), onChecked),
        }),
      ],
      records: opened.store.records,
      clock: systemClock,
      timeZone: 'UTC',
      onOutcome: () => undefined,
    }),
  )
  await Promise.all(schedulers.map((scheduler) => scheduler.look()))
  await Promise.all(schedulers.map((scheduler) => scheduler.stop()))
  t.is(publisher.asked.length, 1)
  t.is(events.length, 1)
  t.like(events[0], {
    kind: 'link',
    resourceId: 'press',
    standing: 'suspect',
    state: 'gone',
    status: 404,
  })
})
