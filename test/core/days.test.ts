import test from 'ava'
import * as fc from 'fast-check'

import { daysAfter, isDay } from '../../src/core/days.ts'

test('a day is one that the calendar has, in ISO form', (t) => {
  for (const day of ['2026-01-31', '2024-02-29', '1999-12-31']) t.true(isDay(day), day)
  const others = ['2026-02-29', '2026-13-01', '2026-1-1', '26-01-01', '2026-01-01T00', '', '2026']
  for (const day of others) t.false(isDay(day), day)
})

test('days are added across months, years and clock changes', (t) => {
  t.is(daysAfter('2026-12-31', 1), '2027-01-01')
  t.is(daysAfter('2024-02-28', 1), '2024-02-29')
  t.is(daysAfter('2026-03-28', 2), '2026-03-30')
  const day = fc.date({
    min: new Date('2000-01-01'),
    max: new Date('2099-01-01'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(day, fc.nat(400), fc.nat(400), (date, few, more) => {
      const from = date.toISOString().slice(0, 10)
      t.is(daysAfter(daysAfter(from, few), more), daysAfter(from, few + more))
      t.true(daysAfter(from, few) >= from)
    }),
  )
})
