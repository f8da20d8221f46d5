/**
 * Pools of seats as staff see them: who holds how many of them now.
 * @module
 */
import { isStoreAway } from '../core/errors.ts'
import { poolsOf } from '../core/licence.ts'
import type { Resource } from '../core/resource.ts'
import type { Lease, SeatStore } from '../store/contract.ts'
import type { SeatKeeper } from './seat-keeper.ts'

/** A pool that has a limit. */
export interface Pool {
  readonly name: string
  readonly seats: number
  /** The resources that share it. */
  readonly resources: readonly Resource[]
}

/** A pool and who holds its seats. */
export interface PoolUse extends Pool {
  /** Oldest first; absent when the store cannot tell. */
  readonly leases?: readonly Lease[]
  /** How many wait for one. */
  readonly waiting?: number
}

/** Questions about pools, and the release of somebody's seat by staff. */
export interface Pools {
  useOf(pool: Pool): Promise<PoolUse>
  /** Frees a holder's seat; false when it was free already. May reject with `ERR_STORE_AWAY`. */
  release(pool: string, holder: string): Promise<boolean>
}

/** Every pool from which some resource takes seats, by name. */
export function allPools(resources: Iterable<Resource>): Pool[] {
  const shares = [...resources].flatMap((resource) =>
    poolsOf(resource.licence).map(({ pool, seats }) => ({ pool, seats, resource })),
  )
  return [...Map.groupBy(shares, ({ pool }) => pool)]
    .map(([name, sharing]) => ({
      name,
      seats: Math.max(...sharing.map(({ seats }) => seats)),
      resources: sharing.map(({ resource }) => resource),
    }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** Makes the answers. */
export function createPools({ seats, keeper }: { seats: SeatStore; keeper: SeatKeeper }): Pools {
  return {
    async useOf(pool) {
      try {
        const [leases, waiters] = await Promise.all([
          seats.leases(pool.name),
          seats.waiters(pool.name),
        ])
        return { ...pool, leases, waiting: waiters.length }
      } catch (error) {
        if (isStoreAway(error)) return pool
        throw error
      }
    },
    async release(pool, holder) {
      return (await keeper.release([pool], holder)) > 0
    },
  }
}
