/**
 * Seat leases and queues in SQLite. One write transaction at a time makes every step atomic, between
 * processes as well; what each step does is the same as in `redis-seat-scripts.ts`.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { QueueTerms, SeatAnswer, SeatQuestion, SeatStore, WaitAnswer } from './contract.ts'
import type { EmbeddedDatabase } from './embedded-database.ts'
import { createSeatTables, type SeatTables } from './embedded-seat-tables.ts'
import { createSeatNews, type SeatNews } from './embedded-seat-news.ts'
import { wholeLifetimeMs } from './lifetime.ts'

/** One step on one pool, within a transaction. */
interface Step extends Required<SeatQuestion> {
  readonly tables: SeatTables
  readonly news: SeatNews
  readonly now: number
}

/**
 * The leases and queues of the file.
 *
 * @param clock The store's own, which never steps back.
 */
export function createEmbeddedSeats(database: EmbeddedDatabase, clock: Clock): SeatStore {
  const tables = createSeatTables(database)
  const news = createSeatNews(database)

  /** Removes what has ended, and waiters of whom nothing was heard. */
  function tidy(pool: string): number {
    const now = clock.now()
    tables.sweep(pool, now)
    return now
  }
  function begin(question: SeatQuestion, { holdMs }: Pick<QueueTerms, 'holdMs'>): Step {
    const now = tidy(question.pool)
    const step = { reserved: 0, isOnSite: false, ...question, tables, news, now }
    advance(step, wholeLifetimeMs(holdMs))
    return step
  }
  function sum(pools: readonly string[], work: (pool: string, now: number) => boolean) {
    return news.transact(() => pools.filter((pool) => work(pool, tidy(pool))).length)
  }

  return {
    acquire: ({ idleMs, only, queue, ...question }) =>
      news.transact(() => {
        const step = begin(question, queue ?? limits.policy.queue)
        return acquire(step, wholeLifetimeMs(idleMs), { only, queue })
      }),
    wait: ({ queue, only, ...question }) =>
      news.transact(() => {
        const step = begin(question, queue)
        const isSeated = standing(step) !== 'none'
        return isSeated ? heldBy(step) : enqueue(step, queue, only)
      }),
    leave: (pools, holder) =>
      sum(pools, (pool, now) => {
        const isKept = tables.lease(pool, holder)?.keptSince !== undefined
        if (isKept) tables.note(pool, now)
        return isKept ? tables.drop(pool, holder) : tables.quit(pool, holder)
      }),
    shorten: (pools, holder, leftMs) =>
      sum(pools, (pool, now) => {
        const isSooner = tables.shorten(pool, holder, now + wholeLifetimeMs(leftMs))
        if (isSooner) news.add({ pool, holder })
        return isSooner
      }),
    release: (pools, holder) =>
      sum(pools, (pool, now) => {
        tables.quit(pool, holder)
        const isHeld = tables.drop(pool, holder)
        if (isHeld) {
          tables.note(pool, now)
          news.add({ pool, holder })
        }
        return isHeld
      }),
    leases: (pool) => database.attempt(() => tables.leases(pool, clock.now())),
    waiters: (pool) => database.attempt(() => tables.waiters(pool, clock.now())),
    watch: news.watch,
  }
}

function isGeneralFree({ tables, pool, seats, reserved }: Step): boolean {
  return reserved === 0 || tables.count(pool).afar < seats - reserved
}

function fits(step: Step, isOnSite: boolean): boolean {
  return step.tables.count(step.pool).used < step.seats && (isOnSite || isGeneralFree(step))
}

/** Keeps what is free for those who wait, in their order. */
function advance(step: Step, holdMs: number): void {
  const { tables, pool, seats, now } = step
  if (tables.count(pool).used >= seats) return
  for (const { holder, isOnSite, joinedAt } of tables.waiters(pool, now)) {
    if (!fits(step, isOnSite)) continue
    tables.quit(pool, holder)
    tables.seat({ pool, holder, isOnSite, endsAt: now + holdMs, keptSince: joinedAt, now })
  }
}

/** `own` counts here, `apart` on site only; what was lost by a lower number of seats is dropped. */
function standing(step: Step): 'own' | 'apart' | 'none' {
  const { tables, news, pool, holder, seats, reserved, isOnSite } = step
  const lease = tables.lease(pool, holder)
  if (lease === undefined) return 'none'
  if (lease.rank < seats) {
    if (isOnSite || reserved === 0) return 'own'
    if (lease.rankAfar === undefined) return isGeneralFree(step) ? 'own' : 'apart'
    if (lease.rankAfar < seats - reserved) return 'own'
  }
  tables.drop(pool, holder)
  news.add({ pool, holder })
  return 'none'
}

function acquire(
  step: Step,
  idleMs: number,
  { only, queue }: { only: 'renew' | undefined; queue: QueueTerms | undefined },
): SeatAnswer {
  const { tables, news, pool, holder, isOnSite, now } = step
  const state = standing(step)
  if (state === 'own' || (state === 'none' && only === undefined && fits(step, isOnSite))) {
    const lease = tables.lease(pool, holder)
    const since = lease?.keptSince
    const wasOnSite = lease?.rankAfar === undefined
    if (lease !== undefined && wasOnSite !== isOnSite) news.add({ pool, holder })
    tables.quit(pool, holder)
    tables.seat({ pool, holder, isOnSite, endsAt: now + idleMs, now })
    const { used } = tables.count(pool)
    return { isGranted: true, used, ...(since !== undefined && { waitedMs: now - since }) }
  }
  const { used } = tables.count(pool)
  if (state === 'apart') return { isGranted: false, used, isKeptOnSite: true }
  if (queue === undefined || only !== undefined) return { isGranted: false, used }
  return { isGranted: false, used, wait: enqueue(step, queue) }
}

function heldBy({ tables, pool, holder, now }: Step): WaitAnswer {
  return { kind: 'held', leftMs: (tables.lease(pool, holder)?.endsAt ?? now) - now }
}

function enqueue(step: Step, terms: QueueTerms, only?: 'stay'): WaitAnswer {
  const { tables, pool, holder, isOnSite, now } = step
  const isNew = tables.place(pool, holder) === undefined
  const { length } = tables.count(pool)
  if (isNew && only === 'stay') return { kind: 'gone' }
  if (isNew && length >= terms.waiters) return { kind: 'crowded', length }
  tables.join({ pool, holder, isOnSite, now, seenUntil: now + wholeLifetimeMs(terms.seenMs) })
  advance(step, wholeLifetimeMs(terms.holdMs))
  const place = tables.place(pool, holder)
  if (place === undefined) return heldBy(step)
  const paceMs = tables.paceMs(pool, now)
  return {
    kind: 'waiting',
    isNew,
    place,
    length: tables.count(pool).length,
    ...(paceMs !== undefined && { paceMs }),
  }
}
