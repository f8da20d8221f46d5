/**
 * The egress guard: where a publisher's host name may lead. It answers for every new socket, and the
 * socket goes to the very address that was judged, so that a name cannot change its mind between.
 *
 * Only global unicast addresses are let through; whatever is private, local, reserved, or an IPv4
 * address in an IPv6 disguise needs a line of `upstream.allow`. One such address among others
 * condemns the name: a publisher has no reason to announce it, an attacker has.
 * Source: IANA special-purpose address registries (RFC 6890), RFC 6052 for NAT64.
 * @module
 */
import { BlockList } from 'node:net'

import ipaddr from 'ipaddr.js'

import { parseAddress, type Address } from '../core/address.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'

/** Every address of a host name, in the order of preference. */
export type Resolver = (host: string) => Promise<readonly string[]>

/** What the guard knows. */
export interface EgressOptions {
  readonly allow: readonly string[]
  /** `host` or `host:port` to `address:port`. */
  readonly resolve: Readonly<Record<string, string>>
  /** Only addresses of its family can be reached. */
  readonly localAddress?: string
}

/** Judged addresses, at least one, and the port to connect to. */
export interface Destination {
  readonly addresses: readonly [string, ...string[]]
  readonly port: number
}

/** Resolves a host name and judges what comes back. */
export type EgressGuard = (host: string, port: number) => Promise<Destination>

/**
 * Compiles the guard.
 *
 * The guard rejects with `ERR_UPSTREAM_AWAY` (no address) or `ERR_UPSTREAM_FORBIDDEN`.
 * @throws {GatewayError} `ERR_ADDRESS_RANGE` or `ERR_CONFIG`, with the setting.
 */
export function createEgressGuard(options: EgressOptions, resolver: Resolver): EgressGuard {
  const allowed = compileRanges(options.allow)
  const pinned = new Map(
    Object.entries(options.resolve).map(([name, target]) => [name, parseTarget(name, target)]),
  )
  const family = options.localAddress && parseAddress(options.localAddress)?.kind()

  function judge(host: string, text: string): Address {
    const address = parseAddress(text)
    if (address && (isGlobal(address) || isListed(allowed, address))) return address
    const message = `${host} leads to ${text}, a global address or one of upstream.allow expected`
    throw new GatewayError('ERR_UPSTREAM_FORBIDDEN', message)
  }

  return async function locate(host, port) {
    const pin = pinned.get(`${host}:${port}`) ?? pinned.get(host)
    const texts = pin ? [pin.address] : await resolver(host)
    const judged = texts.map((text) => judge(host, text))
    const [first, ...others] = judged
      .filter((address) => family === undefined || address.kind() === family)
      // The judged address itself: a text may be read in more than one way.
      .map(String)
    if (first === undefined) {
      throw new GatewayError('ERR_UPSTREAM_AWAY', `${host} has no address that can be reached`)
    }
    const addresses = [first, ...others.slice(0, limits.exchange.addresses - 1)] as const
    return { addresses, port: pin?.port ?? port }
  }
}

/** Whether an address is one of the public Internet. */
function isGlobal(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast'
  // A network with NAT64 shows every IPv4 host of the Internet under this prefix.
  if (isNat64(address)) return isGlobal(embeddedIPv4(address))
  // 2000::/3 is all that is assigned; within it the special ranges (6to4, Teredo, ...) have names.
  const isAssigned = ((address.parts[0] ?? 0) & 0xe000) === 0x2000
  return isAssigned && address.range() === 'unicast'
}

/** 64:ff9b::/96 alone; 64:ff9b:1::/48 is each network's own (RFC 8215). */
function isNat64({ parts }: ipaddr.IPv6): boolean {
  return parts[0] === 0x64 && parts[1] === 0xff9b && parts.slice(2, 6).every((part) => part === 0)
}

function embeddedIPv4(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(12))
}

function isListed(list: BlockList, address: Address): boolean {
  return list.check(address.toNormalizedString(), address.kind())
}

/** Addresses, CIDR blocks and inclusive `first-last` pairs. */
function compileRanges(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [first = '', second, ...rest] = range.split(/[-/]/)
    const low = parseAddress(first)
    try {
      if (low === undefined || rest.length > 0) throw new RangeError('not an address')
      if (second === undefined) list.addAddress(low.toNormalizedString(), low.kind())
      else if (range.includes('/')) {
        list.addSubnet(low.toNormalizedString(), prefixOf(second), low.kind())
      } else {
        const high = parseAddress(second)
        list.addRange(low.toNormalizedString(), high?.toNormalizedString() ?? '', low.kind())
      }
    } catch (cause) {
      const message = `"${range}" found, an address, a CIDR block or "first-last" expected`
      throw new GatewayError('ERR_ADDRESS_RANGE', message, { at: 'upstream.allow', cause })
    }
  }
  return list
}

function prefixOf(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new RangeError('not a prefix length')
  return Number(text)
}

function parseTarget(name: string, target: string): { address: string; port: number } {
  const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(target) ?? []
  const address = bracketed ?? plain ?? ''
  const port = Number(portText)
  if (parseAddress(address) !== undefined && port > 0 && port <= 65_535) return { address, port }
  const message = `"${target}" found, "address:port" expected`
  throw new GatewayError('ERR_CONFIG', message, { at: `upstream.resolve.${name}` })
}
