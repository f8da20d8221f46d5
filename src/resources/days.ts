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

/** The day that an instant falls on in a time zone. */
export function dayIn(timeZone: string, epochMs: number): string {
  // The Swedish locale writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(epochMs)
}

function isoDay(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}
