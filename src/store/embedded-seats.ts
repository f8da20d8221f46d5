/**
 * Seat leases in SQLite. The clock handed in is the store's clock; one write transaction at a time
 * makes every step atomic, between processes as well.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { SeatStore } from './contract.ts'
import {
  changesOf,
  integerOf,
  textOf,
  type EmbeddedDatabase,
  type Row,
} from './embedded-database.ts'
import { wholeLifetimeMs } from './lifetime.ts'

/** The leases of the file. */
export function createEmbeddedSeats(database: EmbeddedDatabase, clock: Clock): SeatStore {
  const end = database.prepare('DELETE FROM leases WHERE pool = ? AND ends_at <= ?')
  const find = database.prepare('SELECT acquired_at FROM leases WHERE pool = ? AND holder = ?')
  const count = database.prepare('SELECT count(*) AS used FROM leases WHERE pool = ?')
  const countEarlier = database.prepare(`
    SELECT count(*) AS used FROM leases
    WHERE pool = ? AND (acquired_at, holder) < (?, ?)`)
  const put = database.prepare(`
    INSERT INTO leases (pool, holder, acquired_at, ends_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (pool, holder) DO UPDATE SET ends_at = excluded.ends_at`)
  const drop = database.prepare('DELETE FROM leases WHERE pool = ? AND holder = ? AND ends_at > ?')
  const list = database.prepare(`
    SELECT pool, holder, acquired_at, ends_at FROM leases
    WHERE pool = ? AND ends_at > ? ORDER BY acquired_at, holder`)

  function usedIn(pool: string): number {
    return integerOf(count.get(pool), 'used')
  }

  /** Holders who come before this one: all of them, unless it holds a seat already. */
  function countBefore(pool: string, holder: string): number {
    const own = find.get(pool, holder)
    if (own === undefined) return usedIn(pool)
    return integerOf(countEarlier.get(pool, integerOf(own, 'acquired_at'), holder), 'used')
  }

  return {
    acquire: ({ pool, holder, seats, idleMs }) =>
      database.transact(() => {
        const now = clock.now()
        end.run(pool, now)
        const isGranted = countBefore(pool, holder) < seats
        if (isGranted) put.run(pool, holder, now, now + wholeLifetimeMs(idleMs))
        else drop.run(pool, holder, now)
        return { isGranted, used: usedIn(pool) }
      }),
    release: (pools, holder) =>
      database.transact(() => {
        const now = clock.now()
        return pools.reduce((held, pool) => held + changesOf(drop, pool, holder, now), 0)
      }),
    leases: (pool) => database.attempt(() => list.all(pool, clock.now()).map(leaseOf)),
  }
}

function leaseOf(row: Row) {
  return {
    pool: textOf(row, 'pool'),
    holder: textOf(row, 'holder'),
    acquiredAt: integerOf(row, 'acquired_at'),
    endsAt: integerOf(row, 'ends_at'),
  }
}
