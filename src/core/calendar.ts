/**
 * Days in the institution's time zone: a licence begins and ends at the library's midnight.
 * @module
 */
import { aheadMs } from './time-zone.ts'

/** The day of an instant (epoch milliseconds) as an ISO date. */
export type DayOf = (at: number) => string

const minuteMs = 60_000
const quarterMs = 15 * minuteMs

/** Makes the calendar of a time zone, an IANA name such as `Asia/Bishkek`. */
export function createCalendar(timeZone: string): DayOf {
  // The Swedish locale writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone })
  let minute = Number.NaN
  let day = ''
  return (at) => {
    // Midnight falls on a whole minute everywhere, and formatting costs more than a decision.
    const asked = Math.floor(at / minuteMs)
    if (asked === minute) return day
    minute = asked
    day = format.format(at)
    return day
  }
}

/** The day of one instant alone. */
export function dayIn(timeZone: string, at: number): string {
  return createCalendar(timeZone)(at)
}

/** The day and the hour (0 to 23) of an instant in a time zone. */
export type HourOf = (at: number) => { readonly day: string; readonly hour: number }

/**
 * Tells days and hours of a time zone; quickly for instants that come in order. Clocks everywhere differ
 * from UTC by quarters of an hour and change at one, so that within a quarter nothing is asked again.
 */
export function createHourOf(timeZone: string): HourOf {
  let quarter = Number.NaN
  let told = { day: '', hour: 0 }
  return (at) => {
    const asked = Math.floor(at / quarterMs)
    if (asked === quarter) return told
    quarter = asked
    const wall = new Date(at + aheadMs(timeZone, at)).toISOString()
    told = { day: wall.slice(0, 10), hour: Number(wall.slice(11, 13)) }
    return told
  }
}

const isoInstant = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/

/**
 * Epoch milliseconds of an ISO day or time. Without an offset it is one of the time zone's own
 * clock, and a day is its first moment. Undefined for anything else, and for days that no month has.
 */
export function instantIn(timeZone: string, text: string): number | undefined {
  const [, day = '', time = 'T00:00', offset] = isoInstant.exec(text) ?? []
  const wall = Date.parse(`${day}${time}Z`)
  // A day such as 02-30 is read as one of the next month.
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(day)) return undefined
  if (offset !== undefined) return Date.parse(`${day}${time}${offset}`)
  // Twice, since the first guess may lie on the other side of a change of the clocks.
  const guess = wall - aheadMs(timeZone, wall)
  return wall - aheadMs(timeZone, guess)
}
