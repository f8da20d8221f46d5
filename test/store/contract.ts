/**
 * What every store promises, as one suite that each implementation runs.
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises'

import type { ExecutionContext } from 'ava'
import * as fc from 'fast-check'

import { limits } from '../../src/core/limits.ts'
import type { QueueTerms, Store } from '../../src/store/contract.ts'
import { createTurns } from '../support/turns.ts'
import { askOf, SeatModel, step } from './seat-model.ts'

/** A store under test and the power over its time. */
export interface Subject {
  /** Opens another client of the same data. */
  readonly open: () => Store
  /** Lets at least so many milliseconds pass on the store's clock. */
  readonly pass: (ms: number) => Promise<void>
}

/** Lifetime of what must not end within a test. */
const longMs = 60_000
/** Lifetime of what must end: longer than a slow machine needs for a few operations. */
const shortMs = 800

const awkwardNames = [
  '{',
  '}',
  'a}b',
  '{}',
  'a{b}c',
  'a:b',
  'a\nb',
  'a\0b',
  '%7B',
  'ключ',
  ' ',
  '*?',
]

type DeclareOne = (title: string, run: (t: ExecutionContext) => Promise<void>) => void

/** Declares a test. */
export type Declare = DeclareOne & { readonly serial: DeclareOne }

/**
 * Declares tests of which so many run at once: more clients than a busy machine can connect within
 * a command's time make every store seem away.
 */
export function inTurns(test: Declare, most: number): Declare {
  const turns = createTurns(most)
  const declare: DeclareOne = (title, run) => test(title, (t) => turns.take(() => run(t)))
  return Object.assign(declare, { serial: test.serial })
}

/** A subject for one test. */
export type Opening = (t: ExecutionContext) => Subject

/** Closes every store with the test that opened it: one left open by a failure keeps the process. */
export function closedAfter(subject: () => Subject): Opening {
  return (t) => {
    const { open, pass } = subject()
    return {
      pass,
      open() {
        const store = open()
        t.teardown(() => store.close())
        return store
      },
    }
  }
}

/** Declares the suite's tests; each asks for a subject once and works on keys and pools of its own. */
export function testStoreContract(test: Declare, anySubject: () => Subject): void {
  const subject = closedAfter(anySubject)
  testRecords(test, subject)
  testFields(test, subject)
  testCounts(test, subject)
  testSeats(test, subject)
  testQueue(test, subject)
  testWatch(test, subject)
  testUsage(test, subject)
}

