import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'
import * as fc from 'fast-check'

import { systemClock, type Clock } from '../../src/core/clock.ts'
import { metrics, type Figures } from '../../src/core/figures.ts'
import type { FiguresDocument, Store } from '../../src/store/contract.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { figuresOf, textOfFigures } from '../../src/usage/figures-text.ts'
import { readersOf, textOfReaders } from '../../src/usage/readers-text.ts'
import type { Readers } from '../../src/usage/readers.ts'
import { atOnce } from '../../src/usage/steps.ts'
import { firstFigures, firstReaders } from './first-version.ts'
import {
  counted,
  day,
  dayAt,
  denial,
  exchange,
  request,
  stored,
  sumsOf,
  timeZone,
} from './events.ts'

const daySeconds = 86_400

function toldOf(readers: Readers): Figures['readers'] {
  return atOnce(readers.told()).figures
}

/** A store, and figures at noon of some day after the one that tests count; who looks on may throw. */
function setUp(
  t: ExecutionContext,
  daysLater = 0,
  keepDays = 100,
  onWrite: (documents: readonly FiguresDocument[]) => void = () => undefined,
) {
  const file = join(mkdtempSync(join(tmpdir(), 'darbaza-figures-')), 'store.db')
  const clock = { ...systemClock, nowMs: dayAt + (daysLater + 0.5) * 86_400_000, steadyMs: 0 }
  const movable: Clock = { now: () => clock.nowMs, steady: () => clock.steadyMs }
  const store = createEmbeddedStore({ file, clock: movable })
  t.teardown(() => store.close())
  const unreadable: [string, number][] = []
  const watched: Store['figures'] = {
    madeFrom: (kind) => store.figures.madeFrom(kind),
    read: (kind, from, to) => store.figures.read(kind, from, to),
    remove: (kind, periods) => store.figures.remove(kind, periods),
    async write(documents) {
      onWrite(documents)
      await store.figures.write(documents)
    },
  }
  const figures = createFigures({
    store: { usage: store.usage, figures: watched },
    clock: movable,
    timeZone,
    keepDays,
    onUnreadable: (period, count) => unreadable.push([period, count]),
  })
  return { store, usage: store.usage, figures, clock, unreadable }
}

const requestsOf = (all: readonly Figures[]) =>
  all.map((each) => [each.period, sumsOf(each).Total_Item_Requests ?? 0])

/** Distinct readers of the whole library. */
const allReaders = ({ readers }: Pick<Figures, 'readers'>) =>
  readers.find(({ resourceId, by }) => resourceId + by === '')?.readers

test('days and months are made from what is stored, and again when there is more', async (t) => {
  const { usage, figures } = setUp(t, 3)
  const first = [request(0, 'a'), request(100, 'b'), request(2 * daySeconds, 'c')]
  await usage.append(first)
  await figures.refresh('now')
  t.deepEqual(requestsOf(await figures.days('2026-11-01', '2026-12-31')), [
    [day, 2],
    ['2026-12-02', 1],
  ])
  t.deepEqual(requestsOf(await figures.months('2026-01', '2026-12')), [
    ['2026-11', 2],
    ['2026-12', 1],
  ])
  // Late, and partly for the second time.
  await usage.append([...first, request(200, 'd'), request(daySeconds, 'e')])
  await figures.refresh('now')
  await figures.refresh('now')
  t.deepEqual(requestsOf(await figures.days('2026-11-01', '2026-12-31')), [
    [day, 3],
    ['2026-12-01', 1],
    ['2026-12-02', 1],
  ])
  t.deepEqual(requestsOf(await figures.months('2026-11', '2026-11')), [['2026-11', 3]])
})

