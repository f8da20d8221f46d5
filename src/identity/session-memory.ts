/**
 * What one process remembers of sessions it has served: when each was renewed, which hosts were
 * noted, and the session itself for the short time in which it is believed while the store is away.
 *
 * Nothing here admits anybody as long as the store answers. Bounded: the sessions that were not seen
 * for longest are forgotten, which costs one renewal too many.
 * @module
 */
import { limits } from '../core/limits.ts'
import type { Session } from '../core/types.ts'

/** One remembered session. */
export interface Remembered {
  readonly session: Session
  /** Digest of the cookie value that led to it. */
  readonly tokenDigest: string
  /** Epoch milliseconds: the store answered then. */
  readonly seenAt: number
  /** Epoch milliseconds: its lifetime in the store was renewed then. */
  readonly renewedAt: number
  /** Origins of proxied hosts already noted in the store. */
  readonly hosts: ReadonlySet<string>
}

/** Sessions by the digest of a cookie value. */
export interface SessionMemory {
  get(tokenDigest: string): Remembered | undefined
  put(remembered: Remembered): void
  /** Forgets a session under every cookie. */
  forget(sessionId: string): void
}

/** A memory of at most `limits.identity.sessionsKnown` entries. */
export function createSessionMemory(): SessionMemory {
  const entries = new Map<string, Remembered>()
  return {
    get: (tokenDigest) => entries.get(tokenDigest),
    put(remembered) {
      // A Map keeps the order of insertion: taken out and put back, the entry is the youngest.
      entries.delete(remembered.tokenDigest)
      entries.set(remembered.tokenDigest, remembered)
      for (const oldest of entries.keys()) {
        if (entries.size <= limits.identity.sessionsKnown) break
        entries.delete(oldest)
      }
    },
    forget(sessionId) {
      for (const [tokenDigest, { session }] of entries) {
        if (session.id === sessionId) entries.delete(tokenDigest)
      }
    },
  }
}