function testRecords(test: Declare, subject: Opening): void {
  test('records: what was written is read by every client, until it is overwritten', async (t) => {
    const { open } = subject(t)
    const [one, other] = [open(), open()]
    t.is(await other.records.read('read:1'), undefined)
    await one.records.write('read:1', 'first', longMs)
    t.is(await other.records.read('read:1'), 'first')
    await one.records.write('read:1', 'second', longMs)
    t.is(await other.records.read('read:1'), 'second')
  })

  test('records: every text comes back as it was, under any key', async (t) => {
    const { open } = subject(t)
    const store = open()
    for (const name of awkwardNames) await store.records.write(`any:${name}`, `=${name}`, longMs)
    for (const name of awkwardNames) t.is(await store.records.read(`any:${name}`), `=${name}`)
    await store.records.write('any:long', 'ы'.repeat(300_000), longMs)
    t.is((await store.records.read('any:long'))?.length, 300_000)
  })

  test('records: after its lifetime a value is as if never written', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { records } = store
    await records.write('life:kept', 'x', longMs)
    await records.write('life:read', 'x', shortMs)
    await records.write('life:take', 'x', shortMs)
    await records.write('life:extend', 'x', shortMs)
    await records.write('life:create', 'x', shortMs)
    await records.writeFields('life:fields', new Map([['a', '1']]), shortMs)
    await pass(shortMs + 10)
    t.is(await records.read('life:read'), undefined)
    t.is(await records.take('life:take'), undefined)
    t.is(await records.read('life:extend', longMs), undefined)
    t.false(await records.extend('life:extend', longMs))
    t.is(await records.read('life:extend'), undefined)
    t.deepEqual(await records.readFields('life:fields'), new Map())
    await records.writeFields('life:fields', new Map([['b', '2']]), longMs)
    t.deepEqual(await records.readFields('life:fields'), new Map([['b', '2']]))
    t.true(await records.create('life:create', 'y', longMs))
    t.is(await records.read('life:create'), 'y')
    t.is(await records.read('life:kept'), 'x')
  })

  test('records: a lifetime may be extended, shortened, broken or over', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { records } = store
    await records.write('extend:longer', 'x', shortMs)
    await records.write('extend:shorter', 'x', longMs)
    t.true(await records.extend('extend:longer', longMs))
    t.true(await records.extend('extend:shorter', 0.5))
    t.false(await records.extend('extend:none', longMs))
    await records.write('extend:read', 'x', shortMs)
    await records.write('extend:read-over', 'x', longMs)
    t.is(await records.read('extend:read', longMs), 'x')
    t.is(await records.read('extend:read-over', -5), 'x')
    t.is(await records.read('extend:none', longMs), undefined)
    await records.write('extend:over', 'x', -5)
    await pass(shortMs + 10)
    t.is(await records.read('extend:longer'), 'x')
    t.is(await records.read('extend:shorter'), undefined)
    t.is(await records.read('extend:read'), 'x')
    t.is(await records.read('extend:read-over'), undefined)
    t.is(await records.read('extend:none'), undefined)
    t.is(await records.read('extend:over'), undefined)
    await t.throwsAsync(async () => records.write('extend:nan', 'x', Number.NaN))
    await t.throwsAsync(async () => records.read('extend:read', Number.NaN))
  })

  test('records: who holds a key by its value alone extends or removes it', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { records } = store
    await records.write('hold:1', 'mine {"', shortMs)
    t.false(await records.extend('hold:1', longMs, 'theirs'))
    t.false(await records.removeHolding('hold:1', 'theirs'))
    t.true(await records.extend('hold:1', longMs, 'mine {"'))
    await pass(shortMs + 10)
    t.is(await records.read('hold:1'), 'mine {"')
    t.true(await records.removeHolding('hold:1', 'mine {"'))
    t.false(await records.removeHolding('hold:1', 'mine {"'))
    t.false(await records.extend('hold:1', longMs, 'mine {"'))
    await records.write('hold:2', 'over', 1)
    await pass(10)
    t.false(await records.removeHolding('hold:2', 'over'))
    await records.writeFields('hold:3', new Map([['a', '1']]), longMs)
    const wrong = { code: 'ERR_STORE_DATA' }
    await t.throwsAsync(() => records.removeHolding('hold:3', '1'), wrong)
    await t.throwsAsync(() => records.extend('hold:3', longMs, '1'), wrong)
  })

  test('records: of many who create a key one does', async (t) => {
    const { open } = subject(t)
    const stores = [open(), open()]
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        stores[index % 2]!.records.create('create:1', String(index), longMs),
      ),
    )
    t.is(answers.filter(Boolean).length, 1)
    t.is(await stores[0]!.records.read('create:1'), String(answers.indexOf(true)))
  })

  test('records: of many who take a value one gets it', async (t) => {
    const { open } = subject(t)
    const stores = [open(), open()]
    await stores[0]!.records.write('take:1', 'ticket', longMs)
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => stores[index % 2]!.records.take('take:1')),
    )
    t.deepEqual(
      answers.filter((answer) => answer !== undefined),
      ['ticket'],
    )
    t.true(await stores[1]!.records.create('take:1', 'again', longMs))
  })

  test('records: removal takes values and fields, and does not mind what is not there', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { records } = store
    await records.write('remove:1', 'x', longMs)
    await records.writeFields('remove:2', new Map([['a', '1']]), longMs)
    await records.remove(['remove:1', 'remove:2', 'remove:3'])
    await records.remove([])
    t.is(await records.read('remove:1'), undefined)
    t.deepEqual(await records.readFields('remove:2'), new Map())
  })
}

function counted(answer: { counts: ReadonlyMap<string, number> }): Record<string, number> {
  return Object.fromEntries(answer.counts)
}

function testCounts(test: Declare, subject: Opening): void {
  test('counts: numbers of all clients add up, none is lost', async (t) => {
    const { open } = subject(t)
    const [one, other] = [open(), open()]
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        [one, other][index % 2]!.records.count(
          'count:sum',
          new Map([
            ['a', 1],
            ['b', index],
          ]),
          longMs,
        ),
      ),
    )
    const answer = await one.records.count('count:sum', new Map([['a', -1]]), longMs)
    t.deepEqual(counted(answer), { a: 39, b: 780 })
    t.true(answer.leftMs! > 0 && answer.leftMs! <= longMs)
  })

  test('counts: the lifetime is that of the first addition, and then all begins anew', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { records } = store
    await records.count('count:life', new Map([['a', 1]]), shortMs)
    const second = await records.count('count:life', new Map([['a', 1]]), longMs)
    t.deepEqual(counted(second), { a: 2 })
    t.true(second.leftMs! <= shortMs)
    await pass(shortMs + 10)
    t.deepEqual(counted(await records.count('count:life', new Map([['a', 5]]), longMs)), { a: 5 })
  })

  test('counts: nothing added makes nothing, and only tells', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { records } = store
    t.deepEqual(await records.count('count:none', new Map([['a', 0]]), longMs), {
      counts: new Map(),
    })
    t.deepEqual(await records.readFields('count:none'), new Map())
    for (const name of awkwardNames) await records.count('count:name', new Map([[name, 2]]), longMs)
    const told = await records.count('count:name', new Map(), longMs)
    t.deepEqual([...told.counts.keys()].toSorted(), awkwardNames.toSorted())
  })

  test('counts: a key that holds something else is told, not counted', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { records } = store
    await records.write('count:value', 'x', longMs)
    const wrong = { code: 'ERR_STORE_DATA' }
    await t.throwsAsync(records.count('count:value', new Map([['a', 1]]), longMs), wrong)
  })
}

