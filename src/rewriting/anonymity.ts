/**
 * Requests that a page makes of a sister host without credentials: module scripts, pictures for a
 * canvas, most of what `fetch` asks for. Directly, they carry no cookie; through the gateway they have
 * to carry the gateway's. So that this makes no difference to anybody else, they go to the publisher
 * without its cookies, its answer's cookies are dropped, and only then is the answer, which anybody
 * might have got, opened to the page that asked.
 *
 * Parts of a page are known by what the browser says of them. What scripts ask for can be either;
 * the shim marks it: in Accept, which needs no preflight, or where there is one anyway by a header,
 * whose name the preflight tells. Requests with credentials stay as they are: nothing that was got
 * with the publisher's cookies is ever opened by the gateway, and no preflight for them either.
 *
 * Source: Fetch standard, sections 3.2.5 "HTTP new-header syntax" (wildcards mean nothing with
 * credentials, and never Authorization) and 4.10 "CORS check"; W3C Fetch Metadata.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import type { HostMap, Upstream } from '../core/resource.ts'
import { headerOf, headersOf } from './header-lines.ts'

/** What the shim adds to Accept. */
export const anonymousMark = 'x-darbaza/anonymous'

/** The header that the shim adds where Accept would not do. */
export const anonymousName = 'x-darbaza-anonymous'

const parts = new Set(['audio', 'image', 'json', 'script', 'style', 'track', 'video'])
const simpleMethods = new Set(['GET', 'HEAD', 'POST'])

/** What an answer is opened by. */
export interface SisterAsking {
  /** Request lines as the browser sent them. */
  readonly lines: HeaderLines
  readonly method: string
  readonly upstream: Upstream
  readonly hosts: HostMap
  /** Whether the publisher was asked without its cookies. */
  readonly isAnonymous: boolean
}

/** Whether a script of the page asked without credentials, as the shim says. */
export function isMarkedAnonymous(lines: HeaderLines): boolean {
  if (headerOf(lines, anonymousName) !== undefined) return true
  return headersOf(lines, 'accept').some(isMarked)
}

const isMarked = rememberLately(limits.rewriting.headerValues, (accept) =>
  accept.split(',').some(isMark),
)

/** Whether a part of the page is asked for, most probably without credentials. */
export function isAnonymousPart(lines: HeaderLines): boolean {
  return (
    headerOf(lines, 'sec-fetch-mode') === 'cors' &&
    headerOf(lines, 'sec-fetch-site') === 'same-site' &&
    parts.has(headerOf(lines, 'sec-fetch-dest') ?? '')
  )
}

/** Accept as the page wrote it. */
export function withoutMark(accept: string): string {
  if (!isMarked(accept)) return accept
  const kinds = accept.split(',')
  const kept = kinds.filter((kind) => !isMark(kind))
  return kept.length === 0 ? '*/*' : kept.join(',').trim()
}

/** The header names of a preflight without the shim's; undefined when none is left. */
export function withoutMarkName(names: string): string | undefined {
  const kept = listOf(names).filter((name) => name !== anonymousName)
  if (kept.length === listOf(names).length) return names
  return kept.length === 0 ? undefined : kept.join(',')
}

/** Whether a preflight is there for the shim's header alone; directly there would be none. */
export function isPreflightOfMark(lines: HeaderLines): boolean {
  const method = headerOf(lines, 'access-control-request-method') ?? ''
  const names = listOf(headerOf(lines, 'access-control-request-headers') ?? '')
  return simpleMethods.has(method) && names.length === 1 && names[0] === anonymousName
}

/**
 * The answer's header lines, opened to the sister that asked if the publisher opened them to it.
 *
 * @param answer Lines for the browser, their addresses mapped.
 */
