import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

import test from 'ava'
import { Redis } from 'ioredis'

import { limits } from '../../src/core/limits.ts'
import { createSeatKeeper, type SeatAsk } from '../../src/policy/seat-keeper.ts'
import { waitIn } from '../../src/policy/seat-line.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createRedisStore } from '../../src/store/redis.ts'
import { until } from '../store/contract.ts'
import { startRedis } from '../support/redis.ts'
import { stoppedClock } from './fixtures.ts'

let folder: string
let files = 0

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'darbaza-seats-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

const idleMs = 60_000
const held = { kind: 'held', pool: 'p' } as const
const place = { address: '192.0.2.1', channel: 'remote', treatment: 'authenticate' } as const
const askOf = (holder: string, seats = 1): SeatAsk => ({
  pools: [{ pool: 'p', seats }],
  holder,
  place,
  sessionId: `s-${holder}`,
  idleMs,
})

function open() {
  const file = path.join(folder, `${files++}.sqlite`)
  const { clock, pass } = stoppedClock()
  const store = createEmbeddedStore({ file, clock })
  const newKeeper = () => createSeatKeeper({ seats: store.seats, clock })
  const endOf = async (holder: string) =>
    (await store.seats.leases('p')).find((lease) => lease.holder === holder)?.endsAt
  return { file, clock, pass, store, newKeeper, endOf }
}

test('a seat in use is renewed once in a quarter of its idle time', async (t) => {
  const { clock, pass, store, newKeeper, endOf } = open()
  const keeper = newKeeper()
  t.deepEqual(await keeper.hold(askOf('a')), held)
  const firstEnd = clock.now() + idleMs
  pass(idleMs / 4 - 1)
  t.deepEqual(await keeper.hold(askOf('a')), held)
  t.is(await endOf('a'), firstEnd)
  pass(1)
  t.deepEqual(await keeper.hold(askOf('a')), held)
  t.is(await endOf('a'), firstEnd + idleMs / 4)
  await store.close()
})

test('a seat that is due is renewed beside the exchange, and is gone for the next one if it was lost', async (t) => {
  const { file, pass, store, newKeeper, endOf } = open()
  const keeper = newKeeper()
  await keeper.hold(askOf('a'))
  // Nobody tells of it: as when a server was lost with what it had not passed on.
  const database = new DatabaseSync(file)
  database.exec('DELETE FROM leases')
  database.close()
  pass(idleMs - 1)
  t.deepEqual(await keeper.hold(askOf('a')), held)
  await store.ping()
  t.is(await endOf('a'), undefined)
  await store.seats.acquire({ pool: 'p', holder: 'b', seats: 1, idleMs })
  t.deepEqual(await keeper.hold(askOf('a')), { kind: 'full', used: 1 })
  keeper.stop()
  await store.close()
})

test('a seat is not believed held beyond its end', async (t) => {
  const { pass, store, newKeeper } = open()
  const keeper = newKeeper()
  await keeper.hold(askOf('a'))
  pass(idleMs)
  await store.seats.acquire({ pool: 'p', holder: 'b', seats: 1, idleMs })
  t.deepEqual(await keeper.hold(askOf('a')), { kind: 'full', used: 1 })
  keeper.stop()
  await store.close()
})

const longIdle = (holder: string): SeatAsk => ({ ...askOf(holder), idleMs: 3_600_000 })

test('a seat given up by anybody is known at once, however long its idle time', async (t) => {
  const { pass, store, newKeeper, endOf } = open()
  const [one, other] = [newKeeper(), newKeeper()]
  await one.hold(longIdle('a'))
  const firstEnd = await endOf('a')
  pass(longIdle('a').idleMs / 4 - 1)
  t.deepEqual(await one.hold(longIdle('a')), held)
  t.is(await endOf('a'), firstEnd)
  await other.release(['p'], 'a')
  await other.hold(longIdle('b'))
  t.deepEqual(await one.hold(longIdle('a')), { kind: 'full', used: 1 })
  for (const keeper of [one, other]) keeper.stop()
  await store.close()
})

