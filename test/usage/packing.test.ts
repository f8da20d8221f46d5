import test from 'ava'
import * as fc from 'fast-check'

import { createHourOf } from '../../src/core/calendar.ts'
import type { Metric } from '../../src/core/figures.ts'
import { limits } from '../../src/core/limits.ts'
import { startCounting } from '../../src/usage/count.ts'
import { figuresOf, textOfFigures } from '../../src/usage/figures-text.ts'
import type { RecordedEvent } from '../../src/usage/recorded-event.ts'
import { noReaders, Readers } from '../../src/usage/readers.ts'
import { addingReaders, textOfReaders } from '../../src/usage/readers-text.ts'
import { atOnce, inTurns } from '../../src/usage/steps.ts'
import { Tally } from '../../src/usage/tally.ts'
import { browser, dayAt, timeZone } from './events.ts'
import { anyFigures, period } from './random-figures.ts'

function merged(...texts: readonly string[]): string {
  const tally = new Tally()
  for (const each of texts) atOnce(tally.addText(each))
  return textOfFigures(atOnce(tally.figures(period, noReaders)))
}

test('figures come back from their text as they were, in their order', (t) => {
  fc.assert(
    fc.property(anyFigures, (all) => {
      t.deepEqual({ ...figuresOf(period, textOfFigures(all)), isFinal: false }, all)
    }),
  )
})

test('merging: no order, no grouping and nothing empty makes a difference', (t) => {
  const document = anyFigures.map(textOfFigures)
  const empty = textOfFigures(atOnce(new Tally().figures(period, noReaders)))
  fc.assert(
    fc.property(document, document, document, (a, b, c) => {
      t.is(merged(a, b, c), merged(c, b, a))
      t.is(merged(a, b, c), merged(merged(a, b), c))
      t.is(merged(a, b, c), merged(a, merged(b, c)))
      t.is(merged(a, empty), merged(a))
      t.is(merged(merged(a)), merged(a))
    }),
    { numRuns: 50 },
  )
})

const dayMs = 86_400_000
const use = fc.record({
  kind: fc.constantFrom('request' as const, 'investigation' as const, 'search' as const),
  format: fc.constantFrom('pdf' as const, 'html' as const),
  item: fc.constantFrom('doi:1', 'doi:2'),
  title: fc.constant('issn:1'),
})
/** Three days, with much around their midnights. */
const at = fc.oneof(
  fc.nat(3 * dayMs - 1),
  fc
    .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 70_000 }))
    .map(([day, ms]) => Math.max(0, day * dayMs + ms - 35_000)),
)
const event: fc.Arbitrary<RecordedEvent> = fc.oneof(
  fc
    .record({
      at,
      resourceId: fc.constantFrom('steppe', 'alatoo'),
      // More than need be known of an item.
      person: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'),
      unit: fc.constantFrom('law', 'arts'),
      url: fc.constantFrom('u1', 'u2'),
      status: fc.constantFrom(200, 304, 404),
      bytes: fc.nat(999),
      use: fc.option(use, { nil: undefined }),
    })
    .map(({ use: found, ...facts }) => ({
      kind: 'exchange' as const,
      channel: 'remote' as const,
      userAgent: browser,
      method: 'GET',
      host: 'h',
      path: '/p',
      ...facts,
      ...(found && { use: found }),
    })),
  fc
    .record({
      at,
      resourceId: fc.constantFrom('steppe', 'alatoo'),
      person: fc.constantFrom('p1', 'p2'),
      reason: fc.constantFrom('seats_full' as const, 'licence_ended' as const),
    })
    .map((facts) => ({
      kind: 'denial' as const,
      channel: 'onsite' as const,
      userAgent: browser,
      ...facts,
    })),
)

function countedFrom(events: readonly RecordedEvent[], fromAt: number, endAt: number) {
  const counting = startCounting({ period, endAt, hourOf: createHourOf(timeZone) })
  const lastAt = endAt + limits.usage.doubleClickMs
  for (const each of events) if (each.at >= fromAt && each.at <= lastAt) counting.add(each)
  return counting.end()
}

/** What a longer time has as many of as its days together. */
const additive = new Set<string>([
  'Total_Item_Investigations',
  'Total_Item_Requests',
  'Searches_Regular',
  'Searches_Automated',
  'Searches_Federated',
  'Limit_Exceeded',
  'No_License',
  'exchanges',
  'bytes',
])

function isAdditive({ metric }: { readonly metric: Metric }): boolean {
  return additive.has(metric)
}

test('days merged are what all their events make, where days can be added up', (t) => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (some) => {
      const events = some
        .map((each) => ({ ...each, at: dayAt + each.at }))
        .toSorted((one, other) => one.at - other.at)
      const tally = new Tally()
      const everybody = new Readers()
      for (const day of [0, 1, 2]) {
        const fromAt = dayAt + day * dayMs
        const counted = countedFrom(events, fromAt, fromAt + dayMs)
        atOnce(tally.addText(textOfFigures(counted.figures)))
        atOnce(addingReaders(everybody, textOfReaders(counted.readers)))
      }
      const together = atOnce(tally.figures(period, atOnce(everybody.told())))
      const whole = countedFrom(events, dayAt, dayAt + 3 * dayMs).figures
      t.deepEqual(together.cells.filter(isAdditive), whole.cells.filter(isAdditive))
      t.deepEqual(together.hours.filter(isAdditive), whole.hours.filter(isAdditive))
      t.deepEqual(together.denials, whole.denials)
      t.deepEqual(together.items, whole.items)
      t.deepEqual(together.titles, whole.titles)
      t.deepEqual(together.readers, whole.readers)
      t.deepEqual(together.leftOut, whole.leftOut)
    }),
  )
})

test('long work lets others go first, and comes to the same', async (t) => {
  let steadyMs = 0
  let others = 0
  function* work() {
    for (let step = 0; step < 10; step++) {
      // A step of two milliseconds; turns are of five.
      steadyMs += 2
      yield
    }
    return others
  }
  const tick = () => {
    others += 1
    if (others < 100) setImmediate(tick)
  }
  setImmediate(tick)
  const found = await inTurns(work(), { steady: () => steadyMs })
  t.true(found >= 2 && found <= 4, `${found}`)
})
