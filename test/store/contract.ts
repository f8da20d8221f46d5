/**
 * What every store promises, as one suite that each implementation runs.
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises'

import type { TestFn } from 'ava'
import * as fc from 'fast-check'

import type { Store } from '../../src/store/contract.ts'

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

/** Declares the suite's tests; each asks for a subject once and works on keys and pools of its own. */
export function testStoreContract(test: TestFn, subject: () => Subject): void {
  testRecords(test, subject)
  testFields(test, subject)
  testSeats(test, subject)
  testUsage(test, subject)
}

function testRecords(test: TestFn, subject: () => Subject): void {
  test('records: what was written is read by every client, until it is overwritten', async (t) => {
    const { open } = subject()
    const [one, other] = [open(), open()]
    t.is(await other.records.read('read:1'), undefined)
    await one.records.write('read:1', 'first', longMs)
    t.is(await other.records.read('read:1'), 'first')
    await one.records.write('read:1', 'second', longMs)
    t.is(await other.records.read('read:1'), 'second')
    await Promise.all([one.close(), other.close()])
  })

  test('records: every text comes back as it was, under any key', async (t) => {
    const { open } = subject()
    const store = open()
    for (const name of awkwardNames) await store.records.write(`any:${name}`, `=${name}`, longMs)
    for (const name of awkwardNames) t.is(await store.records.read(`any:${name}`), `=${name}`)
    await store.records.write('any:long', 'ы'.repeat(300_000), longMs)
    t.is((await store.records.read('any:long'))?.length, 300_000)
    await store.close()
  })

  test('records: after its lifetime a value is as if never written', async (t) => {
    const { open, pass } = subject()
    const store = open()
    const { records } = store
    await records.write('life:read', 'x', shortMs)
    await records.write('life:take', 'x', shortMs)
    await records.write('life:extend', 'x', shortMs)
    await records.write('life:create', 'x', shortMs)
    await records.writeFields('life:fields', new Map([['a', '1']]), shortMs)
    t.is(await records.read('life:read'), 'x')
    await pass(shortMs + 10)
    t.is(await records.read('life:read'), undefined)
    t.is(await records.take('life:take'), undefined)
    t.false(await records.extend('life:extend', longMs))
    t.is(await records.read('life:extend'), undefined)
    t.deepEqual(await records.readFields('life:fields'), new Map())
    await records.writeFields('life:fields', new Map([['b', '2']]), longMs)
    t.deepEqual(await records.readFields('life:fields'), new Map([['b', '2']]))
    t.true(await records.create('life:create', 'y', longMs))
    t.is(await records.read('life:create'), 'y')
    await store.close()
  })

  test('records: a lifetime may be extended, shortened, broken or over', async (t) => {
    const { open, pass } = subject()
    const store = open()
    const { records } = store
    await records.write('extend:longer', 'x', shortMs)
    await records.write('extend:shorter', 'x', longMs)
    t.true(await records.extend('extend:longer', longMs))
    t.true(await records.extend('extend:shorter', 0.5))
    t.false(await records.extend('extend:none', longMs))
    await records.write('extend:over', 'x', -5)
    await pass(shortMs + 10)
    t.is(await records.read('extend:longer'), 'x')
    t.is(await records.read('extend:shorter'), undefined)
    t.is(await records.read('extend:over'), undefined)
    await t.throwsAsync(async () => records.write('extend:nan', 'x', Number.NaN))
    await store.close()
  })

  test('records: of many who create a key one does', async (t) => {
    const { open } = subject()
    const stores = [open(), open()]
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        stores[index % 2]!.records.create('create:1', String(index), longMs),
      ),
    )
    t.is(answers.filter(Boolean).length, 1)
    t.is(await stores[0]!.records.read('create:1'), String(answers.indexOf(true)))
    await Promise.all(stores.map((store) => store.close()))
  })

  test('records: of many who take a value one gets it', async (t) => {
    const { open } = subject()
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
    await Promise.all(stores.map((store) => store.close()))
  })

  test('records: removal takes values and fields, and does not mind what is not there', async (t) => {
    const { open } = subject()
    const store = open()
    const { records } = store
    await records.write('remove:1', 'x', longMs)
    await records.writeFields('remove:2', new Map([['a', '1']]), longMs)
    await records.remove(['remove:1', 'remove:2', 'remove:3'])
    await records.remove([])
    t.is(await records.read('remove:1'), undefined)
    t.deepEqual(await records.readFields('remove:2'), new Map())
    await store.close()
  })
}

function testFields(test: TestFn, subject: () => Subject): void {
  test('fields: are set, kept and removed one by one', async (t) => {
    const { open } = subject()
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
    await store.close()
  })

  test('fields: a write renews the lifetime of all', async (t) => {
    const { open, pass } = subject()
    const store = open()
    const { records } = store
    await records.writeFields('fields:2', new Map([['a', '1']]), shortMs)
    await records.writeFields('fields:2', new Map([['b', '2']]), longMs)
    await pass(shortMs + 10)
    t.is((await records.readFields('fields:2')).size, 2)
    await records.writeFields('fields:2', new Map(), 1)
    await pass(10)
    t.is((await records.readFields('fields:2')).size, 0)
    await store.close()
  })

  test('fields: a key whose last field is removed does not exist', async (t) => {
    const { open } = subject()
    const store = open()
    const { records } = store
    await records.writeFields('fields:3', new Map([['a', '1']]), longMs)
    await records.writeFields('fields:3', new Map([['a', undefined]]), longMs)
    t.false(await records.extend('fields:3', longMs))
    await records.writeFields('fields:3', new Map(), longMs)
    t.true(await records.create('fields:3', 'free', longMs))
    await store.close()
  })

  test('fields: of many writers none undoes another', async (t) => {
    const { open } = subject()
    const stores = [open(), open()]
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        stores[index % 2]!.records.writeFields('fields:4', new Map([[`f${index}`, 'x']]), longMs),
      ),
    )
    t.is((await stores[0]!.records.readFields('fields:4')).size, 40)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('records: a key is asked for what it holds, or says so', async (t) => {
    const { open } = subject()
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
    await t.throwsAsync(() => records.take('kind:fields'), expectation)
    t.false(await records.create('kind:fields', 'x', longMs))
    t.true(await records.extend('kind:fields', longMs))
    await records.write('kind:fields', 'now a value', longMs)
    t.is(await records.read('kind:fields'), 'now a value')
    await store.close()
  })
}

