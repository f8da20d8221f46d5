/**
 * Who is at the other end: the socket's address, or what a trusted proxy says of it.
 *
 * X-Forwarded-For is read from the right, and only as far as each address is itself a trusted
 * proxy: what a client writes into the header stands left of that and is never looked at. A number
 * of hops is never trusted. What cannot be read is `unreadable`, which the address rules reject.
 *
 * Source: OCLC EZproxy help, RemoteIPTrustedProxy; RFC 7239 section 8.1.
 * @module
 */
import { parseAddress } from '../core/address.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import { addressKey, parseRange } from '../core/ranges.ts'

/** Tells the client's address in canonical text from the socket's and the header lines' values. */
export type ClientAddressReader = (
  socketAddress: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
) => string

/** What stands for an address that cannot be read. */
const unreadableAddress = 'unreadable'

/**
 * A reader that believes only proxies within these ranges; none means to trust nobody.
 *
 * @throws {GatewayError} `ERR_ADDRESS_RANGE`
 */
export function createClientAddressReader(trustedProxies: readonly string[]): ClientAddressReader {
  const ranges = trustedProxies.map((range, index) =>
    parseRange(range, `listen.trustedProxies[${index}]`),
  )

  const isTrusted = rememberLately(limits.listener.peers, (text) => {
    const address = parseAddress(text)
    if (address === undefined) return false
    const key = addressKey(address)
    return ranges.some(({ low, high }) => low <= key && key <= high)
  })

  return function clientAddress(socketAddress, forwardedFor) {
    let client = canonical(socketAddress ?? '')
    if (forwardedFor === undefined) return client
    const hops = [forwardedFor].flat().join(',').split(',')
    while (isTrusted(client)) {
      const hop = hops.pop()?.trim()
      if (hop === undefined || hop === '') break
      client = canonical(withoutPort(hop))
    }
    return client
  }
}

const canonical = rememberLately(
  limits.listener.peers,
  (text) => parseAddress(text)?.toString() ?? unreadableAddress,
)

/** Some balancers write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop)
  const dotted = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(hop)
  return bracketed?.[1] ?? dotted?.[1] ?? hop
}
