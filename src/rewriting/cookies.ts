/**
 * Cookies as raw text: values are opaque and attributes are edited by cutting segments out, so that
 * nothing is ever decoded, quoted or spelled anew.
 *
 * Source: RFC 6265bis sections 5.6 (parsing), 5.7 (storage) and 4.1.3 (prefixes).
 * @module
 */
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'

/** One cookie of a Cookie header. */
export interface CookiePair {
  readonly name: string
  readonly value: string
  /** As sent. */
  readonly text: string
}

/** One Set-Cookie line, read but not changed. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  /** All that stood between semicolons; the first is the pair. */
  readonly segments: readonly string[]
  /** The last Domain attribute without its leading dot, in lower case. */
  readonly domain?: string
  /** The last SameSite attribute, in lower case. */
  readonly sameSite?: string
  readonly isSecure: boolean
  readonly isHttpOnly: boolean
}

/** A cookie with one of these in its pair is no cookie (RFC 6265bis section 5.6 step 1). */
// oxlint-disable-next-line no-control-regex
const controls = /[\0-\x08\x0a-\x1f\x7f]/

/** Sent without a name such a value would read as a name with its promise (section 5.7 step 22). */
const prefix = /^__(?:host|http|secure)-/i

/** Decoding thrice is more than any publisher's framework does. */
const decodings = 3

/** Splits a Cookie header; empty pieces are left out. */
export function parseCookies(header: string): CookiePair[] {
  return header
    .split(';')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => ({ ...splitPair(text), text }))
}

/** Reads a Set-Cookie line; undefined for what a browser would not store either. */
export function parseSetCookie(line: string): SetCookie | undefined {
  const segments = line.split(';')
  const pair = segments[0] ?? ''
  const { name, value } = splitPair(pair)
  if (controls.test(line) || (name === '' && (value === '' || prefix.test(value)))) return undefined
  if (name.length + value.length > limits.rewriting.cookieBytes) return undefined
  const domain = lastAttribute(segments, 'domain')?.replace(/^\./, '').toLowerCase()
  const sameSite = lastAttribute(segments, 'samesite')?.toLowerCase()
  return {
    name,
    value,
    segments,
    ...(domain === undefined || domain === '' ? {} : { domain }),
    ...(sameSite === undefined ? {} : { sameSite }),
    isSecure: lastAttribute(segments, 'secure') !== undefined,
    isHttpOnly: lastAttribute(segments, 'httponly') !== undefined,
  }
}

/**
 * The line for the browser: without Domain, and Secure where the zone is. On a plain zone, which is
 * a demonstration on this machine, browsers would drop Secure cookies, and `SameSite=None` and
 * Partitioned need Secure; only the name prefixes keep it, since they are nothing without.
 */
export function browserLine(cookie: SetCookie, zoneOrigin: string): string {
  const isZoneSecure = zoneOrigin.startsWith('https:')
  const keepsSecure = isZoneSecure || /^__(?:host|secure)-/i.test(cookie.name)
  const [pair = '', ...attributes] = cookie.segments
  const kept = attributes.filter((segment) => {
    const { name, value } = splitAttribute(segment)
    if (name === 'domain') return false
    if (keepsSecure) return true
    const isNone = name === 'samesite' && value.toLowerCase() === 'none'
    return name !== 'secure' && name !== 'partitioned' && !isNone
  })
  const line = [pair, ...kept].join(';')
  return isZoneSecure && !cookie.isSecure ? `${line}; Secure` : line
}

/**
 * Recognises the gateway's own cookie names, and what a lenient server might take for them:
 * another case, percent-encoding, blanks.
 */
export function ownNameTest(
  gatewayNames: readonly string[],
): (cookie: CookiePair | SetCookie) => boolean {
  const own = new Set(gatewayNames.map(plainName))
  const isOwn = rememberLately(limits.rewriting.cookieNames, (name) => own.has(plainName(name)))
  // A pair without a name is sent as its bare value, which then reads as name and value.
  return ({ name, value }) => isOwn(name === '' ? (value.split('=')[0] ?? '') : name)
}

function plainName(name: string): string {
  let plain = name
  for (let round = 0; round < decodings && plain.includes('%'); round++) {
    plain = plain.replace(/%([0-7][0-9a-f])/gi, (_whole, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  }
  return plain.replace(/[\s\0]+/g, '').toLowerCase()
}

/** A pair without "=" is a value without a name (RFC 6265bis section 5.6 step 3). */
function splitPair(text: string): { name: string; value: string } {
  const at = text.indexOf('=')
  if (at === -1) return { name: '', value: text.trim() }
  return { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }
}

function splitAttribute(segment: string): { name: string; value: string } {
  const [name = '', ...rest] = segment.split('=')
  return { name: name.trim().toLowerCase(), value: rest.join('=').trim() }
}

/** The last attribute of a name counts; one without a value is the empty text. */
function lastAttribute(segments: readonly string[], wanted: string): string | undefined {
  return segments
    .slice(1)
    .map(splitAttribute)
    .findLast(({ name }) => name === wanted)?.value
}
