/**
 * Random figures, for what is true of any.
 */
import * as fc from 'fast-check'

import { denialReasons } from '../../src/core/denials.ts'
import {
  metrics,
  personDimensions,
  type Cell,
  type Figures,
  type HourCell,
} from '../../src/core/figures.ts'
import { categories, channels } from '../../src/core/types.ts'
import { dataTypes, useFormats } from '../../src/core/use.ts'

/** The month of random figures. */
export const period = '2026-11'

/** Of which some dozen together are still exact. */
const count = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 46 }))
/** Few words, so that numbers meet; one with everything that separates lines and texts. */
const text = fc.constantFrom('', 'a', 'b', 'Ак-Кеме\n"1,2"', '-1')

const cut = {
  category: fc.constantFrom(...categories, '' as const),
  unit: text,
  site: text,
  channel: fc.constantFrom(...channels),
}
const cell: fc.Arbitrary<Cell> = fc.record({
  resourceId: text,
  ...cut,
  metric: fc.constantFrom(...metrics),
  format: fc.constantFrom(...useFormats, '' as const),
  dataType: fc.constantFrom(...dataTypes, '' as const),
  count,
})
const hour: fc.Arbitrary<HourCell> = fc.record({
  resourceId: text,
  hour: fc.nat(23),
  metric: fc.constantFrom(...metrics),
  count,
})
/** Figures of the month that need not agree with each other. */
export const anyFigures: fc.Arbitrary<Figures> = fc.record({
  period: fc.constant(period),
  cells: fc.array(cell, { maxLength: 60 }),
  hours: fc.array(hour, { maxLength: 30 }),
  denials: fc.array(
    fc.record({ resourceId: text, reason: fc.constantFrom(...denialReasons), ...cut, count }),
    { maxLength: 10 },
  ),
  items: fc.array(
    fc.record({
      resourceId: text,
      // What is said of an item follows from it: of two sayings the later one would win.
      item: fc.constantFrom('doi:1', 'isbn:2', 'url:h/p'),
      requests: fc.nat(9),
      investigations: fc.nat(9),
    }),
    { maxLength: 10 },
  ),
  titles: fc.array(fc.record({ resourceId: text, title: text, readers: fc.nat(9) }), {
    maxLength: 5,
  }),
  readers: fc.array(
    fc.record({
      resourceId: text,
      by: fc.constantFrom(...personDimensions, '' as const),
      key: text,
      readers: fc.nat(99),
    }),
    { maxLength: 5 },
  ),
  pools: fc.array(
    fc.record({
      pool: text,
      seats: fc.nat(9),
      peak: fc.nat(9),
      minutesAtLimit: fc.nat(9),
      minutesUsed: fc.nat(9),
      waits: fc.nat(9),
      granted: fc.nat(9),
      left: fc.nat(9),
      waitedMs: fc.nat(9),
      longestWaitMs: fc.nat(9),
    }),
    { maxLength: 5 },
  ),
  leftOut: fc.record({
    robots: fc.nat(9),
    doubleClicks: fc.nat(9),
    prefetches: fc.nat(9),
    otherStatuses: fc.nat(9),
  }),
  isFinal: fc.constant(false),
})
