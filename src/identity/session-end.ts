/**
 * The end of a session on purpose: gone from the store, seats freed, said on the bus.
 * @module
 */
import { timeOrderedId } from '../core/clock.ts'
import type { ClaimFinding, ClaimRejection } from '../core/claims.ts'
import type { GatewayContext } from '../core/context.ts'
import type { SignInEvent, SignOutEvent } from '../core/events.ts'
import { limits } from '../core/limits.ts'
import type { Session } from '../core/types.ts'
import type { Parts } from './parts.ts'

/**
 * Ends a session for every host and process, while its reader goes on in another one and keeps the
 * seats. May fail with `ERR_STORE_AWAY`.
 */
export async function replaceSession(parts: Parts, session: Session): Promise<void> {
  await parts.sessions.end(session)
  await parts.onSessionEnd(session)
}

/** Ends a session for every host and process, and its reader's seats. May fail likewise. */
export async function endSession(
  parts: Parts,
  context: GatewayContext,
  session: Session,
  by: SignOutEvent['by'],
): Promise<void> {
  await replaceSession(parts, session)
  await parts.releaseSeats(session.patron)
  const at = parts.clock.now()
  const { reference } = context.state
  parts.bus.emit({
    kind: 'sign-out',
    id: timeOrderedId(at),
    at,
    reference,
    by,
    sessionId: session.id,
    patron: session.patron,
  })
}

/** How a sign-in came out. */
interface SignInNews {
  readonly outcome: SignInEvent['outcome']
  readonly provider?: string
  readonly session?: Session
  readonly findings?: readonly ClaimFinding[]
}

/** Says how a sign-in came out. */
export function announceSignIn(
  { bus, clock }: Pick<Parts, 'bus' | 'clock'>,
  context: GatewayContext,
  { outcome, provider, session, findings = [] }: SignInNews,
): void {
  const at = clock.now()
  const category = session?.patron.categories[0]
  bus.emit({
    kind: 'sign-in',
    id: timeOrderedId(at),
    at,
    reference: context.state.reference,
    outcome,
    ...(provider !== undefined && { provider }),
    ...(category !== undefined && { category }),
    ...rejectionsOf(findings),
  })
}

function rejectionsOf(findings: readonly ClaimFinding[]): Partial<SignInEvent> {
  const rejected = findings.filter((finding) => finding.kind === 'rejected')
  if (rejected.length === 0) return {}
  const rejections: Partial<Record<ClaimRejection, number>> = {}
  for (const { reason } of rejected) rejections[reason] = (rejections[reason] ?? 0) + 1
  const unmatched = rejected.flatMap(({ reason, value }) =>
    reason === 'unmatched_value' && value !== undefined ? [value] : [],
  )
  const told = [...new Set(unmatched)].slice(0, limits.identity.unmatchedValues)
  return { rejections, ...(told.length > 0 && { unmatched: told }) }
}
