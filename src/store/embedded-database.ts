/**
 * The SQLite file of the embedded store: opening it, transactions, rows, and its errors in the words
 * of the contract.
 *
 * Write-ahead log with `synchronous = NORMAL`: a commit is in the operating system's hands when it
 * returns, so that a killed process loses nothing; a power failure may cost the last commits, never
 * the file. Source: SQLite manual, "Write-Ahead Logging" and `PRAGMA synchronous`.
 * @module
 */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'

/**
 * The schema as it has grown: a file of version n has had the first n of these done to it. None is
 * ever changed; a new one is put at the end.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE records (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('value', 'fields')),
    value TEXT NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX records_by_end ON records (ends_at);

  CREATE TABLE leases (
    pool TEXT NOT NULL,
    holder TEXT NOT NULL,
    acquired_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (pool, holder)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX leases_by_age ON leases (pool, acquired_at, holder);
  CREATE INDEX leases_by_end ON leases (ends_at);

  CREATE TABLE events (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_time ON events (at, id);
  `,
  `
  -- Since when the holder is elsewhere, NULL on site; since when they had waited, NULL once they came.
  ALTER TABLE leases ADD COLUMN afar_since INTEGER;
  ALTER TABLE leases ADD COLUMN kept_since INTEGER;

  CREATE TABLE waiters (
    pool TEXT NOT NULL,
    holder TEXT NOT NULL,
    number INTEGER NOT NULL,
    joined_at INTEGER NOT NULL,
    seen_until INTEGER NOT NULL,
    is_on_site INTEGER NOT NULL,
    PRIMARY KEY (pool, holder)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX waiters_by_number ON waiters (pool, number);
  CREATE INDEX waiters_by_end ON waiters (seen_until);

  CREATE TABLE seat_ends (
    pool TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX seat_ends_by_pool ON seat_ends (pool);
  `,
  `
  CREATE TABLE control (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    log_sequence INTEGER NOT NULL,
    log_hash TEXT NOT NULL,
    rules_version INTEGER NOT NULL,
    rules_hash TEXT NOT NULL,
    overrides_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO control VALUES (1, 0, '', 0, '', 0);

  CREATE TABLE audit_log (
    sequence INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE rule_sets (
    version INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    about TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE overrides (
    id INTEGER PRIMARY KEY,
    ends_at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE figures (
    kind TEXT NOT NULL,
    period TEXT NOT NULL,
    made_from INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, period)
  ) STRICT;
  -- Beside the bodies, which are long: which documents there are is asked each minute.
  CREATE INDEX figures_by_kind ON figures (kind, period, made_from);
  `,
  `
  CREATE TABLE event_hours (
    hour INTEGER PRIMARY KEY,
    events INTEGER NOT NULL
  ) STRICT;
  INSERT INTO event_hours SELECT at / 3600000, count(*) FROM events GROUP BY 1;

  CREATE TABLE events_kept (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    from_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO events_kept VALUES (1, 0);
  `,
]

/** A row as SQLite gives it. */
export type Row = ReturnType<StatementSync['get']>

/** The open file. */
export interface EmbeddedDatabase {
  /** A statement to be kept. */
  prepare(sql: string): StatementSync
  /** Runs the work; whatever SQLite throws becomes a `GatewayError` and a rejection. */
  attempt<Result>(work: () => Result): Promise<Result>
  /** Like `attempt`, all of it or nothing; other processes see it at once. */
  transact<Result>(work: () => Result): Promise<Result>
  close(): void
}

/**
 * Opens the file, readable by its owner alone, and makes it and its folder when missing.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY` when it cannot be opened, `ERR_STORE_DATA` when it is not
 * a store or was written by a later version.
 */
export function openDatabase(file: string): EmbeddedDatabase {
  const database = openFile(file)
  return {
    prepare: (sql) => database.prepare(sql),
    attempt: async (work) => translated(file, work),
    transact: async (work) => translated(file, () => transaction(database, work)),
    close() {
      if (database.isOpen) database.close()
    },
  }
}

/** The text of a column. */
export function textOf(row: Row, column: string): string {
  const value = row?.[column]
  if (typeof value === 'string') return value
  throw new GatewayError('ERR_STORE_DATA', `column ${column} holds no text`)
}

/** The whole number of a column. */
export function integerOf(row: Row, column: string): number {
  const value = row?.[column]
  if (typeof value === 'number') return value
  throw new GatewayError('ERR_STORE_DATA', `column ${column} holds no whole number`)
}

/** The number of rows that a statement changed. */
export function changesOf(statement: StatementSync, ...values: SQLInputValue[]): number {
  return Number(statement.run(...values).changes)
}

function openFile(file: string): DatabaseSync {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    // SQLite gives its log and shared-memory files the mode of the main file.
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
  } catch (error) {
    throw new GatewayError('ERR_STORE_AWAY', 'the file cannot be written', {
      at: file,
      cause: error,
    })
  }
  return translated(file, () => {
    const database = new DatabaseSync(file, { timeout: limits.store.lockMs })
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      // What is removed is gone from the file, not only from its tables: who a reader is, with their session.
      database.exec('PRAGMA secure_delete = ON')
      transaction(database, () => migrate(database, file))
      return database
    } catch (error) {
      database.close()
      throw error
    }
  })
}

function migrate(database: DatabaseSync, file: string): void {
  const found = integerOf(database.prepare('PRAGMA user_version').get(), 'user_version')
  if (found > migrations.length) {
    throw new GatewayError(
      'ERR_STORE_DATA',
      `the file has version ${found}, this program reads version ${migrations.length}`,
      { at: file },
    )
  }
  for (const migration of migrations.slice(found)) database.exec(migration)
  database.exec(`PRAGMA user_version = ${migrations.length}`)
}

function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  // IMMEDIATE takes the write lock first: a lock taken half-way could fail where retrying is unsafe.
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function translated<Result>(file: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw storeError(error, file)
  }
}

/** Primary result codes that say that the content is wrong, not that the file is out of reach. */
const contentCodes = new Set([
  11, // SQLITE_CORRUPT
  20, // SQLITE_MISMATCH
  26, // SQLITE_NOTADB
])

function storeError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'ERR_SQLITE_ERROR' && 'errcode' in error) {
    // The low byte of an extended code is the primary one. Source: SQLite manual, "Result Codes".
    const isContent = contentCodes.has(Number(error.errcode) & 0xff)
    const code = isContent ? 'ERR_STORE_DATA' : 'ERR_STORE_AWAY'
    return new GatewayError(code, `SQLite: ${error.message}`, { at: file, cause: error })
  }
  if (error.code === 'ERR_INVALID_STATE') {
    return new GatewayError('ERR_STORE_AWAY', 'the store is closed', { at: file, cause: error })
  }
  return error
}
