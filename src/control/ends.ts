/**
 * When an override ends, as staff type it.
 * @module
 */
import { instantIn } from '../core/calendar.ts'
import { daysAfter, isDay } from '../core/days.ts'
import { limits } from '../core/limits.ts'
import { FieldError } from './field-error.ts'

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * A day, which is included, in the institution's time zone; an ISO time; or a duration from now.
 *
 * @throws {FieldError} `ERR_BAD_REQUEST` for anything else, or what is over or too far away.
 */
export function endInstant(text: string, now: number, timeZone: string): number {
  const days = limits.control.overrideDays
  const at = instantOf(text, now, timeZone)
  if (at !== undefined && at > now && at <= now + (days + 1) * unitMs.d) return at
  const found = at === undefined ? JSON.stringify(text.slice(0, 80)) : new Date(at).toISOString()
  const expected = `a day, a time or a duration (90m, 12h, 3d) from now to ${days} days on`
  throw new FieldError('until', found, expected)
}

function instantOf(text: string, now: number, timeZone: string): number | undefined {
  const { count = '', unit = '' } =
    /^(?<count>[1-9]\d{0,5})(?<unit>[mhd])$/.exec(text)?.groups ?? {}
  if (unit === 'm' || unit === 'h' || unit === 'd') return now + Number(count) * unitMs[unit]
  return instantIn(timeZone, isDay(text) ? daysAfter(text, 1) : text)
}
