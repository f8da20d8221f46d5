/**
 * The first stage: which of the gateway's names a request came to, by its Host header alone.
 *
 * The header must be one, of plain form, and the portal's name, the landing, or a canonical proxied
 * host of the closed table; everything else ends here. EZproxy's spellings are redirected to the
 * canonical one; its login addresses (the zone's own name, and the landing's) to the portal.
 * @module
 */
import type { IncomingMessage } from 'node:http'

import type { GatewayContext, Route, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { landingOrigin } from '../core/landing.ts'
import { reservedPrefix } from '../core/pages.ts'
import type { HostMap } from '../core/resource.ts'

/** The gateway's own names. */
export interface HostsStageOptions {
  readonly portalOrigin: string
  readonly zoneOrigin: string
}

const hostPattern = /^[a-z0-9_](?:[a-z0-9_.-]{0,252})(?::[0-9]{1,5})?$/i

/**
 * Makes the stage that sets `state.route`.
 *
 * It throws `ERR_BAD_REQUEST` for a malformed Host header or target and `ERR_UNKNOWN_HOST` for a
 * host that is not in the table or not in its canonical form.
 */
export function createHostsStage({ portalOrigin, zoneOrigin }: HostsStageOptions): Stage {
  const portal = new URL(portalOrigin)
  const zone = new URL(zoneOrigin)
  const portalAuthorities = new Set(authoritiesOf(portal, portal.host))
  const landing = new URL(landingOrigin(zoneOrigin))
  const landingAuthorities = new Set(authoritiesOf(landing, landing.host))
  // EZproxy listened for sign-in on the zone's own name and on "login." before it.
  const entrances = new Set([...authoritiesOf(zone, zone.host), ...landingAuthorities])

  return async function hosts(context, next) {
    const target = checkedTarget(context.req.url ?? '')
    const host = checkedHost(context.req)
    if (portalAuthorities.has(host)) {
      context.state.route = { kind: 'portal' }
      return await next()
    }
    if (landingAuthorities.has(host) && target.startsWith(reservedPrefix)) {
      context.state.route = { kind: 'landing' }
      return await next()
    }
    const { hosts: map } = context.state.rulebook
    const route = routeOf(map, host, target)
    context.state.route = route
    if (route.kind !== 'unknown') return await next()
    const canonical = map.legacyAuthority(host)
    if (entrances.has(host)) return redirect(context, portal.origin + target)
    if (canonical !== undefined) return redirect(context, `${zone.protocol}//${canonical}${target}`)
    throw new GatewayError(
      'ERR_UNKNOWN_HOST',
      `"${host}" found, the portal or a known host expected`,
    )
  }
}

function routeOf(map: HostMap, host: string, target: string): Route {
  const upstream = map.upstreamOf(host)
  if (upstream === undefined) return { kind: 'unknown' }
  return { kind: target.startsWith(reservedPrefix) ? 'reserved' : 'proxied', upstream }
}

/** The host with and, where it is the scheme's default, without its port. */
function authoritiesOf({ protocol, port }: URL, host: string): string[] {
  return port === '' ? [host, `${host}:${protocol === 'https:' ? 443 : 80}`] : [host]
}

/**
 * The request target, in origin-form (RFC 9112 section 3.2.1) and without dot segments: browsers
 * resolve those before they ask, so that only somebody who wants to pass a check sends them.
 */
function checkedTarget(target: string): string {
  const [path = ''] = target.split('?', 1)
  const hasDots = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(path)
  if (path.startsWith('/') && !hasDots && !/[\\#\0]|%00/.test(path)) return target
  throw new GatewayError('ERR_BAD_REQUEST', 'request target is not a plain absolute path')
}

const hostChars = 'host'.length
const authorityChars = ':authority'.length

/** The one Host of the request, in lower case; HTTP/2 names it `:authority` (RFC 9113 8.3.1). */
function checkedHost({ rawHeaders }: IncomingMessage): string {
  const authorities: string[] = []
  const hosts: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    // The length tells most names apart, without another text.
    if (name.length !== hostChars && name.length !== authorityChars) continue
    const lower = name.toLowerCase()
    if (lower === ':authority') authorities.push(rawHeaders[at + 1]?.toLowerCase() ?? '')
    if (lower === 'host') hosts.push(rawHeaders[at + 1]?.toLowerCase() ?? '')
  }
  const found = [...authorities, ...hosts]
  const [host = ''] = found
  const isOne = hosts.length <= 1 && found.every((other) => other === host)
  if (isOne && hostPattern.test(host)) return host
  const message = `${found.length} Host values found, one plain host name with port expected`
  throw new GatewayError('ERR_BAD_REQUEST', message)
}

/** Sends navigations on; a form or script sent to an old name is refused, its body would be lost. */
function redirect(context: GatewayContext, location: string): void {
  if (context.method !== 'GET' && context.method !== 'HEAD') {
    throw new GatewayError('ERR_UNKNOWN_HOST', `${context.method} to a host name of old spelling`)
  }
  context.set('Cache-Control', 'no-store')
  // Not Koa's own redirect: it would encode the target anew, and write a body.
  context.set('Location', location)
  context.body = null
  context.status = 303
}
