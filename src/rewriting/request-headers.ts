/**
 * Request headers on their way to a publisher: one row for each that needs treatment. All others
 * pass with proxied URLs in them mapped back, since publishers' own scripts invent headers freely.
 *
 * The publisher sees its own names only: no proxied host, no portal URL, no header that tells of a
 * proxy, and nothing that would end the gateway's own hop.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import { reservedPrefix } from '../core/pages.ts'
import type { Upstream } from '../core/resource.ts'
import { withoutMark, withoutMarkName } from './anonymity.ts'
import { headersOf, isSafeName, isSafeValue, nominatedNames } from './header-lines.ts'
import { knownCodings } from './header-values.ts'
import { isOwnUrl, relationTo } from './site.ts'
import type { Initiator, OwnNames } from './site.ts'
import { unmapOf } from './unmap.ts'
import { translateTags } from './validators.ts'

/** What the treatments ask about a request. */
export interface RequestFacts extends OwnNames {
  readonly upstream: Upstream
  readonly initiator: Initiator
  /** The rule version that validators must belong to. */
  readonly version: string
  /** The Cookie header for the publisher. */
  readonly cookie: string | undefined
  readonly isWebSocket: boolean
}

interface Asking extends RequestFacts {
  readonly lines: HeaderLines
  /** Set when the browser holds a body that other rules rewrote. */
  readonly isStale: boolean
  /** Set when the browser holds a body that was rewritten; its ranges are not the publisher's. */
  readonly isRangeOfRewritten: boolean
}

/** A value in, the value for the publisher out; undefined drops the line. */
type Treatment = (value: string, asking: Asking) => string | undefined

const drop: Treatment = () => undefined
const keep: Treatment = (value) => value
const unmap: Treatment = (value, { hosts }) => unmapOf(hosts)(value)
const unlessStale: Treatment = (value, { isStale }) => (isStale ? undefined : value)
const tags: Treatment = (value, { version }) => translateTags(version, value).value

const treatments: Readonly<Record<string, Treatment>> = {
  // Set below from the upstream; a browser's own names the proxied host.
  host: drop,
  // RFC 9110 section 7.6.1 and 9.3.8: they end at this hop.
  connection: drop,
  'keep-alive': drop,
  'proxy-connection': drop,
  'proxy-authorization': drop,
  'proxy-authenticate': drop,
  te: drop,
  trailer: drop,
  'transfer-encoding': drop,
  // Only websocket is asked for again, below: h2c would open a tunnel past every check.
  upgrade: drop,
  'http2-settings': drop,
  // The listener has answered it (RFC 9110 section 10.1.1).
  expect: drop,
  // The path of the request is nobody's business; their underscored twins go likewise.
  forwarded: drop,
  'forwarded-for': drop,
  via: drop,
  'x-forwarded': drop,
  'x-originating-ip': drop,
  'x-remote-addr': drop,
  'x-remote-ip': drop,
  'x-real-ip': drop,
  'x-client-ip': drop,
  'x-cluster-client-ip': drop,
  'client-ip': drop,
  'true-client-ip': drop,
  'cf-connecting-ip': drop,
  'fastly-client-ip': drop,
  'x-original-url': drop,
  'x-original-host': drop,
  'x-rewrite-url': drop,
  'early-data': drop,
  // Dictionaries would need decoding with what the gateway has not got (RFC 9842).
  'available-dictionary': drop,
  'dictionary-id': drop,
  'accept-encoding': rememberLately(limits.rewriting.headerValues, knownCodings),
  origin: mapOrigin,
  referer: mapReferer,
  cookie: (_value, { cookie }) => cookie,
  'sec-fetch-site': (value, { upstream, initiator }) =>
    relationTo(upstream, initiator, value) ?? value,
  'if-match': tags,
  'if-none-match': tags,
  'if-modified-since': unlessStale,
  'if-unmodified-since': unlessStale,
  range: (value, { isRangeOfRewritten }) => (isRangeOfRewritten ? undefined : value),
  'if-range': (value, { isRangeOfRewritten }) => (isRangeOfRewritten ? undefined : value),
  // Opaque to the gateway, and never holding a URL of ours.
  accept: withoutMark,
  'access-control-request-headers': withoutMarkName,
  authorization: keep,
  'content-length': keep,
  'content-type': keep,
  'content-encoding': keep,
  'user-agent': keep,
}

