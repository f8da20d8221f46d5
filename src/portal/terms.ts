/**
 * The terms of a licence in words: who, where, how many, how long.
 * @module
 */
import type { Language, LicenceTerms } from '../core/resource.ts'
import type { Facts, Words } from '../locales/words.ts'
import { capitalised, dayText, listText } from './formats.ts'
import type { Term } from './models.ts'

/** The lines of the resource page. */
export function licenceTerms(licence: LicenceTerms, language: Language, words: Words): Term[] {
  const { readers, place, seats } = licenceFacts(licence, language, words)
  return [
    {
      name: words.say(language, 'resource.readers'),
      value: capitalised(String(readers), language),
    },
    { name: words.say(language, 'resource.place'), value: capitalised(String(place), language) },
    {
      name: words.say(language, 'resource.seats'),
      value: String(seats ?? words.say(language, 'resource.seats_any')),
    },
    { name: words.say(language, 'resource.licence'), value: spanOf(licence, language, words) },
  ]
}

/** What the words of a refusal may name. */
export function licenceFacts(licence: LicenceTerms, language: Language, words: Words): Facts {
  const { categories, groups, remote, sites, seats, fromOn, untilOn } = licence
  const readers = categories.map((category) => words.say(language, `category.${category}`))
  if (groups.length > 0) readers.push(words.say(language, 'category.groups'))
  return {
    readers: listText(readers, language),
    place: words.say(language, `remote.${remote}`, { sites: listText(sites, language) }),
    ...(seats !== undefined && { seats }),
    ...(fromOn !== undefined && { from: dayText(fromOn, language) }),
    ...(untilOn !== undefined && { until: dayText(untilOn, language) }),
  }
}

function spanOf({ fromOn, untilOn }: LicenceTerms, language: Language, words: Words): string {
  const from = fromOn === undefined ? '' : dayText(fromOn, language)
  const until = untilOn === undefined ? '' : dayText(untilOn, language)
  if (from !== '' && until !== '') {
    return words.say(language, 'resource.licence_between', { from, until })
  }
  if (until !== '') return words.say(language, 'resource.licence_until', { until })
  if (from !== '') return words.say(language, 'resource.licence_from', { from })
  return words.say(language, 'resource.licence_open')
}
