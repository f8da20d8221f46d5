/**
 * The one contract for everything that outlives a request. Two implementations pass one suite
 * (`test/store/contract.ts`): `embedded` (SQLite, one process) and `redis` (any number).
 *
 * Every operation rejects with `ERR_STORE_AWAY` when the store cannot be reached in time, and is
 * safe to repeat. Keys are made by the callers from a fixed word and hashes or ids, never from what
 * a reader typed.
 * @module
 */
import type { Period } from '../core/figures.ts'

/**
 * Values with a lifetime, in milliseconds from now; after it they are as if never written. A key
 * holds either a value or fields: asking it for the other rejects with `ERR_STORE_DATA`, except that
 * `write`, `extend` and `remove` take both.
 */
export interface RecordStore {
  /** Given a lifetime, the key has that from now on, if there is one. Atomic. */
  read(key: string, lifetimeMs?: number): Promise<string | undefined>
  write(key: string, value: string, lifetimeMs: number): Promise<void>
  /** Writes only if the key is free; tells whether it did. Atomic. */
  create(key: string, value: string, lifetimeMs: number): Promise<boolean>
  /** Reads and removes in one atomic step: of many callers one gets the value. */
  take(key: string): Promise<string | undefined>
  /**
   * Gives an existing key a new lifetime; false when there is none, or when it does not hold the value
   * that it has to hold. Atomic.
   */
  extend(key: string, lifetimeMs: number, holding?: string): Promise<boolean>
  remove(keys: readonly string[]): Promise<void>
  /** Removes a key if it holds this very value; false when it does not. Atomic. */
  removeHolding(key: string, value: string): Promise<boolean>
  /** The fields of a key that was written by `writeFields`; empty when there is none. */
  readFields(key: string): Promise<ReadonlyMap<string, string>>
  /** Sets fields (undefined removes one), keeps the others, and renews the whole key's lifetime. */
  writeFields(
    key: string,
    fields: ReadonlyMap<string, string | undefined>,
    lifetimeMs: number,
  ): Promise<void>
  /**
   * Adds whole numbers to the fields of a key, which begin with 0, and tells them all. The lifetime is
   * that of the first addition; nothing added makes no key. The one operation that counts twice when it
   * is repeated. Atomic.
   */
  count(key: string, amounts: ReadonlyMap<string, number>, lifetimeMs: number): Promise<Count>
}

/** Numbers of a key, and how long they still live; absent when there is no key. */
export interface Count {
  readonly counts: ReadonlyMap<string, number>
  readonly leftMs?: number
}

/** A patron's hold on a seat of a pool. Times are epoch milliseconds of the store's clock. */
export interface Lease {
  readonly pool: string
  /** `patronKey` of the holder. */
  readonly holder: string
  readonly acquiredAt: number
  readonly endsAt: number
  /** Holds one of the seats that are reserved for readers on site, or could. */
  readonly isOnSite: boolean
  /** Kept for somebody who has waited for it and has not come yet; counts as used. */
  readonly isOnHold: boolean
}

/** Somebody who waits for a seat of a pool. */
export interface Waiter {
  readonly pool: string
  readonly holder: string
  readonly joinedAt: number
  readonly isOnSite: boolean
}

/** Who asks for a seat of which pool, and how the licence counts its seats now. */
export interface SeatQuestion {
  readonly pool: string
  readonly holder: string
  readonly seats: number
  /** Of the seats, those that only readers on site may hold; none unless given. */
  readonly reserved?: number
  /** Where the asker is; not on site unless given. */
  readonly isOnSite?: boolean
}

/** The rules of a queue; `core/limits.ts` has what is usual. */
export interface QueueTerms {
  /** A seat that has become free is kept so long for the first who waits. */
  readonly holdMs: number
  /** A waiter of whom nothing is heard for so long has gone. */
  readonly seenMs: number
  /** Nobody more may join then. */
  readonly waiters: number
}

