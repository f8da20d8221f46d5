import test from 'ava'

import { createHourOf, instantIn } from '../../src/core/calendar.ts'
import type { StoredEvent } from '../../src/store/contract.ts'
import { startCounting } from '../../src/usage/count.ts'
import { recordedEventOf } from '../../src/usage/recorded-event.ts'
import { scenarios, times } from './auditors.ts'
import {
  browser,
  counted,
  denial,
  direct,
  exchange,
  request,
  stored,
  sumsOf,
  type Sums,
} from './events.ts'

const figuresOf = (events: readonly StoredEvent[]) => counted(events).figures

/** Without what every exchange counts besides. */
const itemSums = (events: readonly StoredEvent[]): Sums => {
  const sums = Object.entries(sumsOf(figuresOf(events)))
  return Object.fromEntries(sums.filter(([metric]) => /^[A-Z]/.test(metric)))
}

for (const { name, events, answer } of scenarios) {
  test(`the auditors' ${name}`, (t) => {
    t.deepEqual(itemSums(events), answer)
  })
}

const oneRequest = { Total_Item_Requests: 1, Unique_Item_Requests: 1 }

/** How many requests count, in all and of items, by what happens. */
const table: readonly (readonly [
  rule: string,
  events: readonly StoredEvent[],
  total: number,
  unique: number,
])[] = [
  ['exactly 30 seconds apart is one action', [request(0, 'a'), request(30, 'a')], 1, 1],
  ['a moment more is two', [request(0, 'a'), request(30.001, 'a')], 2, 1],
  ['a chain is one action however long', times(10, (index) => request(index * 20, 'a')), 1, 1],
  [
    'other addresses are other actions, one item',
    [request(0, 'a'), request(5, 'a', { url: 'html-a' })],
    2,
    1,
  ],
  [
    'other readers are other actions',
    [request(0, 'a'), request(5, 'a', { person: 'p2', session: 's2' })],
    2,
    2,
  ],
  [
    'one person in two browsers clicks twice, in two sessions',
    [request(0, 'a'), request(5, 'a', { session: 's2' })],
    1,
    1,
  ],
  ['an answer 304 counts', [request(0, 'a', { status: 304 })], 1, 1],
  ['an answer that broke off counts by its status', [request(0, 'a', { isComplete: false })], 1, 1],
  [
    'parts of a text count once, with its beginning',
    [request(0, 'a'), request(40, 'a', { status: 206 }), request(80, 'a', { status: 206 })],
    1,
    1,
  ],
  [
    'redirects, errors and questions for the head do not count',
    [
      ...[302, 403, 404, 500].map((status) => request(0, 'a', { status })),
      request(50, 'a', { method: 'HEAD' }),
    ],
    0,
    0,
  ],
  [
    'what is fetched in case it is wanted does not count',
    [request(0, 'a', { isPrefetch: true })],
    0,
    0,
  ],
  [
    'a fetch in advance does not swallow the click that follows',
    [request(0, 'a'), request(10, 'a', { isPrefetch: true })],
    1,
    1,
  ],
  ['robots do not count', [request(0, 'a', { userAgent: 'curl/8.1' })], 0, 0],
  [
    'without an item the address is the item',
    [
      request(0, 'a', { use: { kind: 'request', format: 'pdf' } }),
      request(60, 'b', { use: { kind: 'request', format: 'pdf' } }),
      request(120, 'a', { use: { kind: 'request', format: 'pdf' } }),
    ],
    3,
    2,
  ],
  [
    'without a session an hour is one',
    [
      request(0, 'a', { session: undefined }),
      request(60, 'a', { session: undefined }),
      request(3600, 'a', { session: undefined }),
    ],
    3,
    2,
  ],
  [
    'one item of two resources counts for each',
    [request(0, 'a'), request(60, 'a', { resourceId: 'alatoo' })],
    2,
    2,
  ],
  [
    'an event that cannot be read spoils no other',
    [
      request(0, 'a'),
      { id: 'broken', at: 1, body: '{"kind":"exchange"' },
      exchange(1, { use: { kind: 'guess', format: 'pdf' } }),
      exchange(1, { bytes: -1 }),
    ],
    1,
    1,
  ],
]

