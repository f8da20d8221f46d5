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

/** The shortest part of an address that still tells the network: IPv4 /24, IPv6 /48, else empty. */
export function truncatedAddress(text: string): string {
  const address = parseAddress(text)
  if (address === undefined) return ''
  if (address instanceof ipaddr.IPv4) return `${address.octets.slice(0, 3).join('.')}.0/24`
  const parts = address.parts.slice(0, 3).map((part) => part.toString(16))
  return `${parts.join(':')}::/48`
}
