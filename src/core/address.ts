/**
 * Network addresses as the gateway reads them: one strict parser for everything that decides.
 *
 * Refuses what programs read in different ways: octal and short forms (`010.1`), zone ids (`%eth0`).
 * An IPv4 address inside IPv6 (`::ffff:a.b.c.d`, as dual-stack sockets report it) is given back as
 * IPv4, so that no rule can be dodged by notation.
 * @module
 */
import ipaddr from 'ipaddr.js'

import { rememberLately } from './lately.ts'
import { limits } from './limits.ts'

/** A parsed address of either family. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

const readLately = rememberLately(limits.core.addresses, readAddress)

/** The address, or undefined when the text is not exactly one. */
export function parseAddress(text: string): Address | undefined {
  return readLately(text)
}

function readAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  if (!ipaddr.IPv6.isValid(text) || text.includes('%')) return undefined
  // The parser takes `::ffff:010.0.0.1` and `::ffff:0x10.0.0.1` too, which others read differently.
  const tail = text.slice(text.lastIndexOf(':') + 1)
  if (tail.includes('.') && !ipaddr.IPv4.isValidFourPartDecimal(tail)) return undefined
  return ipaddr.process(text)
}

/**
 * The address of a client. A translator between IPv4 and IPv6 shows an IPv4 client under the
 * well-known prefix (RFC 6052; RFC 7755 for servers), which is given back as IPv4: only that translator
 * can answer from there.
 */
export function clientAddress(text: string): Address | undefined {
  const address = parseAddress(text)
  return address instanceof ipaddr.IPv6 && address.match(translated) ? lastFour(address) : address
}

/** `64:ff9b::/96`, RFC 6052 section 2.1. */
const translated = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/**
 * The IPv4 address that a tunnel made an IPv6 address of: 6to4 (RFC 3056) or Teredo (RFC 4380 section
 * 4, inverted). Both are given up, and a tunnel's far end may be anybody: such an address is never as
 * good as the one within.
 */
export function tunnelledAddress(address: Address): Address | undefined {
  if (!(address instanceof ipaddr.IPv6)) return undefined
  const [first = 0, second = 0, third = 0] = address.parts
  if (first === 0x2002) return new ipaddr.IPv4(octetsOf([second, third]))
  const isTeredo = first === 0x2001 && second === 0
  if (!isTeredo) return undefined
  return new ipaddr.IPv4(octetsOf(address.parts.slice(6).map((part) => part ^ 0xffff)))
}

function lastFour(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(octetsOf(address.parts.slice(6)))
}

function octetsOf(parts: readonly number[]): number[] {
  return parts.flatMap((part) => [part >> 8, part & 0xff])
}

/** The shortest part of an address that still tells the network: IPv4 /24, IPv6 /48, else empty. */
export function truncatedAddress(text: string): string {
  const address = parseAddress(text)
  if (address === undefined) return ''
  if (address instanceof ipaddr.IPv4) return `${address.octets.slice(0, 3).join('.')}.0/24`
  const parts = address.parts.slice(0, 3).map((part) => part.toString(16))
  return `${parts.join(':')}::/48`
}

/** What is bounded as one client: one IPv6 customer has a whole /64 to choose from (RFC 6177). */
export function customerOf(address: string): string {
  if (!address.includes(':')) return address
  const parsed = parseAddress(address)
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : address
}
