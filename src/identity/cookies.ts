/**
 * The gateway's own cookies: their names, their attributes, and the refusal of duplicates.
 *
 * With https origins every name has a prefix that browsers enforce (RFC 6265bis section 4.1.3), so
 * that no script or header of a rehosted site can set it: `__Host-` where one host suffices. Plain
 * http, which configuration allows for `*.localhost` alone, has neither prefix nor `Secure`.
 *
 * A request that carries a session cookie twice is refused and the cookie cleared: which of two
 * values came from the gateway cannot be told (cookie tossing).
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { isSecret } from './secrets.ts'

/** What a cookie is for. */
export type CookieRole =
  | 'portal' // the session, on the portal name
  | 'zone' // the session, on every proxied host
  | 'ask' // the browser that began a hop to the portal, on the landing
  | 'sign-in' // the browser that went to the identity provider, on the portal name
  | 'provider' // the provider that was chosen last, which is no secret, on the portal name
  | 'farewell' // the list of visited hosts after sign-out, on the portal name

/** Reads and writes the gateway's cookies. */
export interface Cookies {
  /** The exact name of every cookie that the gateway sets. */
  readonly names: readonly string[]
  /**
   * The value, if it has the form that the gateway gives it.
   *
   * @throws {GatewayError} `ERR_BAD_REQUEST` when the request has the cookie twice; it is cleared.
   */
  read(context: GatewayContext, role: CookieRole): string | undefined
  /** Without a lifetime, the cookie ends with the browser. */
  set(context: GatewayContext, role: CookieRole, value: string, lifetimeMs?: number): void
  clear(context: GatewayContext, role: CookieRole): void
}

interface Cookie {
  readonly name: string
  readonly attributes: string
  readonly isValue: (value: string | undefined) => value is string
  /** Host of the `Domain` attribute; absent for a host-only cookie. */
  readonly domain?: string
}

/** Cookies for a pair of origins. */
export function createCookies(portalOrigin: string, zoneOrigin: string): Cookies {
  const cookies = describeCookies(new URL(portalOrigin), new URL(zoneOrigin))
  return {
    names: Object.values(cookies).map(({ name }) => name),
    read(context, role) {
      const [value, ...more] = valuesOf(context.req.headers.cookie ?? '', cookies[role].name)
      if (more.length > 0) {
        context.append('Set-Cookie', [...clearingLines(cookies[role], context.path)])
        throw new GatewayError('ERR_BAD_REQUEST', `the cookie "${cookies[role].name}" came twice`)
      }
      return cookies[role].isValue(value) ? value : undefined
    },
    set(context, role, value, lifetimeMs) {
      const maxAge = lifetimeMs === undefined ? '' : `; Max-Age=${Math.floor(lifetimeMs / 1000)}`
      context.append('Set-Cookie', `${setLine(cookies[role], value)}${maxAge}`)
    },
    clear(context, role) {
      context.append('Set-Cookie', `${setLine(cookies[role], '')}; Max-Age=0`)
    },
  }
}

function describeCookies(portal: URL, zone: URL): Readonly<Record<CookieRole, Cookie>> {
  return {
    portal: describe(portal, '__Host-', 'darbaza'),
    zone: describe(zone, '__Secure-', 'darbaza-zone'),
    ask: describe(zone, '__Host-', 'darbaza-ask'),
    'sign-in': describe(portal, '__Host-', 'darbaza-sign-in'),
    provider: { ...describe(portal, '__Host-', 'darbaza-provider'), isValue: isProviderId },
    farewell: describe(portal, '__Host-', 'darbaza-farewell'),
  }
}

function describe(origin: URL, prefix: '__Host-' | '__Secure-', bareName: string): Cookie {
  const isSecure = origin.protocol === 'https:'
  return {
    name: isSecure ? `${prefix}${bareName}` : bareName,
    isValue: isSecret,
    attributes: `; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`,
    ...(prefix === '__Secure-' && { domain: origin.hostname }),
  }
}

/** As the configuration spells ids; whether there is such a provider, the list tells. */
function isProviderId(value: string | undefined): value is string {
  return value !== undefined && /^[a-z0-9-]{1,40}$/.test(value)
}

function setLine(
  { name, attributes, domain }: Omit<Cookie, 'isValue'>,
  value: string,
  path = '/',
): string {
  return `${name}=${value}; Path=${path}${domain === undefined ? '' : `; Domain=${domain}`}${attributes}`
}

/** Names are compared as bytes and never decoded: `%5F_Host-` is another name (security row 1). */
function valuesOf(header: string, name: string): string[] {
  const values: string[] = []
  for (const pair of header.split(';')) {
    const text = pair.trim()
    if (text.startsWith(name) && text[name.length] === '=') values.push(text.slice(name.length + 1))
  }
  return values
}

/** The planted copy's path and domain are unknown: clears those that can reach this request. */
function* clearingLines({ name, attributes, domain }: Cookie, path: string): Generator<string> {
  const domains = domain === undefined ? [] : domainsAbove(domain)
  for (const place of [undefined, ...domains]) {
    for (const prefix of domain === undefined ? ['/'] : pathsAbove(path)) {
      const cookie = { name, attributes, ...(place !== undefined && { domain: place }) }
      yield `${setLine(cookie, '', prefix)}; Max-Age=0`
    }
  }
}

function domainsAbove(domain: string): string[] {
  const labels = domain.split('.')
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
}

function pathsAbove(path: string): string[] {
  // A path with `;` would end the attribute; nothing planted by a browser has one unescaped.
  const segments = path
    .split('/')
    .filter((segment) => /^[\w.~%-]+$/.test(segment))
    .slice(0, limits.identity.clearedPathSegments)
  const prefixes = segments.map((_, index) => `/${segments.slice(0, index + 1).join('/')}`)
  return ['/', ...prefixes.flatMap((prefix) => [prefix, `${prefix}/`])]
}
