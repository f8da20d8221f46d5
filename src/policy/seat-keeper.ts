/**
 * Seats as exchanges ask for them: the store grants, and this process remembers for a while, so that
 * a page of a hundred files asks once. When a remembered seat is due it is renewed beside the exchange,
 * which does not wait for that.
 *
 * Nothing is granted from memory: a remembered seat is a lease that the store gave and that has not
 * ended. Durations are measured by the steady clock from before the store was asked, so that the
 * memory always ends before the lease.
 *
 * A lease that is given up, here or in another process, is forgotten as soon as the store tells. What
 * it tells may be lost: when that is known the store is asked anew, and as long as it is possible
 * nothing is believed for longer than `limits.policy.seatTrustMs`, which so bounds how long somebody
 * may read without their seat.
 * @module
 */
import assert from 'node:assert/strict'

import type { Clock } from '../core/clock.ts'
import { isStoreAway } from '../core/errors.ts'
import type { SeatPool } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import type { Place } from '../core/types.ts'
import type { SeatQuestion, SeatStore, WaitAnswer } from '../store/contract.ts'
import { LeaseMemory } from './lease-memory.ts'
import { questionOf, waitIn } from './seat-line.ts'

/** Who asks for a seat of which pools, the first that has one being taken. */
export interface SeatAsk {
  readonly pools: readonly SeatPool[]
  /** `patronKey` of the holder. */
  readonly holder: string
  readonly place: Place
  /** A seat given up at sign-out, perhaps in another process, is not believed held in the next one. */
  readonly sessionId: string
  readonly idleMs: number
}

/** Whether somebody without a seat joins the queue. */
export type WhenFull = 'refuse' | 'wait'

/** Whether the holder has a seat; `unknown` when the store is away and no lease is remembered. */
export type SeatStanding =
  /** `waitedMs` is told once, of a seat that was kept for who had waited. */
  | { readonly kind: 'held'; readonly pool: string; readonly waitedMs?: number }
  | {
      readonly kind: 'full'
      readonly used: number
      /** Of who has joined the queue, or was to. */
      readonly wait?: WaitAnswer
    }
  | { readonly kind: 'unknown' }

/** Takes, renews and gives up seats. */
export interface SeatKeeper {
  /** `whenFull` is asked if the store is; nobody joins the queue unless it says so. */
  hold(ask: SeatAsk, whenFull?: () => WhenFull): Promise<SeatStanding>
  /** Renews what the holder has and takes nothing: always, or if a lease is not believed any more. */
  stay(ask: SeatAsk, when?: 'if-in-doubt'): Promise<void>
  /** Lets a seat end within `graceMs` unless it is used. */
  leaveSoon(ask: SeatAsk, graceMs: number): Promise<void>
  /** Gives up the holder's seats, and places in queues, in these pools; the number of seats. */
  release(pools: readonly string[], holder: string): Promise<number>
  /** Hears no more of what others give up. */
  stop(): void
}

/** A lease as this process knows it, in milliseconds of the steady clock. */
interface Remembered {
  readonly holder: string
  readonly pool: string
  /** How many doubts there had been. */
  readonly doubts: number
  /** What was asked: an answer says nothing of fewer seats, or of another place. */
  readonly question: SeatQuestion
  readonly askedAt: number
  readonly renewAt: number
  readonly endsAt: number
}

