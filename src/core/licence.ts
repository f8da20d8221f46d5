/**
 * What a licence allows, as loaded: the terms that are kept, the words for readers, and the contract,
 * which only staff see.
 *
 * The YAML schema stands in `resources/licence-schema.ts`; these are its parsed, readonly results.
 * @module
 */
import type { Text } from './languages.ts'
import type { Category, Place } from './types.ts'

/**
 * Where a licence lets its readers be: `on_site_only` means a network of channel `onsite`. FOLIO's
 * `remoteAccess` is a yes or no that has been read both ways, hence a list.
 */
export type RemoteTerm = 'anywhere' | 'on_site_only' | 'listed_sites' | 'listed_networks'

/** How much one reader may take in a window that begins with the first use. */
export interface FairUse {
  /** Full texts. */
  readonly items?: number
  readonly bytes?: number
  readonly per: 'hour' | 'day' | 'week' | 'month'
  readonly windowMs: number
  /** `watch` tells staff, `enforce` refuses as well. */
  readonly mode: 'watch' | 'enforce'
}

/**
 * What readers may do with what they read: shown, never enforced. The names are those of FOLIO's
 * terms (mod-licenses, sample data).
 */
export const permissionTerms = [
  'copyDigital',
  'copyPrint',
  'scholarlySharing',
  'coursePackElectronic',
  'coursePackPrint',
  'reservesElectronic',
  'illElectronic',
  'illSecureElectronic',
  'illPrint',
  'textAndDataMining',
] as const

/** One of FOLIO's terms of permission. */
export type PermissionTerm = (typeof permissionTerms)[number]

/** FOLIO's list "Permitted/Prohibited". */
export const permissionValues = [
  'permitted_explicit',
  'permitted_explicit_under_conditions',
  'permitted_interpreted',
  'prohibited_explicit',
  'prohibited_interpreted',
  'unmentioned',
  'not_applicable',
] as const

/** What a contract says about one thing. */
export interface Permission {
  readonly value: (typeof permissionValues)[number]
  /** For readers. */
  readonly publicNote?: Text
  /** For staff. */
  readonly note?: string
}

/** What staff need to know of the contract; nothing of it is shown to readers. */
export interface Contract {
  readonly number?: string
  readonly contact?: string
  readonly cost?: {
    readonly amount: number
    /** ISO 4217. */
    readonly currency: string
    readonly period: 'month' | 'year' | 'once'
  }
  /** Last day on which it can be renewed or ended. */
  readonly noticeOn?: string
  readonly noticeDays: number
  readonly note?: string
}

/** Seats that only some readers may hold: those of the networks named, or of any on site. */
export interface ReservedSeats {
  readonly seats: number
  readonly networks?: readonly string[]
}

/** A pool as one licence counts its seats. */
export interface SeatPool {
  readonly pool: string
  readonly seats: number
  readonly reserved?: ReservedSeats
}

/** What the licence allows. Days are ISO dates in the institution's time zone, inclusive. */
export interface LicenceTerms {
  readonly fromOn?: string
  readonly untilOn?: string
  /** Days after `untilOn` during which access goes on. */
  readonly graceDays: number
  /** Who may read; any one suffices. */
  readonly categories: readonly Category[]
  /** Groups that may read besides; any one suffices. */
  readonly groups: readonly string[]
  /** Faculties or departments, one of which the reader must belong to; absent means all. */
  readonly units?: readonly string[]
  readonly remote: RemoteTerm
  /** The sites of `listed_sites`. */
  readonly sites: readonly string[]
  /** The networks of `listed_networks`. */
  readonly networks?: readonly string[]
  /** How many patrons at once; absent means no limit. */
  readonly seats?: number
  /** Name of the pool that the seats are taken from; the resource's id unless shared. */
  readonly pool: string
  /** Of the seats, those that are for readers on site. */
  readonly reserved?: ReservedSeats
  /** Where a seat is sought when the own pool is full, in this order. */
  readonly morePools?: readonly { readonly pool: string; readonly seats: number }[]
  /** A seat not used for this long is free again. */
  readonly seatIdleSeconds: number
  /** A seat whose last page was closed is free again after this long; absent means the usual. */
  readonly seatGraceSeconds?: number
  readonly fairUse?: FairUse
  /** Terms in words, for readers. */
  readonly publicNote?: Text
  readonly permissions?: Readonly<Partial<Record<PermissionTerm, Permission>>>
  readonly contract?: Contract
}

const poolsByLicence = new WeakMap<LicenceTerms, readonly SeatPool[]>()

/** The pools of a licence in the order in which a seat is sought; none where seats are not counted. */
export function poolsOf(licence: LicenceTerms): readonly SeatPool[] {
  const known = poolsByLicence.get(licence)
  if (known !== undefined) return known
  const { seats, pool, reserved, morePools = [] } = licence
  const pools =
    seats === undefined ? [] : [{ pool, seats, ...(reserved && { reserved }) }, ...morePools]
  poolsByLicence.set(licence, pools)
  return pools
}

/** How many may read at once by all pools together; undefined where seats are not counted. */
export function seatCount(licence: LicenceTerms): number | undefined {
  const pools = poolsOf(licence)
  return pools.length === 0 ? undefined : pools.reduce((sum, { seats }) => sum + seats, 0)
}

/** Whether the reserved seats of a pool are for a reader at this place as well. */
export function isReservedFor({ reserved }: SeatPool, { network, channel }: Place): boolean {
  if (reserved?.networks === undefined) return channel === 'onsite'
  return network !== undefined && reserved.networks.includes(network)
}
