/**
 * The tables of seats in SQLite as questions and changes with a meaning. Each runs within the
 * transaction of whoever asks.
 * @module
 */
import { limits } from '../core/limits.ts'
import type { Lease, Waiter } from './contract.ts'
import {
  changesOf,
  integerOf,
  textOf,
  type EmbeddedDatabase,
  type Row,
} from './embedded-database.ts'

/** A lease with its rank among all of the pool, and among those whose holders are not on site. */
interface RankedLease {
  readonly endsAt: number
  /** How many came before. */
  readonly rank: number
  /** Absent for a holder on site. */
  readonly rankAfar?: number
  /** Since when the holder had waited; absent once the seat was used. */
  readonly keptSince?: number
}

/** Leases, waiters and the latest ends of leases. */
export interface SeatTables {
  /** Removes leases that have ended, and waiters who were not seen. */
  sweep(pool: string, now: number): void
  count(pool: string): { readonly used: number; readonly afar: number; readonly length: number }
  lease(pool: string, holder: string): RankedLease | undefined
  /** Begins a lease, or lets it end later, at another place; a new one begins now. */
  seat(lease: {
    readonly pool: string
    readonly holder: string
    readonly isOnSite: boolean
    readonly endsAt: number
    readonly now: number
    readonly keptSince?: number
  }): void
  /** Lets a lease that is used end sooner; whether it does. */
  shorten(pool: string, holder: string, endsAt: number): boolean
  /** Ends a lease; whether there was one. */
  drop(pool: string, holder: string): boolean
  /** Place in the queue, 1 for the first. */
  place(pool: string, holder: string): number | undefined
  /** Joins at the end, or stays where one is. */
  join(waiter: {
    readonly pool: string
    readonly holder: string
    readonly isOnSite: boolean
    readonly now: number
    readonly seenUntil: number
  }): void
  /** Leaves the queue; whether one was in it. */
  quit(pool: string, holder: string): boolean
  /** Notes that a seat has become free. */
  note(pool: string, at: number): void
  /** Once in how long a seat has become free lately. */
  paceMs(pool: string, now: number): number | undefined
  leases(pool: string, now: number): Lease[]
  waiters(pool: string, now: number): Waiter[]
}

const { seatEnds, seatEndsLeast, seatEndsMs } = limits.store

