/**
 * Seats as exchanges ask for them: the store grants, and this process remembers for a while, so that
 * a page of a hundred files asks once.
 *
 * Nothing is granted from memory: a remembered seat is a lease that the store gave and that has not
 * ended. Durations are measured by the steady clock from before the store was asked, so that the
 * memory always ends before the lease.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { SeatStore } from '../store/contract.ts'

/** Who asks for a seat of which pool. */
export interface SeatAsk {
  readonly pool: string
  /** `patronKey` of the holder. */
  readonly holder: string
  /** A seat given up at sign-out, perhaps in another process, is not believed held in the next one. */
  readonly sessionId: string
  readonly seats: number
  readonly idleMs: number
}

/** Whether the holder has a seat; `unknown` when the store is away and no lease is remembered. */
export type SeatStanding =
  | { readonly kind: 'held' }
  | { readonly kind: 'full'; readonly used: number }
  | { readonly kind: 'unknown' }

/** Takes, renews and gives up seats. */
export interface SeatKeeper {
  hold(ask: SeatAsk): Promise<SeatStanding>
  /** Gives up the holder's seats in these pools; the number that were held. */
  release(pools: readonly string[], holder: string): Promise<number>
  /** Makes the next exchange of the holder ask the store. */
  forget(holder: string): void
}

/** A lease as this process knows it, in milliseconds of the steady clock. */
interface Remembered {
  readonly holder: string
  readonly renewAt: number
  readonly endsAt: number
}

/** Makes the keeper of a process. */
export function createSeatKeeper(parts: { seats: SeatStore; clock: Clock }): SeatKeeper {
  const { seats, clock } = parts
  const memory = new Map<string, Remembered>()
  let forgetCount = 0

  function remember(key: string, lease: Remembered): void {
    // Deleted first, so that the oldest renewal comes first and goes first.
    memory.delete(key)
    memory.set(key, lease)
    const [oldest] = memory.keys()
    if (memory.size > limits.policy.rememberedSeats && oldest !== undefined) memory.delete(oldest)
  }

  function forget(holder: string): void {
    forgetCount += 1
    for (const [key, lease] of memory) if (lease.holder === holder) memory.delete(key)
  }

  async function ask(key: string, wish: SeatAsk): Promise<SeatStanding> {
    const { pool, holder, seats: count, idleMs } = wish
    const askedAt = clock.steady()
    const countBefore = forgetCount
    const { isGranted, used } = await seats.acquire({ pool, holder, seats: count, idleMs })
    if (!isGranted) {
      memory.delete(key)
      return { kind: 'full', used }
    }
    // A release may have overtaken this answer: then the next exchange asks again.
    if (countBefore === forgetCount) {
      const trustMs = Math.min(idleMs / 4, limits.policy.seatTrustMs)
      remember(key, { holder, renewAt: askedAt + trustMs, endsAt: askedAt + idleMs })
    }
    return { kind: 'held' }
  }

  return {
    forget,
    async hold(wish) {
      // None of the three has a blank in it: a slug, a digest, an id.
      const key = `${wish.pool} ${wish.holder} ${wish.sessionId}`
      const known = memory.get(key)
      if (known !== undefined && clock.steady() < known.renewAt) return { kind: 'held' }
      try {
        return await ask(key, wish)
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== 'ERR_STORE_AWAY') throw error
        const now = clock.steady()
        if (known === undefined || now >= known.endsAt) return { kind: 'unknown' }
        const renewAt = Math.min(now + limits.policy.seatRetryMs, known.endsAt)
        if (memory.has(key)) remember(key, { ...known, renewAt })
        return { kind: 'held' }
      }
    },
    async release(pools, holder) {
      try {
        return await seats.release(pools, holder)
      } finally {
        forget(holder)
      }
    },
  }
}
