/**
 * The criteria of access, in the order in which they are asked. Each looks at one thing and either
 * passes or names a reason of the closed list.
 *
 * The order keeps a refusal honest: what concerns everybody comes before what concerns the person,
 * and the seat comes last (outside, as it asks the store), so that nobody who may not read anyway
 * takes one or counts as a turnaway.
 * @module
 */
import { dayNumber } from '../core/days.ts'
import type { DenialReason } from '../core/denials.ts'
import type { Text } from '../core/languages.ts'
import type { LicenceTerms } from '../core/licence.ts'
import { overrideText, type OverrideNote } from '../core/overrides.ts'
import type { Resource } from '../core/resource.ts'
import { addressIssuer, patronKey, type Category, type Patron, type Place } from '../core/types.ts'

/** What is decided: may this patron, from this place, on this day, read this resource. */
export interface Question {
  readonly resource: Resource
  readonly place: Place
  /** Absent when nobody is signed in. */
  readonly patron?: Patron | undefined
  /** Patrons whom staff have suspended, by `patronKey`. */
  readonly suspensions?: ReadonlyMap<string, OverrideNote> | undefined
  /** The day in the institution's time zone. */
  readonly todayOn: string
  /** True for a CORS preflight or a sister's font, which never tell who asks. */
  readonly isAnonymous?: boolean
}

/** What a criterion found; `detail` is for operators and names no person. */
export interface Verdict {
  readonly detail: string
  readonly refusal?: {
    readonly reason: DenialReason
    readonly facts: Readonly<Record<string, string | number>>
    /** What staff want readers to be told. */
    readonly message?: Text
  }
}

/** One criterion of access. */
export interface Criterion {
  readonly name: string
  /** Whether it needs to know who asks; not asked of preflights and of `direct` addresses. */
  readonly isPersonal: boolean
  readonly judge: (question: Question) => Verdict
}

/** All of them, in order. */
export const criteria: readonly Criterion[] = [
  { name: 'address', isPersonal: false, judge: judgeAddress },
  { name: 'opening', isPersonal: false, judge: judgeOpening },
  { name: 'licence', isPersonal: false, judge: judgeLicence },
  { name: 'sign-in', isPersonal: true, judge: judgeSignIn },
  { name: 'standing', isPersonal: true, judge: judgeStanding },
  { name: 'claims', isPersonal: true, judge: judgeClaims },
  { name: 'entitlement', isPersonal: true, judge: judgeEntitlement },
  { name: 'unit', isPersonal: true, judge: judgeUnit },
  { name: 'place', isPersonal: true, judge: judgePlace },
]

function judgeAddress({ place }: Question): Verdict {
  const { block } = place
  if (block !== undefined) {
    return refused('address_blocked', overrideText(block), { until: block.untilOn })
  }
  const detail = `${place.network ?? 'no network'}: ${place.treatment}`
  return place.treatment === 'reject' ? refused('address_rejected', detail) : passed(detail)
}

function judgeOpening({ resource }: Question): Verdict {
  const { closure } = resource
  if (closure !== undefined) {
    const { message } = closure
    const { detail, refusal } = refused('resource_closed', overrideText(closure))
    return { detail, ...(refusal && { refusal: { ...refusal, ...(message && { message }) } }) }
  }
  return resource.isOpen ? passed('open') : refused('resource_closed', 'closed by staff')
}

function judgeLicence({ resource, todayOn }: Question): Verdict {
  const { fromOn, untilOn, graceDays } = resource.licence
  const today = dayNumber(todayOn)
  // Written so that a day that cannot be read refuses.
  if (fromOn !== undefined && !(today >= dayNumber(fromOn))) {
    return refused('licence_not_started', `${todayOn} is before ${fromOn}`, { from: fromOn })
  }
  if (untilOn === undefined) return passed(`${todayOn}, no end`)
  if (today <= dayNumber(untilOn)) return passed(`${todayOn} is not after ${untilOn}`)
  const grace = `${untilOn} and ${graceDays} days of grace`
  return today <= dayNumber(untilOn) + graceDays
    ? passed(`${todayOn} is not after ${grace}`)
    : refused('licence_ended', `${todayOn} is after ${grace}`, { until: untilOn })
}