test('a day is what its events alone make of it, in any order of coming', async (t) => {
  const events = Array.from({ length: 400 }, (_, index) =>
    request((index * 7919) % daySeconds, `i${index % 50}`, {
      person: `p${index % 7}`,
      session: `s${index % 11}`,
      categories: index % 3 === 0 ? ['faculty'] : ['student'],
    }),
  )
  const expected = counted(events).figures
  for (const order of [events, events.toReversed()]) {
    const { usage, figures } = setUp(t)
    for (let at = 0; at < order.length; at += 130) {
      await usage.append(order.slice(at, at + 130))
      await figures.refresh('now')
    }
    const [found] = await figures.days(day, day)
    t.deepEqual(found, expected)
  }
})

test('the last click of a day waits for what comes after midnight', async (t) => {
  const { usage, figures } = setUp(t, 1)
  await usage.append([request(daySeconds - 10, 'a')])
  await figures.refresh('now')
  t.deepEqual(requestsOf(await figures.days(day, '2026-12-01')), [[day, 1]])
  await usage.append([request(daySeconds + 10, 'a')])
  await figures.refresh('now')
  t.deepEqual(requestsOf(await figures.days(day, '2026-12-01')), [
    [day, 0],
    ['2026-12-01', 1],
  ])
})

test('distinct readers of months and years are a union, not a sum', async (t) => {
  const { usage, figures } = setUp(t, 3)
  await usage.append([
    exchange(0, { person: 'p1' }),
    exchange(1, { person: 'p2' }),
    exchange(daySeconds, { person: 'p2' }),
    exchange(2 * daySeconds, { person: 'p2' }),
    exchange(2 * daySeconds, { person: 'p3', categories: ['faculty'] }),
  ])
  await figures.refresh('now')
  t.deepEqual((await figures.days('2026-11-30', '2026-12-02')).map(allReaders), [2, 1, 2])
  t.deepEqual((await figures.months('2026-11', '2026-12')).map(allReaders), [2, 2])
  t.deepEqual((await figures.years('2026', '2026')).map(allReaders), [3])
})

test('a year is made once for all its months, and at the next counting if that was broken off', async (t) => {
  let isAway = true
  const years: string[] = []
  const { usage, figures } = setUp(t, 3, 100, (documents) => {
    for (const { period } of documents.filter(({ kind }) => kind === 'year')) {
      years.push(period)
      if (isAway) throw new Error('away')
    }
  })
  await usage.append([
    request(0, 'a', { person: 'p1' }),
    request(daySeconds, 'a', { person: 'p1' }),
    request(2 * daySeconds, 'b', { person: 'p2' }),
  ])
  await t.throwsAsync(figures.refresh('now'), { message: 'away' })
  t.is((await figures.months('2026-11', '2026-12')).length, 2)
  t.deepEqual(await figures.years('2026', '2026'), [])
  isAway = false
  await figures.refresh('now')
  t.deepEqual((await figures.years('2026', '2026')).map(allReaders), [2])
  await figures.refresh('now')
  await figures.recount(new Set([day, '2026-12-01', '2026-12-02']))
  t.deepEqual(years, ['2026', '2026', '2026'])
})

test('when due, a day waits for its pause and a month for its hour', async (t) => {
  const { usage, figures, clock } = setUp(t)
  const told = async () => [
    ...requestsOf(await figures.days(day, day)),
    ...requestsOf(await figures.months('2026-11', '2026-11')),
  ]
  await usage.append([request(0, 'a')])
  await figures.refresh('due')
  t.deepEqual(await told(), [
    [day, 1],
    ['2026-11', 1],
  ])
  await usage.append([request(60, 'b')])
  clock.steadyMs += 60_000
  await figures.refresh('due')
  t.deepEqual(await told(), [
    [day, 2],
    ['2026-11', 1],
  ])
  clock.steadyMs += 3_600_000
  await figures.refresh('due')
  t.deepEqual(await told(), [
    [day, 2],
    ['2026-11', 2],
  ])
})

