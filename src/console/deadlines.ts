/**
 * Licences with a day that staff should know of: over, in grace, ending or beginning soon, and the
 * last day to act on a contract.
 * @module
 */
import { limits } from '../core/limits.ts'
import type { LicenceTerms } from '../core/licence.ts'
import type { Language, Resource } from '../core/resource.ts'
import type { WordKey, Words } from '../locales/words.ts'
import { dayText } from '../pages/formats.ts'
import { dayNumber } from '../policy/calendar.ts'
import type { DeadlineModel } from './models.ts'

/** A day in the life of a licence. */
interface Deadline {
  readonly on: string
  readonly word: Extract<WordKey, `staff.dates_${string}`>
  readonly kind: DeadlineModel['kind']
  /** Until when readers are let in all the same. */
  readonly graceUntilOn?: string
}

/** What needs a look on a day (ISO), the earliest first. */
export function deadlines(
  resources: Iterable<Resource>,
  todayOn: string,
  language: Language,
  words: Words,
): DeadlineModel[] {
  return [...resources]
    .flatMap((resource) =>
      deadlinesOf(resource.licence, dayNumber(todayOn)).map((deadline) => ({
        resource,
        ...deadline,
      })),
    )
    .toSorted((one, other) => dayNumber(one.on) - dayNumber(other.on))
    .map(({ resource, on, word, kind, graceUntilOn = '' }) => ({
      id: resource.id,
      title: words.textOf(resource.title, language),
      kind,
      text: words.say(language, word, {
        date: dayText(on, language),
        until: dayText(graceUntilOn, language),
      }),
    }))
}

function deadlinesOf(
  { fromOn, untilOn, graceDays, contract }: LicenceTerms,
  today: number,
): Deadline[] {
  const found: Deadline[] = []
  const soonest = today + limits.console.soonDays
  if (fromOn !== undefined && dayNumber(fromOn) > today) {
    found.push({ on: fromOn, word: 'staff.dates_begins', kind: 'wait' })
  }
  const last = untilOn === undefined ? Number.POSITIVE_INFINITY : dayNumber(untilOn)
  if (untilOn !== undefined && last + graceDays < today) {
    found.push({ on: untilOn, word: 'staff.dates_ended', kind: 'shut' })
  } else if (untilOn !== undefined && last < today) {
    const graceUntilOn = dayOf(last + graceDays)
    found.push({ on: untilOn, word: 'staff.dates_grace', kind: 'wait', graceUntilOn })
  } else if (untilOn !== undefined && last <= soonest) {
    found.push({ on: untilOn, word: 'staff.dates_ends', kind: 'wait' })
  }
  const { noticeOn, noticeDays = 0 } = contract ?? {}
  const notice = noticeOn === undefined ? Number.NaN : dayNumber(noticeOn)
  if (
    noticeOn !== undefined &&
    notice >= today &&
    notice <= Math.max(soonest, today + noticeDays)
  ) {
    found.push({ on: noticeOn, word: 'staff.dates_notice', kind: 'wait' })
  }
  return found
}

function dayOf(number: number): string {
  return new Date(number * 86_400_000).toISOString().slice(0, 10)
}
