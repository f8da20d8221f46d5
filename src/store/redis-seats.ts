/**
 * Seat leases in Redis: for each pool two sorted sets of holders, by the end and by the beginning of
 * their leases, in one cluster slot. Scripts make each step atomic and ask Redis for the time, so
 * that the clocks of the gateway's processes do not matter.
 * @module
 */
import { z } from 'zod'

import { GatewayError } from '../core/errors.ts'
import type { SeatStore } from './contract.ts'
import { wholeLifetimeMs } from './lifetime.ts'
import { luaScript, type RedisLink } from './redis-link.ts'

/** KEYS: ends, beginnings. Sets `now` and removes what has ended. */
const prelude = `
  local ends, begins = KEYS[1], KEYS[2]
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  for _, holder in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now)) do
    redis.call('ZREM', ends, holder)
    redis.call('ZREM', begins, holder)
  end
`

/** ARGV: holder, seats, idle time. Answers whether granted, and how many are held. */
const acquire = luaScript(`${prelude}
  local holder, seats, idle = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
  local before = redis.call('ZRANK', begins, holder) or redis.call('ZCARD', begins)
  local granted = before < seats
  if granted then
    redis.call('ZADD', begins, 'NX', now, holder)
    redis.call('ZADD', ends, now + idle, holder)
    local last = redis.call('ZRANGE', ends, -1, -1, 'WITHSCORES')[2]
    redis.call('PEXPIREAT', ends, last)
    redis.call('PEXPIREAT', begins, last)
  else
    redis.call('ZREM', begins, holder)
    redis.call('ZREM', ends, holder)
  end
  return { granted and 1 or 0, redis.call('ZCARD', begins) }
`)

/** ARGV: holder. Answers whether it held a seat. */
const release = luaScript(`${prelude}
  redis.call('ZREM', begins, ARGV[1])
  return redis.call('ZREM', ends, ARGV[1])
`)

/** Answers holder, beginning and end by turns, oldest first. */
const list = luaScript(`${prelude}
  local answer = {}
  for _, holder in ipairs(redis.call('ZRANGE', begins, 0, -1)) do
    answer[#answer + 1] = holder
    answer[#answer + 1] = redis.call('ZSCORE', begins, holder)
    answer[#answer + 1] = redis.call('ZSCORE', ends, holder)
  end
  return answer
`)

const grant = z.tuple([z.number(), z.int()])
const held = z.int()
const leaseList = z.array(z.string())

/** The leases of the server. */
export function createRedisSeats(link: RedisLink): SeatStore {
  return {
    async acquire({ pool, holder, seats, idleMs }) {
      const values = [holder, seats, wholeLifetimeMs(idleMs)]
      const [granted, used] = parsed(grant, await link.run(acquire, keysOf(pool), values))
      return { isGranted: granted === 1, used }
    },
    async release(pools, holder) {
      const counts = await Promise.all(
        pools.map(async (pool) => parsed(held, await link.run(release, keysOf(pool), [holder]))),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async leases(pool) {
      const flat = parsed(leaseList, await link.run(list, keysOf(pool), []))
      return Array.from({ length: flat.length / 3 }, (_, index) => {
        const [holder = '', acquiredAt, endsAt] = flat.slice(index * 3, index * 3 + 3)
        return { pool, holder, acquiredAt: Number(acquiredAt), endsAt: Number(endsAt) }
      })
    },
  }
}

/**
 * The pool in braces is what a cluster hashes; encoded, because a brace in the name would end it.
 * Source: Redis cluster specification, "Hash tags".
 */
function keysOf(pool: string): readonly string[] {
  const tag = `darbaza:{${encodeURIComponent(pool.toWellFormed())}}`
  return [`${tag}:seat-ends`, `${tag}:seat-begins`]
}

function parsed<Shape extends z.ZodType>(shape: Shape, answer: unknown): z.output<Shape> {
  const result = shape.safeParse(answer)
  if (result.success) return result.data
  throw new GatewayError('ERR_STORE_DATA', 'Redis: a seat script answered in another shape')
}