test('what is too old is forgotten, its figures stay and are final', async (t) => {
  const { store, usage, figures, clock } = setUp(t, 61, 62)
  await usage.append([request(0, 'a'), request(daySeconds, 'b'), request(2 * daySeconds, 'c')])
  await figures.forgetOld()
  t.is((await usage.read({ fromAt: 0, toAt: clock.nowMs, count: 10 })).length, 3)
  clock.nowMs += 2 * 86_400_000
  await figures.forgetOld()
  const kept = await usage.read({ fromAt: 0, toAt: clock.nowMs, count: 10 })
  t.deepEqual(
    kept.map(({ at }) => at),
    [dayAt + 86_400_000, dayAt + 2 * 86_400_000],
  )
  t.deepEqual(
    [...(await store.figures.madeFrom('day-readers')).keys()],
    ['2026-12-01', '2026-12-02'],
  )
  t.deepEqual([...(await store.figures.madeFrom('month-readers')).keys()], ['2026-12'])

  // Too late for its day, which is not made anew from what is left.
  t.is(await usage.append([request(10, 'late')]), 1)
  await figures.refresh('now')
  await figures.recount(new Set([day]))
  const days = await figures.days(day, '2026-12-01')
  t.deepEqual(requestsOf(days), [
    [day, 1],
    ['2026-12-01', 1],
  ])
  t.deepEqual(
    days.map(({ isFinal }) => isFinal),
    [true, false],
  )
  const months = await figures.months('2026-11', '2026-12')
  t.deepEqual(
    months.map(({ isFinal }) => isFinal),
    [true, false],
  )
  t.is(months[0]?.readers.find(({ resourceId }) => resourceId === '')?.readers, 1)
  // The year of which January's readers may be unknown tells what it told when they were known.
  t.is((await figures.years('2026', '2026')).length, 1)
})

test('events that cannot be read are told with their day', async (t) => {
  const { usage, figures, unreadable } = setUp(t)
  const broken = stored(5, { kind: 'exchange', status: 'fine' })
  await usage.append([request(0, 'a'), broken, { ...broken, id: 'x', body: 'no JSON' }])
  await figures.refresh('now')
  t.deepEqual(unreadable, [[day, 2]])
  t.deepEqual(requestsOf(await figures.days(day, day)), [[day, 1]])
})

test('figures and readers come back from their texts as they were', (t) => {
  const { figures, readers } = counted([
    request(0, 'a'),
    request(60, 'b', {
      unit: undefined,
      site: undefined,
      categories: undefined,
      use: {
        kind: 'request',
        format: 'epub',
        item: 'isbn:1',
        itemName: 'Ак кеме',
        dataType: 'Book',
      },
    }),
    denial(100, 'seats_full'),
    stored(60, { kind: 'seats', pool: 'p', seats: 2, used: 2, waiting: 1 }),
  ])
  t.deepEqual({ ...figuresOf(day, textOfFigures(figures)), isFinal: false }, figures)
  t.deepEqual(toldOf(readersOf(textOfReaders(readers))), toldOf(readers))
})

test('any text that is no figures is refused with one code', (t) => {
  const good = textOfFigures(counted([request(0, 'a')]).figures)
  const spoilt = fc.oneof(
    fc.string(),
    fc.json(),
    // A character changed somewhere: another figure, or none.
    fc
      .tuple(fc.nat(good.length - 1), fc.constantFrom('x', '-', '[', '"', '9'))
      .map(([at, letter]) => good.slice(0, at) + letter + good.slice(at + 1)),
  )
  fc.assert(
    fc.property(spoilt, (text) => {
      for (const read of [() => figuresOf(day, text), () => readersOf(text)]) {
        try {
          read()
        } catch (error) {
          t.is((error as { code?: string }).code, 'ERR_STORE_DATA')
        }
      }
    }),
  )
  const [head = '', cells = '', hours = ''] = good.split('\n')
  const known = JSON.parse(head) as { texts: string[]; sides: number[] }
  const row = JSON.parse(cells) as number[]
  const withHead = (change: object) =>
    [JSON.stringify({ ...known, ...change }), cells, hours].join('\n')
  const broken = [
    withHead({ sides: known.sides.slice(1) }),
    withHead({ sides: known.sides.map(() => 999) }),
    withHead({ sides: known.sides.map(() => -1) }),
    withHead({ sides: [] }),
    withHead({ metrics: [] }),
    withHead({ cellLines: 3 }),
    withHead({ texts: known.texts.map(() => 'x') }),
    ...[
      row.slice(1),
      row.slice(0, -1),
      row.with(0, 999),
      row.with(1, 999),
      row.with(2, 1 << (metrics.length + 1)),
    ].map((spoiltRow) => [head, JSON.stringify(spoiltRow), hours].join('\n')),
    [head, cells, JSON.stringify([0, 24, 1, 1])].join('\n'),
    head,
  ]
  for (const each of broken) {
    t.throws(() => figuresOf(day, each), { code: 'ERR_STORE_DATA' }, each)
  }
})

