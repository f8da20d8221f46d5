/**
 * Licences with a day that staff should know of, in the words of the start page.
 * @module
 */
import { dayNumber } from '../core/days.ts'
import type { Language } from '../core/languages.ts'
import type { Resource } from '../core/resource.ts'
import type { WordKey, Words } from '../locales/words.ts'
import { dayText } from '../pages/formats.ts'
import { deadlinesOf, type Deadline } from '../policy/deadlines.ts'
import type { DeadlineModel } from './models.ts'

const tellings = {
  begins: { word: 'staff.dates_begins', kind: 'wait' },
  ends: { word: 'staff.dates_ends', kind: 'wait' },
  grace: { word: 'staff.dates_grace', kind: 'wait' },
  ended: { word: 'staff.dates_ended', kind: 'shut' },
  notice: { word: 'staff.dates_notice', kind: 'wait' },
} as const satisfies Readonly<
  Record<Deadline['state'], { readonly word: WordKey; readonly kind: DeadlineModel['kind'] }>
>

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
      kind: tellings[state].kind,
      text: words.say(language, tellings[state].word, {
        date: dayText(on, language),
        until: dayText(graceUntilOn, language),
      }),
    }))
}
