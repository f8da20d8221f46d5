/**
 * Cookies that a publisher's script has written for a whole domain. The browser keeps such a cookie
 * for the proxied host alone; the shim tells of it here, so that the sister hosts get it as well.
 *
 * A page may only speak for its own host, as a browser would let it: what it asks for beyond its
 * publisher's domain is dropped, and cookies that scripts may not see they may not write.
 *
 * Source: RFC 6265bis sections 5.6 and 5.7, "non-HTTP API".
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { reservedPrefix } from '../core/pages.ts'
import { keepInJar, kindOf, type CookieExchange } from './cookie-translation.ts'
import { ownNameTest, parseSetCookie } from './cookies.ts'
import type { JarKeeper } from './jar-keeper.ts'
import { readStart } from './request-body.ts'
import { registrableDomain } from './site.ts'

/** What the stage is made of. */
export interface ScriptCookiesOptions {
  readonly openJar: JarKeeper
  readonly clock: Clock
  /** Names of every cookie that the gateway sets. */
  readonly gatewayCookieNames: readonly string[]
  /** Sets `state.session` or ends the request. */
  readonly session: Stage
}

/** Where the shim tells of cookies; the path of the page follows. */
export const scriptCookiesPath = `${reservedPrefix}cookies`

/** The stage that takes them; it hands on what is asked below any other path. */
export function createScriptCookies(options: ScriptCookiesOptions): Stage {
  const isOwnName = ownNameTest(options.gatewayCookieNames)
  return async (context, next) => {
    if (!context.path.startsWith(`${scriptCookiesPath}/`)) return await next()
    await options.session(context, async () => {
      await take(context, { ...options, isOwnName })
      context.status = 204
    })
  }
}

async function take(
  context: GatewayContext,
  options: ScriptCookiesOptions & Pick<CookieExchange, 'isOwnName'>,
): Promise<void> {
  const { route, rulebook, session } = context.state
  if (route.kind !== 'reserved' || session === undefined) return
  const { upstream } = route
  if (context.method !== 'POST') throw new GatewayError('ERR_METHOD', 'cookies are told by POST')
  // All proxied hosts are one site to the browser: only its origin says which page it is.
  if (rulebook.hosts.unmapUrl(context.get('Origin')) !== upstream.origin) {
    throw new GatewayError('ERR_FORGERY', 'cookies of a host were told by another')
  }
  if (upstream.resource.rewriting?.cookies === 'server') return
  const lines = (await readText(context)).split('\n').slice(0, limits.rewriting.scriptCookies)
  const openJar = await options.openJar(session, 'latest')
  const exchange: CookieExchange = {
    upstream,
    target: context.path.slice(scriptCookiesPath.length),
    zoneOrigin: rulebook.hosts.zoneOrigin,
    isOwnName: options.isOwnName,
    contexts: { jar: 'strict', browser: 'strict' },
    now: options.clock.now(),
    jar: openJar.jar,
  }
  for (const line of lines) keep(line, exchange)
  await openJar.save()
}

function keep(line: string, exchange: CookieExchange): void {
  const { jar, upstream, now, isOwnName } = exchange
  const written = parseSetCookie(line)
  if (written?.domain === undefined || written.isHttpOnly || isOwnName(written)) return
  const cookie = { ...written, domain: publisherDomain(written.domain, exchange) }
  if (kindOf(cookie, upstream.host) !== 'domain') return
  if (jar?.isHidden(cookie.domain, cookie.name, now) !== true) keepInJar(cookie, line, exchange)
}

/** Pages take their domain from `location.hostname`, which is the zone's: they mean their own. */
function publisherDomain(domain: string, { upstream, zoneOrigin }: CookieExchange): string {
  const zone = new URL(zoneOrigin).hostname
  if (domain.endsWith(`.${zone}`)) return upstream.host
  return `.${zone}`.endsWith(`.${domain}`) ? registrableDomain(upstream.host) : domain
}

async function readText({ req }: GatewayContext): Promise<string> {
  const { chunks, isWhole } = await readStart(req, limits.rewriting.scriptCookieBytes)
  if (!isWhole) throw new GatewayError('ERR_BAD_REQUEST', 'more cookies are told than are kept')
  // A character for each byte, as in the lines of publishers and browsers that it is held against.
  return Buffer.concat(chunks).toString('latin1')
}