for (const [rule, events, total, unique] of table) {
  test(`requests: ${rule}`, (t) => {
    const { Total_Item_Requests = 0, Unique_Item_Requests = 0 } = sumsOf(figuresOf(events))
    t.deepEqual([Total_Item_Requests, Unique_Item_Requests], [total, unique])
  })
}

test('what is left out is told by reason', (t) => {
  const { leftOut } = figuresOf([
    request(0, 'a'),
    request(1, 'a'),
    request(2, 'a'),
    denial(0, 'seats_full'),
    denial(3, 'seats_full'),
    request(100, 'b', { isPrefetch: true }),
    request(100, 'b', { status: 206 }),
    request(100, 'b', { status: 404 }),
    request(100, 'b', { userAgent: '' }),
    // Not a use: nothing that would have counted.
    exchange(100, { userAgent: 'curl/8.1' }),
    exchange(100, { status: 404 }),
  ])
  t.deepEqual(leftOut, { robots: 1, doubleClicks: 3, prefetches: 1, otherStatuses: 2 })
})

test('of a double click over midnight the last counts, on its day', (t) => {
  const late = request(86_390, 'a')
  const { figures } = counted([late, request(86_410, 'a'), request(86_411, 'b')])
  t.deepEqual(figures.leftOut.doubleClicks, 1)
  t.is(sumsOf(figures).Total_Item_Requests, undefined)
  t.is(sumsOf(figures).exchanges, 1)
  t.deepEqual(sumsOf(figuresOf([late, request(86_421, 'a')])).Total_Item_Requests, 1)
})

test('HTML and PDF of one item are one item, counted in the format that came first', (t) => {
  const { cells, items } = figuresOf([
    request(0, 'a', {
      use: { kind: 'request', format: 'html', item: 'id:a', itemName: 'A' },
      url: 'h',
    }),
    request(60, 'a'),
    exchange(90, { use: { kind: 'investigation', format: 'html', item: 'id:a' }, url: 'abstract' }),
  ])
  const of = (metric: string) =>
    cells.filter((cell) => cell.metric === metric).map(({ format, count }) => `${format} ${count}`)
  t.deepEqual(of('Total_Item_Requests'), ['html 1', 'pdf 1'])
  t.deepEqual(of('Unique_Item_Requests'), ['html 1'])
  t.deepEqual(of('Total_Item_Investigations'), ['html 2', 'pdf 1'])
  t.deepEqual(of('Unique_Item_Investigations'), ['html 1'])
  const uses = { requests: 2, investigations: 3, readers: 1 }
  t.deepEqual(items, [{ resourceId: 'steppe', item: 'id:a', itemName: 'A', ...uses }])
})

/** A part of a title. */
const chapter = (seconds: number, item: string, dataType: string, kind = 'request') =>
  request(seconds, item, {
    use: { kind, format: 'pdf', item: `id:${item}`, title: 'isbn:1', dataType },
  })

test('of a book each title counts once in a session, of a journal none', (t) => {
  const { Unique_Item_Requests, Unique_Title_Requests, Unique_Title_Investigations } = sumsOf(
    figuresOf([
      chapter(0, 'c1', 'Book'),
      chapter(60, 'c2', 'Book'),
      chapter(120, 'c3', 'Journal'),
      chapter(180, 'c4', 'Reference_Work', 'investigation'),
    ]),
  )
  t.deepEqual([Unique_Item_Requests, Unique_Title_Requests, Unique_Title_Investigations], [3, 1, 1])
})

test('a book as a whole and its chapter are two items of one title; twice the whole is one item', (t) => {
  const whole = {
    kind: 'request',
    format: 'pdf',
    item: 'isbn:1',
    title: 'isbn:1',
    dataType: 'Book',
  }
  const { Total_Item_Requests, Unique_Item_Requests, Unique_Title_Requests } = sumsOf(
    figuresOf([
      request(0, 'whole', { use: whole }),
      request(60, 'epub', { use: { ...whole, format: 'epub' } }),
      chapter(120, 'c1', 'Book'),
    ]),
  )
  t.deepEqual([Total_Item_Requests, Unique_Item_Requests, Unique_Title_Requests], [3, 2, 1])
})

