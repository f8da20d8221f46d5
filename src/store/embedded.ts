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
import { changesOf, openDatabase, type EmbeddedDatabase } from './embedded-database.ts'
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
  const database = withSweep(openDatabase(file), clock)
  const hello = database.prepare('SELECT 1')
  return {
    kind: 'embedded',
    records: createEmbeddedRecords(database, clock),
    seats: createEmbeddedSeats(database, clock),
    usage: createEmbeddedUsage(database),
    async ping() {
      await database.attempt(() => hello.get())
    },
    async close() {
      database.close()
    },
  }
}

/**
 * Removes some expired rows along with transactions, at most once in a while. There is no timer: a
 * store that nobody writes to does not grow.
 */
function withSweep(database: EmbeddedDatabase, clock: Clock): EmbeddedDatabase {
  const sweeps = [
    `DELETE FROM records WHERE rowid IN (
      SELECT rowid FROM records WHERE ends_at <= ? LIMIT ${limits.store.sweepRows})`,
    `DELETE FROM leases WHERE (pool, holder) IN (
      SELECT pool, holder FROM leases WHERE ends_at <= ? LIMIT ${limits.store.sweepRows})`,
  ].map((sql) => database.prepare(sql))
  let isFull = false
  let sweptAt = clock.steady()

  function sweep(): void {
    // A sweep that reached its bound is followed by another at once, until none is left over.
    if (!isFull && clock.steady() - sweptAt < limits.store.sweepEveryMs) return
    sweptAt = clock.steady()
    const removed = sweeps.map((statement) => changesOf(statement, clock.now()))
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
