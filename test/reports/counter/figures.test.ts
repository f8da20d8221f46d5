import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import * as fc from 'fast-check'

import { systemClock } from '../../../src/core/clock.ts'
import { reportIds } from '../../../src/reports/counter/definitions.ts'
import { createMonthReader, keptFor, readingMonth } from '../../../src/reports/counter/figures.ts'
import { makeReport } from '../../../src/reports/counter/make.ts'
import type { FiguresStore } from '../../../src/store/contract.ts'
import { createEmbeddedStore } from '../../../src/store/embedded.ts'
import { textOfFigures } from '../../../src/usage/figures-text.ts'
import { atOnce } from '../../../src/usage/steps.ts'
import { documentOf, emptyFigures, largeMonth } from '../builders.ts'
import { catalogue, figuresOfMonth } from './random.ts'
import { asked, reporter } from './sample.ts'

const months = fc.tuple(...['2026-08', '2026-09', '2026-10'].map(figuresOfMonth))

test('a report of what is summed up is that of every cell', (t) => {
  const resources = catalogue
  fc.assert(
    fc.property(months, fc.constantFrom(...reportIds), (all, id) => {
      const summed = all.map((month) =>
        atOnce(readingMonth(month.period, textOfFigures(month), keptFor(id))),
      )
      const [short, whole] = [summed, all].map((figures) =>
        makeReport(asked(id), { figures, resources }, reporter),
      )
      t.deepEqual(short, whole)
    }),
    { numRuns: 300 },
  )
})

test('of a month some hundred numbers are kept, whatever it was made of', (t) => {
  const month = largeMonth('2026-10', 60)
  const { cells } = atOnce(readingMonth('2026-10', textOfFigures(month), 'category'))
  t.true(cells.length < month.cells.length / 3, `${cells.length} of ${month.cells.length}`)
})

test('months are read one by one, once for all who ask, and those without figures are left out', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-counter-'))
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock: systemClock })
  t.teardown(() => store.close())
  await store.figures.write(['2026-07', '2026-09'].map((month) => documentOf(emptyFigures(month))))
  const lengths: number[] = []
  const read: FiguresStore['read'] = async (...span) => {
    const found = await store.figures.read(...span)
    lengths.push(found.length)
    return found
  }
  const source = { store: { figures: { read } }, clock: systemClock }
  const readMonths = createMonthReader(source)
  const span = { from: '2026-07', to: '2026-09' }
  const [found, shared] = await Promise.all([
    readMonths(span, 'dataType'),
    readMonths(span, 'dataType'),
  ])
  t.is(found, shared)
  t.deepEqual(
    found.map(({ period }) => period),
    ['2026-07', '2026-09'],
  )
  t.deepEqual(lengths, [1, 0, 1])
})
