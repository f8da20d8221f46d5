/**
 * The terms of a licence in words: who, where, how many, how long, and what for. The contract is not
 * among them: it is for staff.
 * @module
 */
import type { Language, Text } from '../core/languages.ts'
import {
  permissionTerms,
  seatCount,
  type FairUse,
  type LicenceTerms,
  type Permission,
} from '../core/licence.ts'
import type { Facts, WordKey, Words } from '../locales/words.ts'
import { capitalised, dayText, listText, numberText } from './formats.ts'
import type { Term } from './models.ts'

/** What terms are worded with. */
export interface TermWords {
  readonly words: Words
  /** Names of faculties and departments, by the name that licences use. */
  readonly units?: Readonly<Record<string, Text>>
}

/** The lines of the resource page. */
export function licenceTerms(
  licence: LicenceTerms,
  language: Language,
  wording: TermWords,
): Term[] {
  const { words } = wording
  const { readers, place, seats, units, quota } = licenceFacts(licence, language, wording)
  const line = (name: WordKey, value: string | number | undefined): Term[] =>
    value === undefined
      ? []
      : [{ name: words.say(language, name), value: capitalised(String(value), language) }]
  return [
    ...line('resource.readers', readers),
    ...line('resource.units', units),
    ...line('resource.place', place),
    ...line('resource.seats', seats ?? words.say(language, 'resource.seats_any')),
    ...line('resource.quota', quota),
    ...line('resource.licence', spanOf(licence, language, words)),
  ]
}

/** What the words of a refusal may name. */
export function licenceFacts(
  licence: LicenceTerms,
  language: Language,
  { words, units: names = {} }: TermWords,
): Facts {
  const unitName = (unit: string) =>
    words.textOf(names[unit] ?? { [language]: unit }, language).text
  const { categories, groups, units, remote, sites, networks = [] } = licence
  const { fairUse, fromOn, untilOn } = licence
  const seats = seatCount(licence)
  const readers = categories.map((category) => words.say(language, `category.${category}`))
  if (groups.length > 0) readers.push(words.say(language, 'category.groups'))
  return {
    readers: listText(readers, language),
    place: words.say(language, `remote.${remote}`, {
      sites: listText(sites, language),
      networks: listText(networks, language),
    }),
    ...(units && { units: listText(units.map(unitName), language) }),
    ...(seats !== undefined && { seats }),
    ...(fairUse && { quota: quotaText(fairUse, language, words) }),
    ...(fromOn !== undefined && { from: dayText(fromOn, language) }),
    ...(untilOn !== undefined && { until: dayText(untilOn, language) }),
  }
}

/** What readers may do with what they read; a contract that says nothing of it is not shown. */
export function permissionLines(
  { permissions = {} }: LicenceTerms,
  language: Language,
  words: Words,
): Term[] {
  return permissionTerms.flatMap((term): Term[] => {
    const permission = permissions[term]
    const word = permission && permissionWord(permission)
    if (word === undefined) return []
    const note = words.textOf(permission?.publicNote ?? {}, language).text
    const value = [capitalised(words.say(language, word), language), note].filter(Boolean)
    return [{ name: words.say(language, `permission.${term}`), value: value.join('. ') }]
  })
}

function permissionWord({ value }: Permission): WordKey | undefined {
  if (value === 'permitted_explicit_under_conditions') return 'permission.conditions'
  if (value.startsWith('permitted')) return 'permission.permitted'
  return value.startsWith('prohibited') ? 'permission.prohibited' : undefined
}

/** "in 24 hours: full texts: 50, megabytes: 500". */
function quotaText({ items, bytes, per }: FairUse, language: Language, words: Words): string {
  const parts = [
    items !== undefined &&
      words.say(language, 'quota.items', { items: numberText(items, language) }),
    bytes !== undefined &&
      words.say(language, 'quota.megabytes', { megabytes: numberText(bytes / 1e6, language) }),
  ]
  return words.say(language, `quota.${per}`, { limits: parts.filter(Boolean).join(', ') })
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
