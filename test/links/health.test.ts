import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import {
  linkStates,
  type LinkedResource,
  type LinkState,
  type LinkStanding,
} from '../../src/core/links.ts'
import { addressesOf } from '../../src/links/addresses.ts'
import type { LinkRecord } from '../../src/links/books.ts'
import { createLinkHealth, linksOf, standingOf } from '../../src/links/health.ts'
import { recordAfter } from '../../src/links/progress.ts'
import { createLinksTold } from '../../src/links/told.ts'
import { openLinkStore } from './store.ts'

const steppe: LinkedResource = {
  id: 'steppe',
  startUrl: 'https://www.steppe.example/home?token=secret',
}
const letters = {
  id: 'letters',
  startUrl: 'https://letters.example/',
  check: {
    isOn: true,
    everyHours: 24,
    entries: ['https://letters.example/a-z', 'https://letters.example/'],
    probe: { url: 'https://letters.example/1', written: 'Provided by', isIn: () => true },
  },
}

function record(state: LinkState, failures: number, source = 'x'): LinkRecord {
  const last = { state, at: 2000, sinceAt: 1000 }
  return { source, failures, last, ...(failures > 0 && { failedAs: state, failingSinceAt: 1000 }) }
}

const standings: readonly [LinkState, number, LinkStanding][] = [
  ['works', 0, 'works'],
  ['moved', 0, 'notice'],
  ['leaves', 0, 'notice'],
  ['blocked', 0, 'unknown'],
  ['gone', 1, 'suspect'],
  ['gone', 2, 'broken'],
  ['not-entitled', 1, 'suspect'],
  ['nameless', 2, 'suspect'],
  ['nameless', 3, 'broken'],
  // Who is busy has not mended what was broken.
  ['busy', 2, 'broken'],
  ['busy', 1, 'unknown'],
]

for (const [state, failures, standing] of standings) {
  test(`${state} after ${failures} failures is ${standing}`, (t) => {
    t.is(standingOf(record(state, failures)), standing)
  })
}

/** What is known after looks that found these, one after the other, seven hours apart. */
function after(...states: readonly LinkState[]) {
  const [address] = addressesOf(steppe)
  if (address === undefined) throw new Error('a resource has a starting point')
  return states.reduce<ReturnType<typeof recordAfter> | undefined>(
    (before, state, number) =>
      recordAfter(before, [{ address, finding: { state } }], steppe, {
        now: number * 7 * 3_600_000,
        chance: 0,
      }),
    undefined,
  )
}

const rows: readonly [readonly LinkState[], LinkStanding, fromHours: number | undefined][] = [
  [['gone', 'failing', 'gone'], 'broken', 0],
  [['works', 'gone', 'failing'], 'broken', 7],
  [['gone', 'works', 'failing'], 'suspect', 14],
  [['gone', 'failing', 'busy'], 'broken', 0],
  // A look that tells nothing makes no third failure of two.
  [['nameless', 'nameless', 'untold'], 'unknown', 0],
  [['nameless', 'nameless', 'untold', 'nameless'], 'broken', 0],
  [['gone', 'works'], 'works', undefined],
]

for (const [states, standing, fromHours] of rows) {
  test(`${states.join(', ')}: ${standing}, failing since the first of them`, (t) => {
    const [link] = linksOf(steppe, after(...states)).links
    t.is(link?.standing, standing)
    t.is(link?.failingSinceAt, fromHours === undefined ? undefined : fromHours * 3_600_000)
  })
}

for (const chance of [0, 1]) {
  test(`nobody is asked before the time that they named, at the ${chance ? 'end' : 'beginning'} of the jitter`, (t) => {
    const [address] = addressesOf(steppe)
    if (address === undefined) return t.fail()
    const waitMs = 48 * 3_600_000
    const looks = [{ address, finding: { state: 'busy', waitMs } }] as const
    const { nextAt } = recordAfter(undefined, looks, steppe, { now: 0, chance })
    t.true(nextAt >= waitMs && nextAt <= 1.1 * waitMs, String(nextAt))
  })
}

test('a link that was never looked at is unchecked, and shown without its query', async (t) => {
  await using store = openLinkStore()
  const [links] = await store.books.standings([steppe])
  t.deepEqual(links, {
    resourceId: 'steppe',
    standing: 'unchecked',
    links: [
      {
        kind: 'start',
        url: 'https://www.steppe.example/home',
        standing: 'unchecked',
        failures: 0,
      },
    ],
  })
  t.is(await store.books.lastDoneAt(), undefined)
})

