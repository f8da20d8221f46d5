/**
 * Hosts of a resource as a rule writes them, parsed into `HostRule`s, and what they cover.
 *
 * A host must be a name of the public DNS that a label of the zone can carry: no address in any
 * notation, no single label, no empty label or one with a hyphen at its edge. A rule for a domain
 * must stay below a public suffix, private suffixes included: `*.github.io` has many owners.
 *
 * Source: WHATWG URL, host parsing; RFC 1123 section 2.1; publicsuffix.org.
 * @module
 */
import { getPublicSuffix } from 'tldts'

import type { HostRule } from '../core/resource.ts'

/** A host as written in a rule. */
export type WrittenHost = string | { readonly domain: string }

/** The parsed host, or what is wrong with it and under which number. */
type HostAnswer =
  { readonly rule: HostRule } | { readonly number: 'F009' | 'F010'; readonly message: string }

/** Parses one entry of `hosts`. */
export function parseHost(written: WrittenHost): HostAnswer {
  const text = typeof written === 'string' ? written : written.domain
  const found = `found ${JSON.stringify(text.slice(0, 80))}`
  const parts =
    /^(?:(?<scheme>https?):\/\/)?(?<star>\*\.)?(?<name>[^/?#@:%\s*\\]+)(?::(?<port>\d{1,5}))?\/?$/i.exec(
      text,
    )?.groups
  const { scheme = 'https', star, name, port } = parts ?? {}
  if (name === undefined || (star !== undefined && typeof written !== 'string')) {
    return fault('a host, perhaps with http://, *. or a port, and without a path')
  }
  const host = URL.canParse(`https://${name}/`) ? new URL(`https://${name}/`).hostname : ''
  const match = matchOf(written, star)
  if (match !== 'exact' && spansOwners(host)) {
    const message = `${found}, under which many owners have domains; expected a domain of one owner`
    return { number: 'F010', message }
  }
  const isHttp = scheme.toLowerCase() === 'http'
  const trouble = hostTrouble(host) ?? portTrouble(port, isHttp)
  if (trouble !== undefined) return fault(trouble)
  return { rule: { host, match, scheme: isHttp ? 'http' : 'https', ...portOf(port, isHttp) } }

  function fault(expectation: string): HostAnswer {
    return { number: 'F009', message: `${found}, expected ${expectation}` }
  }
}

/** The place in the zone that a rule takes: two rules with one key contend for it. */
export function hostKey({ host, match, port }: HostRule): string {
  return `${match === 'exact' ? '' : '*.'}${host}${port === undefined ? '' : `:${port}`}`
}

/** Whether a rule covers a URL: its scheme, host and port. */
export function covers(rule: HostRule, url: URL): boolean {
  const isSameOrigin = url.protocol === `${rule.scheme}:` && url.port === String(rule.port ?? '')
  return isSameOrigin && coversName(rule, url.hostname)
}

/** Whether a rule covers a host name, on whatever port. */
export function coversName(
  { host, match }: Pick<HostRule, 'host' | 'match'>,
  name: string,
): boolean {
  if (match !== 'subdomains' && name === host) return true
  return match !== 'exact' && name.endsWith(`.${host}`)
}

function matchOf(written: WrittenHost, star: string | undefined): HostRule['match'] {
  if (typeof written !== 'string') return 'domain'
  return star === undefined ? 'exact' : 'subdomains'
}

/** What a host should be instead; undefined when it is right. */
function hostTrouble(host: string): string | undefined {
  const labels = host.split('.')
  // The URL parser reads a name that ends in a number as an IPv4 address, in any notation.
  if (host === '') return 'a name that a URL can have'
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) {
    return 'a name, not an address'
  }
  if (labels.length < 2) return 'a full name with at least one dot'
  if (host.length > 253) return 'a name of at most 253 characters'
  return labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label))
    ? undefined
    : 'labels of letters, digits and hyphens, none empty or with a hyphen at its edge'
}

/** Likewise for a port. http and https of a host share one name in the zone, so do 80 and 443. */
function portTrouble(port: string | undefined, isHttp: boolean): string | undefined {
  if (port === undefined) return undefined
  if (Number(port) === (isHttp ? 443 : 80))
    return 'port 80 with http:// and 443 with https:// alone'
  return Number(port) >= 1 && Number(port) <= 65_535 ? undefined : 'a port from 1 to 65535'
}

function portOf(port: string | undefined, isHttp: boolean): { port?: number } {
  const isDefault = port === undefined || Number(port) === (isHttp ? 80 : 443)
  return isDefault ? {} : { port: Number(port) }
}

/**
 * Whether a domain is a public suffix or stands above one. The list can be asked about names only,
 * so a suffix below is found by a wildcard (`*.ck`) or by the first labels that hosting companies use.
 */
function spansOwners(domain: string): boolean {
  const names = [domain, ...hostingLabels.map((label) => `${label}.${domain}`)]
  return names.some((name) => getPublicSuffix(name, { allowPrivateDomains: true }) === name)
}

/** `wildcard` stands for any label. */
const hostingLabels = [
  'wildcard',
  'com',
  'co',
  'org',
  'ac',
  'edu',
  'gov',
  'net',
  's3',
  's3-website-us-east-1',
  'blob.core',
  'web.core',
  'web',
  'app',
  'apps',
  'pages',
  'run',
]
