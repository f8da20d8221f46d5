/** Advice on seats: by a rule that can be checked, and none from too little. */
import test from 'ava'
import fc from 'fast-check'

import { fullShareOf, seatAdvice, type SeatEvidence } from '../../src/reports/seat-advice.ts'

const quiet: SeatEvidence = {
  seats: 5,
  isChanged: false,
  peak: 4,
  minutesAtLimit: 0,
  minutesUsed: 60 * 100,
  waits: 0,
  refusals: 0,
  months: 12,
}

const full = { minutesAtLimit: 600, peak: 5, waits: 40 }

for (const [title, evidence, expected] of [
  ['enough: one was always free', {}, { kind: 'enough' }],
  ['one month tells nothing', { ...full, months: 1 }, { kind: 'unknown', why: 'months' }],
  ['an hour tells nothing', { ...full, minutesUsed: 600 }, { kind: 'unknown', why: 'hours' }],
  ['a changed number tells nothing', { isChanged: true }, { kind: 'unknown', why: 'changed' }],
  ['full, but nobody missed a seat', { ...full, waits: 2 }, { kind: 'enough' }],
  ['a tenth of the time full', full, { kind: 'more', seats: 8, isLeast: false }],
  [
    'refusals count as waits do',
    { ...full, waits: 0, refusals: 10 },
    { kind: 'more', seats: 8, isLeast: false },
  ],
  ['always full', { ...full, minutesAtLimit: 6000 }, { kind: 'more', seats: 10, isLeast: true }],
  [
    'one seat says little',
    { ...full, seats: 1, peak: 1 },
    { kind: 'more', seats: 2, isLeast: true },
  ],
  ['two of five were ever used', { peak: 2 }, { kind: 'fewer', seats: 3 }],
  ['fewer needs a year', { peak: 2, months: 11 }, { kind: 'enough' }],
  ['fewer keeps one in reserve', { peak: 4 }, { kind: 'enough' }],
] as const) {
  test(title, (t) => t.deepEqual(seatAdvice({ ...quiet, ...evidence }), expected))
}

test('the share of full time is that of the sum it is short for', (t) => {
  for (const [seats, load] of [
    [1, 0.5],
    [2, 1],
    [5, 3.2],
    [30, 20],
  ] as const) {
    let weight = 1
    let used = 0
    for (let k = 1; k <= seats; k++) used += weight *= load / k
    t.true(Math.abs(fullShareOf(seats, load) - weight / used) < 1e-9, `${seats} ${load}`)
  }
})

test('more seats are never advised than twice as many, and always more than there are', (t) => {
  const evidence = fc.record({
    seats: fc.integer({ min: 1, max: 300 }),
    minutesAtLimit: fc.integer({ min: 0, max: 6000 }),
  })
  fc.assert(
    fc.property(evidence, (found) => {
      const advice = seatAdvice({ ...quiet, ...found, peak: found.seats, waits: 100 })
      if (advice.kind !== 'more') return
      t.true(advice.seats > found.seats && advice.seats <= Math.max(2, found.seats * 2))
    }),
  )
})