function testFields(test: Declare, subject: Opening): void {
  test('fields: are set, kept and removed one by one', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { records } = store
    t.deepEqual(await records.readFields('fields:1'), new Map())
    await records.writeFields('fields:1', new Map(awkwardNames.map((n) => [n, `=${n}`])), longMs)
    await records.writeFields(
      'fields:1',
      new Map([
        ['__proto__', 'p'],
        ['{', undefined],
        ['}', 'new'],
      ]),
      longMs,
    )
    const found = await records.readFields('fields:1')
    t.is(found.get('__proto__'), 'p')
    t.false(found.has('{'))
    t.is(found.get('}'), 'new')
    t.is(found.get('a\0b'), '=a\0b')
    t.is(found.size, awkwardNames.length)
  })

  test('fields: a write renews the lifetime of all', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { records } = store
    await records.writeFields('fields:2', new Map([['a', '1']]), shortMs)
    await records.writeFields('fields:2', new Map([['b', '2']]), longMs)
    await pass(shortMs + 10)
    t.is((await records.readFields('fields:2')).size, 2)
    await records.writeFields('fields:2', new Map(), 1)
    await pass(10)
    t.is((await records.readFields('fields:2')).size, 0)
  })

  test('fields: a key whose last field is removed does not exist', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { records } = store
    await records.writeFields('fields:3', new Map([['a', '1']]), longMs)
    await records.writeFields('fields:3', new Map([['a', undefined]]), longMs)
    t.false(await records.extend('fields:3', longMs))
    await records.writeFields('fields:3', new Map(), longMs)
    t.true(await records.create('fields:3', 'free', longMs))
  })

  test('fields: of many writers none undoes another', async (t) => {
    const { open } = subject(t)
    const stores = [open(), open()]
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        stores[index % 2]!.records.writeFields('fields:4', new Map([[`f${index}`, 'x']]), longMs),
      ),
    )
    t.is((await stores[0]!.records.readFields('fields:4')).size, 40)
  })

  test('records: a key is asked for what it holds, or says so', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { records } = store
    await records.write('kind:value', 'x', longMs)
    await records.writeFields('kind:fields', new Map([['a', '1']]), longMs)
    const expectation = { code: 'ERR_STORE_DATA' }
    await t.throwsAsync(() => records.readFields('kind:value'), expectation)
    await t.throwsAsync(
      () => records.writeFields('kind:value', new Map([['a', '1']]), longMs),
      expectation,
    )
    await t.throwsAsync(() => records.read('kind:fields'), expectation)
    await t.throwsAsync(() => records.read('kind:fields', longMs), expectation)
    await t.throwsAsync(() => records.take('kind:fields'), expectation)
    t.false(await records.create('kind:fields', 'x', longMs))
    t.true(await records.extend('kind:fields', longMs))
    await records.write('kind:fields', 'now a value', longMs)
    t.is(await records.read('kind:fields'), 'now a value')
  })
}

