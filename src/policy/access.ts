/**
 * What other parts ask of policy without entering a resource: the badges of the list, the seats of
 * the account page, the seats in use for metrics, the seats to free at sign-out.
 * @module
 */
import { createCalendar } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import type { Decision, GatewayContext } from '../core/context.ts'
import { isStoreAway } from '../core/errors.ts'
import { poolsOf } from '../core/licence.ts'
import type { Resource } from '../core/resource.ts'
import { patronKey, type Patron } from '../core/types.ts'
import type { SeatStore, WaitAnswer } from '../store/contract.ts'
import type { Announcer } from './announcer.ts'
import { decide } from './decide.ts'
import { waitIn } from './seat-line.ts'
import type { SeatKeeper } from './seat-keeper.ts'

/** What access is told from. */
export interface AccessParts {
  readonly seats: SeatStore
  readonly keeper: SeatKeeper
  readonly clock: Clock
  readonly timeZone: string
  /** The resources in force. */
  readonly resources: () => Iterable<Resource>
  readonly announcer: Announcer
}

/** A seat that a patron holds. */
export interface PatronSeat {
  readonly pool: string
  /** The first resource of the pool. */
  readonly resource: Resource
  /** Epoch milliseconds of the store's clock: free again then, unless used. */
  readonly endsAt: number
}

/** How the seats of a pool stand. */
export interface PoolUse {
  /** Held, or kept for somebody who has waited. */
  readonly used: number
  readonly waiting: number
}

/** Questions about access. */
export interface Access {
  /** The decision for the reader of a portal request, up to the seat. */
  decideFor(context: GatewayContext, resource: Resource): Decision
  /** How the seats of a pool stand now; undefined when the store cannot tell. */
  poolUse(pool: string): Promise<PoolUse | undefined>
  /** Seats of all pools of a resource that are not free; undefined likewise. */
  seatsUsed(resource: Resource): Promise<number | undefined>
  /** The seats that a patron holds, one for each pool. May reject with `ERR_STORE_AWAY`. */
  seatsOf(patron: Patron): Promise<readonly PatronSeat[]>
  /** Joins the queue for a seat, or with `stay` says that one is still there. May reject likewise. */
  wait(context: GatewayContext, resource: Resource, only?: 'stay'): Promise<WaitAnswer>
  /** Leaves the queue, and a seat that was kept. May reject likewise. */
  leave(context: GatewayContext, resource: Resource): Promise<void>
  /** Frees the patron's seat of one resource. May reject with `ERR_STORE_AWAY`. */
  releaseSeat(patron: Patron, resource: Resource): Promise<void>
  /** Frees all seats of the patron, as at sign-out. May reject with `ERR_STORE_AWAY`. */
  releaseSeats(patron: Patron): Promise<void>
  /** Frees all seats of a holder by `patronKey`. May reject with `ERR_STORE_AWAY`. */
  releaseHolder(holder: string): Promise<void>
}

/** Makes the answers. */
export function createAccess(parts: AccessParts): Access {
  const { seats, keeper, clock, timeZone, resources, announcer } = parts
  const dayOf = createCalendar(timeZone)

  /** The first resource of each pool that is counted. */
  function firstByPool(): Map<string, Resource> {
    const found = new Map<string, Resource>()
    for (const resource of resources()) {
      for (const { pool } of poolsOf(resource.licence)) {
        if (!found.has(pool)) found.set(pool, resource)
      }
    }
    return found
  }

  async function poolUse(pool: string): Promise<PoolUse | undefined> {
    try {
      const [leases, waiters] = await Promise.all([seats.leases(pool), seats.waiters(pool)])
      return { used: leases.length, waiting: waiters.length }
    } catch (error) {
      if (isStoreAway(error)) return undefined
      throw error
    }
  }

  async function releaseHolder(holder: string): Promise<void> {
    await keeper.release([...firstByPool().keys()], holder)
  }

  return {
    decideFor({ state }, resource) {
      const { session, rulebook } = state
      const isOwn = resource.addresses !== undefined
      const place = isOwn ? rulebook.placeOf(state.place.address, resource) : state.place
      const { suspensions } = rulebook
      const todayOn = dayOf(clock.now())
      return decide({ resource, place, patron: session?.patron, suspensions, todayOn })
    },
    poolUse,
    async seatsUsed({ licence }) {
      let sum = 0
      for (const { pool } of poolsOf(licence)) {
        const use = await poolUse(pool)
        if (use === undefined) return undefined
        sum += use.used
      }
      return sum
    },
    async seatsOf(patron) {
      const holder = patronKey(patron)
      const found = await Promise.all(
        [...firstByPool()].map(async ([pool, resource]) => {
          const leases = await seats.leases(pool)
          const own = leases.find((lease) => lease.holder === holder)
          return own === undefined ? [] : [{ pool, resource, endsAt: own.endsAt }]
        }),
      )
      return found.flat()
    },
    async wait(context, resource, only) {
      const { session, place } = context.state
      if (session === undefined) return { kind: 'gone' }
      const holder = patronKey(session.patron)
      const pools = poolsOf(resource.licence)
      const answer = await waitIn(seats, { pools, holder, place, ...(only && { only }) })
      if (answer.kind === 'waiting' && answer.isNew) {
        announcer.wait(context, resource, { outcome: 'joined' })
        announcer.denial(context, resource, 'seats_full')
      }
      return answer
    },
    async leave(context, resource) {
      const { session } = context.state
      if (session === undefined) return
      const pools = poolsOf(resource.licence).map(({ pool }) => pool)
      const count = await seats.leave(pools, patronKey(session.patron))
      if (count > 0) announcer.wait(context, resource, { outcome: 'left' })
    },
    async releaseSeat(patron, { licence }) {
      const pools = poolsOf(licence).map(({ pool }) => pool)
      await keeper.release(pools, patronKey(patron))
    },
    releaseSeats: (patron) => releaseHolder(patronKey(patron)),
    releaseHolder,
  }
}
