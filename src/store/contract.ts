/**
 * The one contract for everything that outlives a request. Two implementations pass one suite
 * (`test/store/contract.ts`): `embedded` (SQLite, one process) and `redis` (any number).
 *
 * Every operation rejects with `ERR_STORE_AWAY` when the store cannot be reached in time, and is
 * safe to repeat. Keys are made by the callers from a fixed word and hashes or ids, never from what
 * a reader typed.
 * @module
 */

/**
 * Values with a lifetime, in milliseconds from now; after it they are as if never written. A key
 * holds either a value or fields: asking it for the other rejects with `ERR_STORE_DATA`, except that
 * `write`, `extend` and `remove` take both.
 */
export interface RecordStore {
  read(key: string): Promise<string | undefined>
  write(key: string, value: string, lifetimeMs: number): Promise<void>
  /** Writes only if the key is free; tells whether it did. Atomic. */
  create(key: string, value: string, lifetimeMs: number): Promise<boolean>
  /** Reads and removes in one atomic step: of many callers one gets the value. */
  take(key: string): Promise<string | undefined>
  /** Gives an existing key a new lifetime; false when there is none. */
  extend(key: string, lifetimeMs: number): Promise<boolean>
  remove(keys: readonly string[]): Promise<void>
  /** The fields of a key that was written by `writeFields`; empty when there is none. */
  readFields(key: string): Promise<ReadonlyMap<string, string>>
  /** Sets fields (undefined removes one), keeps the others, and renews the whole key's lifetime. */
  writeFields(
    key: string,
    fields: ReadonlyMap<string, string | undefined>,
    lifetimeMs: number,
  ): Promise<void>
}

/** A patron's hold on a seat of a pool. Times are epoch milliseconds of the store's clock. */
export interface Lease {
  readonly pool: string
  /** `patronKey` of the holder. */
  readonly holder: string
  readonly acquiredAt: number
  readonly endsAt: number
}

/** Whether a seat is held now; `used` counts the pool's holders, the asker included if granted. */
export interface SeatAnswer {
  readonly isGranted: boolean
  readonly used: number
}

/** Leases on seats. The store's own clock decides; two processes never grant one seat twice. */
export interface SeatStore {
  /**
   * Takes a seat, or renews the one that the holder has, until `idleMs` from now. Refused when
   * `seats` others hold one. When `seats` was lowered, those who came first keep theirs: the others
   * lose it at their next renewal. Atomic.
   */
  acquire(ask: {
    readonly pool: string
    readonly holder: string
    readonly seats: number
    readonly idleMs: number
  }): Promise<SeatAnswer>
  /** Gives up the holder's seats in these pools; the number that were held. */
  release(pools: readonly string[], holder: string): Promise<number>
  /** The live leases of a pool, oldest first. */
  leases(pool: string): Promise<readonly Lease[]>
}

/** A usage event as stored: `id` sorts by time, `body` is JSON without personal data. */
export interface StoredEvent {
  readonly id: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly body: string
}

/** Recorded outcomes. */
export interface UsageStore {
  /** Durable when it resolves; an id that is already there is left as it is. */
  append(events: readonly StoredEvent[]): Promise<void>
  /**
   * Events of `[fromAt, toAt)` in order of `at`, then of id, at most `count`, after the stored event
   * `afterId` if given; an `afterId` that is not stored rejects with `ERR_STORE_DATA`.
   */
  read(range: {
    readonly fromAt: number
    readonly toAt: number
    readonly count: number
    readonly afterId?: string
  }): Promise<readonly StoredEvent[]>
}

/** The store of one gateway. */
export interface Store {
  readonly kind: 'embedded' | 'redis'
  readonly records: RecordStore
  readonly seats: SeatStore
  readonly usage: UsageStore
  /** Resolves when the store answers; rejects with `ERR_STORE_AWAY`. */
  ping(): Promise<void>
  /** Lets operations under way end, then lets go of files and sockets. */
  close(): Promise<void>
}
