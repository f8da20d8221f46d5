import test from 'ava'
import * as fc from 'fast-check'

import {
  type Cell,
  type Figures,
  type Metric,
  type PersonDimension,
} from '../../src/core/figures.ts'
import { readingDigest, type DigestScope, type MonthDigest } from '../../src/reports/digest.ts'
import { togetherKey } from '../../src/reports/masking.ts'
import { textOfFigures } from '../../src/usage/figures-text.ts'
import { atOnce } from '../../src/usage/steps.ts'
import { anyFigures, period } from '../usage/random-figures.ts'
import { largeMonth } from './builders.ts'

const scope: fc.Arbitrary<DigestScope> = fc.record(
  { resourceId: fc.constantFrom('a', 'b', '-1', 'nobody'), hasItems: fc.boolean() },
  { requiredKeys: ['hasItems'] },
)

/** Sums by key, one number after the other. */
function sumsBy<Each extends Pick<Cell, 'metric' | 'count'>>(
  cells: readonly Each[],
  keyOf: (cell: Each) => string | number,
): MonthDigest['by']['resource'] {
  const found = new Map<string, Partial<Record<Metric, number>>>()
  for (const cell of cells) {
    const sums = found.get(String(keyOf(cell))) ?? {}
    sums[cell.metric] = (sums[cell.metric] ?? 0) + cell.count
    found.set(String(keyOf(cell)), sums)
  }
  return found
}

/** The digest as its words say it: of all cells that are meant, the sums; of what is hidden, one. */
function digestOf(
  figures: Figures,
  { resourceId, hasItems }: DigestScope,
  hidden: MonthDigest['hidden'],
): MonthDigest {
  const told = (by: PersonDimension) => (cell: Cell) =>
    hidden[by].has(cell[by]) ? togetherKey : cell[by]
  const isMine = (each: { readonly resourceId: string }) =>
    resourceId === undefined || each.resourceId === resourceId
  const isWhole = (cell: Pick<Cell, 'resourceId' | 'metric'>) =>
    resourceId === undefined
      ? (cell.resourceId === '') === (cell.metric === 'sessions')
      : isMine(cell)
  const whole = figures.cells.filter(isWhole)
  const denials = [...Map.groupBy(figures.denials.filter(isMine), (each) => each.resourceId)]
  return {
    period: figures.period,
    hidden,
    total: sumsBy(whole, () => 'all').get('all') ?? {},
    by: {
      resource: sumsBy(
        figures.cells.filter((cell) => cell.resourceId !== '' && isMine(cell)),
        (cell) => cell.resourceId,
      ),
      category: sumsBy(whole, told('category')),
      unit: sumsBy(whole, told('unit')),
      site: sumsBy(whole, told('site')),
      channel: sumsBy(whole, (cell) => cell.channel),
      hour: sumsBy(figures.hours.filter(isWhole), ({ hour }) => hour),
      format: sumsBy(
        whole.filter((cell) => cell.format !== ''),
        (cell) => cell.format,
      ),
    },
    denials: new Map(
      denials.map(([id, own]) => [
        id,
        new Map(
          [...Map.groupBy(own, ({ reason }) => reason)].map(([reason, all]) => [
            reason,
            all.reduce((sum, { count }) => sum + count, 0),
          ]),
        ),
      ]),
    ),
    items: hasItems ? figures.items.filter(isMine) : [],
    titles: hasItems ? figures.titles.filter(isMine) : [],
    readers: figures.readers.filter(isMine),
    pools: figures.pools,
    leftOut: figures.leftOut,
  }
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/** Whatever comes first: maps in the order of their keys. */
function inOrder(digest: MonthDigest): object {
  return {
    ...digest,
    by: Object.entries(digest.by).map(([name, map]) => [name, sorted(map)]),
    denials: sorted(digest.denials).map(([id, reasons]) => [id, sorted(reasons)]),
  }
}

const digestIn = (figures: Figures, asked: DigestScope) =>
  atOnce(readingDigest(figures.period, textOfFigures(figures), asked))

test('a digest that is read from a document is the sums of its cells', (t) => {
  fc.assert(
    fc.property(anyFigures, scope, (figures, asked) => {
      const found = digestIn(figures, asked)
      t.deepEqual(inOrder(found), inOrder(digestOf(figures, asked, found.hidden)))
    }),
    { numRuns: 300 },
  )
})

test('likewise of a month of many lines, of the library and of a resource', (t) => {
  const month = largeMonth(period, 60)
  for (const asked of [
    { hasItems: false },
    { hasItems: true },
    { resourceId: 'resource-17', hasItems: true },
  ]) {
    const found = digestIn(month, asked)
    t.deepEqual(inOrder(found), inOrder(digestOf(month, asked, found.hidden)))
    t.true(Object.keys(found.total).length > 6)
  }
})

test('a document that cannot be read has no digest', (t) => {
  const text = textOfFigures(largeMonth(period, 2))
  for (const spoilt of ['', '{}', text.slice(0, -9), text.replace(/"version":\d/, '"version":7')]) {
    const read = () => atOnce(readingDigest(period, spoilt, { hasItems: false }))
    t.throws(read, { code: 'ERR_STORE_DATA' })
  }
})
