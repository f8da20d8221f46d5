/**
 * The way back: what a publisher answered, as the answer to the browser.
 * @module
 */
import type { Readable } from 'node:stream'

import type { GatewayContext, HeaderLines, Reply, UpstreamAnswer } from '../core/context.ts'
import { intentOf } from '../core/intent.ts'
import type { Resource, Rulebook } from '../core/resource.ts'
import { openToSister } from './anonymity.ts'
import { rewriteBody, type BodyWatch } from './body.ts'
import { cookiesForBrowser, endingsForBrowser, mirrorsForPage } from './cookie-translation.ts'
import { scriptNonce } from './csp.ts'
import { headerOf, headersOf, isNamed, isSafeLine } from './header-lines.ts'
import { clearsCookies } from './header-values.ts'
import { bodyKindOf, isDocumentRequest } from './kinds.ts'
import { labelOf } from './labels.ts'
import { holdsRewritten } from './request-headers.ts'
import { withEncodedUrls } from './replace.ts'
import { headersForBrowser } from './response-headers.ts'
import { registrableDomain } from './site.ts'
import type { BodyKind } from './transform.ts'
import { verdictKey, type Verdicts } from './verdicts.ts'
import type { Visit } from './visit.ts'
import type { Elsewhere } from './whole-body.ts'
import { isWorkerScript } from './worker-script.ts'

/** What is put first into a resource's documents, and into the scripts of its workers. */
export interface HeadMarkupSource {
  headMarkup(resource: Resource): string
  workerOpening(resource: Resource): string
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
  const { upstream, request } = visit
  const label = labelOf(contentType ?? '', { ...upstream, target: request.target })
  if (label === undefined) return undefined
  return bodyKindOf({
    status: bodiless.has(status) ? 200 : status,
    contentType: label,
    contentDisposition: headerOf(headers, 'content-disposition') ?? '',
    secFetchDest: headerOf(visit.lines, 'sec-fetch-dest') ?? '',
  })
}

/** An answer of a publisher, and what rewrites it. */
interface AnswerParts {
  readonly answer: UpstreamAnswer
  readonly shimOf: (rulebook: Rulebook) => HeadMarkupSource
  readonly verdicts: Verdicts
  /** Does the work on another thread; absent: here. */
  readonly elsewhere?: Elsewhere | undefined
  readonly watch?: BodyWatch | undefined
}

/**
 * The answer for the browser: status, headers, cookies and body. A body's errors break the browser's
 * connection, so that half a body never looks whole.
 *
 * @throws {GatewayError} `ERR_UPSTREAM_EXCESS` for a chain of codings that is not undone.
 */
export async function answerBrowser(
  context: GatewayContext,
  visit: Visit,
  parts: AnswerParts,
): Promise<Reply> {
  const { answer } = parts
  const { rulebook } = context.state
  const kind = answerKind(visit, answer)
  const { method = 'GET' } = context.req
  const { status } = answer
  const hasBody = method !== 'HEAD' && !bodiless.has(status)
  const rewritten =
    kind === undefined || !hasBody ? undefined : await rewrite(context, visit, { ...parts, kind })
  const isOfRules =
    answer.status === 304 && kind === undefined
      ? holdsRewritten(visit.lines, rulebook.version)
      : kind !== undefined && rewritten?.outcome !== 'opaque'
  const isRewritten = isOfRules && rewritten?.outcome !== 'clean'
  const facts = { hosts: rulebook.hosts, upstream: visit.upstream, version: rulebook.version }
  const hasShim = takesShim(visit)
  const treated = headersForBrowser(answer.headers, { ...facts, isRewritten, isOfRules, hasShim })
  const headers = openToSister(withEncodedUrls(treated, facts), {
    ...facts,
    lines: visit.lines,
    method,
    isAnonymous: visit.isAnonymous,
  })
  const cookies = await answerCookies(visit, answer)
  const body = hasBody ? (rewritten?.body ?? answer.body) : undefined
  const lines = flatLines(headers, body, bodiless.has(status))
  if (isRewritten && rewritten?.contentEncoding !== undefined) {
    lines.push('Content-Encoding', rewritten.contentEncoding)
  }
  for (const cookie of cookies) lines.push('Set-Cookie', cookie)
  // Nothing will come; its end lets the connection serve again.
  if (body === undefined) answer.body.resume()
  // Whatever happens between here and the last byte, an error has somebody who hears it.
  else if (!Buffer.isBuffer(body)) body.on('error', () => undefined)
  return { status, lines, ...(body && { body }) }
}

