/**
 * Where a reader may be sent: a page of the portal, or a proxied host of the closed table. Nothing
 * that a link says can lead anywhere else (open redirect, security row 10).
 *
 * What is judged is what is used: a URL is parsed once by the WHATWG parser and sent on as that
 * parser writes it, always absolute, so that no browser can read another host out of it.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { limits } from '../core/limits.ts'
import type { HostMap } from '../core/resource.ts'

/** A page on a proxied host. */
export interface ProxiedTarget {
  /** Origin of the proxied host. */
  readonly origin: string
  /** From the first slash on, fragment included. */
  readonly path: string
}

/** Backslashes, white space and control characters have no honest use and divide parsers. */
const suspectPattern = /[\\\s\p{Cc}]/u

/** The one value of a query parameter; undefined when it is absent or repeated. */
export function queryValue(context: GatewayContext, name: string): string | undefined {
  const [value, ...more] = new URLSearchParams(context.querystring).getAll(name)
  return more.length === 0 ? value : undefined
}

/** The proxied page that a publisher's URL, or a proxied URL, leads to; undefined when unknown. */
export function proxiedTarget(to: string | undefined, hosts: HostMap): ProxiedTarget | undefined {
  if (to === undefined || to.length > limits.identity.returnUrlChars) return undefined
  if (!/^https?:\/\/[^/]/i.test(to) || suspectPattern.test(to)) return undefined
  const url = URL.parse(to)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const { protocol } = new URL(hosts.zoneOrigin)
  const upstream = hosts.upstreamOf(url.host)
  const authority =
    upstream === undefined
      ? hosts.proxiedAuthority(url.protocol.slice(0, -1), url.host)
      : hosts.proxiedAuthority(upstream.scheme, upstream.authority)
  if (authority === undefined) return undefined
  return { origin: `${protocol}//${authority}`, path: url.href.slice(url.origin.length) }
}

/**
 * The absolute URL to go to after sign-in: the page of the portal that `to` names by its path, the
 * entry for a known publisher's or proxied URL, and for anything else the portal's first page.
 */
export function afterSignIn(to: string | undefined, portalOrigin: string, hosts: HostMap): string {
  const home = `${portalOrigin}/`
  if (to === undefined || to.length > limits.identity.returnUrlChars || suspectPattern.test(to)) {
    return home
  }
  if (proxiedTarget(to, hosts) !== undefined) {
    return `${portalOrigin}/enter?to=${encodeURIComponent(to)}`
  }
  const url = URL.parse(to, portalOrigin)
  const isLocal = to.startsWith('/') || to.startsWith(`${portalOrigin}/`)
  return isLocal && url?.origin === portalOrigin ? portalOrigin + pathOf(url) : home
}

function pathOf(url: URL): string {
  return url.pathname + url.search + url.hash
}
