/**
 * Days of a licence that staff should know of: over, in grace, ending or beginning soon, and the last
 * day to act on its contract.
 * @module
 */
import type { LicenceTerms } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import { dayNumber } from './calendar.ts'

/** A day in the life of a licence. */
export interface Deadline {
  /** `notice`: the contract can be renewed or ended until that day. */
  readonly state: 'begins' | 'ends' | 'grace' | 'ended' | 'notice'
  /** ISO date of that day, in the institution's time zone. */
  readonly on: string
  /** Until when readers are let in all the same. */
  readonly graceUntilOn?: string
}

/** What of a licence needs a look on a day (ISO): soon is the usual time, or what its contract says. */
export function deadlinesOf(
  { fromOn, untilOn, graceDays, contract }: LicenceTerms,
  todayOn: string,
): Deadline[] {
  const { noticeOn, noticeDays = 0 } = contract ?? {}
  const today = dayNumber(todayOn)
  const soon = today + Math.max(limits.policy.soonDays, noticeDays)
  const found: Deadline[] = []
  if (fromOn !== undefined && dayNumber(fromOn) > today) found.push({ state: 'begins', on: fromOn })
  const notice = noticeOn === undefined ? Number.NaN : dayNumber(noticeOn)
  if (noticeOn !== undefined && notice >= today && notice <= soon) {
    found.push({ state: 'notice', on: noticeOn })
  }
  const last = untilOn === undefined ? Number.POSITIVE_INFINITY : dayNumber(untilOn)
  if (untilOn !== undefined && last + graceDays < today) {
    found.push({ state: 'ended', on: untilOn })
  } else if (untilOn !== undefined && last < today) {
    found.push({ state: 'grace', on: untilOn, graceUntilOn: dayOf(last + graceDays) })
  } else if (untilOn !== undefined && last <= soon) {
    found.push({ state: 'ends', on: untilOn })
  }
  return found
}

function dayOf(number: number): string {
  return new Date(number * 86_400_000).toISOString().slice(0, 10)
}
