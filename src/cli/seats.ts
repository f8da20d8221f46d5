/**
 * `seats list` and `seats release`: who holds a seat and who waits, and a seat taken back by staff. A
 * person is shown by their key, never by name; what is taken back stands in the audit log.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { recordAct } from '../control/record.ts'
import { resourcesInForce } from '../control/published.ts'
import { GatewayError } from '../core/errors.ts'
import { poolsOf, type SeatPool } from '../core/licence.ts'
import type { Lease, SeatStore, Waiter } from '../store/contract.ts'
import { doerOf, shownInstant, withControl, type DoerOptions } from './control.ts'

/** Which pools, as typed. */
export interface SeatListOptions {
  readonly config: string
  readonly json?: true
}

/** Prints every pool of the rules in force with its leases and its queue. */
export async function listSeats(options: SeatListOptions, env: Environment): Promise<void> {
  await withControl(options.config, env, async (parts, { seats }) => {
    const pools = new Map<string, SeatPool>()
    for (const { licence } of (await resourcesInForce(parts)).values()) {
      for (const each of poolsOf(licence)) pools.set(each.pool, each)
    }
    for (const each of pools.values()) {
      const { pool, seats: count } = each
      const [leases, waiters] = await Promise.all([seats.leases(pool), seats.waiters(pool)])
      if (options.json === true) {
        console.log(JSON.stringify({ pool, seats: count, leases, waiters }))
        continue
      }
      console.log(`${pool}: ${leases.length} of ${count} seats taken, ${waiters.length} waiting`)
      for (const lease of leases) console.log(leaseLine(lease))
      for (const waiter of waiters) console.log(waiterLine(waiter))
    }
  })
}

function leaseLine({ holder, acquiredAt, endsAt, isOnSite, isOnHold }: Lease): string {
  const how = isOnHold ? 'kept for who has waited' : isOnSite ? 'on site' : 'elsewhere'
  return `  ${holder}  since ${shownInstant(acquiredAt)}, until ${shownInstant(endsAt)}, ${how}`
}

function waiterLine({ holder, joinedAt }: Waiter): string {
  return `  ${holder}  waits since ${shownInstant(joinedAt)}`
}

/** Who is meant, and who does it and why, as typed. */
export interface SeatReleaseOptions extends DoerOptions {
  readonly config: string
}

/** Takes back a seat, or a place in the queue; the reason is in the audit log before it is done. */
export async function releaseSeat(
  pool: string,
  key: string,
  options: SeatReleaseOptions,
  env: Environment,
): Promise<void> {
  await withControl(options.config, env, async ({ control, clock }, { seats }) => {
    const { by, why } = doerOf(options)
    const holder = await holderOf(seats, pool, key)
    const target = `pool ${pool}`
    const act = { by, why, action: 'seat-release', target, details: { holder } } as const
    await recordAct({ control, clock }, act)
    const held = await seats.release([pool], holder)
    console.log(held > 0 ? 'The seat is free.' : 'The place in the queue is free.')
  })
}

/**
 * The one holder or waiter whose key begins so.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST`
 */
async function holderOf(seats: SeatStore, pool: string, key: string): Promise<string> {
  const people = [...(await seats.leases(pool)), ...(await seats.waiters(pool))]
  const found = new Set(people.map(({ holder }) => holder).filter((each) => each.startsWith(key)))
  const [holder, ...others] = found
  if (key !== '' && holder !== undefined && others.length === 0) return holder
  const message = `${JSON.stringify(key)} is the beginning of ${found.size} keys in the pool "${pool}", expected one that "seats list" shows`
  throw new GatewayError('ERR_BAD_REQUEST', message)
}
