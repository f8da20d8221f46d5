/** Spans of months as typed. */
import test from 'ava'

import { earlier, monthsAfter, readSpan, spanOf, yearOf } from '../../src/reports/period.ts'

for (const [typed, expected] of [
  [{ from: '2026-09', to: '2026-11' }, '2026-09..2026-11'],
  [{ from: '2025', to: '2025' }, '2025-01..2025-12'],
  [{ from: '2026', to: '2026' }, '2026-01..2026-11'],
  [{}, '2025-12..2026-11'],
  [{ to: '2026-02' }, '2025-03..2026-02'],
  [{ from: '2026-10' }, '2026-10..2026-11'],
  [{ from: '2023-12' }, '2023-12..2026-11'],
  [{ from: '2023-11' }, 'long from 2023-11'],
  [{ from: '2026-13' }, 'month from 2026-13'],
  [{ from: '2026-00' }, 'month from 2026-00'],
  [{ to: '2026-2' }, 'month to 2026-2'],
  [{ to: '2026-02-30' }, 'month to 2026-02-30'],
  [{ from: '' }, 'month from '],
  [{ from: '0001-01' }, 'month from 0001-01'],
  [{ from: "2026-01' OR 1" }, "month from 2026-01' OR 1"],
  [{ to: '2026-12' }, 'future to 2026-12'],
  [{ to: '2027' }, 'future to 2027-12'],
  [{ from: '2026-10', to: '2026-09' }, 'reversed from 2026-10'],
] as const) {
  test(`${JSON.stringify(typed)} in November 2026: ${expected}`, (t) => {
    const span = readSpan(typed, '2026-11')
    const told =
      'problem' in span ? `${span.problem} ${span.field} ${span.found}` : `${span.from}..${span.to}`
    t.is(told, expected)
  })
}

test('months follow each other over the ends of years', (t) => {
  t.is(monthsAfter('2026-11', 2), '2027-01')
  t.is(monthsAfter('2026-01', -1), '2025-12')
  t.is(monthsAfter('2026-01', -25), '2023-12')
  t.deepEqual(spanOf('2025-11', '2026-01').months, ['2025-11', '2025-12', '2026-01'])
  t.is(earlier(spanOf('2026-01', '2026-03'), 3).from, '2025-10')
})

test('a span is a year from January to December alone', (t) => {
  t.is(yearOf(spanOf('2025-01', '2025-12')), '2025')
  t.is(yearOf(spanOf('2025-01', '2025-11')), undefined)
  t.is(yearOf(spanOf('2025-02', '2026-01')), undefined)
})