function newer(text: string): string {
  return text.replace('"version":2', '"version":7')
}

test('a document of another version is refused by its number', (t) => {
  const { figures, readers } = counted([request(0, 'a')])
  const expected = {
    code: 'ERR_STORE_DATA',
    message: /document is of version 7, this gateway reads up to 2/,
  }
  t.throws(() => figuresOf(day, newer(textOfFigures(figures))), expected)
  t.throws(() => readersOf(newer(textOfReaders(readers))), expected)
})

const firstDocuments = (madeFrom: number) => [
  { kind: 'day' as const, period: day, madeFrom, body: firstFigures },
  { kind: 'day-readers' as const, period: day, madeFrom, body: firstReaders },
  { kind: 'month' as const, period: '2026-11', madeFrom, body: firstFigures },
]

test('figures of version 1 are read as what they are: nobody’s faculty, no item’s readers', (t) => {
  const { readers, items, titles, cells } = figuresOf(day, firstFigures)
  t.is(sumsOf({ cells }).Total_Item_Requests, 2)
  t.deepEqual([items[0]?.readers, titles.length], [undefined, 0])
  t.deepEqual(
    readers.map(({ resourceId, by, key, readers: found }) => [resourceId, by, key, found]),
    [
      ['steppe', '', '', 2],
      ['steppe', 'category', 'student', 1],
      ['', '', '', 2],
      ['', 'category', 'student', 1],
    ],
  )
  t.is(allReaders({ readers: toldOf(readersOf(firstReaders)) }), 2)
})

test('what version 1 made is made anew from its events, once', async (t) => {
  const { store, usage, figures } = setUp(t)
  const use = { kind: 'request', format: 'pdf', item: 'id:a', title: 'issn:1' }
  const nobody = { person: 'p2', session: 's2', categories: undefined, unit: undefined }
  await usage.append([request(0, 'a', { use }), request(60, 'a', { use, ...nobody })])
  await store.figures.write(firstDocuments(2))
  await figures.refresh('due')
  const [made] = await figures.months('2026-11', '2026-11')
  t.deepEqual(made?.titles, [{ resourceId: 'steppe', title: 'issn:1', readers: 2 }])
  const ofUnits = made?.readers.filter(({ resourceId, by }) => resourceId + by === 'unit')
  t.deepEqual(
    ofUnits?.map(({ key, readers }) => [key, readers]),
    [
      ['', 1],
      ['Physics', 1],
    ],
  )
  const written = store.figures.write
  let writes = 0
  store.figures.write = (documents) => {
    writes += documents.length
    return written(documents)
  }
  await figures.refresh('now')
  t.is(writes, 0)
})

test('what version 1 made of events that are gone stays as it is', async (t) => {
  const { store, usage, figures } = setUp(t, 30)
  await store.figures.write(firstDocuments(2))
  await usage.forget(dayAt + 86_400_000)
  await usage.append([request(2 * daySeconds, 'b')])
  await figures.refresh('now')
  await figures.recount(new Set([day]))
  t.deepEqual(requestsOf(await figures.months('2026-11', '2026-12')), [
    ['2026-11', 2],
    ['2026-12', 1],
  ])
  const [month] = await figures.months('2026-11', '2026-11')
  t.is(month && allReaders(month), 2)
  t.is(month?.items[0]?.readers, undefined)
})
