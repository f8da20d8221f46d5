/**
 * The only place that turns a refusal or an error into a response: a page for a navigation, RFC 9457
 * problem details for everything else. Headers that a stage had set before are removed.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { denialFacts } from '../core/denials.ts'
import type { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { reservedPrefix, type Pages } from '../core/pages.ts'

/** Shows why access was refused, from `state.decision`. */
export function showRefusal(context: GatewayContext, pages: Pages): void {
  const { decision, language, reference, resource } = context.state
  if (decision === undefined || decision.isAllowed) return
  const { reason, facts, message, leadsTo } = decision
  if (leadsTo !== undefined) return leadOn(context, leadsTo)
  const { status } = denialFacts[reason]
  const { waitSeconds } = facts
  answer(context, status, reason, () =>
    pages.refusal({
      language,
      reference,
      returnUrl: wantedUrl(context),
      reason,
      facts,
      ...(message && { message }),
      ...(resource && { resource }),
    }),
  )
  if (typeof waitSeconds === 'number') context.set('Retry-After', String(waitSeconds))
}

function leadOn(context: GatewayContext, url: string): void {
  clearHeaders(context)
  context.status = 303
  context.set('Location', url)
  context.set('Cache-Control', 'no-store')
  context.set('Referrer-Policy', 'no-referrer')
  context.body = ''
}

/** Shows that something failed, by its code alone: messages are for the log. */
export function showFailure(context: GatewayContext, error: GatewayError, pages: Pages): void {
  const { language, reference, resource } = context.state
  const { code, status } = error
  answer(context, status, code, () =>
    pages.failure({
      language,
      reference,
      returnUrl: wantedUrl(context),
      code,
      status,
      ...(resource && { resource }),
    }),
  )
}

/**
 * Where the page's links come back to. Tickets and the answers of sign-ins, the gateway's and those
 * of publishers, are good once: such a place leads to the host's first page, and is not repeated.
 */
function wantedUrl(context: GatewayContext): string {
  const { path, query } = context
  // Behind a TLS terminator the connection is plain; the browser's is what the zone's URL says.
  const { protocol } = new URL(context.state.rulebook.hosts.zoneOrigin)
  const origin = `${protocol}//${context.host}`
  const isGoodOnce =
    path.startsWith(reservedPrefix) ||
    (query['state'] !== undefined && /\/callback(?:\/[\w-]+)?$/.test(path))
  return isGoodOnce ? `${origin}/` : origin + context.url
}

/** A cookie that a stage clears while refusing must still be cleared. */
function clearHeaders(context: GatewayContext): void {
  for (const name of context.res.getHeaderNames()) {
    if (name !== 'set-cookie') context.remove(name)
  }
}

function answer(context: GatewayContext, status: number, code: string, page: () => string): void {
  clearHeaders(context)
  context.status = status
  context.set('Cache-Control', 'no-store')
  context.set('X-Content-Type-Options', 'nosniff')
  context.set('X-Robots-Tag', 'noindex')
  context.set('Referrer-Policy', 'same-origin')
  if (status === 503) context.set('Retry-After', String(limits.listener.retryAfterSeconds))
  if (wantsPage(context)) {
    context.set('Content-Security-Policy', pagePolicy)
    context.type = 'text/html; charset=utf-8'
    context.body = page()
  } else {
    if (code === 'not_signed_in') openToPages(context)
    context.type = 'application/problem+json'
    context.body = JSON.stringify({
      type: 'about:blank',
      title: code,
      status,
      reference: context.state.reference,
    })
  }
}

/**
 * Lets the script of a proxied page that asked another proxied host read that its reader is signed
 * out, which it would take for a broken network. Nothing is in it but the code and the reference.
 */
function openToPages(context: GatewayContext): void {
  const { route, rulebook } = context.state
  // Whoever asks for a font, a picture or a script sees a network error as from any server.
  if (route.kind !== 'proxied' || context.get('Sec-Fetch-Dest') !== 'empty') return
  context.vary('Origin')
  const origin = context.get('Origin')
  const isExact = origin !== '' && URL.parse(origin)?.origin === origin
  if (!isExact || rulebook.hosts.unmapUrl(origin) === undefined) return
  context.set('Access-Control-Allow-Origin', origin)
  context.set('Access-Control-Allow-Credentials', 'true')
}

/** Nothing but the gateway's own style sheet and pictures; forms may lead back to the portal. */
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'self'"

/** Fetch Metadata says what the answer is for; browsers without it are judged by Accept. */
function wantsPage(context: GatewayContext): boolean {
  const destination = context.get('Sec-Fetch-Dest')
  if (destination !== '') return ['document', 'iframe', 'frame'].includes(destination)
  return context.get('Accept').includes('text/html')
}