function testSeats(test: Declare, subject: Opening): void {
  test('seats: 100 who ask at once for 3 seats make exactly 3 holders', async (t) => {
    const { open } = subject(t)
    const stores = [open(), open(), open()]
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        stores[index % 3]!.seats.acquire({
          pool: 'race',
          holder: `h${index}`,
          seats: 3,
          idleMs: longMs,
        }),
      ),
    )
    t.is(answers.filter(({ isGranted }) => isGranted).length, 3)
    t.true(
      answers.every(({ isGranted, used }) => (isGranted ? used >= 1 && used <= 3 : used === 3)),
    )
    t.is((await stores[0]!.seats.leases('race')).length, 3)
  })

  test('seats: a holder who asks again renews one lease, begun when it was', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { seats } = store
    const ask = { pool: 'renew', holder: 'h', seats: 1, idleMs: longMs }
    t.deepEqual(await seats.acquire({ ...ask, idleMs: shortMs }), { isGranted: true, used: 1 })
    const [before] = await seats.leases('renew')
    await pass(20)
    t.deepEqual(await seats.acquire(ask), { isGranted: true, used: 1 })
    const [after, ...others] = await seats.leases('renew')
    t.is(others.length, 0)
    t.is(after!.acquiredAt, before!.acquiredAt)
    t.true(after!.endsAt > before!.endsAt)
    t.true(after!.endsAt - after!.acquiredAt >= longMs + 20)
    t.is(before!.endsAt - before!.acquiredAt, shortMs)
  })

  test('seats: a seat not renewed is free again, and not before', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { seats } = store
    const ask = { pool: 'idle', seats: 1, idleMs: shortMs }
    t.true((await seats.acquire({ ...ask, holder: 'a' })).isGranted)
    t.deepEqual(await seats.acquire({ ...ask, holder: 'b' }), { isGranted: false, used: 1 })
    await pass(shortMs + 10)
    t.deepEqual(await seats.leases('idle'), [])
    t.is(await seats.release(['idle'], 'a'), 0)
    t.deepEqual(await seats.acquire({ ...ask, holder: 'b' }), { isGranted: true, used: 1 })
  })

  test('seats: a lease that is shortened ends soon, unless it is renewed', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { seats } = store
    const ask = { pool: 'short', seats: 2, idleMs: longMs }
    for (const holder of ['a', 'b']) t.true((await seats.acquire({ ...ask, holder })).isGranted)
    t.is(await seats.shorten(['short', 'none'], 'a', shortMs), 1)
    t.is(await seats.shorten(['short'], 'a', longMs), 0)
    t.is(await seats.shorten(['short'], 'nobody', shortMs), 0)
    t.is(await seats.shorten(['short'], 'b', shortMs), 1)
    t.true((await seats.acquire({ ...ask, holder: 'b', only: 'renew' })).isGranted)
    await pass(shortMs + 10)
    t.deepEqual(
      (await seats.leases('short')).map(({ holder }) => holder),
      ['b'],
    )
    // A seat that is kept for who has waited keeps its time.
    t.is((await seats.wait({ ...ask, holder: 'c', queue: terms })).kind, 'held')
    t.is(await seats.shorten(['short'], 'c', shortMs), 0)
  })

  test('seats: a release frees the seats of one holder in the named pools, once', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { seats } = store
    for (const pool of ['out:1', 'out:2', 'out:3']) {
      await seats.acquire({ pool, holder: 'a', seats: 2, idleMs: longMs })
      await seats.acquire({ pool, holder: 'b', seats: 2, idleMs: longMs })
    }
    t.is(await seats.release(['out:1', 'out:2', 'out:none'], 'a'), 2)
    t.is(await seats.release(['out:1', 'out:2', 'out:none'], 'a'), 0)
    t.is(await seats.release([], 'a'), 0)
    const holders = async (pool: string) => (await seats.leases(pool)).map(({ holder }) => holder)
    t.deepEqual(await holders('out:1'), ['b'])
    t.deepEqual((await holders('out:3')).toSorted(), ['a', 'b'])
  })

  test('seats: leases are listed oldest first', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { seats } = store
    for (const holder of ['z', 'm', 'a']) {
      await seats.acquire({ pool: 'order', holder, seats: 9, idleMs: longMs })
      await pass(5)
    }
    await seats.acquire({ pool: 'order', holder: 'z', seats: 9, idleMs: longMs })
    const leases = await seats.leases('order')
    t.deepEqual(
      leases.map(({ holder }) => holder),
      ['z', 'm', 'a'],
    )
    t.true(leases.every(({ pool }) => pool === 'order'))
  })

  test('seats: when their number is lowered those who came first stay', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { seats } = store
    const ask = { pool: 'fewer', idleMs: longMs }
    for (const holder of ['c', 'b', 'a']) {
      await seats.acquire({ ...ask, holder, seats: 3 })
      await pass(5)
    }
    t.deepEqual(await seats.acquire({ ...ask, holder: 'new', seats: 2 }), {
      isGranted: false,
      used: 3,
    })
    t.deepEqual(await seats.acquire({ ...ask, holder: 'c', seats: 2 }), {
      isGranted: true,
      used: 3,
    })
    t.deepEqual(await seats.acquire({ ...ask, holder: 'a', seats: 2 }), {
      isGranted: false,
      used: 2,
    })
    t.deepEqual(await seats.acquire({ ...ask, holder: 'b', seats: 2 }), {
      isGranted: true,
      used: 2,
    })
    t.deepEqual(await seats.acquire({ ...ask, holder: 'b', seats: 0 }), {
      isGranted: false,
      used: 1,
    })
  })

  test('seats: pools are apart whatever their names', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { seats } = store
    for (const pool of awkwardNames) {
      const ask = { pool, seats: 1, idleMs: longMs }
      t.true((await seats.acquire({ ...ask, holder: `${pool}}:h` })).isGranted, pool)
      t.false((await seats.acquire({ ...ask, holder: 'other' })).isGranted, pool)
    }
    for (const pool of awkwardNames) {
      t.deepEqual(
        (await seats.leases(pool)).map(({ holder }) => holder),
        [`${pool}}:h`],
      )
    }
  })

  test('seats: any course of asking, waiting and leaving agrees with two plain lists', async (t) => {
    const { open } = subject(t)
    const { seats } = open()
    const lasting = { holdMs: longMs, seenMs: longMs, waiters: 3 }
    let course = 0
    const asks = askOf('', fc.constant(3), fc.constant(1), fc.constant(longMs))
    await fc.assert(
      fc.asyncProperty(fc.array(asks, { maxLength: 40 }), async (steps) => {
        const pool = `model:${course++}`
        const model = new SeatModel(0)
        for (const ask of steps) {
          // With long times only the order matters; `shorten` finds nothing to shorten.
          const terms = { terms: lasting, isTimeKnown: false }
          await step(t, seats, model, { ...ask, pool }, terms)
        }
      }),
      { numRuns: 15 },
    )
  })
}

const terms: QueueTerms = { holdMs: longMs, seenMs: longMs, waiters: 100 }

