/**
 * Who is asking: the two stages that set `state.session`, on the portal and on proxied hosts.
 *
 * On a proxied host nothing goes on without a session. A navigation is sent to the portal and comes
 * back to the very URL; whatever a script, a picture or a socket asks for is refused with 401, since
 * a redirect to a sign-in page would only break it (and leak, where CORS is loose).
 * @module
 */
import { Readable } from 'node:stream'

import { isAnonymousFont, isAnonymousPath, isPreflight } from '../core/anonymous.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { limits } from '../core/limits.ts'
import type { Session } from '../core/types.ts'
import { countsAt } from './address-session.ts'
import { isNavigation } from './fetch-metadata.ts'
import type { Parts } from './parts.ts'
import type { Door } from './sessions.ts'
import { sendToLanding } from './tickets.ts'

/** Sets `state.session` from the portal's cookie; without one it stays unset. */
export function portalGate(parts: Parts): Stage {
  return async (context, next) => {
    const session = await sessionOf(context, 'portal', parts)
    if (session !== undefined) context.state.session = session
    await next()
  }
}

/** Lets through who has a session, and keeps the visited host for sign-out. */
export function zoneGate(parts: Parts, originOf: (context: GatewayContext) => string): Stage {
  return async (context, next) => {
    const session = await sessionOf(context, 'zone', parts)
    if (session !== undefined) {
      context.state.session = session
      // Storage belongs to documents; pictures and scripts of a host leave none under its name.
      if (isNavigation(context)) await parts.sessions.noteVisit(session, originOf(context))
      await next()
    } else if (isPreflight(context)) {
      await next()
      keepPermission(context)
    } else if (isAnonymousFont(context) || isAnonymousPath(context)) {
      await next()
    } else if (isNavigation(context) && context.state.upgrade === undefined) {
      sendToLanding(context, parts, publisherUrl(context))
    } else {
      refuse(context)
    }
  }
}

async function sessionOf(
  context: GatewayContext,
  door: Door,
  { cookies, sessions }: Parts,
): Promise<Session | undefined> {
  const token = cookies.read(context, door)
  if (token === undefined) return undefined
  const session = await sessions.find(door, token)
  return session !== undefined && countsAt(session, context.state.place) ? session : undefined
}

/** What a browser reads of a preflight's answer (Fetch standard, "CORS-preflight fetch" step 7). */
const permissionName = /^(?:access-control-.+|cache-control|vary|x-robots-tag)$/i

/**
 * Of what a preflight brings back nothing but the permission leaves: publishers that answer OPTIONS
 * as they answer GET would show what a licence covers to somebody whom nobody knows.
 */
function keepPermission({ state }: GatewayContext): void {
  const { reply } = state
  if (reply === undefined) return
  const { body, lines, status } = reply
  if (body instanceof Readable) body.destroy()
  const isKept = (at: number): boolean => permissionName.test(lines[at - (at % 2)] ?? '')
  state.reply = { status, lines: lines.filter((_text, at) => isKept(at)) }
}

function publisherUrl(context: GatewayContext): string {
  const { route } = context.state
  if (route.kind !== 'proxied') return ''
  const url = route.upstream.origin + context.url
  // What is too long to come back to leads to the host's first page, not to an error.
  return url.length <= limits.identity.returnUrlChars ? url : `${route.upstream.origin}/`
}

/** The listener's problem page says it: with words for a document, as problem details otherwise. */
function refuse(context: GatewayContext): void {
  context.state.decision = {
    isAllowed: false,
    reason: 'not_signed_in',
    trace: [{ criterion: 'session', outcome: 'refused', detail: 'no session' }],
    facts: {},
  }
}
