/**
 * The way in: what a browser asks of a proxied host, as the question to the publisher.
 * @module
 */
import { isAnonymousFont, isAnonymousPath } from '../core/anonymous.ts'
import type { Clock } from '../core/clock.ts'
import type { GatewayContext, HeaderLines, UpstreamRequest } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import type { Upstream } from '../core/resource.ts'
import { isAnonymousPart, isMarkedAnonymous, unconditional } from './anonymity.ts'
import { cookiesForPublisher } from './cookie-translation.ts'
import type { CookieExchange } from './cookie-translation.ts'
import type { CookiePair, SetCookie } from './cookies.ts'
import { linesForFont } from './font.ts'
import { headerOf, requestLines } from './header-lines.ts'
import type { JarKeeper, OpenJar } from './jar-keeper.ts'
import { bodyForPublisher } from './request-body.ts'
import { headersForPublisher } from './request-headers.ts'
import { withRuleHeaders } from './rule-headers.ts'
import { cookieContexts, initiatorOf } from './site.ts'
import { isSignedSaml, unmapOf } from './unmap.ts'

/** What the way in is made of. */
export interface VisitParts {
  readonly clock: Clock
  readonly portalOrigin: string
  readonly openJar: JarKeeper
  readonly isOwnName: (cookie: CookiePair | SetCookie) => boolean
}

/** One exchange as the way back needs it. */
export interface Visit {
  readonly upstream: Upstream
  /** As the browser sent them, but for what is not asked for nobody. */
  readonly lines: HeaderLines
  readonly request: UpstreamRequest
  readonly cookies: CookieExchange
  /** Absent when nobody is signed in. */
  readonly openJar?: OpenJar
  /** Whether the publisher is asked without its cookies, and answers without them. */
  readonly isAnonymous: boolean
  /** What a part of a page, which may be meant to have cookies, is asked for with if it must. */
  readonly partCookie?: string
  /** Whether nobody is known to ask, so that nothing but a font may come back. */
  readonly isFontOnly: boolean
  /** Whether the answer becomes a document, with scripts that read cookies. */
  readonly isPage: boolean
}

/** Destinations that only decorate a page: they do with a jar that is some seconds old. */
const partDestinations = new Set(['audio', 'font', 'image', 'script', 'style', 'track', 'video'])
const pageDestinations = new Set(['document', 'embed', 'fencedframe', 'frame', 'iframe', 'object'])

/**
 * Reads a request and builds the one for the publisher.
 *
 * @throws {GatewayError} `ERR_READER_LEFT` when the browser breaks off its body, `ERR_INTERNAL`
 *   outside a proxied host.
 */
export async function readVisit(context: GatewayContext, parts: VisitParts): Promise<Visit> {
  const { route, rulebook, session, upgrade } = context.state
  if (route.kind !== 'proxied') throw new GatewayError('ERR_INTERNAL', `route is ${route.kind}`)
  const { upstream } = route
  const { hosts, version } = rulebook
  const isFontOnly = isAnonymousFont(context)
  const sent = requestLines(context.req.rawHeaders)
  const isOpenPath = !isFontOnly && isAnonymousPath(context)
  const lines = isFontOnly ? linesForFont(sent) : isOpenPath ? linesForNobody(sent) : sent
  const destination = headerOf(lines, 'sec-fetch-dest')
  const isPart = destination !== undefined && partDestinations.has(destination)
  const openJar = session && (await parts.openJar(session, isPart ? 'recent' : 'latest'))
  const unmap = unmapOf(hosts)
  const target = unmapTarget(context.req.url ?? '/', unmap)
  const names = { hosts, portalOrigin: parts.portalOrigin }
  const initiator = initiatorOf(lines, names)
  const cookies: CookieExchange = {
    upstream,
    target,
    zoneOrigin: hosts.zoneOrigin,
    isOwnName: parts.isOwnName,
    contexts: cookieContexts(lines, { upstream, initiator, method: context.method }),
    now: parts.clock.now(),
    ...(openJar && { jar: openJar.jar }),
  }
  const asking = { ...names, upstream, initiator, version }
  const isMarked = isMarkedAnonymous(lines)
  const isOfPage = isAnonymousPart(lines)
  const withoutCookies = isFontOnly || isOpenPath || isMarked || isOfPage
  const cookie =
    isFontOnly || isOpenPath || isMarked
      ? undefined
      : cookiesForPublisher(headerOf(lines, 'cookie'), cookies)
  const asked = isMarked || isOfPage ? unconditional(lines) : lines
  const prepared = await bodyForPublisher(context.req, asked, unmap)
  const translated = headersForPublisher(prepared.lines, {
    ...asking,
    cookie: withoutCookies ? undefined : cookie,
    isWebSocket: upgrade !== undefined && isWebSocket(lines),
  })
  const asker = session === undefined ? 'nobody' : withoutCookies ? 'anonymous' : 'reader'
  const headers = withRuleHeaders(translated, upstream.resource, asker)
  const { method } = context
  const body = prepared.body && { body: prepared.body }
  const isPage = destination === undefined ? acceptsHtml(lines) : pageDestinations.has(destination)
  const request = { upstream, method, target, headers, ...body }
  return {
    upstream,
    lines,
    request,
    cookies,
    isAnonymous: withoutCookies,
    isFontOnly,
    isPage,
    ...(withoutCookies && cookie !== undefined && { partCookie: cookie }),
    ...(openJar && { openJar }),
  }
}

/** What a reader of open paths has to say: nothing that is a credential to some publisher. */
const plainNames =
  /^(?:accept(?:-.+)?|access-control-request-.+|cache-control|connection|dnt|if-.+|origin|pragma|priority|range|referer|save-data|sec-.+|upgrade-insecure-requests|user-agent|x-requested-with)$/i

/**
 * Who has no session asks for nobody, whatever the browser remembers; and for nothing but what the
 * path says, for which the rule was judged: `X-Original-Uri`, `X-HTTP-Method-Override` and their
 * like name another path or method.
 */
function linesForNobody(lines: HeaderLines): HeaderLines {
  return lines.filter(([name]) => plainNames.test(name))
}

/** Proxied hosts that a script has put into the address go back to the publishers' own. */
function unmapTarget(target: string, unmap: (text: string) => string): string {
  return isSignedSaml(target.slice(target.indexOf('?') + 1)) ? target : unmap(target)
}

function isWebSocket(lines: HeaderLines): boolean {
  return headerOf(lines, 'upgrade')?.trim().toLowerCase() === 'websocket'
}

function acceptsHtml(lines: HeaderLines): boolean {
  return /\btext\/html\b/i.test(headerOf(lines, 'accept') ?? '')
}
