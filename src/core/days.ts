/**
 * Days of the calendar as ISO dates, which compare as text.
 * @module
 */

/** Whether the text is a day that exists, as `2026-02-28`. */
export function isDay(text: string): boolean {
  const instant = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(instant) && isoDay(instant) === text
}

/** The day so many days later. */
export function daysAfter(day: string, days: number): string {
  return isoDay(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000)
}

/** Days since 1970-01-01 of an ISO date; `NaN`, which no comparison accepts, of anything else. */
export function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000
}

function isoDay(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}
