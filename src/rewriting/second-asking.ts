/**
 * When an answer cannot be given to the browser but another question would get one that can.
 * @module
 */
import type { UpstreamAnswer, UpstreamRequest } from '../core/context.ts'
import type { Upstream } from '../core/resource.ts'
import { headerOf } from './header-lines.ts'

const redirects = new Set([301, 302, 303, 307, 308])
const rangeNames = new Set(['range', 'if-range'])

/**
 * The question to ask instead; undefined when the answer will do. Only questions without a body and
 * of a safe method are asked twice.
 */
export function secondAsking(
  request: UpstreamRequest,
  answer: UpstreamAnswer,
  isRewritten: boolean,
): UpstreamRequest | undefined {
  const isSafe = request.method === 'GET' || request.method === 'HEAD'
  if (!isSafe || request.body !== undefined) return undefined
  // A part of a body that is rewritten means nothing: the whole is asked for (RFC 9110 14.2).
  if (answer.status === 206 && isRewritten) {
    const headers = request.headers.filter(([name]) => !rangeNames.has(name.toLowerCase()))
    return { ...request, headers }
  }
  const isUpgrade = redirects.has(answer.status) && leadsToSelf(request, answer)
  return isUpgrade ? { ...request, upstream: secured(request.upstream) } : undefined
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