/** One after the other: a client each at once is much for a Cluster of three on a small machine. */
function testQueue(test: Declare, subject: Opening): void {
  test.serial(
    'queue: those who wait get seats in the order in which they came, and nobody overtakes',
    async (t) => {
      const { open } = subject(t)
      const [one, other] = [open(), open()]
      const ask = { pool: 'fifo', seats: 2, idleMs: longMs }
      for (const holder of ['a', 'b']) await one.seats.acquire({ ...ask, holder })
      const names = ['z', 'm', 'c', 'k']
      for (const [index, holder] of names.entries()) {
        const { isGranted, wait } = await one.seats.acquire({ ...ask, holder, queue: terms })
        t.false(isGranted)
        t.like(wait, { kind: 'waiting', isNew: true, place: index + 1, length: index + 1 })
      }
      await one.seats.release(['fifo'], 'a')
      // The newcomer comes before the first who waits has looked, to another process.
      t.deepEqual(await other.seats.acquire({ ...ask, holder: 'new' }), {
        isGranted: false,
        used: 2,
      })
      t.like(await one.seats.wait({ ...ask, holder: 'm', queue: terms }), { place: 1, length: 3 })
      t.is((await one.seats.wait({ ...ask, holder: 'z', queue: terms })).kind, 'held')
      const claimed = await other.seats.acquire({ ...ask, holder: 'z' })
      t.true(claimed.isGranted)
      t.true(typeof claimed.waitedMs === 'number' && claimed.waitedMs >= 0)
      t.false('waitedMs' in (await other.seats.acquire({ ...ask, holder: 'z' })))
      await one.seats.release(['fifo'], 'z')
      await one.seats.release(['fifo'], 'b')
      for (const holder of ['k', 'c', 'm']) {
        const kind = holder === 'k' ? 'waiting' : 'held'
        t.is((await one.seats.wait({ ...ask, holder, queue: terms })).kind, kind)
      }
      const leases = await other.seats.leases('fifo')
      t.deepEqual(leases.map(({ holder, isOnHold }) => `${holder} ${isOnHold}`).toSorted(), [
        'c true',
        'm true',
      ])
    },
  )

  test.serial(
    'queue: a seat that is kept and not taken goes to the next, and counts meanwhile',
    async (t) => {
      const { open, pass } = subject(t)
      const store = open()
      const { seats } = store
      const short = { ...terms, holdMs: shortMs }
      const ask = { pool: 'lapse', seats: 1, idleMs: longMs }
      await seats.acquire({ ...ask, holder: 'a' })
      for (const holder of ['b', 'c']) await seats.wait({ ...ask, holder, queue: short })
      await seats.release(['lapse'], 'a')
      t.like(await seats.wait({ ...ask, holder: 'c', queue: short }), { kind: 'waiting', place: 1 })
      t.deepEqual(await seats.acquire({ ...ask, holder: 'd' }), { isGranted: false, used: 1 })
      await pass(shortMs + 10)
      const answer = await seats.wait({ ...ask, holder: 'c', queue: short })
      t.true(answer.kind === 'held' && answer.leftMs > 0 && answer.leftMs <= shortMs)
      t.like(await seats.wait({ ...ask, holder: 'b', queue: short }), { isNew: true, place: 1 })
    },
  )

  test.serial('queue: who is not heard of leaves it, who is keeps the place', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { seats } = store
    const short = { ...terms, seenMs: shortMs }
    const ask = { pool: 'seen', seats: 1, idleMs: longMs }
    await seats.acquire({ ...ask, holder: 'a' })
    await seats.wait({ ...ask, holder: 'gone', queue: short })
    await seats.wait({ ...ask, holder: 'here', queue: terms })
    t.like(await seats.wait({ ...ask, holder: 'here', queue: terms }), { isNew: false, place: 2 })
    await pass(shortMs + 10)
    t.like(await seats.wait({ ...ask, holder: 'here', queue: terms }), { isNew: false, place: 1 })
    const stay = { ...ask, queue: terms, only: 'stay' } as const
    t.deepEqual(await seats.wait({ ...stay, holder: 'gone' }), { kind: 'gone' })
    t.deepEqual(
      (await seats.waiters('seen')).map(({ holder }) => holder),
      ['here'],
    )
  })

  test.serial(
    'queue: it can be left, with the seat that was kept, but a seat in use stays',
    async (t) => {
      const { open } = subject(t)
      const store = open()
      const { seats } = store
      const ask = { pool: 'leave', seats: 1, idleMs: longMs }
      await seats.acquire({ ...ask, holder: 'a' })
      for (const holder of ['b', 'c', 'd']) await seats.wait({ ...ask, holder, queue: terms })
      t.is(await seats.leave(['leave', 'none'], 'c'), 1)
      t.is(await seats.leave(['leave'], 'c'), 0)
      t.is(await seats.leave(['leave'], 'a'), 0)
      t.is(await seats.release(['leave'], 'a'), 1)
      t.is((await seats.wait({ ...ask, holder: 'b', queue: terms })).kind, 'held')
      t.is(await seats.leave(['leave'], 'b'), 1)
      t.is((await seats.wait({ ...ask, holder: 'd', queue: terms })).kind, 'held')
      t.is(await seats.release(['leave'], 'd'), 1)
      // Signing out leaves the queue as well.
      await seats.acquire({ ...ask, holder: 'a' })
      await seats.wait({ ...ask, holder: 'b', queue: terms })
      t.is(await seats.release(['leave'], 'b'), 0)
      t.deepEqual(await seats.waiters('leave'), [])
    },
  )

  test.serial(
    'queue: it has a longest length, and of many who come at once each has one place',
    async (t) => {
      const { open } = subject(t)
      const stores = [open(), open(), open()]
      const ask = { pool: 'long', seats: 2, idleMs: longMs, queue: { ...terms, waiters: 5 } }
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          stores[index % 3]!.seats.acquire({ ...ask, holder: `h${index % 20}` }),
        ),
      )
      t.true(answers.filter(({ wait }) => wait?.kind === 'waiting' && wait.isNew).length === 5)
      t.is((await stores[0]!.seats.leases('long')).length, 2)
      const waiters = await stores[0]!.seats.waiters('long')
      t.is(new Set(waiters.map(({ holder }) => holder)).size, 5)
      t.true(answers.every(({ wait }) => wait?.kind !== 'crowded' || wait.length === 5))
      t.is(answers.filter(({ wait }) => wait?.kind === 'crowded').length, 60 - 7 * 3)
    },
  )

  test.serial(
    'queue: a pool without holders keeps its free seat for who comes to wait',
    async (t) => {
      const { open } = subject(t)
      const store = open()
      const { seats } = store
      const ask = { pool: 'empty', seats: 1, holder: 'a', queue: terms }
      t.is((await seats.wait(ask)).kind, 'held')
      t.like((await seats.leases('empty'))[0], { holder: 'a', isOnHold: true })
      t.like(await seats.wait({ ...ask, holder: 'b' }), { kind: 'waiting', place: 1 })
    },
  )

  test.serial('queue: the pace is told once enough seats have become free', async (t) => {
    const { open, pass } = subject(t)
    const store = open()
    const { seats } = store
    const ask = { pool: 'pace', seats: 1, idleMs: longMs }
    for (const holder of ['a', 'b', 'c']) {
      await seats.acquire({ ...ask, holder })
      t.false('paceMs' in (await seats.wait({ ...ask, holder: `${holder}2`, queue: terms })))
      await seats.leave(['pace'], `${holder}2`)
      await seats.release(['pace'], holder)
      await pass(100)
    }
    await seats.acquire({ ...ask, holder: 'd' })
    const answer = await seats.wait({ ...ask, holder: 'e', queue: terms })
    t.true(answer.kind === 'waiting' && (answer.paceMs ?? 0) >= 99, JSON.stringify(answer))
  })

  test.serial('reserved seats are for readers on site, whoever else waits', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { seats } = store
    const ask = { pool: 'rooms', seats: 3, reserved: 1, idleMs: longMs }
    const onSite = { ...ask, isOnSite: true }
    for (const holder of ['a', 'b']) t.true((await seats.acquire({ ...ask, holder })).isGranted)
    t.like(await seats.acquire({ ...ask, holder: 'c', queue: terms }), {
      isGranted: false,
      used: 2,
    })
    // Not overtaking: this seat is not for those who wait.
    t.true((await seats.acquire({ ...onSite, holder: 'd' })).isGranted)
    t.like(await seats.wait({ ...onSite, holder: 'e', queue: terms }), { place: 2 })
    await seats.release(['rooms'], 'd')
    t.like(await seats.wait({ ...ask, holder: 'c', queue: terms }), { kind: 'waiting', place: 1 })
    t.is((await seats.wait({ ...onSite, holder: 'e', queue: terms })).kind, 'held')
    await seats.release(['rooms'], 'a')
    t.is((await seats.wait({ ...ask, holder: 'c', queue: terms })).kind, 'held')
  })

  test.serial(
    'reserved seats: who goes home needs a general one, and keeps theirs for the way back',
    async (t) => {
      const { open } = subject(t)
      const store = open()
      const { seats } = store
      const ask = { pool: 'home', seats: 2, reserved: 1, idleMs: longMs }
      t.true((await seats.acquire({ ...ask, holder: 'a', isOnSite: true })).isGranted)
      t.true((await seats.acquire({ ...ask, holder: 'b' })).isGranted)
      const refused = { isGranted: false, used: 2, isKeptOnSite: true } as const
      t.deepEqual(await seats.acquire({ ...ask, holder: 'a', queue: terms }), refused)
      t.true((await seats.acquire({ ...ask, holder: 'a', isOnSite: true })).isGranted)
      await seats.release(['home'], 'b')
      t.true((await seats.acquire({ ...ask, holder: 'a' })).isGranted)
      // The general seat is taken now, the reserved one is free.
      t.false((await seats.acquire({ ...ask, holder: 'b' })).isGranted)
      t.true((await seats.acquire({ ...ask, holder: 'b', isOnSite: true })).isGranted)
    },
  )

  test.serial('a seat is only renewed where that is asked', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { seats } = store
    const ask = { pool: 'renewed', holder: 'a', seats: 1, idleMs: longMs }
    t.deepEqual(await seats.acquire({ ...ask, only: 'renew' }), { isGranted: false, used: 0 })
    t.true((await seats.acquire(ask)).isGranted)
    t.true((await seats.acquire({ ...ask, only: 'renew' })).isGranted)
  })
}

