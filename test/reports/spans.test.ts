/** Whatever is asked for, and in whatever form: nothing is told but sums of what months tell. */
import test from 'ava'
import { atOnce } from '../../src/usage/steps.ts'
import fc from 'fast-check'

import type { Cell, Figures, ReaderFigures } from '../../src/core/figures.ts'
import { categories, type Category } from '../../src/core/types.ts'
import { activityRows } from '../../src/reports/counter/activity-rows.ts'
import { fileOf } from '../../src/reports/formats.ts'
import { worldOf, type Company } from './attacker.ts'
import { cell, figuresOf } from './builders.ts'
import { openLibrary, type Library } from './library.ts'

const months = ['2026-08', '2026-09', '2026-10']
const resources = ['jstor', 'scopus', 'quiet']
const spans = months.flatMap((from, at) => months.slice(at).map((to) => [from, to] as const))

function figuresIn(period: string, companies: readonly Company[]): Figures {
  const { persons, openings } = worldOf(companies)
  const cells: Cell[] = []
  const readers: ReaderFigures[] = []
  for (const [resourceId, row] of persons) {
    const everybody = [...row.values()].reduce((sum, each) => sum + each, 0)
    readers.push({ resourceId, by: '', key: '', readers: everybody })
    for (const [key, count] of row) {
      const more = { category: key as Category }
      readers.push({ resourceId, by: 'category', key, readers: count })
      cells.push(cell(resourceId, 'sessions', count, more))
      const opened = openings.get(resourceId)?.get(key) ?? 0
      if (resourceId !== '') cells.push(cell(resourceId, 'openings', opened, more))
    }
  }
  return figuresOf(period, { cells, readers })
}

const company = fc.record({
  category: fc.constantFrom('student', 'faculty', 'staff', 'alum'),
  resources: fc.subarray(resources, { minLength: 1 }),
  persons: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 40 })),
})

const inOrder = (all: Iterable<readonly [string, readonly number[]]>) =>
  [...all].toSorted(([one], [other]) => (one < other ? -1 : 1))
const inSize = (numbers: readonly (number | undefined)[]) =>
  numbers.toSorted((one = 0, other = 0) => one - other)

type Told = ReadonlyMap<string, readonly number[]>

/** Openings and sessions by line of a report's file. */
async function toldBy(library: Library, asked: object): Promise<Told> {
  const report = await library.report({ name: 'use', by: 'category', ...asked })
  const { tables } = JSON.parse((await fileOf(report, 'json')).toString()) as {
    tables: { rows: { category: string; openings: number; sessions: number }[] }[]
  }
  const rows = tables[0]?.rows ?? []
  return new Map(rows.map(({ category, openings, sessions }) => [category, [openings, sessions]]))
}

test('every span of every database is the sum of its months, in the reports and in GA1', async (t) => {
  const world = fc.array(company, { minLength: 4, maxLength: 12 })
  let seen = 0
  await fc.assert(
    fc.asyncProperty(fc.tuple(world, world, world), async (worlds) => {
      const figures = worlds.map((each, at) => figuresIn(months[at] ?? '', each))
      const library = await openLibrary(figures)
      const activity = atOnce(activityRows(figures, 'x')).rows
      for (const resource of [undefined, ...resources]) {
        const scope = resource === undefined ? {} : { resource }
        const found = new Map<string, Told>()
        for (const [from, to] of spans) {
          const isThere = worlds.some((each) =>
            each.some((one) => resource === undefined || one.resources.includes(resource)),
          )
          if (!isThere) continue
          found.set(`${from} ${to}`, await toldBy(library, { from, to, ...scope }))
        }
        for (const [from, to] of spans.filter(([one]) => found.has(`${one} ${one}`))) {
          const sums = new Map<string, number[]>()
          for (const month of months.filter((each) => from <= each && each <= to)) {
            for (const [line, numbers] of found.get(`${month} ${month}`) ?? []) {
              const before = sums.get(line) ?? [0, 0]
              sums.set(
                line,
                before.map((number, place) => number + (numbers[place] ?? 0)),
              )
            }
          }
          t.deepEqual(
            inOrder(found.get(`${from} ${to}`) ?? []),
            inOrder(sums),
            `${resource} ${from}`,
          )
        }
        for (const month of months) {
          const lines = [...(found.get(`${month} ${month}`) ?? [])]
          seen += lines.length
          const told = lines.filter(([line]) => line !== 'Small groups together')
          const rows = activity.filter(
            (row) =>
              row.item === (resource ?? '') && row.month === month && row.metric === 'x:Sessions',
          )
          t.deepEqual(
            inSize(rows.map(({ count }) => count)),
            inSize(told.map(([, [, sessions]]) => sessions)),
          )
          t.true(
            rows.every(({ attributes }) =>
              categories.some((each) => each === attributes['x:User_Category']),
            ),
          )
        }
      }
      await library.close()
    }),
    { numRuns: 8 },
  )
  t.true(seen > 8 * months.length)
})
