/**
 * Address rules: what a client's network address alone decides, before anyone signs in.
 *
 * Networks compile once, at load, and every mistake throws there. Deciding never throws: an address
 * that cannot be read is rejected. All ranges become one sorted list of disjoint intervals, so that
 * a lookup is one binary search however many there are.
 *
 * Source: OCLC EZproxy help, "Configure resources", the directives named at `AddressTreatment`.
 * AutoLoginIP, ExcludeIP and IncludeIP depend on their position there; RejectIP does not.
 * @module
 */
import type { NetworkConfig } from '../config/config.ts'
import { clientAddress, parseAddress, tunnelledAddress, type Address } from '../core/address.ts'
import { intervalAt, paintRanges } from '../core/intervals.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import {
  addressKey,
  clientRange,
  parseRange,
  winnersFirst,
  type AddressRange,
} from '../core/ranges.ts'
import type { AddressEntry, PlaceOf, Resource } from '../core/resource.ts'
import type { AddressTreatment, Place } from '../core/types.ts'

/** A range and the number of the network or entry that it belongs to. */
interface OwnedRange extends AddressRange {
  readonly owner: number
}

/** Where it is reached: a network as configured, or an entry of a resource's own list. */
interface Listed {
  readonly treatment: AddressTreatment
  readonly ranges: readonly string[]
}

/**
 * Compiles networks into a function of the client's address. A matching `reject` wins; otherwise the
 * last match wins, so a narrow exception is written below the wide network it cuts into. An address
 * in no network is `remote` and has to sign in.
 *
 * @param at Where the networks stand, for messages: `config/gateway.yaml networks`.
 * @throws {GatewayError} `ERR_ADDRESS_RANGE`, with the place and the text of the faulty range.
 */
export function compileNetworks(networks: readonly NetworkConfig[], at: string): PlaceOf {
  const places = networks.map(placeWithoutAddress)
  const ownerOf = compileOwners(networks, (owner, index) => `${at}[${owner}].ranges[${index}]`)

  return rememberLately(limits.policy.places, (text): Place => {
    const address = clientAddress(text)
    if (address === undefined) {
      return { address: 'unreadable', channel: 'remote', treatment: 'reject' }
    }
    const owner = ownerOf(address)
    const place = owner === undefined ? undefined : places[owner]
    return { address: canonical(address), ...(place ?? elsewhere) }
  })
}

/**
 * Compiles networks and the lists of resources: the function takes an address and, for a list of its
 * own, the resource that is entered. There, the last entry that holds the address, or names its network,
 * decides instead of the network, except that nobody whom a network rejects is let in. Site and channel stay the
 * network's.
 *
 * @throws {GatewayError} `ERR_ADDRESS_RANGE`, as `compileNetworks`
 */
export function compilePlaces(
  networks: readonly NetworkConfig[],
  resources: Iterable<Resource>,
  at: string,
): PlaceOf {
  const placeOf = compileNetworks(networks, at)
  const own = new Map<Resource['addresses'], PlaceOf>()
  // Who reads stays in a resource for a while: the list that was asked last is kept with the address.
  const latestOf = rememberLately(limits.policy.places, (): Latest => ({}))
  for (const { addresses, file } of resources) {
    if (addresses === undefined) continue
    const placeBy = compileEntries(addresses, `${file} addresses`)
    own.set(
      addresses,
      rememberLately(limits.policy.placesPerResource, (text) => placeBy(placeOf(text))),
    )
  }
  return (address, resource) => {
    const list = resource?.addresses
    if (list === undefined) return placeOf(address)
    const latest = latestOf(address)
    if (latest.place === undefined || latest.list !== list) {
      latest.place = (own.get(list) ?? placeOf)(address)
      latest.list = list
    }
    return latest.place
  }
}

/** The place of an address by one resource's list. */
interface Latest {
  list?: Resource['addresses']
  place?: Place
}

/** Puts an entry's treatment in the place of the network's. */
function compileEntries(entries: readonly AddressEntry[], at: string): (place: Place) => Place {
  const winners = winnersFirst(entries)
  const rankOf = (entry: number) => winners.indexOf(entry)
  const ownerOf = compileOwners(entries, (owner, index) => `${at}[${owner}].ranges[${index}]`)
  const byNetwork = new Map<string, number>()
  for (const index of winners.toReversed()) {
    for (const name of entries[index]?.networks ?? []) byNetwork.set(name, index)
  }
  return (place) => {
    const address = place.treatment === 'reject' ? undefined : parseAddress(place.address)
    if (address === undefined) return place
    const found = [ownerOf(address), byNetwork.get(place.network ?? '')]
    const [winner] = found
      .filter((entry) => entry !== undefined)
      .toSorted((one, other) => rankOf(one) - rankOf(other))
    const entry = winner === undefined ? undefined : entries[winner]
    if (winner === undefined || entry === undefined) return place
    const { category: _, ...rest } = place
    const { treatment, category } = entry
    return { ...rest, treatment, entry: winner, ...(treatment === 'auto-login' && { category }) }
  }
}

/**
 * Which of several lists of ranges an address belongs to. One that a tunnel made of an IPv4 address is
 * rejected where that address is, and gains nothing from it elsewhere: whoever is shut out must not
 * come back in another notation, and a tunnel's far end is not on site.
 */
function compileOwners(
  lists: readonly Listed[],
  placeOfRange: (owner: number, index: number) => string,
): (address: Address) => number | undefined {
  const ranges = ownedRanges(lists, placeOfRange)
  const { edges, owners } = paintRanges(ranges)
  const ownerAt = (address: Address) => {
    const range = owners[intervalAt(edges, addressKey(address))]
    return range === undefined ? undefined : ranges[range]?.owner
  }
  return (address) => {
    const tunnelled = tunnelledAddress(address)
    const other = tunnelled && ownerAt(tunnelled)
    const isShutOut = other !== undefined && lists[other]?.treatment === 'reject'
    return isShutOut ? other : ownerAt(address)
  }
}

const elsewhere = { channel: 'remote', treatment: 'authenticate' } as const

function placeWithoutAddress(network: NetworkConfig): Omit<Place, 'address'> {
  const { name, site, channel, treatment, category } = network
  return {
    network: name,
    ...(site !== undefined && { site }),
    channel,
    treatment,
    ...(treatment === 'auto-login' && { category }),
  }
}

/** The text that everybody writes for this address (RFC 5952 for IPv6). */
function canonical(address: Address): string {
  return address.toString()
}

/** Every range, those first that win over the others. */
function ownedRanges(
  lists: readonly Listed[],
  placeOfRange: (owner: number, index: number) => string,
): OwnedRange[] {
  const ranges = lists.map((list, owner) =>
    list.ranges.map((text, index) => ({
      ...clientRange(parseRange(text, placeOfRange(owner, index))),
      owner,
    })),
  )
  return winnersFirst(lists).flatMap((index) => ranges[index] ?? [])
}
