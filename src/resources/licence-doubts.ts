/**
 * What is wrong or worth a look in the terms of one licence, held against the calendar and the
 * networks of the configuration.
 * @module
 */
import { dayIn } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import { daysAfter } from '../core/days.ts'
import type { DocumentPath } from '../core/documents.ts'
import type { Channel } from '../core/types.ts'
import type { RuleFindingNumber } from './findings.ts'
import { categoriesOf } from './licence.ts'
import type { LicenceInput } from './licence-schema.ts'

/** What a rule needs to know of a configured network. */
export interface NetworkOutline {
  readonly name: string
  readonly site?: string
  readonly channel: Channel
  readonly ranges: readonly string[]
}

/** What a licence is held against; what is absent is not asked. */
export interface LicenceContext {
  readonly timeZone: string
  readonly clock: Clock
  readonly networks?: readonly NetworkOutline[] | undefined
  /** Faculties and departments that readers can have. */
  readonly units?: readonly string[] | undefined
}

/** A finding before its file and line are known; the path begins within `licence`. */
interface LicenceDoubt {
  readonly number: RuleFindingNumber
  readonly path: DocumentPath
  readonly message: string
}

/** Every doubt about one licence. */
export function licenceDoubts(input: LicenceInput, context: LicenceContext): LicenceDoubt[] {
  return [
    ...dayDoubts(input, context),
    ...readerDoubts(input, context),
    ...placeDoubts(input, context),
    ...seatDoubts(input, context),
    ...fairUseDoubts(input),
  ]
}

function doubt(number: RuleFindingNumber, path: DocumentPath, message: string): LicenceDoubt {
  return { number, path: ['licence', ...path], message }
}

function dayDoubts(input: LicenceInput, { timeZone, clock }: LicenceContext): LicenceDoubt[] {
  const { from, until, graceDays } = input
  const todayOn = dayIn(timeZone, clock.now())
  if (from !== undefined && until !== undefined && until < from) {
    return [doubt('F015', ['until'], `found ${until}, which is before licence.from (${from})`)]
  }
  if (until !== undefined && daysAfter(until, graceDays) < todayOn) {
    return [doubt('F016', ['until'], `found ${until}: the licence is over, nobody can read`)]
  }
  const isLater = from !== undefined && from > todayOn
  const early = isLater
    ? [doubt('F031', ['from'], `found ${from}: until then nobody can read`)]
    : []
  return [...early, ...noticeDoubts(input, todayOn)]
}

/** The day to act by comes before the last day of access, or is that day. */
function noticeDoubts({ until, contract }: LicenceInput, todayOn: string): LicenceDoubt[] {
  const { noticeOn, noticeDays = 0 } = contract ?? {}
  const isNear = (day: string) => daysAfter(todayOn, noticeDays) >= day
  const doubts: LicenceDoubt[] = []
  if (noticeOn !== undefined && until !== undefined && noticeOn > until) {
    const message = `found ${noticeOn}, which is after licence.until (${until})`
    doubts.push(doubt('F032', ['contract', 'noticeOn'], message))
  } else if (noticeOn !== undefined && noticeOn >= todayOn && isNear(noticeOn)) {
    const message = `found ${noticeOn}: the last day to renew or end the contract is near`
    doubts.push(doubt('F030', ['contract', 'noticeOn'], message))
  }
  if (contract !== undefined && until !== undefined && isNear(until)) {
    const message = `found ${until}: the licence ends within ${noticeDays} days, or has ended and is in its grace`
    doubts.push(doubt('F030', ['until'], message))
  }
  return doubts
}

function readerDoubts(input: LicenceInput, context: LicenceContext): LicenceDoubt[] {
  const { groups, units, walkIn } = input
  const categories = categoriesOf(input)
  const doubts: LicenceDoubt[] = []
  if (categories.length === 0 && groups.length === 0) {
    doubts.push(doubt('F018', ['categories'], 'found nobody, expected a category or a group'))
  }
  if (walkIn === false && categories.includes('walk-in')) {
    const message = 'found false, but licence.categories has walk-in; expected one of both'
    doubts.push(doubt('F033', ['walkIn'], message))
  }
  if (units !== undefined && categories.includes('walk-in')) {
    const path = input.categories?.includes('walk-in') ? ['categories'] : ['walkIn']
    const message = 'lets visitors read, but they belong to none of licence.units'
    doubts.push(doubt('F033', path, message))
  }
  for (const [index, unit] of (units ?? []).entries()) {
    if (context.units?.includes(unit) ?? true) continue
    const message = `found ${JSON.stringify(unit)}, which no reader can have by the configuration`
    doubts.push(doubt('F034', ['units', index], message))
  }
  return doubts
}

