/**
 * Cookies on their way through the gateway: which of the browser's and of the jar's a publisher
 * gets, and what becomes of those that it sets.
 *
 * The gateway's own names pass in neither direction. A cookie of a whole domain goes to the jar and,
 * if scripts may read it, as a mirror to the page's own host; nothing is ever widened to the zone.
 * A value that a script wrote wins over the jar, an old mirror does not.
 * @module
 */
import { Cookie, defaultPath, domainMatch } from 'tough-cookie'

import { limits } from '../core/limits.ts'
import type { Upstream } from '../core/resource.ts'
import { browserLine, parseCookies, parseSetCookie } from './cookies.ts'
import type { CookiePair, SetCookie } from './cookies.ts'
import { admits, isLive } from './jar.ts'
import type { CookieTarget, Jar, JarCookie } from './jar.ts'
import { isPublicSuffix } from './site.ts'
import type { CookieContexts, SameSiteContext } from './site.ts'

/** What cookies of one exchange depend on. */
export interface CookieExchange {
  readonly upstream: Upstream
  /** Path and query. */
  readonly target: string
  readonly zoneOrigin: string
  readonly isOwnName: (cookie: CookiePair | SetCookie) => boolean
  readonly contexts: CookieContexts
  /** Epoch milliseconds. */
  readonly now: number
  /** Absent when nobody is signed in. */
  readonly jar?: Jar
}

/** The Cookie header for the publisher; undefined when there is none to send. */
export function cookiesForPublisher(
  header: string | undefined,
  exchange: CookieExchange,
): string | undefined {
  const { jar, contexts, isOwnName, upstream } = exchange
  const fromBrowser = keepsAll(exchange) ? '' : (header ?? '')
  const pairs = parseCookies(fromBrowser).filter((pair) => !isOwnName(pair))
  const kept = jarCookies(exchange, contexts.jar)
  const sent = pairs.flatMap((pair) => {
    const mirrored = jar?.mirrorOf(exchange.upstream.host, pair.name, pair.value)
    if (mirrored === undefined) return isAdmitted(pair, exchange) ? [pair] : []
    const live = kept.find(({ name }) => name === pair.name)
    return live === undefined ? [] : [pairOf(live)]
  })
  const names = new Set(sent.map(({ name }) => name))
  const added = kept.filter(({ name }) => !names.has(name)).map(pairOf)
  for (const { name } of added) names.add(name)
  const preset = presetsFor(upstream, names)
  const texts = [...sent, ...added, ...preset].map(({ text }) => text)
  return texts.length === 0 ? undefined : texts.join('; ')
}

/** The Set-Cookie lines for the browser; the jar takes what it keeps. */
export function cookiesForBrowser(lines: readonly string[], exchange: CookieExchange): string[] {
  return lines.flatMap((line) => {
    const cookie = parseSetCookie(line)
    if (cookie === undefined || exchange.isOwnName(cookie)) return []
    const kind = kindOf(cookie, exchange.upstream.host)
    if (kind === 'refused') return []
    if (keepsAll(exchange)) {
      keepInJar(cookie, line, exchange)
      return []
    }
    if (exchange.jar === undefined || kind === 'host') {
      keepPolicy(cookie, exchange)
      return [browserLine(cookie, exchange.zoneOrigin)]
    }
    keepInJar(cookie, line, exchange)
    return cookie.isHttpOnly ? [] : [browserLine(cookie, exchange.zoneOrigin)]
  })
}

/**
 * Set-Cookie lines that bring a page's mirrors up to date: those that its host has not got or has
 * in an old value, and the end of those that the jar no longer holds.
 */
export function mirrorsForPage(
  header: string | undefined,
  /** The answer's own Set-Cookie lines, which need no second one. */
  lines: readonly string[],
  exchange: CookieExchange,
): string[] {
  const { jar, now, upstream, zoneOrigin } = exchange
  if (jar === undefined || jar.isEmpty || keepsAll(exchange)) return []
  const done = new Set(lines.map((line) => parseSetCookie(line)?.name))
  const pairs = parseCookies(header ?? '')
  const live = jarCookies(exchange, 'strict').filter(({ isHttpOnly }) => !isHttpOnly)
  const isScripts = ({ name, value }: CookiePair) => !jar.mirrorOf(upstream.host, name, value)
  const missing = live.filter(({ name, value }) => {
    const sent = pairs.filter((pair) => pair.name === name)
    return !sent.some((pair) => pair.value === value || isScripts(pair))
  })
  const ended = pairs
    .map(({ name, value }) => jar.mirrorOf(upstream.host, name, value))
    .filter((cookie) => cookie !== undefined)
    .filter((cookie) => !isLive(cookie, now) || cookie.isHttpOnly)
    .map((cookie) => ({ ...cookie, value: '', expiresAt: 0 }))
  return [...ended, ...missing].flatMap((cookie) => {
    if (done.has(cookie.name)) return []
    const line = parseSetCookie(mirrorLine(cookie))
    return line === undefined ? [] : browserLine(line, zoneOrigin)
  })
}

