/**
 * When an answer cannot be given to the browser but another question would get one that can.
 * @module
 */
import type { UpstreamAnswer, UpstreamRequest } from '../core/context.ts'
import type { Upstream } from '../core/resource.ts'
import { headerOf } from './header-lines.ts'

const redirects = new Set([301, 302, 303, 307, 308])
const refusals = new Set([401, 403])
const rangeNames = new Set(['range', 'if-range'])

/**
 * The question to ask instead; undefined when the answer will do. Only questions without a body and
 * of a safe method are asked twice.
 */
export function secondAsking(
  request: UpstreamRequest,
  answer: UpstreamAnswer,
  isRewritten: () => boolean,
): UpstreamRequest | undefined {
  const isSafe = request.method === 'GET' || request.method === 'HEAD'
  if (!isSafe || request.body !== undefined) return undefined
  // A part of a body that is rewritten means nothing: the whole is asked for (RFC 9110 14.2).
  if (answer.status === 206 && isRewritten()) {
    const headers = request.headers.filter(([name]) => !rangeNames.has(name.toLowerCase()))
    return { ...request, headers }
  }
  const isUpgrade = redirects.has(answer.status) && leadsToSelf(request, answer)
  return isUpgrade ? { ...request, upstream: secured(request.upstream) } : undefined
}

/**
 * The question with cookies, when a part of a page is refused without them: what was asked for
 * without credentials looks the same as what was not, since both carry the gateway's.
 */
export function askingWithCookie(
  request: UpstreamRequest,
  answer: UpstreamAnswer,
  cookie: string | undefined,
): UpstreamRequest | undefined {
  if (cookie === undefined || !refusals.has(answer.status) || request.method !== 'GET') {
    return undefined
  }
  return { ...request, headers: [...request.headers, ['Cookie', cookie]] }
}

/**
 * Whether a plain publisher sends to its own https. Both are one proxied host, so that the browser
 * would be sent to where it is.
 */
function leadsToSelf({ upstream, target }: UpstreamRequest, { headers }: UpstreamAnswer): boolean {
  if (upstream.scheme !== 'http' || upstream.port !== 80) return false
  const here = URL.parse(`${secured(upstream).origin}${target}`)
  const there = URL.parse(headerOf(headers, 'location') ?? '', `${upstream.origin}${target}`)
  return here !== null && here.href === there?.href
}

function secured(upstream: Upstream): Upstream {
  const { host } = upstream
  return { ...upstream, scheme: 'https', port: 443, authority: host, origin: `https://${host}` }
}
