/**
 * The farewell: after sign-out the browser is led over the proxied hosts that it visited, one after
 * the other and as the page in its address bar, so that each can clear what it has left there.
 *
 * As pictures on a page they would be asked across sites, where browsers neither send nor take back
 * SameSite cookies; a personal login at a publisher would stay alive on a library's computer.
 *
 * The way is kept in the store under an id that is good for one hop. Without it a host clears
 * nothing, and no address is ever read from a request.
 *
 * Source: W3C Clear Site Data section 3.1; HTML, "Refresh"; RFC 6265bis sections 5.2 and 5.7.
 * @module
 */
import { getDomain } from 'tldts'
import { z } from 'zod'

import { randomToken } from '../core/clock.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { limits } from '../core/limits.ts'
import { reservedPrefix } from '../core/pages.ts'
import { redirect } from './parts.ts'
import type { Parts } from './parts.ts'
import { queryValue } from './return-url.ts'
import { digest, isSecret } from './secrets.ts'
import { readRow } from './session-row.ts'

/** Path on a proxied host that clears what the host has left in the asking browser. */
const clearingPath = `${reservedPrefix}sign-out`

const hostsSchema = z.array(z.string())

const farewellKey = (id: string): string => `farewell:${digest(id)}`

type FarewellParts = Pick<Parts, 'cookies' | 'portalOrigin' | 'records'>

/** Keeps the origins of visited hosts for the return of this browser from the provider. */
export async function keepFarewell(
  context: GatewayContext,
  { cookies, records }: FarewellParts,
  origins: readonly string[],
): Promise<void> {
  if (origins.length === 0) return
  cookies.set(context, 'farewell', await keep(records, origins), limits.identity.farewellMs)
}

/**
 * For the page after sign-out: sends the browser on to the first of the hosts, once. It is not
 * redirected, which would count against the bound that browsers set to redirects, come under the
 * `form-action` of the page with the sign-out button, and have been begun by the provider's site, so
 * that `SameSite=Strict` cookies were not sent to a zone on the portal's domain.
 */
export function farewellStage(parts: FarewellParts): Stage {
  return async (context, next) => {
    const id = parts.cookies.read(context, 'farewell')
    if (id !== undefined) {
      parts.cookies.clear(context, 'farewell')
      const origins = known(context, await take(parts.records, id))
      if (origins.length > 0) refresh(context, await hopUrl(parts, origins))
    }
    await next()
  }
}

/** `/.darbaza/sign-out` on a proxied host: clears, and leads to the next host or to the end. */
export function clearingStage(
  parts: FarewellParts,
  originOf: (context: GatewayContext) => string,
): Stage {
  return async (context, next) => {
    if (context.path !== clearingPath) return next()
    const [origin, ...left] = await take(parts.records, queryValue(context, 'hop'))
    if (origin !== originOf(context)) {
      redirect(context, `${parts.portalOrigin}/signed-out`)
      return
    }
    clear(context, parts)
    const origins = known(context, left)
    const url = await hopUrl(parts, origins)
    const isEnoughInRow =
      origins.length > 0 && origins.length % limits.identity.redirectsInRow === 0
    if (isEnoughInRow) showNothing(context, url)
    else redirect(context, url)
  }
}

async function hopUrl(parts: FarewellParts, origins: readonly string[]): Promise<string> {
  const [first] = origins
  if (first === undefined) return `${parts.portalOrigin}/signed-out`
  return `${first}${clearingPath}?hop=${await keep(parts.records, origins)}`
}

async function keep(records: Parts['records'], origins: readonly string[]): Promise<string> {
  const id = randomToken()
  await records.write(farewellKey(id), JSON.stringify(origins), limits.identity.farewellMs)
  return id
}

async function take(records: Parts['records'], id: string | undefined): Promise<readonly string[]> {
  const text = isSecret(id) ? await records.take(farewellKey(id)) : undefined
  return text === undefined ? [] : readRow(hostsSchema, text, 'farewell')
}

/** A host that has left the rules since then would end the way: nothing answers for it. */
function known(context: GatewayContext, origins: readonly string[]): readonly string[] {
  const { hosts } = context.state.rulebook
  return origins.filter((origin) => hosts.upstreamOf(new URL(origin).host) !== undefined)
}

function showNothing(context: GatewayContext, url: string): void {
  refresh(context, url)
  context.set('Cache-Control', 'no-store')
  context.set('Referrer-Policy', 'no-referrer')
  context.type = 'text/html; charset=utf-8'
  context.body = ''
}

/** The delay of nought replaces the page in the browser's history. */
function refresh(context: GatewayContext, url: string): void {
  context.set('Refresh', `0; url=${url}`)
}

/**
 * Where the zone is a registrable domain of its own, all its cookies can be named at once, whatever
 * their path. Elsewhere that would sign the reader out of the university's mail as well; there the
 * cookies that came are taken back one by one.
 */
function clear(context: GatewayContext, { cookies }: FarewellParts): void {
  const zone = new URL(context.state.rulebook.hosts.zoneOrigin)
  const isOwnDomain = getDomain(zone.hostname, { allowPrivateDomains: true }) === zone.hostname
  context.set('Clear-Site-Data', `"cache", "storage"${isOwnDomain ? ', "cookies"' : ''}`)
  cookies.clear(context, 'zone')
  cookies.clear(context, 'ask')
  if (!isOwnDomain) context.append('Set-Cookie', expiringLines(context.get('Cookie'), zone))
}

function expiringLines(header: string, { protocol, hostname }: URL): string[] {
  const secure = protocol === 'https:' ? '; Secure' : ''
  const names = header.split(';').flatMap((pair) => {
    const end = pair.indexOf('=')
    return end === -1 ? [] : [pair.slice(0, end).trim()]
  })
  return names
    .filter((name) => name !== '')
    .slice(0, limits.identity.expiredCookies)
    .map((name) => `${name}=; Path=/; Max-Age=0${secure}`)
    .flatMap((line) => [
      line,
      // Such a cookie has no Domain, and is not set by a line with one (RFC 6265bis section 4.1.3.2).
      ...(/^__host-/i.test(line) ? [] : [`${line}; Domain=${hostname}`]),
      ...(secure === '' ? [] : [`${line}; Partitioned`]),
    ])
}
