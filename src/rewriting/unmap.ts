/**
 * Un-mapping: proxied hosts within text that a page has built go back to the publishers' names.
 *
 * The text may be a query, a form, JSON or a header value; it is read as Latin-1 and every byte
 * beside the host stays. A host counts in the spellings that scripts produce: plain, percent-encoded
 * to any depth, and escaped in JSON. What is not a canonical, known proxied host stays as it is.
 * @module
 */
import type { HostMap, Upstream } from '../core/resource.ts'

/** Text in, text with the publishers' names out. */
export type Unmap = (text: string) => string

interface Found {
  /** Where the replaced part begins and ends. */
  readonly from: number
  readonly to: number
  readonly text: string
}

/** A label has 63 octets; an escape and its nested percent signs may stand before it. */
const runChars = 80
/** `https:\/\/` in its longest spelling is shorter. */
const schemeChars = 64
const schemeBefore = /(https?|wss?)(:|%(?:25)*3a|\\u003a)(?:(?:\\?\/|%(?:25)*2f|\\u002f)){2}$/i

const cache = new WeakMap<HostMap, Unmap>()

/**
 * Whether a query or form is a signed SAML message, of which every byte counts, RelayState included
 * (SAML 2.0 Bindings section 3.4.4.1, HTTP POST "SimpleSign" Binding section 2.1).
 */
export function isSignedSaml(query: string): boolean {
  return /(?:^|&)SAML(?:Request|Response)=/.test(query) && /(?:^|&)Signature=/.test(query)
}

/** The function for a host map; made once for each. */
export function unmapOf(hosts: HostMap): Unmap {
  const known = cache.get(hosts)
  if (known !== undefined) return known
  const made = createUnmap(hosts)
  cache.set(hosts, made)
  return made
}

function createUnmap(hosts: HostMap): Unmap {
  const zone = new URL(hosts.zoneOrigin)
  const suffix = `.${zone.hostname}`

  return function unmap(text) {
    // One to one in length for Latin-1, so that positions hold in both.
    const lower = text.toLowerCase()
    let result = ''
    let done = 0
    let at = lower.indexOf(suffix)
    for (; at !== -1; at = lower.indexOf(suffix, at + suffix.length)) {
      const found = readHost(text, lower, at, { hosts, zone, suffix })
      if (found === undefined || found.from < done) continue
      result += text.slice(done, found.from) + found.text
      done = found.to
    }
    return done === 0 ? text : result + text.slice(done)
  }
}

function readHost(
  text: string,
  lower: string,
  suffixAt: number,
  { hosts, zone, suffix }: { hosts: HostMap; zone: URL; suffix: string },
): Found | undefined {
  const { start, percentDepth } = labelStart(lower, suffixAt)
  const end = readEnd(lower, suffixAt + suffix.length, zone.port)
  if (start === suffixAt || end === undefined) return undefined
  const label = lower.slice(start, suffixAt)
  const upstream = hosts.upstreamOf(`${label}.${zone.host}`)
  if (upstream === undefined) return undefined

  const before = schemeBefore.exec(text.slice(Math.max(0, start - schemeChars), start))
  // With a scheme it is a URL, and without the zone's port one of somebody else.
  if (before !== null && zone.port !== '' && end.colon === undefined) return undefined
  const colon = end.colon ?? before?.[2] ?? percentColon(percentDepth)
  const isHostOnly = zone.port !== '' && end.colon === undefined
  const authority = isHostOnly ? upstream.host : upstream.authority.replace(':', colon)
  const [prefix = '', scheme = ''] = before ?? []
  return {
    from: start - prefix.length,
    to: end.at,
    text: schemeFor(upstream, scheme, zone) + prefix.slice(scheme.length) + authority,
  }
}

/** Where the label before the suffix begins, and how often its surroundings are percent-encoded. */
function labelStart(lower: string, suffixAt: number): { start: number; percentDepth: number } {
  let start = suffixAt
  while (start > 0 && suffixAt - start < runChars && isLabelChar(lower.charCodeAt(start - 1)))
    start--
  const run = lower.slice(start, suffixAt)
  const before = lower[start - 1]
  const nowhere = { start: suffixAt, percentDepth: 0 }
  if (before === '.' || before === '_') return nowhere
  if (before === '\\') {
    const [escape = ''] = /^(?:u[0-9a-f]{4}|x[0-9a-f]{2}|[bfnrtv0])/.exec(run) ?? []
    return { start: start + escape.length, percentDepth: 0 }
  }
  if (before !== '%') return { start, percentDepth: 0 }
  const [escape, nested = ''] = /^((?:25)*)[0-9a-f]{2}/.exec(run) ?? []
  if (escape === undefined) return nowhere
  return { start: start + escape.length, percentDepth: nested.length / 2 + 1 }
}

/** Where the host ends, its port included; undefined when the name or the port goes on. */
function readEnd(
  lower: string,
  hostEnd: number,
  port: string,
): { at: number; colon?: string } | undefined {
  const rest = lower.slice(hostEnd, hostEnd + schemeChars)
  const [written = '', colon, digits] = /^(:|%(?:25)*3a)([0-9]+)/.exec(rest) ?? []
  if (colon !== undefined) {
    return digits === port ? { at: hostEnd + written.length, colon } : undefined
  }
  return /^(?:[a-z0-9_-]|\.[a-z0-9_-])/.test(rest) ? undefined : { at: hostEnd }
}

/** The publisher's scheme where the zone's own was written; another one was meant as it is. */
function schemeFor(upstream: Upstream, written: string, zone: URL): string {
  if (written === '') return ''
  const scheme = written.toLowerCase()
  const isSecure = scheme === 'https' || scheme === 'wss'
  const isWanted = upstream.scheme === 'https'
  if (isSecure !== (zone.protocol === 'https:') || isSecure === isWanted) return written
  return (scheme.startsWith('ws') ? 'ws' : 'http') + (isWanted ? 's' : '')
}

function percentColon(depth: number): string {
  return depth === 0 ? ':' : `%${'25'.repeat(depth - 1)}3A`
}

function isLabelChar(code: number): boolean {
  const isDigit = code >= 48 && code <= 57
  const isLetter = code >= 97 && code <= 122
  return isDigit || isLetter || code === 45
}