export function openToSister(answer: HeaderLines, asking: SisterAsking): HeaderLines {
  const allowed = headerOf(answer, 'access-control-allow-origin')
  if (allowed === undefined) return answer
  const origin = headerOf(asking.lines, 'origin')
  // What a browser keeps of an answer to one kind of request would be refused to the other.
  if (origin === undefined) return [...answer, ['Vary', 'Origin']]
  const asker = asking.hosts.unmapUrl(origin)
  if (asker === undefined) return answer
  const varied: HeaderLines = [...answer, ['Vary', `Origin, Accept, ${anonymousName}`]]
  const isFor = allowed === '*' || allowed === origin
  const isOpen = asking.method === 'OPTIONS' ? isMarkedPreflight(asking.lines) : isForAll(asking)
  if (!isFor || !isOpen) return varied

  const opened = asking.method === 'OPTIONS' ? permissions(answer, asker, asking) : exposed(answer)
  const names = new Set(['access-control-allow-origin', 'access-control-allow-credentials'])
  for (const [name] of opened) names.add(name.toLowerCase())
  return [
    ...varied.filter(([name]) => !names.has(name.toLowerCase())),
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Credentials', 'true'],
    ...opened,
  ]
}

/** A font, which is asked for without any cookie at all, needs no opening. */
function isForAll({ isAnonymous, lines }: SisterAsking): boolean {
  return isAnonymous && (isMarkedAnonymous(lines) || isAnonymousPart(lines))
}

function isMarkedPreflight(lines: HeaderLines): boolean {
  return listOf(headerOf(lines, 'access-control-request-headers') ?? '').includes(anonymousName)
}

/** Validators that the browser may have got with cookies: they ask about another body. */
const conditions = /^(?:if-match|if-modified-since|if-none-match|if-range|if-unmodified-since)$/i

/** The lines of a request that may have met the same address with cookies before. */
export function unconditional(lines: HeaderLines): HeaderLines {
  const isOfKept = headerOf(lines, 'if-range') !== undefined
  return lines.filter(
    ([name]) => !conditions.test(name) && !(isOfKept && name.toLowerCase() === 'range'),
  )
}

/** What a preflight permits, written out: with credentials, wildcards are names like any other. */
function permissions(
  answer: HeaderLines,
  asker: string,
  { lines, hosts, upstream }: SisterAsking,
): HeaderLines {
  const asked = (name: string) => listOf(headerOf(lines, `access-control-request-${name}`) ?? '')
  const given = (name: string) =>
    headersOf(answer, `access-control-allow-${name}`).flatMap((value) => splitList(value))
  const headers = given('headers')
  const methods = given('methods')
  const wanted = asked('headers').filter((name) => name !== 'authorization')
  const method = headerOf(lines, 'access-control-request-method') ?? ''
  // A browser that remembers the permission asks by it later without the mark, which only hosts that
  // belong together are trusted not to use.
  const isSister = hosts.resourceOf(asker)?.id === upstream.resource.id
  return [
    ['Access-Control-Allow-Headers', writtenOut(headers, [...wanted, anonymousName])],
    ...(methods.length === 0
      ? []
      : [['Access-Control-Allow-Methods', writtenOut(methods, [method])] as const]),
    ...(isSister ? [] : [['Access-Control-Max-Age', '0'] as const]),
  ]

  function writtenOut(names: readonly string[], meant: readonly string[]): string {
    const plain = names.filter((name) => name !== '*')
    const more = names.includes('*') ? meant : meant.filter((name) => name === anonymousName)
    return [...new Set([...plain, ...more])].join(', ')
  }
}

function exposed(answer: HeaderLines): HeaderLines {
  const name = 'Access-Control-Expose-Headers'
  const names = headersOf(answer, name.toLowerCase()).flatMap((value) => splitList(value))
  if (!names.includes('*')) return []
  const all = [...names.filter((each) => each !== '*'), ...answer.map(([each]) => each)]
  return [[name, [...new Set(all.map((each) => each.toLowerCase()))].join(', ')]]
}

function isMark(kind: string): boolean {
  return (kind.split(';', 1)[0] ?? '').trim().toLowerCase() === anonymousMark
}

function listOf(value: string): string[] {
  return splitList(value.toLowerCase())
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
