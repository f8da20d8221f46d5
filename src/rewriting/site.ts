/**
 * Which site asks which: the relation that a browser would see between publishers.
 *
 * All proxied hosts are one site to the browser, so what it reports in Sec-Fetch-Site and what it
 * allows by SameSite is judged here again on the publishers' own names. Where the asker cannot be
 * told, the wider relation is taken.
 *
 * Source: W3C Fetch Metadata section 2.4; RFC 6265bis section 5.2.
 * @module
 */
import { getDomain } from 'tldts'

import type { HeaderLines } from '../core/context.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import type { HostMap, Upstream } from '../core/resource.ts'
import { headerOf } from './header-lines.ts'

/** The values of Sec-Fetch-Site, from near to far; `none` is the reader's own doing. */
const relations = ['none', 'same-origin', 'same-site', 'cross-site'] as const

/** One value of Sec-Fetch-Site. */
export type Relation = (typeof relations)[number]

/** Which cookies a request may carry: all, all but Strict, or `SameSite=None` alone. */
export type SameSiteContext = 'strict' | 'lax' | 'none'

/** Who made the browser ask, as far as its headers tell. */
export type Initiator =
  | { readonly kind: 'publisher'; readonly origin: string }
  | { readonly kind: 'gateway' | 'foreign' | 'unknown' }

/** The names by which the gateway's own pages are known. */
export interface OwnNames {
  readonly hosts: HostMap
  /** Origin of the portal. */
  readonly portalOrigin: string
}

const domainOf = rememberLately(limits.rewriting.siteHosts, (host) =>
  getDomain(host, { allowPrivateDomains: true }),
)

/** The domain below which cookies may be shared; the host itself where there is none. */
export function registrableDomain(host: string): string {
  return domainOf(host) ?? host
}

/** Whether a name is one that nobody may set cookies for, such as `edu.kg`. */
export function isPublicSuffix(host: string): boolean {
  return domainOf(host) === null
}

/** Whether a URL leads to the portal or into the zone. */
export function isOwnUrl(url: string, { hosts, portalOrigin }: OwnNames): boolean {
  const host = URL.parse(url)?.hostname.replace(/\.$/, '')
  if (host === undefined) return false
  const zone = new URL(hosts.zoneOrigin).hostname
  return host === zone || host.endsWith(`.${zone}`) || host === new URL(portalOrigin).hostname
}

/** Reads Origin, and Referer where that tells nothing. */
export function initiatorOf(lines: HeaderLines, names: OwnNames): Initiator {
  const origin = headerOf(lines, 'origin')
  const url = origin === undefined || origin === 'null' ? headerOf(lines, 'referer') : origin
  if (url === undefined) return { kind: 'unknown' }
  const upstreamUrl = URL.parse(names.hosts.unmapUrl(url) ?? '')
  if (upstreamUrl !== null) return { kind: 'publisher', origin: upstreamUrl.origin }
  return { kind: isOwnUrl(url, names) ? 'gateway' : 'foreign' }
}

/** What Sec-Fetch-Site would say between the publishers; undefined when the browser says nothing. */
export function relationTo(
  upstream: Upstream,
  initiator: Initiator,
  reportedText: string | undefined,
): Relation | undefined {
  const reported = relations.find((relation) => relation === reportedText)
  if (reported === undefined || reported === 'none' || reported === 'same-origin') return reported
  if (initiator.kind === 'publisher') {
    return wider(reported, relationOf(initiator.origin, upstream.origin))
  }
  // From the portal's list of databases: to the publisher, the reader opened a bookmark.
  return initiator.kind === 'gateway' ? 'none' : 'cross-site'
}

/** What may travel with a request: of the cookies kept here, and of those that the browser sent. */
export interface CookieContexts {
  readonly jar: SameSiteContext
  readonly browser: SameSiteContext
}

/**
 * Which cookies a browser at the publisher itself would have sent. What comes from outside the zone
 * the browser has judged already; what comes from within looks same-site to it and is judged here.
 */
export function cookieContexts(
  lines: HeaderLines,
  ask: {
    readonly upstream: Upstream
    readonly initiator: Initiator
    readonly method: string
  },
): CookieContexts {
  const { upstream, initiator } = ask
  const reported = headerOf(lines, 'sec-fetch-site')
  const relation =
    relationTo(upstream, initiator, reported) ??
    (initiator.kind === 'publisher' ? relationOf(initiator.origin, upstream.origin) : undefined)
  const isForeign = reported === undefined && initiator.kind === 'foreign'
  if (relation !== 'cross-site' && !isForeign) return { jar: 'strict', browser: 'strict' }
  const isSafe = ask.method === 'GET' || ask.method === 'HEAD'
  const context = isSafe && isTopLevel(lines) ? 'lax' : 'none'
  return { jar: context, browser: isForeign || reported === 'cross-site' ? 'strict' : context }
}

/** Whether the answer becomes the page in the address bar. */
function isTopLevel(lines: HeaderLines): boolean {
  const mode = headerOf(lines, 'sec-fetch-mode')
  if (mode === undefined) return /\btext\/html\b/i.test(headerOf(lines, 'accept') ?? '')
  return mode === 'navigate' && headerOf(lines, 'sec-fetch-dest') === 'document'
}

/** The relation of two publishers' origins; scheme and registrable domain make a site. */
function relationOf(left: string, right: string): Relation {
  if (left === right) return 'same-origin'
  const [one, other] = [new URL(left), new URL(right)]
  const isSameSite =
    one.protocol === other.protocol &&
    registrableDomain(one.hostname) === registrableDomain(other.hostname)
  return isSameSite ? 'same-site' : 'cross-site'
}

function wider(left: Relation, right: Relation): Relation {
  return relations.indexOf(left) > relations.indexOf(right) ? left : right
}