/** Makes the keeper of a process. */
export function createSeatKeeper(parts: { seats: SeatStore; clock: Clock }): SeatKeeper {
  const { seats, clock } = parts
  const memory = new LeaseMemory<Remembered>(limits.policy.rememberedSeats)
  // Who asks again hands in the same value: its keys are made once.
  const keys = new WeakMap<SeatAsk, readonly string[]>()
  let forgetCount = 0
  let doubts = 0
  const watch = seats.watch((lease) => {
    if (lease === undefined) doubts += 1
    else forget(lease.holder, lease.pool)
  })

  function forget(holder: string, pool?: string): void {
    forgetCount += 1
    memory.forget(holder, pool)
  }

  async function ask(wish: SeatAsk, find: Find): Promise<SeatStanding> {
    const askedAt = clock.steady()
    const countBefore = forgetCount
    const doubtsBefore = doubts
    const standing = await find(seats, wish)
    const { pools, holder, sessionId, idleMs } = wish
    if (standing.kind !== 'held') {
      for (const { pool } of pools) memory.delete(keyOf(pool, holder, sessionId))
      return standing
    }
    // A release may have overtaken this answer: then the next exchange asks again.
    if (countBefore === forgetCount) {
      const { pool } = standing
      const times = { askedAt, renewAt: askedAt + idleMs / 4, endsAt: askedAt + idleMs }
      const lease = { holder, pool, question: questionIn(pool, wish), doubts: doubtsBefore }
      memory.set(keyOf(pool, holder, sessionId), { ...lease, ...times })
    }
    return standing
  }

  function keysOf(wish: SeatAsk): readonly string[] {
    const found = keys.get(wish)
    if (found !== undefined) return found
    const made = wish.pools.map(({ pool }) => keyOf(pool, wish.holder, wish.sessionId))
    keys.set(wish, made)
    return made
  }

  /** The lease that is remembered; of several pools, any. */
  function known(wish: SeatAsk): Remembered | undefined {
    for (const key of keysOf(wish)) {
      const found = memory.get(key)
      if (found !== undefined) return found
    }
    return undefined
  }

  /**
   * Renews a seat that is held. What goes wrong is tried again while the seat lasts, and told to who asks
   * after that.
   */
  function renewBeside(lease: Remembered, wish: SeatAsk, now: number): void {
    const renewAt = now + limits.policy.seatRetryMs
    memory.set(keyOf(lease.pool, wish.holder, wish.sessionId), { ...lease, renewAt })
    ask(wish, renewedIn).catch(() => undefined)
  }

  function isBelieved(lease: Remembered, wish: SeatAsk, now: number): boolean {
    if (now >= lease.endsAt || lease.doubts !== doubts) return false
    const isFresh = watch.isHearing() || now < lease.askedAt + limits.policy.seatTrustMs
    return isFresh && isSame(lease.question, questionIn(lease.pool, wish))
  }

  return {
    stop: () => {
      watch.stop()
    },
    async hold(wish, whenFull = () => 'refuse') {
      const lease = known(wish)
      const askedAt = clock.steady()
      if (lease !== undefined && isBelieved(lease, wish, askedAt)) {
        if (askedAt >= lease.renewAt) renewBeside(lease, wish, askedAt)
        return { kind: 'held', pool: lease.pool }
      }
      try {
        return await ask(wish, seatIn(whenFull()))
      } catch (error) {
        if (!isStoreAway(error)) throw error
        const now = clock.steady()
        if (lease === undefined || now >= lease.endsAt) return { kind: 'unknown' }
        const renewAt = Math.min(now + limits.policy.seatRetryMs, lease.endsAt)
        const key = keyOf(lease.pool, wish.holder, wish.sessionId)
        const question = questionIn(lease.pool, wish)
        if (memory.get(key)) memory.set(key, { ...lease, doubts, question, askedAt: now, renewAt })
        return { kind: 'held', pool: lease.pool }
      }
    },
    async stay(wish, when) {
      const lease = known(wish)
      const now = clock.steady()
      const isSure = lease !== undefined && now < lease.renewAt && isBelieved(lease, wish, now)
      if (when === undefined || !isSure) await ask(wish, renewedIn)
    },
    async leaveSoon({ pools, holder }, graceMs) {
      const names = pools.map(({ pool }) => pool)
      try {
        await seats.shorten(names, holder, graceMs)
      } finally {
        // The store tells of it; this process shall not have to hear first.
        forget(holder)
      }
    },
    async release(pools, holder) {
      try {
        return await seats.release(pools, holder)
      } finally {
        forget(holder)
      }
    },
  }
}

/** What the store was asked about one of the pools. */
function questionIn(name: string, { pools, holder, place }: SeatAsk): SeatQuestion {
  const found = pools.find(({ pool }) => pool === name)
  assert(found !== undefined, 'a seat is held in a pool that was asked for')
  return questionOf(found, holder, place)
}

function isSame(one: SeatQuestion, other: SeatQuestion): boolean {
  return (
    one.seats === other.seats && one.reserved === other.reserved && one.isOnSite === other.isOnSite
  )
}

/** None of the three has a blank in it: a slug, a digest, an id. */
function keyOf(pool: string, holder: string, sessionId: string): string {
  return `${pool} ${holder} ${sessionId}`
}

/** Asks the store for a seat. */
type Find = (seats: SeatStore, wish: SeatAsk) => Promise<SeatStanding>

/** Of several pools asks first for the one where the holder has a seat already. */
function seatIn(whenFull: WhenFull): Find {
  return async (seats, wish) => {
    const { pools, idleMs } = wish
    const isOnePool = pools.length === 1
    if (!isOnePool) {
      const own = await renewedIn(seats, wish)
      if (own.kind === 'held') return leavingOthers(seats, wish, own)
    }
    const queue = isOnePool && whenFull === 'wait' ? { queue: limits.policy.queue } : {}
    const take = () =>
      firstIn(pools, wish, (question) => seats.acquire({ ...question, idleMs, ...queue }))
    const taken = await take()
    if (isOnePool || whenFull === 'refuse') return taken
    if (taken.kind === 'held') return leavingOthers(seats, wish, taken)
    const wait = await waitIn(seats, wish)
    // A seat has become free in between.
    return wait.kind === 'held' ? take() : { ...taken, wait }
  }
}

/** With the seat that was waited for ends the waiting for others, which would be kept for nobody. */
async function leavingOthers(
  seats: SeatStore,
  { pools, holder }: SeatAsk,
  held: Extract<SeatStanding, { kind: 'held' }>,
): Promise<SeatStanding> {
  if (held.waitedMs === undefined) return held
  const others = pools.flatMap(({ pool }) => (pool === held.pool ? [] : [pool]))
  await seats.leave(others, holder)
  return held
}

/** Asks for the seat that the holder has already, and for no other. */
function renewedIn(seats: SeatStore, wish: SeatAsk) {
  const { pools, idleMs } = wish
  return firstIn(pools, wish, (question) => seats.acquire({ ...question, idleMs, only: 'renew' }))
}

/** Asks one pool after the other until one grants. */
async function firstIn(
  pools: readonly SeatPool[],
  { holder, place }: SeatAsk,
  acquire: (question: SeatQuestion) => ReturnType<SeatStore['acquire']>,
): Promise<Exclude<SeatStanding, { kind: 'unknown' }>> {
  let used = 0
  let wait: WaitAnswer | undefined
  for (const each of pools) {
    const answer = await acquire(questionOf(each, holder, place))
    if (answer.isGranted) {
      const { waitedMs } = answer
      return { kind: 'held', pool: each.pool, ...(waitedMs !== undefined && { waitedMs }) }
    }
    used += answer.used
    wait = answer.wait
  }
  return { kind: 'full', used, ...(wait && { wait }) }
}