function judgeSignIn({ patron, place }: Question): Verdict {
  if (patron !== undefined && patron.issuer !== addressIssuer) return passed('signed in')
  return place.treatment === 'auto-login'
    ? passed('admitted by address')
    : refused('not_signed_in', 'nobody is signed in')
}

function judgeStanding({ patron, suspensions }: Question): Verdict {
  const isAsked = patron !== undefined && suspensions !== undefined && suspensions.size > 0
  const note = isAsked ? suspensions.get(patronKey(patron)) : undefined
  if (note === undefined) return passed('not suspended')
  return refused('patron_suspended', overrideText(note), { until: note.untilOn })
}

function judgeClaims(question: Question): Verdict {
  const categories = categoriesOf(question)
  if (categories.length > 0) return passed(categories.join(', '))
  // A group that the licence names says enough.
  if (licensedGroups(question).length > 0) return passed('no category, but a licensed group')
  return refused(
    question.patron?.hasTooManyGroups ? 'groups_missing' : 'claims_missing',
    `no category follows from the claims${omission(question)}`,
  )
}

function judgeEntitlement(question: Question): Verdict {
  const found = [...licensedCategories(question), ...licensedGroups(question)]
  if (found.length > 0) return passed(`licensed: ${found.join(', ')}`)
  return refused(
    // One of the groups that were left out might be licensed.
    question.patron?.hasTooManyGroups ? 'groups_missing' : 'category_not_entitled',
    `licensed are ${readersOf(question.resource.licence)}${omission(question)}`,
  )
}

function omission({ patron }: Question): string {
  return patron?.hasTooManyGroups ? '; the sign-in service left out groups' : ''
}

function judgeUnit({ patron, resource }: Question): Verdict {
  const { units } = resource.licence
  if (units === undefined) return passed('all units')
  const unit = patron?.unit
  if (unit !== undefined && units.includes(unit)) return passed(`licensed: ${unit}`)
  // Which unit it is instead may tell a person from a crowd: it is left out.
  const isUntold = unit === undefined && patron?.hasTooManyGroups === true
  return refused(
    isUntold ? 'groups_missing' : 'unit_not_entitled',
    `licensed are ${units.join(', ')}`,
  )
}

function judgePlace(question: Question): Verdict {
  const { place, resource } = question
  const { remote, sites, networks = [] } = resource.licence
  const { channel, site, network } = place
  const detail = `${remote}: ${[channel, site, network].filter(Boolean).join(', ')}`
  const isInside = channel === 'onsite'
  // eduPerson's library-walk-in is somebody who is physically present: elsewhere it entitles nobody.
  const isWalkInOnly =
    licensedGroups(question).length === 0 &&
    licensedCategories(question).every((category) => category === 'walk-in')
  if (isWalkInOnly && !isInside) {
    return refused('place_not_entitled', `walk-in readers on site only: ${channel}`)
  }
  const isCovered = {
    anywhere: true,
    on_site_only: isInside,
    // A VPN address may carry the site's name; the reader is not there.
    listed_sites: isInside && site !== undefined && sites.includes(site),
    listed_networks: network !== undefined && networks.includes(network),
  }[remote]
  return isCovered ? passed(detail) : refused('place_not_entitled', detail)
}

/** The categories that count here: the patron's own, and what the address alone makes of anyone. */
function categoriesOf({ patron, place }: Question): Category[] {
  // Whom an address admitted is what this address makes of them here, not what another one did.
  const own = patron === undefined || patron.issuer === addressIssuer ? [] : patron.categories
  return place.category === undefined ? [...own] : [...own, place.category]
}

function licensedCategories(question: Question): Category[] {
  const { categories } = question.resource.licence
  return categoriesOf(question).filter((category) => categories.includes(category))
}

function licensedGroups({ patron, resource }: Question): string[] {
  return (patron?.groups ?? []).filter((group) => resource.licence.groups.includes(group))
}

function readersOf({ categories, groups }: LicenceTerms): string {
  return [...categories, ...groups].join(', ') || 'nobody'
}

function passed(detail: string): Verdict {
  return { detail }
}

function refused(
  reason: DenialReason,
  detail: string,
  facts: Readonly<Record<string, string | number>> = {},
): Verdict {
  return { detail, refusal: { reason, facts } }
}
