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

/** Hosts that are remembered with what stands for them; publishers' pages name some thousands. */
const rememberedHosts = 4096

/** What stands for the hosts that a host map was asked for, by scheme and host as written; null for none. */
type Answers = Map<string, Map<string, string | null>>

/** Those that are read alike in every charset. */
const sharedAnswers = new WeakMap<PageFacts['hosts'], Answers>()

/** A host longer than this, in whatever escapes, is not looked at: DNS ends at 255 octets. */
const hostCharsMax = 1024

/** Starts of URLs are looked for in this much of a value; the rest is path. */
const startChars = 4096

/** A host as nearly all are written. */
const plainHost = /[\w.-]+/y
const notAscii = /[^\0-\x7f]/

const schemeAndSlashes = /[\0- ]*(?:(https?|wss?):)?[/\\]{2,}/iy
const authorityEnd = /[/\\?#]|$/g

/**
 * @param readText Turns text as scanned, where a character may be a byte, into Unicode.
 */
export function createAddressMapper(
  page: PageFacts,
  readText: (text: string) => string,
): AddressMapper {
  const { hosts, upstream } = page
  const isSecure = hosts.zoneOrigin.startsWith('https:')
  const shared = answersOf(hosts)
  const own: Answers = new Map()

  function ask(scheme: string, host: string): string | undefined {
    if (host.length === 0 || host.length > hostCharsMax) return undefined
    const answers = answersUnder(notAscii.test(host) ? own : shared, scheme)
    const known = answers.get(host)
    if (known !== undefined) return known ?? undefined
    if (answers.size >= rememberedHosts) answers.clear()
    const answer = hosts.proxiedAuthority(scheme, readText(host))
    // A copy, so that what is remembered does not hold the whole text that the host is a part of.
    answers.set(Buffer.from(host, 'utf16le').toString('utf16le'), answer ?? null)
    return answer
  }

  return {
    hostFor(scheme = upstream.scheme, host) {
      const known = shared.get(scheme)?.get(host)
      return known === undefined ? ask(scheme.toLowerCase(), host) : (known ?? undefined)
    },
    schemeFor(scheme) {
      if (/^ws/i.test(scheme)) return isSecure ? 'wss' : 'ws'
      return isSecure ? 'https' : 'http'
    },
  }
}

function answersOf(hosts: PageFacts['hosts']): Answers {
  const answers = sharedAnswers.get(hosts) ?? new Map()
  sharedAnswers.set(hosts, answers)
  return answers
}

function answersUnder(answers: Answers, scheme: string): Map<string, string | null> {
  const known = answers.get(scheme) ?? new Map()
  answers.set(scheme, known)
  return known
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
  if (scheme === text) return [edit]
  return [{ start: schemeAt, end: schemeAt + scheme.length, text }, edit]
}

/** The edits of a value that is one URL, absolute or protocol-relative; none for any other. */
export function urlEdits(value: string, mapper: AddressMapper): Edit[] {
  return plainUrlEdits(value, 0, '', mapper) ?? oddUrlEdits(value, mapper)
}

/**
 * The edits of a URL at `at`, written as nearly all are, that ends at `closer` or with the text;
 * undefined when it is written otherwise.
 */
export function plainUrlEdits(
  text: string,
  at: number,
  closer: string,
  mapper: AddressMapper,
): Edit[] | undefined {
  const scheme = plainSchemeAt(text, at)
  if (scheme === undefined && !text.startsWith('//', at)) return undefined
  const hostAt = at + (scheme === undefined ? 2 : scheme.length + 3)
  plainHost.lastIndex = hostAt
  if (!plainHost.test(text)) return undefined
  const hostEnd = plainHost.lastIndex
  const follower = text[hostEnd] ?? ''
  const isWhole = follower === closer || follower === '/' || follower === '?' || follower === '#'
  if (!isWhole) return undefined
  const host = text.slice(hostAt, hostEnd)
  return hostEdits({ scheme, schemeAt: at, host, hostAt }, mapper)
}

function plainSchemeAt(text: string, at: number): string | undefined {
  if (text.startsWith('https://', at)) return 'https'
  return text.startsWith('http://', at) ? 'http' : undefined
}

/** The same for whatever browsers take for an address besides. */
function oddUrlEdits(value: string, mapper: AddressMapper): Edit[] {
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