/** [zone, day, the next one, its first instant, its hours] */
for (const [zone, on, nextOn, firstAt, hours] of [
  ['Europe/Berlin', '2026-10-25', '2026-10-26', '2026-10-24T22:00:00Z', 25],
  ['Europe/Berlin', '2026-03-29', '2026-03-30', '2026-03-28T23:00:00Z', 23],
  ['Asia/Bishkek', '2026-03-29', '2026-03-30', '2026-03-28T18:00:00Z', 24],
] as const) {
  test(`a day of ${hours} hours counts all of them, each by the clock of the place: ${zone} ${on}`, (t) => {
    const at = Date.parse(firstAt)
    const endAt = instantIn(zone, nextOn) ?? 0
    t.is((endAt - at) / 3_600_000, hours)
    const counting = startCounting({ period: on, endAt, hourOf: createHourOf(zone) })
    const nobody = { person: undefined, session: undefined }
    for (let hour = 0; hour < hours + 1; hour += 1) {
      const event = request(0, `i${hour}`, nobody)
      const read = recordedEventOf({ ...event, at: at + hour * 3_600_000 })
      if (typeof read === 'object') counting.add(read)
    }
    const { figures } = counting.end()
    const names = figures.hours.filter(({ metric }) => metric === 'Total_Item_Requests')
    t.is(
      names.reduce((sum, { count }) => sum + count, 0),
      hours,
    )
    t.deepEqual(
      names.filter(({ count }) => count > 1).map(({ hour, count }) => [hour, count]),
      hours === 25 ? [[2, 2]] : [],
    )
    t.is(
      names.some(({ hour }) => hour === 2),
      hours !== 23,
    )
    // An hour of the clock is a session to who has none, the one that comes twice too.
    t.is(sumsOf(figures).sessions, Math.min(hours, 24))
  })
}

test('refusals count by reason; COUNTER’s two metrics take what is theirs alone', (t) => {
  const figures = figuresOf([
    denial(0, 'seats_full'),
    denial(0, 'seats_full', { person: 'p2' }),
    denial(0, 'licence_not_started'),
    denial(100, 'category_not_entitled'),
    denial(200, 'place_not_entitled'),
    denial(300, 'not_signed_in', { person: undefined, session: undefined, categories: undefined }),
    denial(400, 'address_rejected', { resourceId: undefined }),
  ])
  t.deepEqual(sumsOf(figures), { Limit_Exceeded: 2, No_License: 1 })
  t.deepEqual(
    figures.denials
      .map(({ resourceId, reason, count }) => `${resourceId} ${reason} ${count}`)
      .toSorted(),
    [
      ' address_rejected 1',
      'steppe category_not_entitled 1',
      'steppe licence_not_started 1',
      'steppe not_signed_in 1',
      'steppe place_not_entitled 1',
      'steppe seats_full 2',
    ],
  )
})

test('a session is one for the library, and one for each resource; readers come back after a pause', (t) => {
  const { cells } = figuresOf([
    exchange(0),
    exchange(1799),
    exchange(1799 + 1800),
    exchange(4000, { resourceId: 'alatoo' }),
    exchange(5000, { session: 's2' }),
    direct(6000, { url: 'x' }),
    direct(6010, { url: 'x' }),
    direct(6020, { url: 'y' }),
  ])
  const of = (metric: string) =>
    cells
      .filter((cell) => cell.metric === metric)
      .map(({ resourceId, channel, count }) => [resourceId, channel, count])
  t.deepEqual(of('sessions'), [
    ['', 'remote', 2],
    ['alatoo', 'remote', 1],
    ['steppe', 'remote', 2],
  ])
  t.deepEqual(of('openings'), [
    ['alatoo', 'remote', 1],
    ['steppe', 'onsite', 2],
    ['steppe', 'remote', 3],
  ])
})

test('of nobody what was read counts, and its visit; parts that a browser asks without cookies make none', (t) => {
  const nobody = { person: undefined, session: undefined, categories: undefined, unit: undefined }
  const figures = figuresOf([
    exchange(0, { ...nobody, method: 'OPTIONS' }),
    exchange(1, { ...nobody, path: '/serif.woff2' }),
    request(2, 'a', nobody),
    request(40, 'a', { ...nobody, url: 'html-a' }),
    // Another browser behind the same network.
    request(50, 'a', { ...nobody, userAgent: `${browser} Edg/140` }),
  ])
  t.deepEqual(sumsOf(figures), {
    exchanges: 5,
    bytes: 5000,
    sessions: 2,
    openings: 2,
    Total_Item_Requests: 3,
    Total_Item_Investigations: 3,
    Unique_Item_Requests: 2,
    Unique_Item_Investigations: 2,
  })
  t.deepEqual(figures.readers, [])
})