test('of all resources together the store is asked for so many at once, and all are told in order', async (t) => {
  await using store = openLinkStore()
  let open = 0
  let most = 0
  const books = createLinkHealth({
    ...store.records,
    async recordOf(id) {
      most = Math.max(most, ++open)
      const found = await store.records.recordOf(id)
      open -= 1
      return found
    },
  })
  const { recordsAtOnce } = limits.links
  const all = Array.from({ length: 3 * recordsAtOnce + 1 }, (_, at) => ({
    ...steppe,
    id: `r${at}`,
  }))
  const found = await books.standings(all)
  t.deepEqual(
    found.map(({ resourceId }) => resourceId),
    all.map(({ id }) => id),
  )
  t.is(most, recordsAtOnce)
})

test('each address is checked once; the worst stands first and speaks for the resource', async (t) => {
  const addresses = addressesOf(letters)
  t.deepEqual(
    addresses.map(({ kind, url }) => [kind, url]),
    [
      ['start', 'https://letters.example/'],
      ['entry', 'https://letters.example/a-z'],
      ['probe', 'https://letters.example/1'],
    ],
  )
  await using store = openLinkStore()
  const [start, entry, probe] = addresses.map(({ source }) => source)
  await store.records.setRecord('letters', {
    nextAt: 9000,
    links: [record('works', 0, start), record('busy', 0, entry), record('not-entitled', 2, probe)],
  })
  const [links] = await store.books.standings([letters])
  t.is(links?.standing, 'broken')
  t.is(links?.nextAt, 9000)
  t.deepEqual(
    links?.links.map(({ kind, standing }) => [kind, standing]),
    [
      ['probe', 'broken'],
      ['entry', 'unknown'],
      ['start', 'works'],
    ],
  )
})

test('what staff have changed in the rule is unchecked again', async (t) => {
  await using store = openLinkStore()
  const links = addressesOf(letters).map(({ source }) => record('gone', 2, source))
  await store.records.setRecord('letters', { nextAt: 9000, links })
  const { probe, ...check } = letters.check
  const changed = { ...letters, check: { ...check, probe: { ...probe, written: 'Access by' } } }
  const [found] = await store.books.standings([changed])
  t.deepEqual(
    found?.links.map(({ kind, standing }) => [kind, standing]),
    [
      ['start', 'broken'],
      ['entry', 'broken'],
      ['probe', 'unchecked'],
    ],
  )
})

test('a damaged record is as good as none', async (t) => {
  await using store = openLinkStore()
  await store.store.records.write('links:of:steppe', '{"links":[{"source":1}]}', 60_000)
  await store.store.records.write('links:of:letters', 'nonsense', 60_000)
  const found = await store.books.standings([steppe, letters])
  t.deepEqual(
    found.map(({ standing }) => standing),
    ['unchecked', 'unchecked'],
  )
})

test('metrics tell of a resource what is known, and ask the store once in a while', async (t) => {
  await using store = openLinkStore()
  let at = 0
  const clock = { now: () => at, steady: () => at }
  const told = createLinksTold({
    books: store.books,
    clock,
    resources: () => [steppe, letters],
    isOn: true,
  })
  const [start, entry] = addressesOf(letters).map(({ source }) => source)
  t.deepEqual(await told(), { isUp: new Map() })
  t.deepEqual(
    await createLinksTold({ books: store.books, clock, resources: () => [letters], isOn: false })(),
    undefined,
  )

  await store.records.setRecord('letters', {
    nextAt: 1,
    links: [record('works', 0, start), record('blocked', 0, entry)],
  })
  t.deepEqual(await told(), { isUp: new Map([['letters', true]]) })
  await store.records.setDoneAt(5000)
  t.deepEqual(await told(), { isUp: new Map([['letters', true]]), doneAt: 5000 })

  await store.records.setRecord('letters', { nextAt: 1, links: [record('gone', 2, start)] })
  t.deepEqual((await told())?.isUp, new Map([['letters', true]]))
  at = 30_000
  t.deepEqual((await told())?.isUp, new Map([['letters', false]]))
})

test('every state says something of a link', (t) => {
  const verdicts = new Set(Object.values(linkStates))
  t.deepEqual(verdicts, new Set(['works', 'notice', 'broken', 'unknown']))
})
