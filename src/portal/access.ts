/**
 * The badge that says, beside a database, whether this reader may open it: the one decision of the
 * gateway in two words.
 * @module
 */
import type { Decision } from '../core/context.ts'
import type { DenialReason } from '../core/denials.ts'
import type { WordKey } from '../locales/words.ts'

/** `ready` opens, `sign-in` opens after signing in, `wait` may open soon, `shut` does not. */
export type AccessKind = 'ready' | 'sign-in' | 'wait' | 'shut'

/** A badge without its language. */
export interface AccessBadge {
  readonly kind: AccessKind
  readonly word: WordKey
}

const refusals = {
  address_rejected: { kind: 'shut', word: 'access.refused' },
  address_blocked: { kind: 'shut', word: 'access.refused' },
  resource_closed: { kind: 'shut', word: 'access.closed' },
  licence_not_started: { kind: 'shut', word: 'access.not_started' },
  licence_ended: { kind: 'shut', word: 'access.ended' },
  not_signed_in: { kind: 'sign-in', word: 'access.sign_in' },
  patron_suspended: { kind: 'shut', word: 'access.refused' },
  claims_missing: { kind: 'shut', word: 'access.category' },
  groups_missing: { kind: 'shut', word: 'access.category' },
  category_not_entitled: { kind: 'shut', word: 'access.category' },
  unit_not_entitled: { kind: 'shut', word: 'access.unit' },
  place_not_entitled: { kind: 'shut', word: 'access.place' },
  quota: { kind: 'wait', word: 'access.quota' },
  seats_full: { kind: 'wait', word: 'access.seats_full' },
  seats_unknown: { kind: 'wait', word: 'access.available' },
} as const satisfies Record<DenialReason, AccessBadge>

/** How the seats of a database stand; `isMine` when the reader holds one. */
export interface SeatState {
  readonly seats: number
  readonly used: number
  readonly isMine: boolean
}

/** The badge of a decision; full seats matter only to those whom the decision lets in. */
export function accessBadge(decision: Decision, seatState?: SeatState): AccessBadge {
  if (!decision.isAllowed) return refusals[decision.reason]
  const isFull = seatState !== undefined && seatState.used >= seatState.seats && !seatState.isMine
  return isFull ? refusals.seats_full : { kind: 'ready', word: 'access.available' }
}