/** How somebody stands who asks for a place. */
export type WaitAnswer =
  /** A seat is theirs for `leftMs` more: one that is kept for them, or one that they use. */
  | { readonly kind: 'held'; readonly leftMs: number }
  | {
      readonly kind: 'waiting'
      /** The question itself has made them join. */
      readonly isNew: boolean
      /** 1 for the first. */
      readonly place: number
      readonly length: number
      /** How often a seat has become free lately: once in so long. Absent while that is unknown. */
      readonly paceMs?: number
    }
  /** They are not in the queue, and were not to join. */
  | { readonly kind: 'gone' }
  /** The queue is full. */
  | { readonly kind: 'crowded'; readonly length: number }

/** Which lease is meant. */
export interface LeaseName {
  readonly pool: string
  readonly holder: string
}

/** Hears of leases; see `SeatStore.watch`. */
export interface SeatWatch {
  /** Whether calls arrive within seconds; while false they may be lost without a sign. */
  isHearing(): boolean
  stop(): void
}

/** Whether a seat is held now. */
export interface SeatAnswer {
  readonly isGranted: boolean
  /** The pool's seats that are not free, the asker's included if granted. */
  readonly used: number
  /** Of a seat that was kept for the asker: how long they had waited. Told once. */
  readonly waitedMs?: number
  /** Not granted here, but the asker keeps a reserved seat for when they are on site. */
  readonly isKeptOnSite?: true
  /** Of an asker who wanted to wait and has no seat. */
  readonly wait?: WaitAnswer
}

/**
 * Leases on seats, and the queue of those who wait for one. The store's own clock decides; two
 * processes never grant one seat twice, and seats that are held or kept are never more than there are.
 *
 * Whoever asks, by `acquire` or `wait`, first gives what has become free to those who wait, in the
 * order in which they came, for `holdMs` each; so nobody overtakes. Readers on site pass those who
 * are elsewhere only where a seat is reserved for them.
 */
export interface SeatStore {
  /**
   * Takes a seat, or renews the one that the holder has, until `idleMs` from now; a later end stays.
   * Refused when `seats` others hold one. When `seats` was lowered, those who came first keep theirs: the others
   * lose it at their next renewal. `only` leaves a seat alone that is not yet theirs; with `queue`
   * whoever is refused joins it. Atomic.
   */
  acquire(
    ask: SeatQuestion & {
      readonly idleMs: number
      readonly only?: 'renew'
      readonly queue?: QueueTerms
    },
  ): Promise<SeatAnswer>
  /**
   * Joins the queue, or says again that one is still there; a free seat is kept for the asker at
   * once. With `only` nobody joins. Atomic.
   */
  wait(
    ask: SeatQuestion & { readonly queue: QueueTerms; readonly only?: 'stay' },
  ): Promise<WaitAnswer>
  /** Leaves the queues of these pools, and seats that were kept and not used; the number of both. */
  leave(pools: readonly string[], holder: string): Promise<number>
  /**
   * Lets the holder's leases in these pools end within `leftMs`, unless they are renewed; kept seats
   * stay as they are. The number of leases that end sooner now.
   */
  shorten(pools: readonly string[], holder: string, leftMs: number): Promise<number>
  /** Gives up the holder's seats and places in these pools; the number of seats that were held. */
  release(pools: readonly string[], holder: string): Promise<number>
  /** The live leases of a pool, oldest first. */
  leases(pool: string): Promise<readonly Lease[]>
  /** Those who wait, in their order. */
  waiters(pool: string): Promise<readonly Waiter[]>
  /**
   * Calls back soon after a lease has become worth less than whoever renewed it may remember, whoever
   * did it: given up, shortened, lost because there are fewer seats, or counted at another place.
   * Called without a lease when calls may have been lost, and then any lease may have.
   */
  watch(onChange: (lease?: LeaseName) => void): SeatWatch
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
  /**
   * Durable when it resolves; an id that is already there is left as it is. Events of a time that is
   * forgotten are not taken: the answer is their number.
   */
  append(events: readonly StoredEvent[]): Promise<number>
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
  /**
   * How many events there are in each hour since the epoch, from one to another, the last excluded;
   * hours without any are missing.
   */
  hours(fromHour: number, toHour: number): Promise<ReadonlyMap<number, number>>
  /** Puts bodies in the place of others; ids that are not stored are left out. */
  replace(events: readonly Omit<StoredEvent, 'at'>[]): Promise<void>
  /**
   * Forgets the time before an instant for good, and removes some of its events: at most
   * `limits.store.forgottenAtOnce`. Answers how many; none is left when it was fewer.
   */
  forget(beforeAt: number): Promise<number>
  /** The instant before which all is forgotten; 0 when nothing is. */
  keptFrom(): Promise<number>
}

