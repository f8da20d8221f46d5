/**
 * Seat leases and queues in Redis, each pool in one cluster slot; `redis-seat-scripts.ts` has the
 * scripts.
 * @module
 */
import { z } from 'zod'

import { jsonAs } from '../core/decoding.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type {
  LeaseName,
  QueueTerms,
  SeatAnswer,
  SeatQuestion,
  SeatStore,
  SeatWatch,
  WaitAnswer,
} from './contract.ts'
import { wholeLifetimeMs } from './lifetime.ts'
import type { RedisLink } from './redis-link.ts'
import {
  askScript,
  leasesScript,
  leaveScript,
  releaseScript,
  seatChannel,
  seatKeys,
  shortenScript,
  waitersScript,
} from './redis-seat-scripts.ts'

const count = z.int()
const texts = z.array(z.string())
const waitShapes = [
  z.tuple([z.literal('held'), count, z.number()]),
  z.tuple([z.literal('waiting'), count, count, count, count, count]),
  z.tuple([z.literal('gone'), count]),
  z.tuple([z.literal('crowded'), count, count]),
] as const
const waitShape = z.union(waitShapes)
const seatShape = z.union([
  z.tuple([z.literal('granted'), count, z.number()]),
  z.tuple([z.literal('refused'), count]),
  z.tuple([z.literal('apart'), count]),
  ...waitShapes,
])

/** The leases and queues of the server. */
export function createRedisSeats(link: RedisLink): SeatStore {
  function ask(
    mode: 'take' | 'renew' | 'queue' | 'join' | 'stay',
    { pool, holder, seats, reserved = 0, isOnSite = false }: SeatQuestion,
    idleMs: number,
    { holdMs, seenMs, waiters }: QueueTerms = limits.policy.queue,
  ): Promise<unknown> {
    const times = [idleMs, holdMs, seenMs].map(wholeLifetimeMs)
    const values = [mode, seats, reserved, isOnSite ? 1 : 0, ...times, waiters]
    return link.run(askScript, keysOf(pool), [...aboutOf(pool, holder), ...values])
  }
  async function sum(
    script: typeof leaveScript,
    pools: readonly string[],
    holder: string,
    values: readonly number[] = [],
  ) {
    const counts = await Promise.all(
      pools.map(async (pool) => {
        const about = [...aboutOf(pool, holder), ...values]
        return parsed(count, await link.run(script, keysOf(pool), about))
      }),
    )
    return counts.reduce((total, each) => total + each, 0)
  }

  return {
    async acquire({ idleMs, only, queue, ...question }) {
      const mode = only ?? (queue === undefined ? 'take' : 'queue')
      return seatAnswer(parsed(seatShape, await ask(mode, question, idleMs, queue)))
    },
    async wait({ queue, only, ...question }) {
      const answer = await ask(only ?? 'join', question, queue.holdMs, queue)
      return waitAnswer(parsed(waitShape, answer))
    },
    leave: (pools, holder) => sum(leaveScript, pools, holder),
    shorten: (pools, holder, leftMs) =>
      sum(shortenScript, pools, holder, [wholeLifetimeMs(leftMs)]),
    release: (pools, holder) => sum(releaseScript, pools, holder),
    async leases(pool) {
      const rows = rowsOf(parsed(texts, await link.run(leasesScript, keysOf(pool), [])), 5)
      return rows.map(([holder = '', acquiredAt, endsAt, isOnSite, isOnHold]) => ({
        pool,
        holder,
        acquiredAt: Number(acquiredAt),
        endsAt: Number(endsAt),
        isOnSite: isOnSite === '1',
        isOnHold: isOnHold === '1',
      }))
    },
    async waiters(pool) {
      const rows = rowsOf(parsed(texts, await link.run(waitersScript, keysOf(pool), [])), 2)
      return rows.map(([holder = '', about = '']) => ({
        pool,
        holder,
        joinedAt: Number(about.slice(1)),
        isOnSite: about.startsWith('1'),
      }))
    },
    watch: (onChange) => watch(link, onChange),
  }
}

/** In the channel between the news. */
const beat = 'beat'
const newsShape = z.tuple([z.string(), z.string()])

/** What each script about a holder begins with: who it is, and what is told of their lease. */
function aboutOf(pool: string, holder: string): [string, string] {
  return [holder, JSON.stringify([pool, holder])]
}

/**
 * Every process says a beat in the channel now and then. Who hears one knows that the whole way works:
 * a connection that is open alone may have been cut off, and a login may not be let into a channel.
 */
function watch(link: RedisLink, onChange: (lease?: LeaseName) => void): SeatWatch {
  const { seatBeatMs, seatBeatsMissed } = limits.store
  let missed: number = seatBeatsMissed

  function say(): void {
    link.ask((redis) => redis.publish(seatChannel, beat)).catch(() => undefined)
  }
  function hear(message?: string): void {
    if (message === undefined) say()
    if (message !== beat) {
      onChange(leaseOf(message))
      return
    }
    const wasDeaf = missed >= seatBeatsMissed
    missed = 0
    if (wasDeaf) onChange()
  }

  const unsubscribe = link.subscribe(seatChannel, hear)
  const timer = setInterval(() => {
    missed += 1
    say()
  }, seatBeatMs)
  timer.unref()
  return {
    isHearing: () => missed < seatBeatsMissed,
    stop() {
      clearInterval(timer)
      missed = seatBeatsMissed
      unsubscribe()
    },
  }
}

/** News that cannot be read may be of any lease. */
function leaseOf(message = ''): LeaseName | undefined {
  const [pool, holder] = jsonAs(newsShape, message) ?? []
  return pool === undefined || holder === undefined ? undefined : { pool, holder }
}

function seatAnswer(answer: z.output<typeof seatShape>): SeatAnswer {
  const [, used] = answer
  if (answer[0] === 'granted') {
    const [, , waitedMs] = answer
    return { isGranted: true, used, ...(waitedMs >= 0 && { waitedMs }) }
  }
  if (answer[0] === 'refused') return { isGranted: false, used }
  if (answer[0] === 'apart') return { isGranted: false, used, isKeptOnSite: true }
  return { isGranted: false, used, wait: waitAnswer(answer) }
}

function waitAnswer(answer: z.output<typeof waitShape>): WaitAnswer {
  switch (answer[0]) {
    case 'held':
      return { kind: 'held', leftMs: answer[2] }
    case 'waiting': {
      const [kind, , isNew, place, length, paceMs] = answer
      return { kind, isNew: isNew === 1, place, length, ...(paceMs >= 0 && { paceMs }) }
    }
    case 'gone':
      return { kind: 'gone' }
    case 'crowded':
      return { kind: 'crowded', length: answer[2] }
  }
}

/** A flat list of columns as rows. */
function rowsOf(flat: readonly string[], width: number): string[][] {
  return Array.from({ length: flat.length / width }, (_, index) =>
    flat.slice(index * width, (index + 1) * width),
  )
}

/**
 * The pool in braces is what a cluster hashes; encoded, because a brace in the name would end it.
 * Source: Redis cluster specification, "Hash tags".
 */
function keysOf(pool: string): readonly string[] {
  const tag = `darbaza:{${encodeURIComponent(pool.toWellFormed())}}`
  return seatKeys.map((key) => `${tag}:${key}`)
}

function parsed<Shape extends z.ZodType>(shape: Shape, answer: unknown): z.output<Shape> {
  const result = shape.safeParse(answer)
  if (result.success) return result.data
  throw new GatewayError('ERR_STORE_DATA', 'Redis: a seat script answered in another shape')
}
