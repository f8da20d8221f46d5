/**
 * Overrides put over rules: what comes out is a rulebook like any other, so that the gateway, badges,
 * pages and metrics all see the same.
 * @module
 */
import { limits } from '../core/limits.ts'
import { rememberLately } from '../core/lately.ts'
import type { LicenceTerms } from '../core/licence.ts'
import type { LiveOverrides, OverrideNote, SeatChange } from '../core/overrides.ts'
import type { PlaceOf, Resource } from '../core/resource.ts'
import { compileNetworks } from './networks.ts'

/** The resources with closures and other numbers of seats; those without any are the same objects. */
export function overriddenResources(
  resources: Iterable<Resource>,
  { closures, seats }: LiveOverrides,
): Resource[] {
  return [...resources].map((resource) => {
    const closure = closures.get(resource.id)
    const seatChange = seatChangeOf(resource, seats)
    if (closure === undefined && seatChange === undefined) return resource
    return {
      ...resource,
      ...(closure && { isOpen: false, closure }),
      ...(seatChange && { seatChange, licence: licenceWith(resource.licence, seats) }),
    }
  })
}

function seatChangeOf(
  { licence }: Resource,
  seats: LiveOverrides['seats'],
): SeatChange | undefined {
  const pools = [licence.pool, ...(licence.morePools ?? []).map(({ pool }) => pool)]
  return pools.map((pool) => seats.get(pool)).find((change) => change !== undefined)
}

function licenceWith(licence: LicenceTerms, changes: LiveOverrides['seats']): LicenceTerms {
  const { morePools, reserved } = licence
  const seats = changes.get(licence.pool)?.seats ?? licence.seats
  return {
    ...licence,
    ...(seats !== undefined && { seats }),
    // Of fewer seats no more can be kept for readers on site.
    ...(reserved && { reserved: { ...reserved, seats: Math.min(reserved.seats, seats ?? 0) } }),
    ...(morePools && {
      morePools: morePools.map(({ pool, seats: own }) => ({
        pool,
        seats: changes.get(pool)?.seats ?? own,
      })),
    }),
  }
}

/**
 * The places with blocked addresses rejected.
 *
 * @throws {GatewayError} `ERR_ADDRESS_RANGE`
 */
export function blockedPlaces(placeOf: PlaceOf, { blocks }: LiveOverrides): PlaceOf {
  if (blocks.size === 0) return placeOf
  const blockAt = compileNetworks(
    [...blocks.keys()].map((range) => ({
      name: range,
      ranges: [range],
      channel: 'remote',
      treatment: 'reject',
      category: 'walk-in',
    })),
    'overrides',
  )
  const noteOf = rememberLately(limits.policy.places, (address): OverrideNote | undefined =>
    blocks.get(blockAt(address).network ?? ''),
  )
  return (address, resource) => {
    const place = placeOf(address, resource)
    const block = noteOf(address)
    return block === undefined ? place : { ...place, treatment: 'reject', block }
  }
}
