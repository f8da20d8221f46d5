/**
 * The way back: what a publisher answered, as the answer to the browser.
 * @module
 */
import type { Readable } from 'node:stream'

import type { GatewayContext, HeaderLines, UpstreamAnswer } from '../core/context.ts'
import type { Resource, Rulebook } from '../core/resource.ts'
import { openToSister } from './anonymity.ts'
import { rewriteBody } from './body.ts'
import { cookiesForBrowser, mirrorsForPage } from './cookie-translation.ts'
import { mapPolicy, scriptNonce } from './csp.ts'
import { headerOf, headersOf, isSafeLine } from './header-lines.ts'
import { clearsCookies } from './header-values.ts'
import { bodyKindOf, isDocumentRequest } from './kinds.ts'
import { holdsRewritten } from './request-headers.ts'
import { headersForBrowser } from './response-headers.ts'
import { registrableDomain } from './site.ts'
import type { BodyKind } from './transform.ts'
import { verdictKey, type Verdicts } from './verdicts.ts'
import type { Visit } from './visit.ts'

/** What is put into the head of a resource's documents. */
export interface HeadMarkupSource {
  headMarkup(resource: Resource): string
}

/** RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5: they have no body whatever their headers say. */
const bodiless = new Set([204, 205, 304])

/** The kind of an answer's body, or of the body that a GET would have got; undefined: untouched. */
export function answerKind(
  visit: Visit,
  { status, headers }: UpstreamAnswer,
): BodyKind | undefined {
  if (headerOf(headers, 'content-length') === '0') return undefined
  const contentType = headerOf(headers, 'content-type')
  if (bodiless.has(status) && contentType === undefined) return undefined
  return bodyKindOf({
    status: bodiless.has(status) ? 200 : status,
    contentType: contentType ?? '',
    contentDisposition: headerOf(headers, 'content-disposition') ?? '',
    secFetchDest: headerOf(visit.lines, 'sec-fetch-dest') ?? '',
  })
}

/**
 * Puts an answer into Koa's context: status, headers, cookies and body. The body's errors break the
 * browser's connection, so that half a body never looks whole.
 *
 * @throws {GatewayError} `ERR_UPSTREAM_EXCESS` for a chain of codings that is not undone.
 */
export async function answerBrowser(
  context: GatewayContext,
  visit: Visit,
  parts: {
    readonly answer: UpstreamAnswer
    readonly shimOf: (rulebook: Rulebook) => HeadMarkupSource
    readonly verdicts: Verdicts
  },
): Promise<void> {
  const { answer } = parts
  const { rulebook } = context.state
  const kind = answerKind(visit, answer)
  const hasBody = context.method !== 'HEAD' && !bodiless.has(answer.status)
  const rewritten =
    kind === undefined || !hasBody ? undefined : await rewrite(context, visit, { ...parts, kind })
  const isOfRules =
    answer.status === 304 && kind === undefined
      ? holdsRewritten(visit.lines, rulebook.version)
      : kind !== undefined && rewritten?.outcome !== 'opaque'
  const isRewritten = isOfRules && rewritten?.outcome !== 'clean'
  const facts = { hosts: rulebook.hosts, upstream: visit.upstream, version: rulebook.version }
  const treated = headersForBrowser(answer.headers, { ...facts, isRewritten, isOfRules })
  const headers = openToSister(treated, {
    ...facts,
    lines: visit.lines,
    method: context.method,
  })
  const cookies = await answerCookies(visit, answer)

  context.status = answer.status
  // Nothing will come; its end lets the connection serve again.
  if (!hasBody) answer.body.resume()
  else putBody(context, rewritten?.body ?? answer.body)
  setHeaders(context, headers)
  if (isRewritten && rewritten?.contentEncoding !== undefined) {
    context.set('Content-Encoding', rewritten.contentEncoding)
  }
  if (cookies.length > 0) context.append('Set-Cookie', cookies)
}

function putBody(context: GatewayContext, body: Buffer | Readable): void {
  // Whatever happens between here and the last byte, an error has somebody who hears it.
  if (!Buffer.isBuffer(body)) body.on('error', () => undefined)
  context.body = body
  // Koa names a type for a body that has none; a browser would look at the bytes.
  context.remove('Content-Type')
}

function rewrite(
  context: GatewayContext,
  visit: Visit,
  parts: {
    readonly answer: UpstreamAnswer
    readonly shimOf: (rulebook: Rulebook) => HeadMarkupSource
    readonly verdicts: Verdicts
    readonly kind: BodyKind
  },
) {
  const { answer, kind, verdicts } = parts
  const { hosts, version } = context.state.rulebook
  const { upstream, request } = visit
  const url = upstream.origin + request.target
  const page = { hosts, upstream }
  const isDocument = isDocumentRequest(headerOf(visit.lines, 'sec-fetch-dest') ?? '')
  const markup = parts.shimOf(context.state.rulebook).headMarkup(upstream.resource)
  const nonce = scriptNonce(headersOf(answer.headers, 'content-security-policy'))
  return rewriteBody({
    body: answer.body,
    kind,
    page: {
      ...page,
      url,
      mapPolicy: (policy) => mapPolicy(policy, page),
      ...(isDocument && { headMarkup: withNonce(markup, nonce) }),
    },
    contentType: headerOf(answer.headers, 'content-type') ?? '',
    contentEncoding: headersOf(answer.headers, 'content-encoding').join(', '),
    acceptEncoding: headersOf(visit.lines, 'accept-encoding').join(', '),
    contentBytes: lengthOf(answer.headers),
    verdicts,
    verdictKey: verdictKey({ url, kind, isDocument, version, headers: answer.headers }),
  })
}

/** Cookies for the browser; what the jar keeps is stored before the answer leaves. */
async function answerCookies(visit: Visit, { headers }: UpstreamAnswer): Promise<string[]> {
  const { cookies, upstream, lines, openJar } = visit
  if (visit.isAnonymous) return []
  const received = headersOf(headers, 'set-cookie')
  if (headersOf(headers, 'clear-site-data').some(clearsCookies)) {
    openJar?.jar.clear(registrableDomain(upstream.host))
  }
  const own = cookiesForBrowser(received, cookies)
  const mirrors = visit.isPage ? mirrorsForPage(headerOf(lines, 'cookie'), received, cookies) : []
  await openJar?.save()
  return [...own, ...mirrors].filter((line) => isSafeLine(['Set-Cookie', line]))
}

function lengthOf(headers: HeaderLines): number | undefined {
  const text = headerOf(headers, 'content-length')
  return text === undefined ? undefined : Number(text)
}

/** The shim runs under a policy of nonces only with the page's own. */
function withNonce(markup: string, nonce: string | undefined): string {
  return nonce === undefined ? markup : markup.replaceAll('<script', `<script nonce="${nonce}"`)
}

function setHeaders(context: GatewayContext, lines: HeaderLines): void {
  const groups = new Map<string, { readonly name: string; readonly values: string[] }>()
  for (const [name, value] of lines) {
    const group = groups.get(name.toLowerCase()) ?? { name, values: [] }
    group.values.push(value)
    groups.set(name.toLowerCase(), group)
  }
  for (const { name, values } of groups.values()) {
    context.set(name, values.length === 1 ? (values[0] ?? '') : values)
  }
}