/** Waits, for a bounded time, until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries++) await delay(10)
}

function testWatch(test: Declare, subject: Opening): void {
  test.serial('watch: leases given up, lost or moved are told, and no others', async (t) => {
    const { open } = subject(t)
    const store = open()
    // The embedded store tells its own process; others see that the file was written.
    const writer = store.kind === 'embedded' ? store : open()
    const told: string[] = []
    const watch = store.seats.watch((lease) => {
      // Other tests use the same channel.
      if (lease?.pool === 'news {"1"}') told.push(lease.holder)
    })
    await until(() => watch.isHearing())
    t.true(watch.isHearing())

    const { seats } = writer
    const ask = { pool: 'news {"1"}', seats: 2, reserved: 1, idleMs: longMs }
    const [a, b] = ['a"}\n', 'b']
    const courses: [expected: string[], work: () => Promise<unknown>][] = [
      [[], () => seats.acquire({ ...ask, holder: a })],
      [[], () => seats.acquire({ ...ask, holder: a })],
      [[a], () => seats.acquire({ ...ask, holder: a, isOnSite: true })],
      [[], () => seats.acquire({ ...ask, holder: b })],
      [[], () => seats.acquire({ ...ask, holder: 'c', queue: terms })],
      [[], () => seats.leave([ask.pool], 'c')],
      [[], () => seats.shorten([ask.pool], b, 2 * longMs)],
      [[b], () => seats.shorten([ask.pool], b, shortMs)],
      [[b], () => seats.acquire({ ...ask, holder: b, seats: 1, reserved: 0 })],
      [[], () => seats.release([ask.pool], b)],
      [[a], () => seats.release([ask.pool], a)],
    ]
    const expected: string[] = []
    for (const [news, work] of courses) {
      await work()
      expected.push(...news)
      await until(() => told.length >= expected.length)
      t.deepEqual(told, expected, work.toString())
    }
    watch.stop()
    await seats.acquire({ ...ask, holder: a })
    await seats.release([ask.pool], a)
    await delay(50)
    t.deepEqual(told, expected)
  })
}

const event = (id: string, at: number) => ({ id, at, body: JSON.stringify({ id, at, '{': '\n"' }) })

const dayOf = (period: string, madeFrom: number) =>
  ({ kind: 'day', period, madeFrom, body: JSON.stringify({ period, madeFrom }) }) as const

/** Each test's events lie in an hour of their own. */
const spanOf = (hour: number) => 1_700_000_000_000 + hour * 3_600_000

