import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { createSeatKeeper } from '../../src/policy/seat-keeper.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { stoppedClock } from './fixtures.ts'

let folder: string
let files = 0

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'darbaza-seats-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

const idleMs = 60_000
const askOf = (holder: string, seats = 1) => ({
  pool: 'p',
  holder,
  sessionId: `s-${holder}`,
  seats,
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
  t.deepEqual(await keeper.hold(askOf('a')), { kind: 'held' })
  const firstEnd = clock.now() + idleMs
  pass(idleMs / 4 - 1)
  t.deepEqual(await keeper.hold(askOf('a')), { kind: 'held' })
  t.is(await endOf('a'), firstEnd)
  pass(1)
  t.deepEqual(await keeper.hold(askOf('a')), { kind: 'held' })
  t.is(await endOf('a'), firstEnd + idleMs / 4)
  await store.close()
})

test('a seat with a long idle time is not believed held for long', async (t) => {
  const { pass, store, newKeeper } = open()
  const [one, other] = [newKeeper(), newKeeper()]
  const ask = { ...askOf('a'), idleMs: 3_600_000 }
  await one.hold(ask)
  await other.release(['p'], 'a')
  await other.hold({ ...askOf('b'), idleMs: 3_600_000 })
  pass(limits.policy.seatTrustMs)
  t.deepEqual(await one.hold(ask), { kind: 'full', used: 1 })
  await store.close()
})

test('others are refused with the number of seats held, and let in when one is free', async (t) => {
  const { store, newKeeper } = open()
  const keeper = newKeeper()
  await keeper.hold(askOf('a', 2))
  await keeper.hold(askOf('b', 2))
  t.deepEqual(await keeper.hold(askOf('c', 2)), { kind: 'full', used: 2 })
  t.is(await keeper.release(['p', 'q'], 'a'), 1)
  t.deepEqual(await keeper.hold(askOf('c', 2)), { kind: 'held' })
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
  t.deepEqual(answers, [{ kind: 'held' }, 1])
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
  t.deepEqual(await keeper.hold(askOf('a', 9)), { kind: 'held' })
  t.deepEqual(await keeper.hold(askOf('b', 9)), { kind: 'unknown' })
  // Asked again after a pause, not at each exchange: this one does not wait for the store.
  const startedAt = performance.now()
  t.deepEqual(await keeper.hold(askOf('a', 9)), { kind: 'held' })
  t.true(performance.now() - startedAt < limits.store.lockMs / 2)
  pass((idleMs * 3) / 4 - 1)
  t.deepEqual(await keeper.hold(askOf('a', 9)), { kind: 'held' })
  pass(1)
  t.deepEqual(await keeper.hold(askOf('a', 9)), { kind: 'unknown' })

  other.exec('ROLLBACK')
  other.close()
  t.deepEqual(await keeper.hold(askOf('a', 9)), { kind: 'held' })
  await store.close()
})

const nth = (number: number) => ({ ...askOf('h'), pool: `p${number}` })

test('memory is bounded: the seats renewed longest ago are forgotten', async (t) => {
  const { store, newKeeper } = open()
  const keeper = newKeeper()
  const count = limits.policy.rememberedSeats
  for (let number = 0; number <= count; number++) await keeper.hold(nth(number))
  await store.close()
  // With the store away only what is remembered is held.
  t.deepEqual(await keeper.hold(nth(0)), { kind: 'unknown' })
  t.deepEqual(await keeper.hold(nth(1)), { kind: 'held' })
  t.deepEqual(await keeper.hold(nth(count)), { kind: 'held' })
})
