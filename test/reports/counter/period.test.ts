/** Which months a report has: what is asked for, cut to what there is. */
import test from 'ava'

import { monthAfter, monthCount, lastDay } from '../../../src/reports/counter/months.ts'
import { lastFullMonth, monthOf, periodOf } from '../../../src/reports/counter/period.ts'

const available = { first: '2026-03', last: '2026-10' }

for (const [begin, end, expected] of [
  ['2026-04', '2026-10', '2026-04 2026-10'],
  ['2026-04-01', '2026-10-31', '2026-04 2026-10'],
  ['2026-10', '2026-10', '2026-10 2026-10'],
  ['2026-09', '2026-11', '2026-09 2026-10 3031 after 2026-10'],
  ['2026-09', '2030-12', '2026-09 2026-10 3031 after 2026-10'],
  ['2026-01', '2026-05', '2026-03 2026-05 3032 before 2026-03'],
  ['2026-01', '2027-05', '2026-03 2026-10 3031 after 2026-10 3032 before 2026-03'],
  ['2025-01', '2025-05', '2025-01 2025-05 3032 before 2026-03'],
  ['2026-11', '2026-12', '3020 the last month that has ended is 2026-10'],
  ['2026-11', '2026-11', '3020 the last month that has ended is 2026-10'],
  ['2026-10', '2026-09', '3020 the end comes before the begin'],
  ['2016-09', '2026-10', '3020 expected at most 120 months'],
  ['2026-13', '2026-10', '3020 expected yyyy-mm or yyyy-mm-dd'],
  ['2026-02-30', '2026-10', '3020 expected yyyy-mm or yyyy-mm-dd'],
  ['2026-00', '2026-10', '3020 expected yyyy-mm or yyyy-mm-dd'],
  ['2026', '2026-10', '3020 expected yyyy-mm or yyyy-mm-dd'],
  ['26-01', '2026-10', '3020 expected yyyy-mm or yyyy-mm-dd'],
  ['', '', '3020 expected yyyy-mm or yyyy-mm-dd'],
  ['2026-01-01T00:00', '2026-10', '3020 expected yyyy-mm or yyyy-mm-dd'],
] as const) {
  test(`from ${begin || 'nothing'} to ${end || 'nothing'}`, (t) => {
    const found = periodOf(begin, end, available)
    const said = 'refused' in found ? [found.refused] : found.exceptions
    const span = 'refused' in found ? [] : [found.from, found.to]
    t.is([...span, ...said.flatMap(({ Code, Data }) => [Code, Data])].join(' '), expected)
  })
}

test('before anything was counted there is no use, rather than use that is gone', (t) => {
  t.deepEqual(periodOf('2026-01', '2026-02', { last: '2026-10' }), {
    from: '2026-01',
    to: '2026-02',
    exceptions: [],
  })
})

for (const [instant, expected] of [
  ['2026-11-30T12:00:00+06:00', '2026-10'],
  ['2026-12-01T00:00:00+06:00', '2026-10'],
  ['2026-12-01T23:59:59+06:00', '2026-10'],
  ['2026-12-02T00:00:00+06:00', '2026-11'],
  ['2027-01-02T00:00:00+06:00', '2026-12'],
] as const) {
  test(`a month is full a day after its end: ${instant}`, (t) => {
    t.is(lastFullMonth(Date.parse(instant), 'Asia/Bishkek'), expected)
  })
}

test('months are counted over years', (t) => {
  t.is(monthAfter('2026-12', 1), '2027-01')
  t.is(monthAfter('2027-01', -1), '2026-12')
  t.is(monthAfter('2026-11', -24), '2024-11')
  t.is(monthCount('2025-12', '2026-01'), 2)
  t.is(monthCount('2026-02', '2026-01'), 0)
  t.is(lastDay('2028-02'), '2028-02-29')
  t.is(monthOf('2028-02-29'), '2028-02')
  t.is(monthOf('2026-02-00'), undefined)
})