/**
 * Set-Cookie lines that end what the browser has sent to this host: a publisher that clears cookies
 * means its own, and the browser would clear those of the whole zone (Clear Site Data 4.2.4).
 */
export function endingsForBrowser(header: string | undefined, exchange: CookieExchange): string[] {
  const { isOwnName, target, zoneOrigin } = exchange
  const pairs = parseCookies(header ?? '').filter((pair) => pair.name !== '' && !isOwnName(pair))
  const names = [...new Set(pairs.map(({ name }) => name))].slice(0, limits.rewriting.endedCookies)
  // Where they were set the browser does not say: at the top, or where they are without a Path.
  const paths = new Set(['/', defaultPath(target.split('?', 1)[0] ?? '/')])
  return names.flatMap((name) =>
    [...paths].flatMap((path) => {
      const cookie = parseSetCookie(`${name}=; Path=${path.split(';', 1)[0]}; Max-Age=0`)
      return cookie === undefined ? [] : browserLine(cookie, zoneOrigin)
    }),
  )
}

/** Whether all cookies stay in the session, as the rule of the resource says. */
function keepsAll({ upstream }: CookieExchange): boolean {
  return upstream.resource.rewriting?.cookies === 'server'
}

/** Cookies of the rule that the publisher has not set by these names. */
function presetsFor({ host, resource }: Upstream, names: ReadonlySet<string>): CookiePair[] {
  const presets = resource.rewriting?.setCookies ?? []
  return presets
    .filter(
      ({ name, domain }) => !names.has(name) && (host === domain || host.endsWith(`.${domain}`)),
    )
    .map(({ name, value }) => ({ name, value, text: `${name}=${value}` }))
}

function jarCookies(exchange: CookieExchange, context: SameSiteContext): JarCookie[] {
  return exchange.jar?.cookiesFor(targetOf(exchange), context, exchange.now) ?? []
}

function targetOf({ upstream, target }: CookieExchange): CookieTarget {
  const [path = '/'] = target.split('?', 1)
  return { host: upstream.host, path, isSecure: upstream.scheme === 'https' }
}

/** The browser sees one site where there are many: what it sent is judged again. */
function isAdmitted({ name }: CookiePair, { jar, upstream, contexts }: CookieExchange): boolean {
  return admits(jar?.policyOf(upstream.host, name), contexts.browser)
}

function pairOf({ name, value }: JarCookie): CookiePair {
  return { name, value, text: name === '' ? value : `${name}=${value}` }
}

/** Who a cookie is for, as a browser at the publisher's own host would decide (RFC 6265bis 5.7). */
export function kindOf(cookie: SetCookie, host: string): 'host' | 'domain' | 'refused' {
  const { domain, name } = cookie
  if (domain === undefined) return 'host'
  if (/^__host-/i.test(name)) return 'refused'
  if (isPublicSuffix(domain)) return domain === host ? 'host' : 'refused'
  return domainMatch(host, domain) === true ? 'domain' : 'refused'
}

function keepPolicy(cookie: SetCookie, { jar, upstream, now }: CookieExchange): void {
  jar?.putPolicy({
    host: upstream.host,
    name: cookie.name,
    sameSite: sameSiteOf(cookie) ?? 'lax',
    setAt: now,
  })
}

/** Puts a cookie into the jar, as its line says. */
export function keepInJar(cookie: SetCookie, line: string, exchange: CookieExchange): void {
  const { jar, now, upstream } = exchange
  const { domain, name, value, isSecure, isHttpOnly } = cookie
  // Its dates and path are read by a library that knows their odd forms; the pair stays raw.
  const dated = Cookie.parse(`x=${line.slice(cookie.segments[0]?.length ?? 0)}`)
  const expiresAt = dated?.expiryTime(new Date(now))
  const sameSite = sameSiteOf(cookie)
  if (isSecure && upstream.scheme !== 'https') return
  jar?.put({
    domain: domain ?? upstream.host,
    ...(domain === undefined && { isHostOnly: true }),
    path: dated?.path ?? defaultPath(targetOf(exchange).path),
    name,
    value,
    isSecure,
    isHttpOnly,
    ...(expiresAt === undefined || expiresAt === Infinity
      ? {}
      : { expiresAt: Math.max(0, expiresAt) }),
    ...(sameSite === undefined ? {} : { sameSite }),
    setAt: now,
  })
}

function sameSiteOf({ sameSite }: SetCookie): SameSiteContext | undefined {
  return sameSite === 'none' || sameSite === 'lax' || sameSite === 'strict' ? sameSite : undefined
}

/** A mirror made anew, for a sister host of the one that got the publisher's own line. */
function mirrorLine(cookie: JarCookie): string {
  const { path, expiresAt, sameSite, isSecure } = cookie
  const attributes = [
    `Path=${path}`,
    expiresAt === undefined ? '' : `Expires=${new Date(expiresAt).toUTCString()}`,
    sameSite === undefined ? '' : `SameSite=${sameSite}`,
    isSecure ? 'Secure' : '',
  ]
  return [pairOf(cookie).text, ...attributes.filter((text) => text !== '')].join('; ')
}
