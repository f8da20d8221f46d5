/**
 * Starting points: the links `/login?url=` and `/login?qurl=` that enter a resource.
 *
 * A link may name hosts of the table only, so that nobody can send readers elsewhere in the
 * library's name. Links that were copied from a proxied page, or through the gateway twice, are
 * unwrapped. Source: OCLC EZproxy help, "Starting point URLs".
 * @module
 */
import { percentDecoded } from '../core/decoding.ts'
import { limits } from '../core/limits.ts'
import type { HostMap, Resource } from '../core/resource.ts'

/** Why a link leads nowhere. */
export type StartingPointProblem =
  | 'missing' // neither url= nor qurl=
  | 'malformed' // not an absolute http or https URL, too long, or with control characters
  | 'forbidden' // with userinfo, or wrapped more often than a person copies
  | 'unknown-host' // in no rule

/** Where a link leads; `url` is absolute, of ASCII, on a host of `resource`. */
export type StartingPoint =
  | { readonly url: string; readonly resource: Resource }
  /** `text` is the link as understood, to be shown as text and never as a link. */
  | { readonly problem: StartingPointProblem; readonly text?: string }

/**
 * Reads the query of a starting point as it was sent, undecoded.
 *
 * @param portalOrigin Links to this origin's `/login` are unwrapped, as those to the zone's own are.
 */
export function startingPoint(
  rawQuery: string,
  hosts: HostMap,
  portalOrigin: string = hosts.zoneOrigin,
): StartingPoint {
  let text = targetOf(rawQuery.replace(/^\?/, ''))
  if (text === undefined) return { problem: 'missing' }
  for (let level = 0; level <= limits.hosts.unwrapLevels; level++) {
    const url = parseTarget(text)
    if (url === undefined) return { problem: 'malformed', ...shown(text) }
    if (url.username !== '' || url.password !== '') return { problem: 'forbidden' }
    const inner = unwrap(url, hosts, portalOrigin)
    if (inner === undefined) {
      const resource = hosts.resourceOf(url.href)
      return resource === undefined
        ? { problem: 'unknown-host', ...shown(url.href) }
        : { url: url.href, resource }
    }
    text = inner
  }
  return { problem: 'forbidden', ...shown(text) }
}

/** `url=` takes the rest of the query as it is; `qurl=` ends at the next `&` and is encoded. */
function targetOf(query: string): string | undefined {
  const found = /(?:^|&)(q?url)=([^&]*)/i.exec(query)
  if (found === null) return undefined
  const [, name = '', encoded = ''] = found
  // Not `URLSearchParams`, which would turn a plus sign of the target into a blank.
  if (name.toLowerCase() === 'qurl') return percentDecoded(encoded) ?? ''
  const rest = query.slice(found.index + found[0].length - encoded.length)
  // Link makers that encode what EZproxy wanted raw are common, and there is nothing to confuse.
  return /^https?%3a/i.test(rest) ? (percentDecoded(encoded) ?? '') : rest
}

function parseTarget(text: string): URL | undefined {
  const isPlain = text.length <= limits.hosts.startUrlChars && /^https?:\/\/[^/\\]/i.test(text)
  // The URL parser would drop tabs and line ends without a word.
  // eslint-disable-next-line no-control-regex
  if (!isPlain || /[\0-\x1f\x7f]/.test(text)) return undefined
  return URL.parse(text) ?? undefined
}

/** The URL that a link through the gateway stands for; undefined when it is none. */
function unwrap(url: URL, hosts: HostMap, portalOrigin: string): string | undefined {
  const isLogin = url.pathname === '/login' || url.pathname === '/login/'
  if (isLogin && (url.origin === portalOrigin || url.origin === hosts.zoneOrigin)) {
    return targetOf(url.search.slice(1)) ?? ''
  }
  const canonical = hosts.legacyAuthority(url.host)
  if (canonical === undefined) return hosts.unmapUrl(url.href)
  return hosts.unmapUrl(`${url.protocol}//${canonical}${url.href.slice(url.origin.length)}`)
}

function shown(text: string): { text?: string } {
  return text === '' ? {} : { text: text.slice(0, limits.hosts.startUrlChars) }
}