/** Prepares the statements. */
export function createSeatTables(database: EmbeddedDatabase): SeatTables {
  const ended = database.prepare('SELECT ends_at FROM leases WHERE pool = ? AND ends_at <= ?')
  const end = database.prepare('DELETE FROM leases WHERE pool = ? AND ends_at <= ?')
  const forget = database.prepare('DELETE FROM waiters WHERE pool = ? AND seen_until <= ?')
  const counts = database.prepare(`
    SELECT count(*) AS used, count(afar_since) AS afar,
      (SELECT count(*) FROM waiters WHERE pool = ?) AS length
    FROM leases WHERE pool = ?`)
  const find = database.prepare(`
    SELECT ends_at, afar_since, kept_since,
      (SELECT count(*) FROM leases AS other WHERE other.pool = own.pool
        AND (other.acquired_at, other.holder) < (own.acquired_at, own.holder)) AS rank,
      (SELECT count(*) FROM leases AS other WHERE other.pool = own.pool
        AND (other.afar_since, other.holder) < (own.afar_since, own.holder)) AS rank_afar
    FROM leases AS own WHERE pool = ? AND holder = ?`)
  const put = database.prepare(`
    INSERT INTO leases (pool, holder, acquired_at, ends_at, afar_since, kept_since)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (pool, holder) DO UPDATE SET
      ends_at = max(ends_at, excluded.ends_at), kept_since = excluded.kept_since,
      afar_since = iif(excluded.afar_since IS NULL, NULL,
        coalesce(afar_since, excluded.afar_since))`)
  const cut = database.prepare(`
    UPDATE leases SET ends_at = ?1 WHERE pool = ?2 AND holder = ?3 AND ends_at > ?1
      AND kept_since IS NULL`)
  const remove = database.prepare('DELETE FROM leases WHERE pool = ? AND holder = ?')
  const findPlace = database.prepare(`
    SELECT (SELECT count(*) FROM waiters AS other
      WHERE other.pool = own.pool AND other.number <= own.number) AS place
    FROM waiters AS own WHERE pool = ? AND holder = ?`)
  const enter = database.prepare(`
    INSERT INTO waiters (pool, holder, number, joined_at, seen_until, is_on_site)
    VALUES (?, ?, (SELECT coalesce(max(number), 0) + 1 FROM waiters WHERE pool = ?), ?, ?, ?)
    ON CONFLICT (pool, holder) DO UPDATE SET
      seen_until = excluded.seen_until, is_on_site = excluded.is_on_site`)
  const exit = database.prepare('DELETE FROM waiters WHERE pool = ? AND holder = ?')
  const noteEnd = database.prepare('INSERT INTO seat_ends (pool, at) VALUES (?, ?)')
  const trimEnds = database.prepare(`
    DELETE FROM seat_ends WHERE pool = ? AND rowid NOT IN (
      SELECT rowid FROM seat_ends WHERE pool = ? ORDER BY rowid DESC LIMIT ${seatEnds})`)
  const lookAtEnds = database.prepare(`
    SELECT count(*) AS ends, coalesce(min(at), 0) AS first
    FROM seat_ends WHERE pool = ? AND at > ?`)
  const listLeases = database.prepare(`
    SELECT pool, holder, acquired_at, ends_at, afar_since IS NULL AS is_on_site,
      kept_since IS NOT NULL AS is_on_hold
    FROM leases WHERE pool = ? AND ends_at > ? ORDER BY acquired_at, holder`)
  const listWaiters = database.prepare(`
    SELECT pool, holder, joined_at, is_on_site
    FROM waiters WHERE pool = ? AND seen_until > ? ORDER BY number`)

  function note(pool: string, at: number): void {
    noteEnd.run(pool, at)
    trimEnds.run(pool, pool)
  }

  return {
    note,
    sweep(pool, now) {
      const rows = ended.all(pool, now)
      if (rows.length > 0) end.run(pool, now)
      for (const row of rows) note(pool, integerOf(row, 'ends_at'))
      forget.run(pool, now)
    },
    count(pool) {
      const row = counts.get(pool, pool)
      return {
        used: integerOf(row, 'used'),
        afar: integerOf(row, 'afar'),
        length: integerOf(row, 'length'),
      }
    },
    lease(pool, holder) {
      const row = find.get(pool, holder)
      if (row === undefined) return undefined
      return {
        endsAt: integerOf(row, 'ends_at'),
        rank: integerOf(row, 'rank'),
        ...(row['afar_since'] !== null && { rankAfar: integerOf(row, 'rank_afar') }),
        ...(row['kept_since'] !== null && { keptSince: integerOf(row, 'kept_since') }),
      }
    },
    seat({ pool, holder, isOnSite, endsAt, now, keptSince = null }) {
      put.run(pool, holder, now, endsAt, isOnSite ? null : now, keptSince)
    },
    shorten: (pool, holder, endsAt) => changesOf(cut, endsAt, pool, holder) > 0,
    drop: (pool, holder) => changesOf(remove, pool, holder) > 0,
    place(pool, holder) {
      const row = findPlace.get(pool, holder)
      return row === undefined ? undefined : integerOf(row, 'place')
    },
    join({ pool, holder, isOnSite, now, seenUntil }) {
      enter.run(pool, holder, pool, now, seenUntil, isOnSite ? 1 : 0)
    },
    quit: (pool, holder) => changesOf(exit, pool, holder) > 0,
    paceMs(pool, now) {
      const row = lookAtEnds.get(pool, now - seatEndsMs)
      const ends = integerOf(row, 'ends')
      if (ends < seatEndsLeast) return undefined
      return Math.floor((now - integerOf(row, 'first')) / ends)
    },
    leases: (pool, now) => listLeases.all(pool, now).map(leaseOf),
    waiters: (pool, now) => listWaiters.all(pool, now).map(waiterOf),
  }
}

function leaseOf(row: Row): Lease {
  return {
    pool: textOf(row, 'pool'),
    holder: textOf(row, 'holder'),
    acquiredAt: integerOf(row, 'acquired_at'),
    endsAt: integerOf(row, 'ends_at'),
    isOnSite: integerOf(row, 'is_on_site') === 1,
    isOnHold: integerOf(row, 'is_on_hold') === 1,
  }
}

function waiterOf(row: Row): Waiter {
  return {
    pool: textOf(row, 'pool'),
    holder: textOf(row, 'holder'),
    joinedAt: integerOf(row, 'joined_at'),
    isOnSite: integerOf(row, 'is_on_site') === 1,
  }
}
