/**
 * Leases and the queue of one pool as two plain lists, and the steps that a random course is made of:
 * what every store is held against.
 * @module
 */
import type { ExecutionContext } from 'ava'
import * as fc from 'fast-check'

import type {
  QueueTerms,
  SeatAnswer,
  SeatQuestion,
  SeatStore,
  WaitAnswer,
} from '../../src/store/contract.ts'

interface ModelLease {
  readonly holder: string
  readonly acquiredAt: number
  endsAt: number
  /** Order among those elsewhere; undefined on site. */
  afarSince: number | undefined
  keptSince: number | undefined
}

interface ModelWaiter {
  readonly holder: string
  readonly joinedAt: number
  seenUntil: number
  isOnSite: boolean
}

/** The pool at a time that the course decides. */
export class SeatModel {
  leases: ModelLease[] = []
  queue: ModelWaiter[] = []
  now: number

  constructor(now: number) {
    this.now = now
  }

  #byAge(of: (lease: ModelLease) => number | undefined): ModelLease[] {
    const known = this.leases.filter((lease) => of(lease) !== undefined)
    return known.toSorted((a, b) => of(a)! - of(b)! || (a.holder < b.holder ? -1 : 1))
  }

  get oldestFirst(): ModelLease[] {
    return this.#byAge(({ acquiredAt }) => acquiredAt)
  }

  #afar(): ModelLease[] {
    return this.#byAge(({ afarSince }) => afarSince)
  }

  tidy(): void {
    this.leases = this.leases.filter(({ endsAt }) => endsAt > this.now)
    this.queue = this.queue.filter(({ seenUntil }) => seenUntil > this.now)
  }

  #fits({ seats, reserved }: Ask, isOnSite: boolean): boolean {
    if (this.leases.length >= seats) return false
    return isOnSite || reserved === 0 || this.#afar().length < seats - reserved
  }

  #advance(ask: Ask, { holdMs }: QueueTerms): void {
    // `filter` below makes a new list and leaves this one as it is.
    for (const waiter of this.queue) {
      if (!this.#fits(ask, waiter.isOnSite)) continue
      this.queue = this.queue.filter((other) => other !== waiter)
      this.leases.push({
        holder: waiter.holder,
        acquiredAt: this.now,
        endsAt: this.now + holdMs,
        afarSince: waiter.isOnSite ? undefined : this.now,
        keptSince: waiter.joinedAt,
      })
    }
  }

  lease(holder: string): ModelLease | undefined {
    return this.leases.find((lease) => lease.holder === holder)
  }

  drop(holder: string): number {
    const before = this.leases.length
    this.leases = this.leases.filter((lease) => lease.holder !== holder)
    return before - this.leases.length
  }

  quit(holder: string): number {
    const before = this.queue.length
    this.queue = this.queue.filter((waiter) => waiter.holder !== holder)
    return before - this.queue.length
  }

  #standing({ holder, seats, reserved, isOnSite }: Ask): 'own' | 'apart' | 'none' {
    const lease = this.lease(holder)
    if (lease === undefined) return 'none'
    if (this.oldestFirst.indexOf(lease) < seats) {
      if (isOnSite || reserved === 0) return 'own'
      const isGeneralFree = this.#afar().length < seats - reserved
      if (lease.afarSince === undefined) return isGeneralFree ? 'own' : 'apart'
      if (this.#afar().indexOf(lease) < seats - reserved) return 'own'
    }
    this.drop(holder)
    return 'none'
  }

  acquire(ask: Ask, terms: QueueTerms): SeatAnswer {
    this.tidy()
    this.#advance(ask, terms)
    const { holder, isOnSite, idleMs, kind } = ask
    const state = this.#standing(ask)
    if (state === 'own' || (state === 'none' && kind !== 'renew' && this.#fits(ask, isOnSite))) {
      const lease = this.lease(holder)
      const keptSince = lease?.keptSince
      this.drop(holder)
      this.quit(holder)
      this.leases.push({
        holder,
        acquiredAt: lease?.acquiredAt ?? this.now,
        endsAt: Math.max(lease?.endsAt ?? 0, this.now + idleMs),
        afarSince: isOnSite ? undefined : (lease?.afarSince ?? this.now),
        keptSince: undefined,
      })
      const waited = keptSince === undefined ? {} : { waitedMs: this.now - keptSince }
      return { isGranted: true, used: this.leases.length, ...waited }
    }
    const used = this.leases.length
    if (state === 'apart') return { isGranted: false, used, isKeptOnSite: true }
    if (kind !== 'queue') return { isGranted: false, used }
    return { isGranted: false, used, wait: this.#enqueue(ask, terms) }
  }

  shorten({ holder, idleMs }: Ask): number {
    this.tidy()
    const lease = this.lease(holder)
    const endsAt = this.now + idleMs
    if (lease === undefined || lease.keptSince !== undefined || lease.endsAt <= endsAt) return 0
    lease.endsAt = endsAt
    return 1
  }

  wait(ask: Ask, terms: QueueTerms): WaitAnswer {
    this.tidy()
    this.#advance(ask, terms)
    return this.#standing(ask) === 'none' ? this.#enqueue(ask, terms) : this.#held(ask)
  }

  #held({ holder }: Ask): WaitAnswer {
    return { kind: 'held', leftMs: (this.lease(holder)?.endsAt ?? 0) - this.now }
  }

  #enqueue(ask: Ask, terms: QueueTerms): WaitAnswer {
    const { holder, isOnSite, kind } = ask
    const own = this.queue.find((waiter) => waiter.holder === holder)
    if (own === undefined) {
      if (kind === 'stay') return { kind: 'gone' }
      const { length } = this.queue
      if (length >= terms.waiters) return { kind: 'crowded', length }
      this.queue.push({ holder, joinedAt: this.now, isOnSite, seenUntil: 0 })
    }
    const waiter = this.queue.find((each) => each.holder === holder)!
    waiter.seenUntil = this.now + terms.seenMs
    waiter.isOnSite = isOnSite
    this.#advance(ask, terms)
    if (this.lease(holder) !== undefined) return this.#held(ask)
    const place = this.queue.indexOf(waiter) + 1
    const isNew = own === undefined
    return { kind: 'waiting', isNew, place, length: this.queue.length }
  }
}