/** What a document tells of: a time, the persons of a time by pseudonym, or what publishers reported. */
export type FiguresKind = 'day' | 'month' | 'year' | 'day-readers' | 'month-readers' | 'publisher'

/** Figures as stored: the store does not look into `body`. */
export interface FiguresDocument {
  readonly kind: FiguresKind
  readonly period: Period
  /** From how many events: when there are more by now, it is to be made anew. */
  readonly madeFrom: number
  readonly body: string
}

/** Figures made from usage events; they outlive them. */
export interface FiguresStore {
  /** Puts documents in the place of those of the same kind and period. */
  write(documents: readonly FiguresDocument[]): Promise<void>
  /** Documents of a kind from a period to another, both included, in order. */
  read(kind: FiguresKind, from: Period, to: Period): Promise<readonly FiguresDocument[]>
  /** From how many events each document of a kind was made. */
  madeFrom(kind: FiguresKind): Promise<ReadonlyMap<Period, number>>
  remove(kind: FiguresKind, periods: readonly Period[]): Promise<void>
}

/** Where the audit log ends: how many entries it has, and the hash of the last; 0 and '' if none. */
export interface LogHead {
  readonly sequence: number
  readonly hash: string
}

/** An entry of the audit log as stored; the store does not look into `body`. */
export interface LogRow extends LogHead {
  readonly body: string
}

/** A rule set by its number, which only grows, and the hash of its body; 0 and '' for none. */
export interface SetHead {
  readonly version: number
  readonly hash: string
}

/** A rule set as it is listed: `about` is JSON on who put it into force, when, why. */
export interface SetFacts extends SetHead {
  readonly about: string
}

/** A rule set as stored. */
export interface StoredSet extends SetFacts {
  readonly body: string
}

/** An override as stored: `id` is the entry of the log that began it. */
export interface StoredOverride {
  readonly id: number
  /** Epoch milliseconds; after it the store may forget the override. */
  readonly endsAt: number
  readonly body: string
}

/** What staff have put into force, in a few words: changes whenever any of it does. */
export interface ControlState {
  readonly log: LogHead
  readonly rules: SetHead
  /** The last entry that began or ended an override; 0 when none did. */
  readonly overridesAt: number
}

/** What an entry of the log does beside standing in it. */
export type ControlEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'rules'; readonly set: StoredSet }
  | { readonly kind: 'override'; readonly override: StoredOverride }
  | { readonly kind: 'end-override'; readonly id: number }

/**
 * Rule sets, overrides and the audit log: staff change nothing without an entry of the log. Entries
 * stay for ever, of rule sets the last `limits.control.setsKept`.
 */
export interface ControlStore {
  state(): Promise<ControlState>
  /**
   * Appends an entry and does what it says, all or nothing, if the log ends right before it: with
   * `after`. False when another entry stands there; true when this very one does already. Atomic.
   */
  commit(row: LogRow, after: LogHead, effect: ControlEffect): Promise<boolean>
  /** Entries from a number on, in order, at most `count`. */
  rows(fromSequence: number, count: number): Promise<readonly LogRow[]>
  /** The rule sets that are kept, the newest first, without their bodies. */
  sets(): Promise<readonly SetFacts[]>
  set(version: number): Promise<StoredSet | undefined>
  /** The overrides that have not been ended, by id; some may have come to their end. */
  overrides(): Promise<readonly StoredOverride[]>
  /**
   * Calls back soon after a commit of anybody, or sooner; some calls may be lost, so that whoever
   * must know looks at `state` as well. The answer ends it.
   */
  watch(onCommit: () => void): () => void
}

/** The store of one gateway. */
export interface Store {
  readonly kind: 'embedded' | 'redis'
  readonly records: RecordStore
  readonly seats: SeatStore
  readonly usage: UsageStore
  readonly figures: FiguresStore
  readonly control: ControlStore
  /** Resolves when the store answers; rejects with `ERR_STORE_AWAY`. */
  ping(): Promise<void>
  /** Lets operations under way end, then lets go of files and sockets. */
  close(): Promise<void>
}
