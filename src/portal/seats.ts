/**
 * Seats in use, for badges: a few seconds old at most, asked once for all readers of the list.
 * When the store does not answer there is no number, and the list is shown all the same.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import { isStoreAway } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { poolsOf } from '../core/licence.ts'
import type { Resource } from '../core/resource.ts'

/** How many seats of a resource's pools are not free; undefined when it cannot be told. */
export type SeatUse = (resource: Resource) => Promise<number | undefined>

/** Remembers each answer for a short time; there are as many as pools in the rules. */
export function rememberedSeatUse(seatUse: SeatUse, clock: Clock): SeatUse {
  const known = new Map<string, { at: number; answer: Promise<number | undefined> }>()
  return (resource) => {
    const pools = poolsOf(resource.licence).map((each) => each.pool)
    const pool = pools.join(' ')
    const now = clock.steady()
    const found = known.get(pool)
    if (found !== undefined && now - found.at < limits.portal.seatUseMs) return found.answer
    const answer = unlessStoreAway(seatUse(resource))
    known.set(pool, { at: now, answer })
    return answer
  }
}

/** The value, or undefined when the store cannot be reached. */
export async function unlessStoreAway<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise
  } catch (error) {
    if (isStoreAway(error)) return undefined
    throw error
  }
}
