/**
 * Tickets: how a session of the portal reaches the zone, which shares no cookie with it.
 *
 * Who has no session on a proxied host is sent to the landing, which gives the browser a secret of
 * its own (the ask cookie) and sends its digest along. The portal writes that digest into a ticket
 * of 30 seconds. The landing takes the ticket out of the store, once, and believes it only together
 * with the secret. So a ticket that was seen, copied or sent to somebody opens nothing; and since no
 * publisher's page runs on the landing, none can read an address with a ticket that was not used.
 *
 * Source: security section 1.2 and row 47; DESIGN.md section 4 "Sessions".
 * @module
 */
import { z } from 'zod'

import { randomToken } from '../core/clock.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { reservedPrefix } from '../core/pages.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { Place, Session } from '../core/types.ts'
import { beginAddressSession, countsAt } from './address-session.ts'
import { requireNavigation } from './fetch-metadata.ts'
import { redirect } from './parts.ts'
import type { Parts } from './parts.ts'
import { proxiedTarget, queryValue } from './return-url.ts'
import type { ProxiedTarget } from './return-url.ts'
import { areEqual, digest, isSecret } from './secrets.ts'
import { readRow } from './session-row.ts'
import { beginSignIn } from './sign-in.ts'

const ticketSchema = z.strictObject({
  sessionId: z.string(),
  /** Where the reader wants to be: a page on a proxied host. */
  url: z.string(),
  /** Digest of the ask cookie. */
  ask: z.string(),
})

type Ticket = z.infer<typeof ticketSchema>

const hopPath = `${reservedPrefix}hop`
const ticketPath = `${reservedPrefix}ticket`
const ticketKey = (token: string): string => `ticket:${digest(token)}`

/** Sends a navigation on a proxied host over landing and portal back to the very same URL. */
export function sendToLanding(context: GatewayContext, parts: Parts, publisherUrl: string): void {
  redirect(context, `${parts.landing}${hopPath}?to=${encodeURIComponent(publisherUrl)}`)
}

/** `/.darbaza/hop` and `/.darbaza/ticket` on the landing; hands on all other paths. */
export function landingStage(parts: Parts): Stage {
  return async (context, next) => {
    if (context.path !== hopPath && context.path !== ticketPath) return next()
    if (context.method !== 'GET') throw new GatewayError('ERR_METHOD', 'a hop is made by GET')
    if (context.path === ticketPath) return await redeem(context, parts)
    requireNavigation(context)
    beginHop(context, parts)
  }
}

function beginHop(context: GatewayContext, parts: Parts): void {
  // The secret of another tab is kept, so that both tabs may come back.
  const ask = parts.cookies.read(context, 'ask') ?? randomToken()
  parts.cookies.set(context, 'ask', ask, limits.identity.signInMs)
  // The portal judges where it leads: only there is an answer for who has lost the way.
  const to = encodeURIComponent(queryValue(context, 'to') ?? '')
  redirect(context, `${parts.portalOrigin}/enter?to=${to}&ask=${digest(ask)}`)
}

/** `GET /enter?to=&ask=` on the portal. */
export function enterRoute(parts: Parts): PortalRoute {
  return { method: 'GET', path: '/enter', handle: (context) => enter(context, parts) }
}

async function enter(context: GatewayContext, parts: Parts): Promise<void> {
  requireNavigation(context)
  const to = queryValue(context, 'to')
  const target = proxiedTarget(to, context.state.rulebook.hosts)
  if (to === undefined || target === undefined) {
    throw new GatewayError('ERR_UNKNOWN_HOST', 'the entry names no host of a resource')
  }
  const ask = queryValue(context, 'ask')
  if (!isSecret(ask)) {
    // A link from the catalogue or a course page: who has a session there needs no hop.
    redirect(context, target.origin + target.path)
    return
  }
  const place = placeThere(context, to)
  const { session: current } = context.state
  const session =
    current !== undefined && countsAt(current, place)
      ? current
      : await admitByAddress(context, parts, place)
  if (session === undefined) {
    const returnUrl = `${parts.portalOrigin}/enter?to=${encodeURIComponent(to)}&ask=${ask}`
    await beginSignIn(context, parts, returnUrl)
  } else {
    redirect(context, await writeTicket(session, target, ask, parts))
  }
}

/** What the reader's address decides where they want to be, which may be another thing than here. */
function placeThere({ state }: GatewayContext, to: string): Place {
  const { hosts, placeOf } = state.rulebook
  const resource = hosts.resourceOf(hosts.unmapUrl(to) ?? to)
  return resource?.addresses === undefined ? state.place : placeOf(state.place.address, resource)
}

async function admitByAddress(
  context: GatewayContext,
  parts: Parts,
  place: Place,
): Promise<Session | undefined> {
  if (place.treatment !== 'auto-login') return undefined
  return beginAddressSession(context, parts, place)
}

async function writeTicket(
  session: Session,
  { origin, path }: ProxiedTarget,
  ask: string,
  { records, landing }: Parts,
): Promise<string> {
  const token = randomToken()
  const ticket: Ticket = { sessionId: session.id, url: origin + path, ask }
  await records.write(ticketKey(token), JSON.stringify(ticket), limits.identity.ticketMs)
  return `${landing}${ticketPath}?t=${token}`
}

/** Takes the ticket and gives the browser the zone's cookie. */
async function redeem(context: GatewayContext, parts: Parts): Promise<void> {
  const token = queryValue(context, 't')
  // Used up before anything else can fail, so that no refused hop leaves one that opens something.
  const text = isSecret(token) ? await parts.records.take(ticketKey(token)) : undefined
  requireNavigation(context)
  const ask = parts.cookies.read(context, 'ask')
  if (text === undefined) throw ticketError('it is used, expired or was never made')
  const ticket = readRow(ticketSchema, text, 'ticket')
  if (ask === undefined || !areEqual(digest(ask), ticket.ask)) {
    throw ticketError('it is for another browser')
  }
  const session = await parts.sessions.findById(ticket.sessionId)
  if (session === undefined) throw ticketError('its session has ended')
  parts.cookies.set(context, 'zone', await parts.sessions.issue(session, 'zone'))
  redirect(context, ticket.url)
}

function ticketError(found: string): GatewayError {
  return new GatewayError('ERR_TICKET', `the ticket is refused: ${found}`)
}
