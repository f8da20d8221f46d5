/**
 * Days of a licence that staff should know of: over, in grace, ending or beginning soon, and the last
 * day to act on its contract.
 * @module
 */
import { daysAfter } from '../core/days.ts'
import type { LicenceTerms } from '../core/licence.ts'
import { limits } from '../core/limits.ts'

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
  const soonOn = daysAfter(todayOn, Math.max(limits.policy.soonDays, noticeDays))
  const found: Deadline[] = []
  if (fromOn !== undefined && fromOn > todayOn) found.push({ state: 'begins', on: fromOn })
  if (noticeOn !== undefined && noticeOn >= todayOn && noticeOn <= soonOn) {
    found.push({ state: 'notice', on: noticeOn })
  }
  if (untilOn === undefined || untilOn > soonOn) return found
  const graceUntilOn = daysAfter(untilOn, graceDays)
  if (graceUntilOn < todayOn) found.push({ state: 'ended', on: untilOn })
  else if (untilOn < todayOn) found.push({ state: 'grace', on: untilOn, graceUntilOn })
  else found.push({ state: 'ends', on: untilOn })
  return found
}
