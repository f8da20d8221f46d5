/**
 * Days in the institution's time zone: a licence begins and ends at the library's midnight.
 * @module
 */

/** The day of an instant (epoch milliseconds) as an ISO date. */
export type DayOf = (at: number) => string

const minuteMs = 60_000

/** Makes the calendar of a time zone, an IANA name such as `Asia/Bishkek`. */
export function createCalendar(timeZone: string): DayOf {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  let minute = Number.NaN
  let day = ''
  return (at) => {
    // Midnight falls on a whole minute everywhere, and formatting costs more than a decision.
    const asked = Math.floor(at / minuteMs)
    if (asked === minute) return day
    const parts = format.formatToParts(at)
    const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
    minute = asked
    day = `${part('year')}-${part('month')}-${part('day')}`
    return day
  }
}

/** Days since 1970-01-01 of an ISO date; `NaN`, which no comparison accepts, of anything else. */
export function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000
}
