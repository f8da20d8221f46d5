/**
 * What other parts ask of policy without entering a resource: the badges of the list, the seats of
 * the account page, the seats in use for metrics, the seats to free at sign-out.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { Decision, GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import type { Resource } from '../core/resource.ts'
import { patronKey, type Patron } from '../core/types.ts'
import type { SeatStore } from '../store/contract.ts'
import { createCalendar } from './calendar.ts'
import { decide } from './decide.ts'
import type { SeatKeeper } from './seat-keeper.ts'

/** What access is told from. */
export interface AccessParts {
  readonly seats: SeatStore
  readonly keeper: SeatKeeper
  readonly clock: Clock
  readonly timeZone: string
  /** The resources in force. */
  readonly resources: () => Iterable<Resource>
}

/** A seat that a patron holds. */
export interface PatronSeat {
  /** The first resource of the pool. */
  readonly resource: Resource
  /** Epoch milliseconds of the store's clock: free again then, unless used. */
  readonly endsAt: number
}

/** Questions about access. */
export interface Access {
  /** The decision for the reader of a portal request, up to the seat. */
  decideFor(context: GatewayContext, resource: Resource): Decision
  /** Seats held in a pool now; undefined when the store cannot tell. */
  seatsUsed(pool: string): Promise<number | undefined>
  /** The seats that a patron holds, one for each pool. May reject with `ERR_STORE_AWAY`. */
  seatsOf(patron: Patron): Promise<readonly PatronSeat[]>
  /** Frees the patron's seat of one resource. May reject with `ERR_STORE_AWAY`. */
  releaseSeat(patron: Patron, resource: Resource): Promise<void>
  /** Frees all seats of the patron, as at sign-out. May reject with `ERR_STORE_AWAY`. */
  releaseSeats(patron: Patron): Promise<void>
}

/** Makes the answers. */
export function createAccess(parts: AccessParts): Access {
  const { seats, keeper, clock, timeZone, resources } = parts
  const dayOf = createCalendar(timeZone)

  /** One resource for each pool that has a limit. */
  function poolResources(): Resource[] {
    const limited = [...resources()].filter(({ licence }) => licence.seats !== undefined)
    return [...Map.groupBy(limited, ({ licence }) => licence.pool).values()].flatMap((group) =>
      group.slice(0, 1),
    )
  }

  return {
    decideFor({ state }, resource) {
      const { session, rulebook } = state
      const isOwn = resource.addresses !== undefined
      const place = isOwn ? rulebook.placeOf(state.place.address, resource) : state.place
      return decide({ resource, place, patron: session?.patron, todayOn: dayOf(clock.now()) })
    },
    async seatsUsed(pool) {
      try {
        return (await seats.leases(pool)).length
      } catch (error) {
        if (error instanceof GatewayError && error.code === 'ERR_STORE_AWAY') return undefined
        throw error
      }
    },
    async seatsOf(patron) {
      const holder = patronKey(patron)
      const found = await Promise.all(
        poolResources().map(async (resource) => {
          const leases = await seats.leases(resource.licence.pool)
          const own = leases.find((lease) => lease.holder === holder)
          return own === undefined ? [] : [{ resource, endsAt: own.endsAt }]
        }),
      )
      return found.flat()
    },
    async releaseSeat(patron, { licence }) {
      await keeper.release([licence.pool], patronKey(patron))
    },
    async releaseSeats(patron) {
      const pools = poolResources().map(({ licence }) => licence.pool)
      await keeper.release(pools, patronKey(patron))
    },
  }
}
