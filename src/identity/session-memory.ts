/**
 * What one process remembers of sessions it has served: the row as read, so that a row that has not
 * changed is not read again, when it was renewed, and when the store told of it, for the moment and,
 * while the store is away, the minute for which that is believed.
 *
 * Bounded: the sessions that were not seen for longest are forgotten, which costs one renewal too
 * many.
 * @module
 */
import { limits } from '../core/limits.ts'
import { RecentMap } from '../core/recent-map.ts'
import type { Session } from '../core/types.ts'

/** One remembered session. */
export interface Remembered {
  readonly session: Session
  /** The text of its row in the store. */
  readonly row: string
  /** The store's key of the cookie value that led to it, which is good for one of the two doors. */
  readonly tokenKey: string
  /** Epoch milliseconds: the store was asked then, and answered. */
  readonly seenAt: number
  /** Epoch milliseconds: its lifetime in the store was renewed then. */
  readonly renewedAt: number
}

/** Sessions by the key of a cookie value. */
export interface SessionMemory {
  get(tokenKey: string): Remembered | undefined
  put(remembered: Remembered): void
  /** Forgets a session under every cookie. */
  forget(sessionId: string): void
  /** How often something was forgotten: what was read before may be of a session that has ended. */
  readonly forgottenCount: number
}

/** A memory of at most `limits.identity.sessionsKnown` entries. */
export function createSessionMemory(): SessionMemory {
  const entries = new RecentMap<Remembered>(limits.identity.sessionsKnown)
  let forgottenCount = 0
  return {
    get forgottenCount() {
      return forgottenCount
    },
    get: (tokenKey) => entries.get(tokenKey),
    put(remembered) {
      entries.set(remembered.tokenKey, remembered)
    },
    forget(sessionId) {
      forgottenCount += 1
      for (const [tokenKey, { session }] of entries) {
        if (session.id === sessionId) entries.delete(tokenKey)
      }
    },
  }
}
