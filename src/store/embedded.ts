/**
 * The embedded store: one SQLite file, no server. The default, and all that a gateway of one process
 * needs. Reports may read the file from another process meanwhile.
 *
 * What was acknowledged survives `kill -9`. Calls are answered synchronously inside and take tens of
 * microseconds; only a write lock held by another process makes them wait, for a bounded time.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { Store } from './contract.ts'
import { createEmbeddedControl } from './embedded-control.ts'
import { changesOf, integerOf, openDatabase, type EmbeddedDatabase } from './embedded-database.ts'
import { createEmbeddedFigures } from './embedded-figures.ts'
import { createEmbeddedRecords } from './embedded-records.ts'
import { createEmbeddedSeats } from './embedded-seats.ts'
import { createEmbeddedUsage } from './embedded-usage.ts'

/**
 * Opens the store of a file, making it when missing.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY` or `ERR_STORE_DATA` when the file cannot be used.
 */
export function createEmbeddedStore(options: { file: string; clock: Clock }): Store {
  const { file, clock } = options
  const opened = openDatabase(file)
  const seatClock = steadyClock(opened, clock)
  const database = withSweep(opened, clock, seatClock)
  const hello = database.prepare('SELECT 1')
  return {
    kind: 'embedded',
    records: createEmbeddedRecords(database, clock),
    seats: createEmbeddedSeats(database, seatClock),
    usage: createEmbeddedUsage(database),
    figures: createEmbeddedFigures(database),
    control: createEmbeddedControl(database, clock),
    async ping() {
      await database.attempt(() => hello.get())
    },
    async close() {
      database.close()
    },
  }
}

/**
 * The time of seats: it goes on as long as the process runs, whatever is done to the machine's clock,
 * and begins where it had come to when the clock was set back meanwhile. A step would end seats that
 * are used, or let them last.
 */
function steadyClock(database: EmbeddedDatabase, { now, steady }: Clock): Clock {
  const latest = database.prepare('SELECT coalesce(max(acquired_at), 0) AS at FROM leases')
  const startAt = Math.max(now(), integerOf(latest.get(), 'at'))
  const offset = startAt - steady()
  return { steady, now: () => Math.round(offset + steady()) }
}

/**
 * Removes some expired rows along with transactions, at most once in a while. There is no timer: a
 * store that nobody writes to does not grow.
 */
function withSweep(database: EmbeddedDatabase, clock: Clock, seatClock: Clock): EmbeddedDatabase {
  const sweepOf = (table: string, key: string, end: string, { now }: Clock) => {
    const statement = database.prepare(`DELETE FROM ${table} WHERE ${key} IN (
      SELECT ${key.replace(/[()]/g, '')} FROM ${table} WHERE ${end} <= ? LIMIT ${limits.store.sweepRows})`)
    return () => changesOf(statement, now())
  }
  const sweeps = [
    sweepOf('records', 'rowid', 'ends_at', clock),
    sweepOf('leases', '(pool, holder)', 'ends_at', seatClock),
    sweepOf('waiters', '(pool, holder)', 'seen_until', seatClock),
  ]
  let isFull = false
  let sweptAt = clock.steady()

  function sweep(): void {
    // A sweep that reached its bound is followed by another at once, until none is left over.
    if (!isFull && clock.steady() - sweptAt < limits.store.sweepEveryMs) return
    sweptAt = clock.steady()
    const removed = sweeps.map((run) => run())
    isFull = removed.some((rows) => rows === limits.store.sweepRows)
  }

  return {
    ...database,
    transact: (work) =>
      database.transact(() => {
        sweep()
        return work()
      }),
  }
}
