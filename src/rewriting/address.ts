/**
 * Addresses: finds the scheme and host of a URL as browsers do and says what stands for them in the
 * zone. Only these two move; path, query and fragment are the publisher's.
 *
 * Source: URL Standard, 4.4 (basic URL parser): leading blanks are skipped, backslashes count as
 * slashes in special schemes, and any number of them from two on begins an authority.
 * @module
 */
import { placeEdits, withoutLineEnds } from './escapes.ts'
import type { Edit } from './scanner.ts'
import type { PageFacts } from './transform.ts'

/** Answers for one page. */
export interface AddressMapper {
  /**
   * The host that stands for `host` (as written, perhaps with port); undefined when not known.
   * Without a scheme the page's own counts.
   */
  hostFor(scheme: string | undefined, host: string): string | undefined
  /** The scheme that a mapped URL gets instead: the zone has one for pages and one for sockets. */
  schemeFor(scheme: string): string
}

/** Distinct hosts of a page that are remembered; a page names some dozens. */
const rememberedHosts = 4096

/** A host longer than this, in whatever escapes, is not looked at: DNS ends at 255 octets. */
const hostCharsMax = 1024

/** Starts of URLs are looked for in this much of a value; the rest is path. */
const startChars = 4096

const schemeAndSlashes = /[\0- ]*(?:(https?|wss?):)?[/\\]{2,}/iy
const authorityEnd = /[/\\?#]|$/g

/**
 * @param readText Turns text as scanned, where a character may be a byte, into Unicode.
 */
export function createAddressMapper(
  page: PageFacts,
  readText: (text: string) => string,
): AddressMapper {
  const isSecure = page.hosts.zoneOrigin.startsWith('https:')
  const known = new Map<string, string | undefined>()

  return {
    hostFor(scheme = page.upstream.scheme, host) {
      if (host.length === 0 || host.length > hostCharsMax) return undefined
      const key = `${scheme}//${host}`
      if (known.has(key)) return known.get(key)
      if (known.size >= rememberedHosts) known.clear()
      const answer = page.hosts.proxiedAuthority(scheme.toLowerCase(), readText(host))
      known.set(key, answer)
      return answer
    },
    schemeFor(scheme) {
      if (/^ws/i.test(scheme)) return isSecure ? 'wss' : 'ws'
      return isSecure ? 'https' : 'http'
    },
  }
}

/** Edits that move one host; none when it stays. `schemeAt` is where `scheme` begins. */
export function hostEdits(
  found: { scheme?: string | undefined; schemeAt: number; host: string; hostAt: number },
  mapper: AddressMapper,
): Edit[] {
  const { scheme, schemeAt, host, hostAt } = found
  const proxied = mapper.hostFor(scheme, host)
  if (proxied === undefined) return []
  const edit = { start: hostAt, end: hostAt + host.length, text: proxied }
  if (scheme === undefined) return [edit]
  const text = mapper.schemeFor(scheme)
  if (scheme.toLowerCase() === text) return [edit]
  return [{ start: schemeAt, end: schemeAt + scheme.length, text }, edit]
}

/** The edits of a value that is one URL, absolute or protocol-relative; none for any other. */
export function urlEdits(value: string, mapper: AddressMapper): Edit[] {
  const start = withoutLineEnds(value.length > startChars ? value.slice(0, startChars) : value)
  const { text } = start
  schemeAndSlashes.lastIndex = 0
  const match = schemeAndSlashes.exec(text)
  if (match === null) return []
  const scheme = match[1]
  const from = schemeAndSlashes.lastIndex
  authorityEnd.lastIndex = from
  const authority = text.slice(from, authorityEnd.exec(text)?.index).trimEnd()
  const userEnd = authority.lastIndexOf('@') + 1
  const schemeAt = scheme === undefined ? 0 : text.search(/[^\0- ]/)
  const found = { scheme, schemeAt, host: authority.slice(userEnd), hostAt: from + userEnd }
  return placeEdits(hostEdits(found, mapper), start, 0)
}

/** Whether a value leads to a publisher of the zone: by a known host, or relative to the page. */
export function isProxiedTarget(value: string, mapper: AddressMapper): boolean {
  if (urlEdits(value, mapper).length > 0) return true
  return !/^[\0- ]*(?:[a-z][a-z\d+.-]*:|[/\\]{2})/i.test(value)
}
