/**
 * Ranges of addresses as operators write them, read strictly: one address, a CIDR block, or an
 * inclusive `first-last` pair of one family.
 * @module
 */
import ipaddr from 'ipaddr.js'

import { parseAddress, type Address } from './address.ts'
import { GatewayError } from './errors.ts'
import type { AddressTreatment } from './types.ts'

/** What is expected where a range is written, for messages. */
export const rangeWords =
  'an address, a block such as 10.0.0.0/8 without bits below its mask, or a pair such as 10.0.0.1-10.0.0.9, the lower one first; without leading zeros'

/** First and last address of a range, both included, as keys. */
export interface AddressRange {
  readonly low: bigint
  readonly high: bigint
}

/**
 * A number that sorts as the address does. The bit above the address is the family, so that no range
 * of one family holds an address of the other.
 */
export function addressKey(address: Address): bigint {
  const bytes = Buffer.from(address.toByteArray()).toString('hex')
  return BigInt(`0x${familyDigit(address)}${bytes}`)
}

/** Key of `64:ff9b::`, where translators show IPv4 clients, and the number of its addresses. */
const translatedFirst = (1n << 128n) | (0x64ff9bn << 96n)
const translatedCount = 1n << 32n

/** A range of clients: one within the translators' prefix is the same range of IPv4. */
export function clientRange(range: AddressRange): AddressRange {
  const low = range.low - translatedFirst
  const high = range.high - translatedFirst
  return low >= 0n && high < translatedCount ? { low, high } : range
}

/** Indexes of lists of addresses, those that win over the others first: `reject`, then the later. */
export function winnersFirst(
  lists: readonly { readonly treatment: AddressTreatment }[],
): readonly number[] {
  const isReject = (index: number) => lists[index]?.treatment === 'reject'
  const indexes = [...lists.keys()].toReversed()
  return [...indexes.filter(isReject), ...indexes.filter((index) => !isReject(index))]
}

/** Whether the text is an address, a CIDR block or an inclusive `first-last` pair of one family. */
export function isRange(text: string): boolean {
  return rangeOf(text) !== undefined
}

/** A range, or undefined when the text is none. */
export function rangeOf(text: string): AddressRange | undefined {
  try {
    return parseRange(text, '')
  } catch {
    return undefined
  }
}

/**
 * Reads a range.
 *
 * @throws {GatewayError} `ERR_ADDRESS_RANGE` for anything else: octal or short forms, zone ids, host
 * bits below a mask, a pair that runs backwards or mixes families.
 */
export function parseRange(text: string, at: string): AddressRange {
  const range = text.includes('/') ? parseBlock(text) : parsePair(text)
  if (range !== undefined) return range
  throw new GatewayError('ERR_ADDRESS_RANGE', `found "${text}", expected ${rangeWords}`, { at })
}

function parsePair(text: string): AddressRange | undefined {
  const [first = '', last = first, ...rest] = text.split('-')
  const [from, to] = [parseAddress(first), parseAddress(last)]
  if (from === undefined || to === undefined || from.kind() !== to.kind() || rest.length > 0) {
    return undefined
  }
  const [low, high] = [addressKey(from), addressKey(to)]
  return low <= high ? { low, high } : undefined
}

function parseBlock(text: string): AddressRange | undefined {
  const [first = '', length = '', ...rest] = text.split('/')
  const address = parseAddress(first)
  if (address === undefined || rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(length)) {
    return undefined
  }
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8: the parser gives the address back as IPv4.
  const isMapped = first.includes(':') && address instanceof ipaddr.IPv4
  const bits = Number(length) - (isMapped ? 96 : 0)
  const hostBits = (address instanceof ipaddr.IPv4 ? 32 : 128) - bits
  if (bits < 0 || hostBits < 0) return undefined

  const low = addressKey(address)
  const high = low | ((1n << BigInt(hostBits)) - 1n)
  const isAligned = (low >> BigInt(hostBits)) << BigInt(hostBits) === low
  return isAligned ? { low, high } : undefined
}

function familyDigit(address: Address): '0' | '1' {
  return address instanceof ipaddr.IPv4 ? '0' : '1'
}
