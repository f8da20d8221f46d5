/**
 * From `licence:` of a rule file to the terms that the gateway keeps.
 * @module
 */
import type { Contract, FairUse, LicenceTerms, Permission, ReservedSeats } from '../core/licence.ts'
import { textOf } from '../core/texts.ts'
import type { Category } from '../core/types.ts'
import type { LicenceInput } from './licence-schema.ts'

/** Who may read when a licence says nothing: everybody who belongs to the institution. */
const members: readonly Category[] = ['faculty', 'staff', 'student', 'member']

/** The terms of the resource with this id. */
export function compileLicence(id: string, input: LicenceInput): LicenceTerms {
  const { from, until, units, networks, seats, publicNote, permissions, contract } = input
  const { graceDays, groups, remote, sites, pool, seatIdleMinutes, fairUse } = input
  const { reserved, morePools, seatGraceSeconds } = input
  return {
    ...(from !== undefined && { fromOn: from }),
    ...(until !== undefined && { untilOn: until }),
    graceDays,
    categories: categoriesOf(input),
    groups,
    ...(units && { units }),
    remote,
    sites,
    ...(networks.length > 0 && { networks }),
    ...(seats !== undefined && { seats }),
    pool: pool ?? id,
    ...(reserved && { reserved: reservedOf(reserved) }),
    ...(morePools.length > 0 && { morePools }),
    seatIdleSeconds: seatIdleMinutes * 60,
    ...(seatGraceSeconds !== undefined && { seatGraceSeconds }),
    ...(fairUse && { fairUse: fairUseOf(fairUse) }),
    ...(publicNote !== undefined && { publicNote: textOf(publicNote) }),
    ...(permissions && { permissions: permissionsOf(permissions) }),
    ...(contract && { contract: contractOf(contract) }),
  }
}

/** Who may read, visitors included where the licence has a term for them. */
export function categoriesOf({ categories, groups, walkIn }: LicenceInput): readonly Category[] {
  const written = categories ?? (groups.length > 0 ? [] : members)
  const isAdded = walkIn === true && !written.includes('walk-in')
  return isAdded ? [...written, 'walk-in'] : written
}

function reservedOf({ seats, networks }: Written<'reserved'>): ReservedSeats {
  return { seats, ...(networks && { networks }) }
}

const hourMs = 3_600_000

const windowsMs = {
  hour: hourMs,
  day: 24 * hourMs,
  week: 7 * 24 * hourMs,
  month: 30 * 24 * hourMs,
} as const satisfies Record<FairUse['per'], number>

function fairUseOf({ items, megabytes, per, mode }: Written<'fairUse'>): FairUse {
  return {
    ...(items !== undefined && { items }),
    ...(megabytes !== undefined && { bytes: megabytes * 1_000_000 }),
    per,
    windowMs: windowsMs[per],
    mode,
  }
}

type Written<Key extends keyof LicenceInput> = NonNullable<LicenceInput[Key]>

function permissionsOf(written: Written<'permissions'>): NonNullable<LicenceTerms['permissions']> {
  return Object.fromEntries(
    Object.entries(written).map(([term, permission]) => [term, permissionOf(permission)]),
  )
}

function permissionOf(written: Written<'permissions'>[keyof Written<'permissions'>]): Permission {
  if (typeof written !== 'object') return { value: written ?? 'unmentioned' }
  const { value, publicNote, note } = written
  return {
    value,
    ...(publicNote !== undefined && { publicNote: textOf(publicNote) }),
    ...(note !== undefined && { note }),
  }
}

function contractOf(written: Written<'contract'>): Contract {
  const { number, contact, cost, noticeOn, noticeDays, note } = written
  return {
    ...(number !== undefined && { number }),
    ...(contact !== undefined && { contact }),
    ...(cost && { cost }),
    ...(noticeOn !== undefined && { noticeOn }),
    noticeDays,
    ...(note !== undefined && { note }),
  }
}