function testUsage(test: Declare, subject: Opening): void {
  test('usage: events are read in order of time, then id, from a half-open span', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { usage } = store
    const at = spanOf(1)
    const events = ['b', 'a', 'c', 'd'].map((id, index) => event(`order-${id}`, at + (index >> 1)))
    await usage.append([event('order-late', at + 5), ...events])
    const ids = async (fromAt: number, toAt: number) =>
      (await usage.read({ fromAt, toAt, count: 10 })).map(({ id }) => id)
    t.deepEqual(await ids(at, at + 5), ['order-a', 'order-b', 'order-c', 'order-d'])
    t.deepEqual(await ids(at + 1, at + 6), ['order-c', 'order-d', 'order-late'])
    t.deepEqual(await ids(at + 2, at + 5), [])
    t.deepEqual(await ids(at + 5, at), [])
    t.deepEqual(await usage.read({ fromAt: at + 5, toAt: at + 6, count: 1 }), [
      event('order-late', at + 5),
    ])
  })

  test('usage: an id that is there already is left as it is', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { usage } = store
    const at = spanOf(2)
    await usage.append([event('twice', at), { ...event('twice', at), body: '"same call"' }])
    await usage.append([{ id: 'twice', at: at + 1, body: '"later"' }, event('once', at + 2)])
    await usage.append([])
    t.deepEqual(await usage.read({ fromAt: at, toAt: at + 10, count: 10 }), [
      event('twice', at),
      event('once', at + 2),
    ])
  })

  test('usage: pages follow one another without gap or repetition', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { usage } = store
    const at = spanOf(3)
    const events = Array.from({ length: 1234 }, (_, index) =>
      event(`page-${String(index).padStart(5, '0')}`, at + (index >> 3)),
    )
    await usage.append(events.toReversed())
    const range = { fromAt: at, toAt: at + 3_600_000, count: 100 }
    const found = [...(await usage.read(range))]
    for (;;) {
      const page = await usage.read({ ...range, afterId: found.at(-1)!.id })
      t.true(page.length <= 100)
      if (page.length === 0) break
      found.push(...page)
    }
    t.deepEqual(found, events)
    // A place before the span begins at the span.
    const late = await usage.read({ ...range, fromAt: at + 100, count: 1, afterId: events[0]!.id })
    t.deepEqual(late, [events[800]!])
  })

  test('usage: a page after what is not stored, or without bound, is refused', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { usage } = store
    const range = { fromAt: 0, toAt: spanOf(0), count: 10 }
    await t.throwsAsync(() => usage.read({ ...range, afterId: 'nowhere' }), {
      code: 'ERR_STORE_DATA',
    })
    await t.throwsAsync(() => usage.read({ ...range, count: 1_000_000 }))
    await t.throwsAsync(() => usage.read({ ...range, count: 0 }))
  })

  test('usage: however events come in batches, again or not, each is there once', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { usage } = store
    const hour = 310_000
    const at = hour * 3_600_000
    // Three hours in turn, so that each batch has many of each.
    const all = Array.from({ length: 150 }, (_, index) =>
      event(`batch-${String(index).padStart(3, '0')}`, at + (index % 3) * 3_600_000 + index),
    )
    for (const [from, to] of [
      [0, 1],
      [0, 19],
      [10, 71],
      [5, 68],
      [60, 150],
      [0, 150],
    ]) {
      t.is(await usage.append(all.slice(from, to)), 0)
    }
    const range = { fromAt: at, toAt: at + 3 * 3_600_000, count: 200 }
    const found = await usage.read(range)
    t.deepEqual(
      found.toSorted((one, other) => one.id.localeCompare(other.id)),
      all,
    )
    t.deepEqual([...(await usage.hours(hour, hour + 3)).values()], [50, 50, 50])
  })

  test('usage: each hour tells its number, events added twice or replaced count once', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { usage } = store
    // Hours that no other test uses, more than one question of Redis takes.
    const hour = 300_000
    const at = hour * 3_600_000
    const events = [at, at + 1, at + 3_599_999, at + 3_600_000, at + 2000 * 3_600_000].map(
      (each, index) => event(`hours-${index}`, each),
    )
    t.is(await usage.append(events), 0)
    t.is(await usage.append([...events.slice(1, 4), event('hours-5', at + 5)]), 0)
    await usage.replace([
      { id: 'hours-1', body: '"other"' },
      { id: 'hours-nowhere', body: '"x"' },
    ])
    const found = await usage.hours(hour, hour + 2001)
    t.deepEqual(
      [...found].toSorted(([one], [other]) => one - other),
      [
        [hour, 4],
        [hour + 1, 1],
        [hour + 2000, 1],
      ],
    )
    t.deepEqual([...(await usage.hours(hour + 1, hour + 1))], [])
    const [replaced] = await usage.read({ fromAt: at + 1, toAt: at + 2, count: 2 })
    t.deepEqual(replaced, { id: 'hours-1', at: at + 1, body: '"other"' })
  })

  test('usage: a time that is forgotten stays so, and what comes late is told', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { usage } = store
    // Before the events of all other tests, which share a store with this one.
    const hour = 1000
    const beforeAt = (hour + 1) * 3_600_000 + 60_000
    const size = limits.store.forgottenAtOnce
    const events = Array.from({ length: size + 2 }, (_, index) =>
      event(`old-${String(index).padStart(5, '0')}`, hour * 3_600_000 + index),
    )
    const kept = [event('old-edge', beforeAt), event('old-kept', beforeAt + 1)]
    await usage.append([...events, event('old-last', beforeAt - 1), ...kept])
    t.is(await usage.keptFrom(), 0)
    t.is(await usage.forget(beforeAt), size)
    t.is(await usage.keptFrom(), beforeAt)
    t.is(await usage.forget(beforeAt), 3)
    t.is(await usage.forget(beforeAt), 0)
    // An earlier instant brings nothing back.
    t.is(await usage.forget(beforeAt - 5), 0)
    t.is(await usage.keptFrom(), beforeAt)
    t.is(await usage.append([event('old-late', beforeAt - 1), event('old-new', beforeAt)]), 1)
    const ids = (await usage.read({ fromAt: 0, toAt: beforeAt + 9, count: 9 })).map(({ id }) => id)
    t.deepEqual(ids, ['old-edge', 'old-new', 'old-kept'])
    t.deepEqual([...(await usage.hours(hour, hour + 2))], [[hour + 1, 3]])
  })

  test('figures: a document stands in the place of the one before, and outlives others', async (t) => {
    const { open } = subject(t)
    const store = open()
    const { figures } = store
    const [last, first, next] = [
      dayOf('1999-03-31', 7),
      dayOf('1999-03-01', 0),
      dayOf('1999-04-01', 9),
    ]
    await figures.write([last, first, next])
    await figures.write([])
    await figures.write([{ ...first, kind: 'month', period: '1999-03' }, dayOf('1999-03-31', 8)])
    t.deepEqual(await figures.read('day', '1999-03-01', '1999-03-31'), [
      first,
      dayOf('1999-03-31', 8),
    ])
    t.deepEqual(await figures.read('day', '1999-03', '1999-03'), [])
    t.is((await figures.read('month', '1999-01', '1999-12')).length, 1)
    const made = await figures.madeFrom('day')
    t.deepEqual(
      [made.get('1999-03-01'), made.get('1999-03-31'), made.get('1999-03-02')],
      [0, 8, undefined],
    )
    await figures.remove('day', ['1999-03-01', '1999-03-15'])
    await figures.remove('day', [])
    t.deepEqual(
      (await figures.read('day', '1999-01-01', '1999-12-31')).map(({ period }) => period),
      ['1999-03-31', '1999-04-01'],
    )
    t.false((await figures.madeFrom('day')).has('1999-03-01'))
  })

  test('a store that was closed says that it is away', async (t) => {
    const { open } = subject(t)
    const store = open()
    await store.ping()
    await store.close()
    await store.close()
    const expectation = { code: 'ERR_STORE_AWAY' }
    await t.throwsAsync(() => store.ping(), expectation)
    await t.throwsAsync(() => store.records.read('x'), expectation)
    await t.throwsAsync(() => store.seats.leases('x'), expectation)
    await t.throwsAsync(() => store.usage.append([event('x', 1)]), expectation)
    await t.throwsAsync(() => store.figures.read('day', '1999-01-01', '1999-01-02'), expectation)
  })
}

/** Real time, for a store whose clock cannot be handed in. */
export async function passReally(ms: number): Promise<void> {
  await delay(ms)
}