/** Prefixes of names that tell a server about proxies. */
const proxyPrefixes = ['x-forwarded-', 'x-proxyuser-', 'x-envoy-', 'x-darbaza-']

/** Of these a second line is dropped: servers differ in which one they believe. */
const singles = new Set([
  'authorization',
  'content-length',
  'content-type',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'origin',
  'range',
  'referer',
  'sec-fetch-site',
  'user-agent',
])

/** The header lines for the publisher. */
export function headersForPublisher(lines: HeaderLines, facts: RequestFacts): HeaderLines {
  const asking: Asking = { ...facts, lines, ...readConditions(lines, facts.version) }
  const nominated = nominatedNames(lines)
  const seen = new Set<string>()
  let hasCookie = false
  const result: (readonly [string, string])[] = [['Host', facts.upstream.authority]]
  for (const line of lines) {
    const [name, value] = line
    const { lower, treatment, isListed, isSafe, isSingle } = factsOf(name)
    if (!isListed && nominated.has(lower)) continue
    hasCookie ||= lower === 'cookie'
    if (isSingle && seen.has(lower)) continue
    if (isSingle) seen.add(lower)
    const treated = isSafe ? treatment(value, asking) : undefined
    if (treated !== undefined && isSafeValue(treated)) {
      result.push(treated === value ? line : [name, treated])
    }
  }
  const { cookie } = facts
  if (!hasCookie && cookie !== undefined && isSafeValue(cookie)) result.push(['Cookie', cookie])
  if (facts.isWebSocket) result.push(['Connection', 'Upgrade'], ['Upgrade', 'websocket'])
  return result
}

/** Whether the browser asks with the validator of a rewritten body. */
export function holdsRewritten(lines: HeaderLines, version: string): boolean {
  return headersOf(lines, 'if-none-match').some(
    (value) => translateTags(version, value).isRewritten,
  )
}

/** What is known of a header by its name. */
interface NameFacts {
  /** In lower case. */
  readonly lower: string
  readonly treatment: Treatment
  /** Names of the table are not dropped because a Connection header names them. */
  readonly isListed: boolean
  readonly isSafe: boolean
  readonly isSingle: boolean
}

const factsOf = rememberLately(limits.rewriting.headerNames, (name): NameFacts => {
  const lower = name.toLowerCase()
  return {
    lower,
    treatment: treatmentOf(lower),
    isListed: Object.hasOwn(treatments, lower),
    isSafe: isSafeName(name),
    isSingle: singles.has(lower),
  }
})

function treatmentOf(name: string): Treatment {
  if (Object.hasOwn(treatments, name)) return treatments[name] ?? drop
  // "X_Forwarded_For" reads as "X-Forwarded-For" to CGI-like servers (CVE-2025-64484).
  const twin = name.replaceAll('_', '-')
  if (proxyPrefixes.some((prefix) => twin.startsWith(prefix))) return drop
  return twin !== name && Object.hasOwn(treatments, twin) ? drop : unmap
}

function readConditions(lines: HeaderLines, version: string) {
  const read = (name: string) =>
    headersOf(lines, name).map((value) => translateTags(version, value))
  return {
    isStale:
      read('if-none-match').some(({ isStale }) => isStale) ||
      read('if-match').some(({ isStale }) => isStale),
    isRangeOfRewritten: read('if-range').some(({ isRewritten }) => isRewritten),
  }
}

/** A foreign origin passes, so that the publisher's own defence against forgery works. */
function mapOrigin(value: string, asking: Asking): string {
  if (value === 'null') return value
  return asking.hosts.unmapUrl(value) ?? (isOwnUrl(value, asking) ? 'null' : value)
}

/** Nothing of the portal, of sign-in or of the gateway's own paths is told to a publisher. */
function mapReferer(value: string, asking: Asking): string | undefined {
  const mapped = asking.hosts.unmapUrl(value)
  if (mapped === undefined && (isOwnUrl(value, asking) || !URL.canParse(value))) return undefined
  if (mapped !== undefined && URL.parse(mapped)?.pathname.startsWith(reservedPrefix)) {
    return undefined
  }
  return unmapOf(asking.hosts)(mapped ?? value)
}
