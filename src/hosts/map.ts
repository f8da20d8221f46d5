/**
 * The host map: URLs of publishers to URLs of the zone and back, by the closed table alone.
 *
 * Only scheme and host of a URL change; every other byte stays as it was written. What cannot be
 * parsed or names no known host is answered with undefined and stays as it is; so does a proxied URL
 * with userinfo, which nothing of ours makes.
 * @module
 */
import type { HostMap, Resource } from '../core/resource.ts'
import { canonicalHost } from './codec.ts'
import type { HostAndPort } from './codec.ts'
import { createLegacyFinder } from './legacy.ts'
import { createHostTable } from './table.ts'
import type { HostEntry, HostTable } from './table.ts'

/** What the map is made of. */
export interface HostMapOptions {
  readonly resources: readonly Resource[]
  /** `https://proxy.example.edu`, with a port if the zone is served on another than the default. */
  readonly zoneOrigin: string
}

/**
 * A URL's parts: blanks that parsers skip, scheme, slashes, authority. The URL Standard takes
 * backslashes for slashes and any number of them from two on.
 */
const urlPattern = /^([\0- ]*)(?:(https?|wss?):)?([/\\]{2,})([^/\\?#]+)/i

const plainAuthority = /^([a-z0-9_.-]+?)\.?(?::([0-9]{1,5}))?$/
const defaultPorts: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 }

/**
 * Compiles the hosts of all resources.
 *
 * @throws {GatewayError} `ERR_HOST` for a host that cannot be carried or is claimed twice.
 */
export function createHostMap({ resources, zoneOrigin }: HostMapOptions): HostMap {
  const zone = new URL(zoneOrigin)
  const isSecure = zone.protocol === 'https:'
  const table = createHostTable(resources, zone.hostname)
  const findLegacy = createLegacyFinder(table)
  const authorityOf = ({ label }: HostEntry) => `${label}.${zone.host}`
  const spellingOf = zoneReader(zone)

  function proxiedEntry(hostHeader: string): HostEntry | undefined {
    const spelling = spellingOf(hostHeader)
    return spelling === undefined ? undefined : table.findLabel(spelling)
  }

  return {
    zoneOrigin: zone.origin,
    upstreamOf: (hostHeader) => proxiedEntry(hostHeader)?.upstream,
    legacyAuthority(hostHeader) {
      const spelling = spellingOf(hostHeader)
      if (spelling === undefined || table.findLabel(spelling) !== undefined) return undefined
      const entry = findLegacy(spelling)
      return entry && authorityOf(entry)
    },
    proxiedAuthority(scheme, authority) {
      const entry = entryOf(table, scheme.toLowerCase(), authority)
      return entry && authorityOf(entry)
    },
    mapUrl: (url) =>
      replaceOrigin(url, (scheme, authority) => {
        // A name and a password before the host stay with it: browsers would send them there.
        const userEnd = authority.lastIndexOf('@') + 1
        const entry = entryOf(table, scheme, authority.slice(userEnd))
        return entry && { isSecure, authority: authority.slice(0, userEnd) + authorityOf(entry) }
      }),
    unmapUrl: (url) =>
      replaceOrigin(url, (_scheme, authority) => {
        const upstream = proxiedEntry(authority)?.upstream
        return upstream && { isSecure: upstream.scheme === 'https', authority: upstream.authority }
      }),
    resourceOf(url) {
      const [, , scheme = 'https', , authority = ''] = urlPattern.exec(url) ?? []
      return entryOf(table, scheme.toLowerCase(), authority)?.upstream.resource
    },
  }
}

/** Reads what a Host header of the zone says before `.<zone>`, in lower case. */
function zoneReader(zone: URL): (hostHeader: string) => string | undefined {
  const ends = [`.${zone.host}`]
  if (zone.port === '') ends.push(`.${zone.host}:${zone.protocol === 'https:' ? 443 : 80}`)
  return function spellingOf(hostHeader) {
    const text = hostHeader.toLowerCase()
    const end = ends.find((candidate) => text.endsWith(candidate))
    return end && text.slice(0, -end.length)
  }
}

function entryOf(table: HostTable, scheme: string, authority: string): HostEntry | undefined {
  // No key names port 80 or 443, so that a hit here is right under any scheme.
  const known = table.recall(authority)
  if (known !== undefined) return known
  const name = nameOf(scheme, authority)
  return name && table.find(name)
}

/** Host and named port of an authority; undefined with userinfo, an address, or a bad port. */
function nameOf(scheme: string, authority: string): HostAndPort | undefined {
  const plain = plainAuthority.exec(authority)
  const [, text = '', portText] = plain ?? parsedAuthority(scheme, authority) ?? []
  const host = plain === null ? canonicalHost(text) : text
  if (host === undefined || host === '') return undefined
  if (portText === undefined || portText === '') return { host }
  const port = Number(portText)
  return port === defaultPorts[scheme] ? { host } : { host, port }
}

function parsedAuthority(scheme: string, authority: string) {
  if (authority.includes('@')) return undefined
  const url = URL.parse(`${scheme}://${authority}/`)
  return url === null ? undefined : [url.host, url.hostname, url.port]
}

/** Puts another origin in the place of a URL's own, its scheme in lower case. */
function replaceOrigin(
  url: string,
  find: (
    scheme: string,
    authority: string,
  ) => { readonly isSecure: boolean; readonly authority: string } | undefined,
): string | undefined {
  const parts = urlPattern.exec(url)
  if (parts === null) return undefined
  const [whole, blanks = '', scheme, slashes = '', authority = ''] = parts
  const name = scheme?.toLowerCase() ?? 'https'
  const target = find(name, authority)
  if (target === undefined) return undefined
  const secured = (name.startsWith('ws') ? 'ws' : 'http') + (target.isSecure ? 's' : '')
  const written = scheme === undefined ? '' : `${secured}:`
  return blanks + written + slashes + target.authority + url.slice(whole.length)
}