function testSeats(test: TestFn, subject: () => Subject): void {
  test('seats: 100 who ask at once for 3 seats make exactly 3 holders', async (t) => {
    const { open } = subject()
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
    await Promise.all(stores.map((store) => store.close()))
  })

  test('seats: a holder who asks again renews one lease, begun when it was', async (t) => {
    const { open, pass } = subject()
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
    await store.close()
  })

  test('seats: a seat not renewed is free again, and not before', async (t) => {
    const { open, pass } = subject()
    const store = open()
    const { seats } = store
    const ask = { pool: 'idle', seats: 1, idleMs: shortMs }
    t.true((await seats.acquire({ ...ask, holder: 'a' })).isGranted)
    t.deepEqual(await seats.acquire({ ...ask, holder: 'b' }), { isGranted: false, used: 1 })
    await pass(shortMs + 10)
    t.deepEqual(await seats.leases('idle'), [])
    t.is(await seats.release(['idle'], 'a'), 0)
    t.deepEqual(await seats.acquire({ ...ask, holder: 'b' }), { isGranted: true, used: 1 })
    await store.close()
  })

  test('seats: a release frees the seats of one holder in the named pools, once', async (t) => {
    const { open } = subject()
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
    await store.close()
  })

  test('seats: leases are listed oldest first', async (t) => {
    const { open, pass } = subject()
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
    await store.close()
  })

  test('seats: when their number is lowered those who came first stay', async (t) => {
    const { open, pass } = subject()
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
    await store.close()
  })

  test('seats: pools are apart whatever their names', async (t) => {
    const { open } = subject()
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
    await store.close()
  })

  test('seats: any course of asking and releasing agrees with a list of holders', async (t) => {
    const { open } = subject()
    const store = open()
    const { seats } = store
    let course = 0
    await fc.assert(
      fc.asyncProperty(fc.array(seatStep, { maxLength: 40 }), async (steps) => {
        const pool = `model:${course++}`
        // With a long idle time only the order of taking matters.
        let holders: string[] = []
        for (const step of steps) {
          if (step.kind === 'release') {
            t.is(await seats.release([pool], step.holder), holders.includes(step.holder) ? 1 : 0)
            holders = holders.filter((holder) => holder !== step.holder)
            continue
          }
          const ask = { pool, holder: step.holder, seats: 3, idleMs: longMs }
          const isGranted = holders.includes(step.holder) || holders.length < 3
          if (isGranted && !holders.includes(step.holder)) holders.push(step.holder)
          t.deepEqual(await seats.acquire(ask), { isGranted, used: holders.length })
        }
        const found = (await seats.leases(pool)).map(({ holder }) => holder)
        t.deepEqual(found.toSorted(), holders.toSorted())
      }),
      { numRuns: 25 },
    )
    await store.close()
  })
}

const holderName = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const seatStep = fc.record({
  kind: fc.constantFrom('acquire', 'acquire', 'release'),
  holder: holderName,
})

const event = (id: string, at: number) => ({ id, at, body: JSON.stringify({ id, at, '{': '\n"' }) })

/** Each test's events lie in an hour of their own. */
const spanOf = (hour: number) => 1_700_000_000_000 + hour * 3_600_000

function testUsage(test: TestFn, subject: () => Subject): void {
  test('usage: events are read in order of time, then id, from a half-open span', async (t) => {
    const { open } = subject()
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
    await store.close()
  })

  test('usage: an id that is there already is left as it is', async (t) => {
    const { open } = subject()
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
    await store.close()
  })

  test('usage: pages follow one another without gap or repetition', async (t) => {
    const { open } = subject()
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
    await store.close()
  })

  test('usage: a page after what is not stored, or without bound, is refused', async (t) => {
    const { open } = subject()
    const store = open()
    const { usage } = store
    const range = { fromAt: 0, toAt: spanOf(0), count: 10 }
    await t.throwsAsync(() => usage.read({ ...range, afterId: 'nowhere' }), {
      code: 'ERR_STORE_DATA',
    })
    await t.throwsAsync(() => usage.read({ ...range, count: 1_000_000 }))
    await t.throwsAsync(() => usage.read({ ...range, count: 0 }))
    await store.close()
  })

  test('a store that was closed says that it is away', async (t) => {
    const { open } = subject()
    const store = open()
    await store.ping()
    await store.close()
    await store.close()
    const expectation = { code: 'ERR_STORE_AWAY' }
    await t.throwsAsync(() => store.ping(), expectation)
    await t.throwsAsync(() => store.records.read('x'), expectation)
    await t.throwsAsync(() => store.seats.leases('x'), expectation)
    await t.throwsAsync(() => store.usage.append([event('x', 1)]), expectation)
  })
}

/** Real time, for a store whose clock cannot be handed in. */
export async function passReally(ms: number): Promise<void> {
  await delay(ms)
}
