/**
 * Sessions of readers whom their address alone admits: nobody is named, each visit is a person of its
 * own, and it counts only as long as the reader stays where it began.
 * @module
 */
import { randomToken } from '../core/clock.ts'
import type { GatewayContext } from '../core/context.ts'
import { addressIssuer, type Place, type Session } from '../core/types.ts'
import type { Parts } from './parts.ts'
import { announceSignIn } from './session-end.ts'

/** Begins a session for a reader at a place of treatment `auto-login`. */
export async function beginAddressSession(
  context: GatewayContext,
  parts: Parts,
  { category = 'walk-in' }: Place,
): Promise<Session> {
  const patron = {
    issuer: addressIssuer,
    subject: randomToken(),
    categories: [category],
    groups: [],
  }
  const { session } = await parts.sessions.begin({ patron })
  parts.cookies.set(context, 'portal', await parts.sessions.issue(session, 'portal'))
  announceSignIn(parts, context, { outcome: 'address', session })
  return session
}

/** Whether a session counts at a place: one that began by address ends where its network does. */
export function countsAt(session: Session, place: Place): boolean {
  return session.patron.issuer !== addressIssuer || place.treatment === 'auto-login'
}
