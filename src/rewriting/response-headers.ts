/**
 * Response headers on their way to the browser: one row for each that needs treatment. All others
 * pass as they are, except that a value which is nothing but a URL of a known host is mapped.
 *
 * Isolation and embedding headers (COOP, COEP, CORP, X-Frame-Options, Referrer-Policy, nosniff) are
 * relative to origins, and origins map one to one: they stay. Set-Cookie has a module of its own.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import type { HostMap } from '../core/resource.ts'
import { mapPolicies, type PolicyPage } from './csp.ts'
import { headerOf, isSafeName, isSafeValue, nominatedNames } from './header-lines.ts'
import {
  mapFrameOptions,
  mapLinks,
  mapList,
  mapQuoted,
  mapRefresh,
  narrowClearing,
  privateCaching,
} from './header-values.ts'
import { rewrittenTag } from './validators.ts'

/** What the treatments ask about an answer. */
export interface ResponseFacts extends PolicyPage {
  readonly version: string
  /** Whether the browser gets another body than the publisher sent, or would get one. */
  readonly isRewritten: boolean
  /** Whether other rules might give another body, even if these change nothing. */
  readonly isOfRules: boolean
}

/** A value in, the value for the browser out; undefined drops the line. */
type Treatment = (value: string, facts: ResponseFacts) => string | undefined

const drop: Treatment = () => undefined
const keep: Treatment = (value) => value
/** True of the publisher's bytes only. */
const ofUntouched: Treatment = (value, { isRewritten }) => (isRewritten ? undefined : value)
/** True of bodies that no rule can change. */
const ofUnread: Treatment = (value, { isOfRules }) => (isOfRules ? undefined : value)
const url: Treatment = (value, { hosts }) => hosts.mapUrl(value) ?? value
const urlsBy =
  (map: (value: string, mapUrl: HostMap['mapUrl']) => string): Treatment =>
  (value, { hosts }) =>
    map(value, (found) => hosts.mapUrl(found))

const treatments: Readonly<Record<string, Treatment>> = {
  // RFC 9110 section 7.6.1: they end at this hop; HTTP/2 forbids them (RFC 9113 section 8.2.2).
  connection: drop,
  'keep-alive': drop,
  'proxy-connection': drop,
  'proxy-authenticate': drop,
  'proxy-authentication-info': drop,
  te: drop,
  trailer: drop,
  'transfer-encoding': drop,
  upgrade: drop,
  // Where to go next.
  location: url,
  'content-location': url,
  refresh: urlsBy(mapRefresh),
  link: urlsBy(mapLinks),
  sourcemap: url,
  'x-sourcemap': url,
  'speculation-rules': urlsBy(mapQuoted),
  // Who may look: exactly those who may directly, never more.
  'access-control-allow-origin': url,
  'timing-allow-origin': urlsBy(mapList),
  'permissions-policy': urlsBy(mapQuoted),
  'x-frame-options': urlsBy(mapFrameOptions),
  'content-security-policy': (value, facts) => mapPolicies(value, facts),
  // Reports carry proxied URLs to third parties (Reporting API, NEL).
  'content-security-policy-report-only': drop,
  'cross-origin-embedder-policy-report-only': drop,
  'cross-origin-opener-policy-report-only': drop,
  'document-policy-report-only': drop,
  'permissions-policy-report-only': drop,
  'integrity-policy-report-only': drop,
  nel: drop,
  'report-to': drop,
  'reporting-endpoints': drop,
  // What a publisher may not decide for the zone.
  'strict-transport-security': drop,
  'public-key-pins': drop,
  'public-key-pins-report-only': drop,
  'expect-ct': drop,
  // It would lead the browser around the gateway (RFC 7838).
  'alt-svc': drop,
  'service-worker-allowed': drop,
  'use-as-dictionary': drop,
  // Rewritten scripts have no integrity to demand.
  'integrity-policy': drop,
  'clear-site-data': narrowClearing,
  // Told to a server in front of the gateway they would be commands.
  'x-accel-redirect': drop,
  'x-accel-buffering': drop,
  'x-accel-charset': drop,
  'x-accel-expires': drop,
  'x-accel-limit-rate': drop,
  'x-sendfile': drop,
  'x-lighttpd-send-file': drop,
  'x-reproxy-url': drop,
  // RFC 9111, RFC 9213: licensed bodies are for one reader.
  'cache-control': rememberLately(limits.rewriting.headerValues, privateCaching),
  'surrogate-control': drop,
  'cdn-cache-control': drop,
  'edge-control': drop,
  'x-robots-tag': drop,
  // RFC 9110 section 8, RFC 9530: about bytes.
  'accept-ranges': ofUnread,
  'content-length': ofUntouched,
  'content-range': ofUntouched,
  'content-encoding': ofUntouched,
  'content-md5': ofUntouched,
  digest: ofUntouched,
  'content-digest': ofUntouched,
  'repr-digest': ofUntouched,
  'unencoded-digest': ofUntouched,
  signature: ofUntouched,
  'signature-input': ofUntouched,
  // A body that was read gets its own, below.
  etag: ofUnread,
  'set-cookie': drop,
  'set-cookie2': drop,
  // Opaque, and never a URL of ours.
  'content-disposition': keep,
  'content-type': keep,
  date: keep,
  vary: keep,
}

/** What is known of a header by its name. */
interface NameFacts {
  /** In lower case. */
  readonly lower: string
  readonly treatment: Treatment
  /** Names of the table are not dropped because a Connection header names them. */
  readonly isListed: boolean
  readonly isSafe: boolean
}

const factsOf = rememberLately(limits.rewriting.headerNames, (name): NameFacts => {
  const lower = name.toLowerCase()
  const isListed = Object.hasOwn(treatments, lower)
  return { lower, treatment: treatmentOf(lower), isListed, isSafe: isSafeName(name) }
})

/** The header lines for the browser, without Set-Cookie. */
export function headersForBrowser(lines: HeaderLines, facts: ResponseFacts): HeaderLines {
  const nominated = nominatedNames(lines)
  const result: (readonly [string, string])[] = []
  let isCacheTold = false
  for (const line of lines) {
    const [name, value] = line
    const { lower, treatment, isListed, isSafe } = factsOf(name)
    if (!isSafe || (!isListed && nominated.has(lower))) continue
    const treated = treatment(value, facts)
    if (treated === undefined || !isSafeValue(treated)) continue
    isCacheTold ||= lower === 'cache-control'
    result.push(treated === value ? line : [name, treated])
  }
  result.push(notIndexed)
  if (!isCacheTold) result.push(forOneReader)
  const tag = headerOf(lines, 'etag')
  const hasValidator = tag !== undefined || headerOf(lines, 'last-modified') !== undefined
  // A date alone would outlive a change of the rules: it gets a tag beside it.
  if (facts.isOfRules && hasValidator) {
    const own = rewrittenTag(facts.version, tag)
    if (isSafeValue(own)) result.push(['ETag', own])
  }
  return result
}

const notIndexed = ['X-Robots-Tag', 'noindex, nofollow'] as const
const forOneReader = ['Cache-Control', 'private'] as const

function treatmentOf(name: string): Treatment {
  if (Object.hasOwn(treatments, name)) return treatments[name] ?? drop
  // "Cloudflare-CDN-Cache-Control" and its like (RFC 9213 section 3.1).
  return name.endsWith('-cdn-cache-control') ? drop : url
}
