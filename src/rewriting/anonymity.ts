/**
 * Requests that a page makes of a sister host without credentials: module scripts, pictures for a
 * canvas, most of what `fetch` asks for. Directly, they carry no cookie; through the gateway they have
 * to carry the gateway's. So that this makes no difference to anybody else, they go to the publisher
 * without its cookies, its answer's cookies are dropped, and only then is the answer, which anybody
 * might have got, opened to the page that asked.
 *
 * Parts of a page are known by what the browser says of them. What scripts ask for can be either;
 * the shim marks it in Accept, which needs no preflight. Requests with credentials stay as they are:
 * nothing that was got with the publisher's cookies is ever opened by the gateway.
 *
 * Source: Fetch standard, sections 3.2.5 "HTTP new-header syntax" (wildcards mean nothing with
 * credentials) and 4.10 "CORS check"; W3C Fetch Metadata.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'
import type { HostMap, Upstream } from '../core/resource.ts'
import { headerOf } from './header-lines.ts'

/** What the shim adds to Accept. */
export const anonymousMark = 'x-darbaza/anonymous'

const parts = new Set(['audio', 'image', 'json', 'script', 'style', 'track', 'video'])

/** What an answer is opened by. */
export interface SisterAsking {
  /** Request lines as the browser sent them. */
  readonly lines: HeaderLines
  readonly method: string
  readonly upstream: Upstream
  readonly hosts: HostMap
}

/** Whether the page meant to ask without credentials. */
export function isAnonymous(lines: HeaderLines): boolean {
  if (headerOf(lines, 'accept')?.includes(anonymousMark)) return true
  return (
    headerOf(lines, 'sec-fetch-mode') === 'cors' &&
    headerOf(lines, 'sec-fetch-site') === 'same-site' &&
    parts.has(headerOf(lines, 'sec-fetch-dest') ?? '')
  )
}

/** Accept as the page wrote it. */
export function withoutMark(accept: string): string {
  const kinds = accept.split(',').filter((kind) => kind.trim() !== anonymousMark)
  return kinds.length === 0 ? '*/*' : kinds.join(',').trim()
}

/**
 * The answer's header lines, opened to the sister that asked if the publisher opened them to it.
 *
 * @param answer Lines for the browser, their addresses mapped.
 */
export function openToSister(answer: HeaderLines, asking: SisterAsking): HeaderLines {
  const origin = headerOf(asking.lines, 'origin')
  const allowed = headerOf(answer, 'access-control-allow-origin')
  if (origin === undefined || (allowed !== '*' && allowed !== origin)) return answer
  const mayAsk = asking.method === 'OPTIONS' ? isOfSameResource : isAnonymousOfZone
  if (!mayAsk(origin, asking)) return answer

  const opened: [string, string][] = [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Credentials', 'true'],
  ]
  const names = new Set(opened.map(([name]) => name.toLowerCase()))
  return [
    ...answer
      .filter(([name]) => !names.has(name.toLowerCase()))
      .map(([name, value]) => [name, withoutWildcard(name, value, answer, asking)] as const),
    ...opened,
    ['Vary', 'Origin'],
  ]
}

function isAnonymousOfZone(origin: string, { hosts, lines }: SisterAsking): boolean {
  return hosts.unmapUrl(origin) !== undefined && isAnonymous(lines)
}

/** What a preflight precedes cannot be told: only hosts that belong together are believed. */
function isOfSameResource(origin: string, { hosts, upstream }: SisterAsking): boolean {
  const asker = hosts.unmapUrl(origin)
  return asker !== undefined && hosts.resourceOf(asker)?.id === upstream.resource.id
}

function withoutWildcard(
  name: string,
  value: string,
  answer: HeaderLines,
  { lines }: SisterAsking,
): string {
  if (value.trim() !== '*') return value
  switch (name.toLowerCase()) {
    case 'access-control-allow-headers':
      return headerOf(lines, 'access-control-request-headers') ?? value
    case 'access-control-allow-methods':
      return headerOf(lines, 'access-control-request-method') ?? value
    case 'access-control-expose-headers':
      return [...new Set(answer.map(([each]) => each.toLowerCase()))].join(', ')
    default:
      return value
  }
}