test('text mining that was agreed to counts by itself, by whatever program, and is nobody’s visit', (t) => {
  const mined = { isMining: true, userAgent: 'python-requests/2.32' }
  const regular = figuresOf([request(0, 'a')])
  const figures = figuresOf([
    request(0, 'a'),
    ...times(50, (index) => request(100 + index, `m${index % 40}`, mined)),
    request(200, 'a', mined),
    request(300, 'b', { ...mined, status: 404 }),
    exchange(400, { ...mined, use: { kind: 'search', format: 'data' } }),
    // Nobody agreed to this one.
    request(500, 'c', { userAgent: 'python-requests/2.32' }),
  ])
  const { exchanges, bytes, ...sums } = sumsOf(figures)
  t.deepEqual([exchanges, bytes], [54, 54_000])
  t.deepEqual(sums, {
    ...Object.fromEntries(
      Object.entries(sumsOf(regular)).filter(([key]) => key !== 'exchanges' && key !== 'bytes'),
    ),
    // 50 questions for 40 items, 10 of them again after 40 seconds; and one more item.
    TDM_Total_Item_Requests: 51,
    TDM_Total_Item_Investigations: 51,
    TDM_Unique_Item_Requests: 41,
    TDM_Unique_Item_Investigations: 41,
    TDM_Searches_Regular: 1,
  })
  t.deepEqual(figures.readers, regular.readers)
  t.deepEqual(figures.items, regular.items)
  t.is(figures.leftOut.robots, 1)
})

const search = (second: number, more: object, kind?: string) =>
  exchange(second, {
    ...more,
    url: 'search',
    use: { kind: 'search', format: 'html', ...(kind && { search: kind }) },
  })

test('a search counts as the kind that its rule says, by readers and by mining alike', (t) => {
  const events = [{}, { isMining: true }].flatMap((more, index) => [
    search(100 * index, more),
    ...[1, 2].map((second) => search(100 * index + second, more, 'automated')),
    ...[3, 4, 5].map((second) => search(100 * index + second, more, 'federated')),
  ])
  const counts = { Regular: 1, Automated: 2, Federated: 3 }
  const expected = Object.entries(counts).flatMap(([name, count]) => [
    [`Searches_${name}`, count],
    [`TDM_Searches_${name}`, count],
  ])
  const sums = Object.entries(sumsOf(figuresOf(events)))
  t.deepEqual(
    Object.fromEntries(sums.filter(([metric]) => /Searches_/.test(metric))),
    Object.fromEntries(expected),
  )
})

/** Sent to a full text. */
const sent = (seconds: number, change: object = {}) =>
  direct(seconds, { use: { kind: 'request', format: 'pdf', item: 'id:a' }, ...change })

test('readers who are sent to the publisher count as what they asked for', (t) => {
  const { cells, items, leftOut } = figuresOf([
    sent(0),
    sent(20),
    sent(60),
    sent(120, { network24: '198.51.100.0/24' }),
    sent(200, { isPrefetch: true }),
    sent(200, { userAgent: 'curl/8' }),
  ])
  t.like(sumsOf({ cells }), {
    Total_Item_Requests: 3,
    Unique_Item_Requests: 2,
    openings: 3,
  })
  t.true(cells.every(({ channel }) => channel === 'onsite'))
  t.deepEqual(
    items.map(({ item, requests }) => [item, requests]),
    [['id:a', 3]],
  )
  t.deepEqual(leftOut, { robots: 1, doubleClicks: 1, prefetches: 1, otherStatuses: 0 })
})

test('hours are the institution’s own', (t) => {
  const { hours } = figuresOf([request(0, 'a'), request(3600, 'b'), request(86_399, 'c')])
  const of = (metric: string) =>
    hours.filter((cell) => cell.metric === metric).map(({ hour, count }) => [hour, count])
  t.deepEqual(of('Total_Item_Requests'), [
    [0, 1],
    [1, 1],
    [23, 1],
  ])
})

