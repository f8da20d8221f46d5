import test from 'ava'

import { createCalendar, createHourOf, dayIn, instantIn } from '../../src/core/calendar.ts'

test('the day of an instant is that of the time zone', (t) => {
  const instant = Date.parse('2026-12-31T19:30:00Z')
  t.is(dayIn('UTC', instant), '2026-12-31')
  t.is(dayIn('Asia/Bishkek', instant), '2027-01-01')
})

test('a day or time without an offset is one of the institution’s own clock', (t) => {
  for (const [timeZone, text, expected] of [
    ['Asia/Bishkek', '2026-11-30', '2026-11-29T18:00Z'],
    ['Asia/Bishkek', '2026-11-30T08:15', '2026-11-30T02:15Z'],
    ['Asia/Bishkek', '2026-11-30T08:15Z', '2026-11-30T08:15Z'],
    ['Asia/Bishkek', '2026-11-30T08:15:30+03:00', '2026-11-30T05:15:30Z'],
    ['Pacific/Honolulu', '2026-11-30', '2026-11-30T10:00Z'],
    ['Asia/Kathmandu', '2026-11-30T05:45', '2026-11-30T00:00Z'],
    ['UTC', '2028-02-29', '2028-02-29T00:00Z'],
    ['Europe/Berlin', '2026-03-29T01:30', '2026-03-29T00:30Z'],
    ['Europe/Berlin', '2026-03-29T03:30', '2026-03-29T01:30Z'],
    ['America/New_York', '2026-11-01T00:30', '2026-11-01T04:30Z'],
  ] as const) {
    t.is(instantIn(timeZone, text), Date.parse(expected), `${timeZone} ${text}`)
  }
})

test('the day of an instant that was read from a day is that day, anywhere', (t) => {
  for (const timeZone of ['Asia/Bishkek', 'Pacific/Honolulu', 'Pacific/Kiritimati', 'UTC']) {
    for (const day of ['2026-01-01', '2026-03-29', '2027-10-31', '2028-02-29']) {
      t.is(createCalendar(timeZone)(instantIn(timeZone, day) ?? 0), day, timeZone)
    }
  }
})

test('what is no day or time is not read', (t) => {
  for (const text of [
    '',
    'soon',
    '2026-02-30',
    '2026-13-01',
    '30.11.2026',
    '2026-11-30T25:00',
    '1',
  ]) {
    t.is(instantIn('Asia/Bishkek', text), undefined, text)
  }
})

test('an hour is one of the time zone’s own clock, whatever its offset', (t) => {
  for (const [timeZone, text, day, hour] of [
    ['Asia/Bishkek', '2026-11-30T18:00Z', '2026-12-01', 0],
    ['Asia/Bishkek', '2026-11-30T17:59:59.999Z', '2026-11-30', 23],
    ['Asia/Kathmandu', '2026-11-30T18:14Z', '2026-11-30', 23],
    ['Asia/Kathmandu', '2026-11-30T18:15Z', '2026-12-01', 0],
    ['Pacific/Honolulu', '2026-11-30T09:59Z', '2026-11-29', 23],
    ['Europe/Berlin', '2026-03-29T01:00Z', '2026-03-29', 3],
  ] as const) {
    t.deepEqual(createHourOf(timeZone)(Date.parse(text)), { day, hour }, `${timeZone} ${text}`)
  }
})
