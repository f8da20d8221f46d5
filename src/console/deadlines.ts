/**
 * Licences with a day that staff should know of, in the words of the start page.
 * @module
 */
import type { Language, Resource } from '../core/resource.ts'
import type { Words } from '../locales/words.ts'
import { dayText } from '../pages/formats.ts'
import { dayNumber } from '../policy/calendar.ts'
import { deadlinesOf, type Deadline } from '../policy/deadlines.ts'
import type { DeadlineModel } from './models.ts'

const kinds: Readonly<Record<Deadline['state'], DeadlineModel['kind']>> = {
  begins: 'wait',
  ends: 'wait',
  grace: 'wait',
  ended: 'shut',
  notice: 'wait',
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
      deadlinesOf(resource.licence, todayOn).map((deadline) => ({
        resource,
        ...deadline,
      })),
    )
    .toSorted((one, other) => dayNumber(one.on) - dayNumber(other.on))
    .map(({ resource, on, state, graceUntilOn = '' }) => ({
      id: resource.id,
      title: words.textOf(resource.title, language),
      kind: kinds[state],
      text: words.say(language, `staff.dates_${state}`, {
        date: dayText(on, language),
        until: dayText(graceUntilOn, language),
      }),
    }))
}