test('readers of an item and of a title are distinct, and counted until they are enough', (t) => {
  const chapterOf = (person: string | undefined, item: string, change: object = {}) =>
    request(++at, item, {
      person,
      session: `s-${person}`,
      use: { kind: 'request', format: 'pdf', item: `id:${item}`, title: 'isbn:1' },
      ...change,
    })
  let at = 0
  const { items, titles } = figuresOf([
    ...['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'].map((person) => chapterOf(person, 'a')),
    chapterOf('p1', 'b'),
    chapterOf('p1', 'b', { session: 'another', url: 'again' }),
    chapterOf('p2', 'b'),
    // Nobody in particular: their sessions, or what else tells them apart.
    chapterOf(undefined, 'c', { session: 's8' }),
    chapterOf(undefined, 'c', { session: undefined }),
    chapterOf(undefined, 'c', { session: undefined, network24: '198.51.100.0/24' }),
  ])
  const readers = Object.fromEntries(items.map(({ item, readers: found }) => [item, found]))
  t.deepEqual(readers, { 'id:a': 5, 'id:b': 2, 'id:c': 3 })
  t.deepEqual(titles, [{ resourceId: 'steppe', title: 'isbn:1', readers: 5 }])
})

test('readers are distinct persons, by resource and category, and of all', (t) => {
  const { figures } = counted([
    exchange(0),
    exchange(1, { session: 's9' }),
    exchange(2, { resourceId: 'alatoo' }),
    exchange(3, { person: 'p2', categories: ['student', 'faculty'] }),
    exchange(4, { person: 'p3', categories: undefined }),
    exchange(5, { person: undefined }),
    exchange(6, { person: 'p4', userAgent: 'curl/8' }),
  ])
  const told = (by: string) =>
    figures.readers
      .filter((each) => each.by === by)
      .map(({ resourceId, key, readers }) => [resourceId, key, readers])
  t.deepEqual(told(''), [
    ['', '', 3],
    ['alatoo', '', 1],
    ['steppe', '', 3],
  ])
  t.deepEqual(told('category'), [
    ['', '', 1],
    ['', 'faculty', 1],
    ['', 'student', 1],
    ['alatoo', 'student', 1],
    ['steppe', '', 1],
    ['steppe', 'faculty', 1],
    ['steppe', 'student', 1],
  ])
})

const look = (minute: number, used: number) =>
  stored(minute * 60, { kind: 'seats', pool: 'steppe', seats: 3, used, waiting: 0 })

const wait = (outcome: string, waitedMs?: number) =>
  stored(100, { kind: 'wait', pool: 'steppe', resourceId: 'steppe', outcome, waitedMs })

test('seats tell their peak and the minutes without one, waits how long they were', (t) => {
  const { pools } = figuresOf([
    ...[1, 3, 3, 2, 0].map((used, minute) => look(minute, used)),
    look(1440, 9),
    ...['joined', 'joined', 'joined', 'left'].map((outcome) => wait(outcome)),
    wait('granted', 4000),
    wait('granted', 9000),
  ])
  t.deepEqual(pools, [
    {
      pool: 'steppe',
      seats: 3,
      peak: 3,
      minutesAtLimit: 2,
      minutesUsed: 4,
      waits: 3,
      granted: 2,
      left: 1,
      waitedMs: 13_000,
      longestWaitMs: 9000,
    },
  ])
})

const waitFor = (outcome: string, more: object = {}) =>
  stored(100, { kind: 'wait', pools: ['own', 'shared'], resourceId: 'steppe', outcome, ...more })

test('who waits for several pools waits for each, and is given a seat of one', (t) => {
  const { pools } = figuresOf([
    ...['joined', 'joined', 'joined', 'left'].map((outcome) => waitFor(outcome)),
    waitFor('granted', { pool: 'shared', waitedMs: 4000 }),
    waitFor('granted', { pool: 'own', waitedMs: 9000 }),
  ])
  t.deepEqual(
    pools.map(({ pool, waits, granted, left, waitedMs }) => [pool, waits, granted, left, waitedMs]),
    [
      ['own', 3, 1, 1, 9000],
      ['shared', 3, 1, 1, 4000],
    ],
  )
})

test('kinds of events that nothing is counted from change nothing', (t) => {
  const events = [request(0, 'a')]
  const others = ['sign-in', 'sign-out', 'fair-use', 'rules', 'staff', 'what comes later']
  const more = others.map((kind) => stored(1, { kind, resourceId: 'steppe' }))
  t.deepEqual(figuresOf([...events, ...more]), figuresOf(events))
  t.like(sumsOf(figuresOf(events)), oneRequest)
})