/** Whether the answer, if it is markup, becomes a document with the shim in its head. */
function takesShim({ lines, upstream }: Visit): boolean {
  const isDocument = isDocumentRequest(headerOf(lines, 'sec-fetch-dest') ?? '')
  return isDocument && upstream.resource.rewriting?.shim !== false
}

function rewrite(
  context: GatewayContext,
  visit: Visit,
  parts: AnswerParts & { readonly kind: BodyKind },
) {
  const { answer, elsewhere, kind, verdicts, watch } = parts
  const { hosts, version } = context.state.rulebook
  const { upstream, request } = visit
  const url = upstream.origin + request.target
  const page = { hosts, upstream }
  const options = upstream.resource.rewriting
  const hasShim = takesShim(visit)
  const isWorker = options?.shim !== false && isWorkerScript(visit.lines)
  const shim = parts.shimOf(context.state.rulebook)
  const nonce = scriptNonce(headersOf(answer.headers, 'content-security-policy'))
  return rewriteBody({
    body: answer.body,
    kind,
    page: {
      ...page,
      url,
      asksWithCredentials: true,
      hasShim,
      ...(isReadPage(context, answer) && { readsCitation: true }),
      ...(options?.bareHosts === true && { mapsBareHosts: true }),
      ...(hasShim && { headMarkup: withNonce(shim.headMarkup(upstream.resource), nonce) }),
      ...(isWorker && { workerOpening: shim.workerOpening(upstream.resource) }),
    },
    contentType: headerOf(answer.headers, 'content-type') ?? '',
    contentEncoding: headersOf(answer.headers, 'content-encoding').join(', '),
    onCitation: (citation) => {
      context.state.citation = citation
    },
    acceptEncoding: headersOf(visit.lines, 'accept-encoding').join(', '),
    contentBytes: lengthOf(answer.headers),
    verdicts,
    elsewhere,
    watch,
    verdictKey: verdictKey({
      url,
      kind,
      opening: isWorker ? 'worker' : hasShim ? 'document' : 'none',
      version,
      headers: answer.headers,
    }),
  })
}

/** Whether a reader gets a page: what it says of itself tells what the exchange was. */
function isReadPage({ req }: GatewayContext, { status }: UpstreamAnswer): boolean {
  return status === 200 && req.method === 'GET' && intentOf(req).isPage
}

/** Cookies for the browser; what the jar keeps is stored before the answer leaves. */
async function answerCookies(visit: Visit, { headers }: UpstreamAnswer): Promise<string[]> {
  const { cookies, upstream, lines, openJar } = visit
  if (visit.isAnonymous) return []
  const received = headersOf(headers, 'set-cookie')
  const isCleared = headersOf(headers, 'clear-site-data').some(clearsCookies)
  if (isCleared) openJar?.jar.clear(registrableDomain(upstream.host))
  const ended = isCleared ? endingsForBrowser(headerOf(lines, 'cookie'), cookies) : []
  const own = cookiesForBrowser(received, cookies)
  const mirrors = visit.isPage ? mirrorsForPage(headerOf(lines, 'cookie'), received, cookies) : []
  await openJar?.save()
  return [...ended, ...own, ...mirrors].filter((line) => isSafeLine(['Set-Cookie', line]))
}

function lengthOf(headers: HeaderLines): number | undefined {
  const text = headerOf(headers, 'content-length')
  return text === undefined ? undefined : Number(text)
}

/** The shim runs under a policy of nonces only with the page's own. */
function withNonce(markup: string, nonce: string | undefined): string {
  return nonce === undefined ? markup : markup.replaceAll('<script', `<script nonce="${nonce}"`)
}

/** Names and values in turn. Of type and length the first counts, as when the body was judged. */
function flatLines(
  headers: HeaderLines,
  body: Buffer | Readable | undefined,
  isBodiless: boolean,
): string[] {
  const lines: string[] = []
  let hasType = isBodiless
  let hasLength = isBodiless || Buffer.isBuffer(body)
  for (const [name, value] of headers) {
    const isType = isNamed(name, 'content-type')
    const isLength = !isType && isNamed(name, 'content-length')
    if ((isType && hasType) || (isLength && hasLength)) continue
    hasType ||= isType
    hasLength ||= isLength
    lines.push(name, value)
  }
  if (Buffer.isBuffer(body)) lines.push('Content-Length', String(body.length))
  return lines
}