test('a seat is asked for anew when there are fewer, or when its holder has moved', async (t) => {
  const { store, newKeeper } = open()
  const keeper = newKeeper()
  for (const holder of ['a', 'b']) await keeper.hold(askOf(holder, 2))
  t.deepEqual(await keeper.hold(askOf('b', 1)), { kind: 'full', used: 1 })
  await keeper.release(['p'], 'a')
  const pools = [{ pool: 'p', seats: 1, reserved: { seats: 1 } }]
  const onSite = { ...askOf('a'), pools, place: { ...place, channel: 'onsite' } } as const
  t.deepEqual(await keeper.hold(onSite), held)
  t.deepEqual(await keeper.hold({ ...onSite, place }), { kind: 'full', used: 1 })
  t.deepEqual(await keeper.hold(onSite), held)
  keeper.stop()
  await store.close()
})

/** Keepers of two processes on one Redis, of which `name` may listen to no channel. */
async function apart(name: 'one' | 'nobody') {
  const server = await startRedis()
  const operator = new Redis(server.url)
  await operator.acl('SETUSER', 'one', 'on', '>pw', '~*', '+@all', 'allchannels')
  if (name === 'one') await operator.acl('SETUSER', 'one', 'resetchannels')
  operator.disconnect()
  const { clock, pass } = stoppedClock()
  const stores = ['one:pw', 'default:'].map((login) =>
    createRedisStore({ kind: 'redis', url: server.url.replace('//', `//${login}@`) }),
  )
  const watches = stores.map(({ seats }) => seats.watch(() => undefined))
  const [one, other] = stores.map(({ seats }) => createSeatKeeper({ seats, clock }))
  async function close() {
    for (const watch of watches) watch.stop()
    for (const keeper of [one, other]) keeper?.stop()
    await Promise.all(stores.map((store) => store.close()))
    await server.stop()
  }
  return { one: one!, other: other!, pass, close, isHearing: () => watches[0]!.isHearing() }
}

test('who hears of what is given up believes until then', async (t) => {
  const { one, other, pass, close, isHearing } = await apart('nobody')
  await until(isHearing)
  await one.hold(longIdle('a'))
  pass(longIdle('a').idleMs / 4 - 1)
  await other.release(['p'], 'a')
  await other.hold(longIdle('b'))
  let standing = await one.hold(longIdle('a'))
  for (let tries = 0; tries < 100 && standing.kind === 'held'; tries++) {
    await delay(10)
    standing = await one.hold(longIdle('a'))
  }
  t.deepEqual(standing, { kind: 'full', used: 1 })
  await close()
})

test('who cannot hear of it believes for a short time alone', async (t) => {
  const { one, other, pass, close, isHearing } = await apart('one')
  await one.hold(longIdle('a'))
  await other.release(['p'], 'a')
  await other.hold(longIdle('b'))
  t.false(isHearing())
  pass(limits.policy.seatTrustMs - 1)
  t.deepEqual(await one.hold(longIdle('a')), held)
  pass(1)
  t.deepEqual(await one.hold(longIdle('a')), { kind: 'full', used: 1 })
  await close()
})

test('others are refused with the number of seats held, and let in when one is free', async (t) => {
  const { store, newKeeper } = open()
  const keeper = newKeeper()
  await keeper.hold(askOf('a', 2))
  await keeper.hold(askOf('b', 2))
  t.deepEqual(await keeper.hold(askOf('c', 2)), { kind: 'full', used: 2 })
  t.is(await keeper.release(['p', 'q'], 'a'), 1)
  t.deepEqual(await keeper.hold(askOf('c', 2)), held)
  // Not from memory, although it held one a moment ago.
  t.deepEqual(await keeper.hold(askOf('a', 2)), { kind: 'full', used: 2 })
  await store.close()
})

test('a seat given up elsewhere is not believed held by the next session', async (t) => {
  const { store, newKeeper } = open()
  const [one, other] = [newKeeper(), newKeeper()]
  await one.hold(askOf('a'))
  await other.release(['p'], 'a')
  await other.hold(askOf('b'))
  t.deepEqual(await one.hold({ ...askOf('a'), sessionId: 'next' }), { kind: 'full', used: 1 })
  await store.close()
})

test('an answer overtaken by a release is not remembered', async (t) => {
  const { store, newKeeper } = open()
  const keeper = newKeeper()
  const answers = await Promise.all([keeper.hold(askOf('a')), keeper.release(['p'], 'a')])
  t.deepEqual(answers, [held, 1])
  await store.seats.acquire({ pool: 'p', holder: 'b', seats: 1, idleMs })
  t.deepEqual(await keeper.hold(askOf('a')), { kind: 'full', used: 1 })
  await store.close()
})

