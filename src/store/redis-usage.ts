/**
 * Usage events in Redis: a sorted set of ids by time and a hash of bodies, in one cluster slot. How
 * durable an append is depends on the server's `appendonly` settings, which `config/redis.conf` sets.
 * @module
 */
import assert from 'node:assert/strict'

import { z } from 'zod'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { StoredEvent, UsageStore } from './contract.ts'
import { luaScript, type RedisLink } from './redis-link.ts'

const keys = ['darbaza:{usage}:times', 'darbaza:{usage}:bodies']

/** ARGV: id, time and body by turns. */
const append = luaScript(`
  for i = 1, #ARGV, 3 do
    if redis.call('ZADD', KEYS[1], 'NX', ARGV[i + 1], ARGV[i]) == 1 then
      redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
    end
  end
`)

/** ARGV: from, to, count, and what it comes after, if anything. Answers id, time, body by turns. */
const read = luaScript(`
  local first = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
  if ARGV[4] then
    local rank = redis.call('ZRANK', KEYS[1], ARGV[4])
    if not rank then return false end
    first = math.max(first, rank + 1)
  end
  local last = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[2]) - 1
  last = math.min(last, first + ARGV[3] - 1)
  local answer = {}
  if last < first then return answer end
  local found = redis.call('ZRANGE', KEYS[1], first, last, 'WITHSCORES')
  for i = 1, #found, 2 do
    answer[#answer + 1] = found[i]
    answer[#answer + 1] = found[i + 1]
    answer[#answer + 1] = redis.call('HGET', KEYS[2], found[i])
  end
  return answer
`)

const page = z.array(z.string())

/** The events of the server. */
export function createRedisUsage(link: RedisLink): UsageStore {
  return {
    async append(events) {
      const size = limits.store.eventsPerScript
      for (let first = 0; first < events.length; first += size) {
        const values = events
          .slice(first, first + size)
          .flatMap(({ id, at, body }) => [id, at, body])
        await link.run(append, keys, values)
      }
    },
    async read({ fromAt, toAt, count, afterId }) {
      assert(count >= 1 && count <= limits.store.eventsPerRead, 'a page is within its bound')
      const after = afterId === undefined ? [] : [afterId]
      const answer = await link.run(read, keys, [fromAt, toAt, count, ...after])
      if (answer === null) throw new GatewayError('ERR_STORE_DATA', 'afterId is not stored')
      return eventsOf(answer)
    },
  }
}

function eventsOf(answer: unknown): StoredEvent[] {
  const flat = page.safeParse(answer)
  if (!flat.success) throw new GatewayError('ERR_STORE_DATA', 'Redis: an event without body')
  return Array.from({ length: flat.data.length / 3 }, (_, index) => {
    const [id = '', at, body = ''] = flat.data.slice(index * 3, index * 3 + 3)
    return { id, at: Number(at), body }
  })
}
