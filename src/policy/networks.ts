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
import { parseAddress, type Address } from '../core/address.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import type { PlaceOf } from '../core/resource.ts'
import type { Place } from '../core/types.ts'
import { addressKey, parseRange, type AddressRange } from '../core/ranges.ts'

/** A range and the number of the network that it belongs to. */
interface OwnedRange extends AddressRange {
  readonly owner: number
}

/** Edge n begins an interval that ends before edge n + 1; its owner is a network, or none. */
interface Intervals {
  readonly edges: readonly bigint[]
  readonly owners: readonly (number | undefined)[]
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
  const { edges, owners } = paint(ownedRanges(networks, at))

  function placeOf(text: string): Place {
    const address = parseAddress(text)
    if (address === undefined) {
      return { address: 'unreadable', channel: 'remote', treatment: 'reject' }
    }
    const owner = owners[lastAtMost(edges, addressKey(address))]
    const place = owner === undefined ? undefined : places[owner]
    return { address: canonical(address), ...(place ?? elsewhere) }
  }
  return rememberLately(limits.policy.places, placeOf)
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
function ownedRanges(networks: readonly NetworkConfig[], at: string): OwnedRange[] {
  const ranges = networks.map(({ ranges: texts }, owner) =>
    texts.map((text, index) => ({
      ...parseRange(text, `${at}[${owner}].ranges[${index}]`),
      owner,
    })),
  )
  const isReject = (index: number) => networks[index]?.treatment === 'reject'
  const indexes = [...networks.keys()].toReversed()
  return [...indexes.filter(isReject), ...indexes.filter((index) => !isReject(index))].flatMap(
    (index) => ranges[index] ?? [],
  )
}

/** Gives each interval between edges to the first range that covers it. */
function paint(ranges: readonly OwnedRange[]): Intervals {
  const edges = [...new Set(ranges.flatMap(({ low, high }) => [low, high + 1n]))].toSorted(
    (a, b) => (a < b ? -1 : 1),
  )
  const owners = Array.from<number | undefined>({ length: edges.length })
  // From each interval to one at or after it that is not yet owned: owned ones are skipped in
  // nearly constant time, however many ranges overlap.
  const forward = Int32Array.from({ length: edges.length + 1 }, (_, index) => index)
  for (const { low, high, owner } of ranges) {
    const end = lastAtMost(edges, high + 1n)
    for (let at = free(lastAtMost(edges, low)); at < end; at = free(at)) {
      owners[at] = owner
      forward[at] = at + 1
    }
  }
  return { edges, owners }

  function free(start: number): number {
    let index = start
    for (let next = forward[index] ?? index; next !== index; next = forward[index] ?? index) {
      forward[index] = forward[next] ?? next
      index = next
    }
    return index
  }
}

/** Index of the last edge that is not above the key; -1 when all are. */
function lastAtMost(edges: readonly bigint[], key: bigint): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const edge = edges[middle]
    if (edge !== undefined && edge <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}