test('while the store is away a lease goes on to its end, and no seat is granted', async (t) => {
  const { file, pass, store, newKeeper } = open()
  const keeper = newKeeper()
  await keeper.hold(askOf('a', 9))
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')

  pass(idleMs / 4)
  t.deepEqual(await keeper.hold(askOf('a', 9)), held)
  t.deepEqual(await keeper.hold(askOf('b', 9)), { kind: 'unknown' })
  // Asked again after a pause, not at each exchange: this one does not wait for the store.
  const startedAt = performance.now()
  t.deepEqual(await keeper.hold(askOf('a', 9)), held)
  t.true(performance.now() - startedAt < limits.store.lockMs / 2)
  pass((idleMs * 3) / 4 - 1)
  t.deepEqual(await keeper.hold(askOf('a', 9)), held)
  pass(1)
  t.deepEqual(await keeper.hold(askOf('a', 9)), { kind: 'unknown' })

  other.exec('ROLLBACK')
  other.close()
  t.deepEqual(await keeper.hold(askOf('a', 9)), held)
  await store.close()
})

const nth = (number: number) => ({ ...askOf('h'), pools: [{ pool: `p${number}`, seats: 1 }] })

test('memory is bounded: the seats renewed longest ago are forgotten', async (t) => {
  const { store, newKeeper } = open()
  const keeper = newKeeper()
  const count = limits.policy.rememberedSeats
  for (let number = 0; number <= count; number++) await keeper.hold(nth(number))
  await store.close()
  // With the store away only what is remembered is held.
  t.deepEqual(await keeper.hold(nth(0)), { kind: 'unknown' })
  t.like(await keeper.hold(nth(1)), { kind: 'held' })
  t.like(await keeper.hold(nth(count)), { kind: 'held' })
})

const two = (holder: string): SeatAsk => ({
  ...askOf(holder),
  pools: [
    { pool: 'own', seats: 1 },
    { pool: 'shared', seats: 1 },
  ],
})
const waiting = () => 'wait' as const

test('of several pools the first with a free seat gives one, and it is kept by use', async (t) => {
  const { pass, store, newKeeper } = open()
  const [one, other] = [newKeeper(), newKeeper()]
  t.like(await one.hold(two('a'), waiting), { kind: 'held', pool: 'own' })
  t.like(await one.hold(two('b'), waiting), { kind: 'held', pool: 'shared' })
  t.like(await one.hold(two('c'), waiting), {
    kind: 'full',
    used: 2,
    wait: { kind: 'waiting', place: 1 },
  })
  await one.release(['own'], 'a')
  // Another process knows of no seat, and must not take a second one for the same person.
  t.like(await other.hold(two('b'), waiting), { kind: 'held', pool: 'shared' })
  // Nobody overtakes who waits in both queues, and leaves both with the seat.
  t.like(await other.hold(two('d')), { kind: 'full' })
  const claimed = await other.hold(two('c'), waiting)
  t.like(claimed, { kind: 'held', pool: 'own', waitedMs: 0 })
  pass(limits.policy.queue.seenMs)
  t.like(await one.hold(two('b'), waiting), { kind: 'held', pool: 'shared' })
  await store.close()
})

test('who waits for several pools has one place, and one seat when the turn comes', async (t) => {
  const { store, newKeeper } = open()
  const keeper = newKeeper()
  for (const holder of ['a', 'b']) await keeper.hold(two(holder), waiting)
  await keeper.hold(two('c'), waiting)
  t.like(await keeper.hold(two('d'), waiting), { wait: { kind: 'waiting', isNew: true, place: 2 } })
  t.like(await keeper.hold(two('d'), waiting), {
    wait: { kind: 'waiting', isNew: false, place: 2 },
  })
  for (const [pool, holder] of [
    ['own', 'a'],
    ['shared', 'b'],
  ] as const) {
    await keeper.release([pool], holder)
  }
  const wait = (holder: string) => waitIn(store.seats, { ...two(holder), only: 'stay' })
  t.is((await wait('c')).kind, 'held')
  t.is((await wait('d')).kind, 'held')
  t.is((await store.seats.leases('own')).length + (await store.seats.leases('shared')).length, 2)
  t.deepEqual(await store.seats.waiters('own'), [])
  t.deepEqual(await store.seats.waiters('shared'), [])
  await store.close()
})