function placeDoubts(input: LicenceInput, { networks }: LicenceContext): LicenceDoubt[] {
  const { remote } = input
  const sites = networks?.flatMap(({ site }) => (site === undefined ? [] : [site]))
  const names = networks?.map(({ name }) => name)
  const isOnSite = networks?.some(({ channel }) => channel === 'onsite') ?? true
  const isInside = remote === 'on_site_only' || remote === 'listed_sites'
  const path = input.remote === 'anywhere' ? ['categories'] : ['remote']
  const needsSite = isInside || categoriesOf(input).every((category) => category === 'walk-in')
  const nowhere =
    needsSite && input.groups.length === 0 && !isOnSite
      ? [doubt('F035', path, 'lets read on site alone, but no network is of channel onsite')]
      : []
  return [
    ...listDoubts('sites', input, { known: sites, number: 'F020', what: 'the site of no network' }),
    ...listDoubts('networks', input, { known: names, number: 'F036', what: 'no network' }),
    ...nowhere,
  ]
}

/** `listed_sites` and `sites`, `listed_networks` and `networks`: both or neither, and all known. */
function listDoubts(
  key: 'sites' | 'networks',
  input: LicenceInput,
  { known, number, what }: ListFacts,
): LicenceDoubt[] {
  const { remote } = input
  const listed = input[key]
  const isListed = remote === `listed_${key}`
  const message = isListed
    ? `found no ${key}, expected those of "remote: listed_${key}"`
    : `found ${key} with "remote: ${remote}", expected "remote: listed_${key}"`
  const pairing =
    isListed === listed.length > 0 ? [] : [doubt('F019', [isListed ? 'remote' : key], message)]
  const unknown = listed.flatMap((name, index) =>
    (known?.includes(name) ?? true)
      ? []
      : [doubt(number, [key, index], unknownText(name, what, known))],
  )
  return [...pairing, ...unknown]
}

/** Of a longer list the first names are told. */
const toldMax = 12

function unknownText(name: string, what: string, known: readonly string[] = []): string {
  const names = [...new Set(known)].map((each) => JSON.stringify(each))
  const rest = names.length > toldMax ? ` or ${names.length - toldMax} more` : ''
  const some = `${names.slice(0, toldMax).join(', ')}${rest}`
  const expected = names.length === 0 ? 'none' : names.length === 1 ? some : `one of ${some}`
  return `found ${JSON.stringify(name)}, which is ${what}; expected ${expected}`
}

interface ListFacts {
  readonly known: readonly string[] | undefined
  readonly number: RuleFindingNumber
  readonly what: string
}

function seatDoubts(input: LicenceInput, { networks }: LicenceContext): LicenceDoubt[] {
  const { pool, seats, reserved, morePools } = input
  if (seats === undefined) {
    const message = 'without seats, expected both'
    const named =
      pool === undefined ? [] : [doubt('F017', ['pool'], `found the pool "${pool}" ${message}`)]
    const kept =
      reserved === undefined ? [] : [doubt('F017', ['reserved'], `found reserved seats ${message}`)]
    const more =
      morePools.length === 0 ? [] : [doubt('F017', ['morePools'], `found more pools ${message}`)]
    return [...named, ...kept, ...more]
  }
  const names = networks?.map(({ name }) => name)
  const unknown = (reserved?.networks ?? []).flatMap((name, index) =>
    (names?.includes(name) ?? true)
      ? []
      : [doubt('F036', ['reserved', 'networks', index], unknownText(name, 'no network', names))],
  )
  const twice = morePools.flatMap((more, index) =>
    more.pool === pool || morePools.findIndex((other) => other.pool === more.pool) < index
      ? [doubt('F017', ['morePools', index], `found the pool "${more.pool}" a second time`)]
      : [],
  )
  if (reserved === undefined || reserved.seats < seats) return [...unknown, ...twice]
  const message = `found ${reserved.seats} of ${seats} seats, expected fewer; "remote: on_site_only" keeps all of them`
  return [doubt('F017', ['reserved', 'seats'], message), ...unknown, ...twice]
}

function fairUseDoubts({ fairUse }: LicenceInput): LicenceDoubt[] {
  if (fairUse === undefined) return []
  const { items, megabytes } = fairUse
  if (items === undefined && megabytes === undefined) {
    return [doubt('F038', ['fairUse'], 'limits nothing, expected items or megabytes')]
  }
  if (items === undefined || megabytes === undefined || megabytes * kilobytes >= items) return []
  const message = `found ${megabytes} megabytes for ${items} items, less than a kilobyte each; expected more`
  return [doubt('F038', ['fairUse', 'megabytes'], message)]
}

const kilobytes = 1000