/** One question of a course; `kind` names the operation and its mode. */
export interface Ask extends Required<SeatQuestion> {
  readonly kind: (typeof kinds)[number]
  readonly idleMs: number
}

const kinds = [
  'take',
  'queue',
  'queue',
  'join',
  'stay',
  'renew',
  'leave',
  'release',
  'shorten',
] as const

/** Questions about one pool; `span` is how long leases last. */
export function askOf(
  pool: string,
  seats: fc.Arbitrary<number>,
  reserved: fc.Arbitrary<number>,
  idleMs: fc.Arbitrary<number>,
): fc.Arbitrary<Ask> {
  return fc.record({
    pool: fc.constant(pool),
    kind: fc.constantFrom(...kinds),
    holder: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    seats,
    reserved,
    isOnSite: fc.boolean(),
    idleMs,
  })
}

/** Asks store and model the same, and compares: all of it, or all but what takes time to tell. */
export async function step(
  t: ExecutionContext,
  store: SeatStore,
  model: SeatModel,
  ask: Ask,
  { terms, isTimeKnown }: { terms: QueueTerms; isTimeKnown: boolean },
): Promise<void> {
  const { kind, pool, holder, idleMs } = ask
  const usedBefore = model.leases.length
  const compare = (found: unknown, expected: unknown) =>
    t.deepEqual(
      isTimeKnown ? withoutPace(found) : timeless(found),
      isTimeKnown ? expected : timeless(expected),
      kind,
    )
  if (kind === 'shorten') {
    t.is(await store.shorten([pool], holder, idleMs), model.shorten(ask), kind)
  } else if (kind === 'leave' || kind === 'release') {
    model.tidy()
    const isKept = model.lease(holder)?.keptSince !== undefined
    const isHeld = kind === 'release' || isKept
    const left = kind === 'leave' && isKept ? 0 : model.quit(holder)
    const dropped = isHeld ? model.drop(holder) : 0
    t.is(await store[kind]([pool], holder), kind === 'leave' ? left + dropped : dropped, kind)
  } else if (kind === 'join' || kind === 'stay') {
    const only = kind === 'stay' ? { only: kind } : {}
    compare(await store.wait({ ...question(ask), queue: terms, ...only }), model.wait(ask, terms))
  } else {
    const only = kind === 'renew' ? { only: kind } : {}
    const queue = kind === 'queue' ? { queue: terms } : {}
    const found = await store.acquire({ ...question(ask), idleMs, ...only, ...queue })
    compare(found, model.acquire(ask, kind === 'queue' ? terms : usual(terms)))
  }
  // Whatever happens, nobody is let in beyond the seats that the asker knows of.
  t.true(model.leases.length <= Math.max(usedBefore, ask.seats))
  await compareLists(t, store, model, pool, isTimeKnown)
}

/** Without `queue` the store keeps a seat for its usual time. */
function usual(terms: QueueTerms): QueueTerms {
  return { ...terms, holdMs: 60_000 }
}

function question({ pool, holder, seats, reserved, isOnSite }: Ask): SeatQuestion {
  return { pool, holder, seats, reserved, isOnSite }
}

async function compareLists(
  t: ExecutionContext,
  store: SeatStore,
  model: SeatModel,
  pool: string,
  isTimeKnown: boolean,
): Promise<void> {
  model.tidy()
  const leases = model.oldestFirst.map((lease) => ({
    pool,
    holder: lease.holder,
    acquiredAt: lease.acquiredAt,
    endsAt: lease.endsAt,
    isOnSite: lease.afarSince === undefined,
    isOnHold: lease.keptSince !== undefined,
  }))
  const waiters = model.queue.map(({ holder, joinedAt, isOnSite }) => ({
    pool,
    holder,
    joinedAt,
    isOnSite,
  }))
  const found = { leases: await store.leases(pool), waiters: await store.waiters(pool) }
  if (isTimeKnown) t.deepEqual(found, { leases, waiters })
  else {
    t.deepEqual(found.leases.map(timeless).toSorted(), leases.map(timeless).toSorted())
    t.deepEqual(found.waiters.map(timeless), waiters.map(timeless))
  }
}

function withoutPace(found: unknown): unknown {
  return JSON.parse(JSON.stringify(found, (key, value) => (key === 'paceMs' ? undefined : value)))
}

const times = new Set(['paceMs', 'leftMs', 'waitedMs', 'acquiredAt', 'endsAt', 'joinedAt'])

function timeless(found: unknown): string {
  return JSON.stringify(found, (key, value) => (times.has(key) ? undefined : value))
}
