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
import { wholeNumberOf } from './lifetime.ts'
import { luaScript, type RedisLink } from './redis-link.ts'

const keys = ['darbaza:{usage}:times', 'darbaza:{usage}:bodies', 'darbaza:{usage}:kept-from']

/** ARGV: id, time and body by turns. Answers how many are of a time that is forgotten. */
const append = luaScript(`
  local from = tonumber(redis.call('GET', KEYS[3]) or '0')
  local late = 0
  for i = 1, #ARGV, 3 do
    if tonumber(ARGV[i + 1]) < from then
      late = late + 1
    elseif redis.call('ZADD', KEYS[1], 'NX', ARGV[i + 1], ARGV[i]) == 1 then
      redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
    end
  end
  return late
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

/** ARGV: first hour, and the one after the last. Answers hour and number by turns. */
const hours = luaScript(`
  local answer = {}
  for hour = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
    local from = string.format('%.0f', hour * 3600000)
    local to = string.format('(%.0f', (hour + 1) * 3600000)
    local count = redis.call('ZCOUNT', KEYS[1], from, to)
    if count > 0 then
      answer[#answer + 1] = hour
      answer[#answer + 1] = count
    end
  end
  return answer
`)

/** ARGV: id and body by turns. */
const replace = luaScript(`
  for i = 1, #ARGV, 2 do
    if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then
      redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    end
  end
`)

/** ARGV: the instant, and how many at most. Answers how many were removed. */
const forget = luaScript(`
  local from = tonumber(redis.call('GET', KEYS[3]) or '0')
  if tonumber(ARGV[1]) > from then redis.call('SET', KEYS[3], ARGV[1]) end
  local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
  for i = 1, #old do
    redis.call('ZREM', KEYS[1], old[i])
    redis.call('HDEL', KEYS[2], old[i])
  end
  return #old
`)

const page = z.array(z.string())
const wholeNumber = z.int()
const wholeNumbers = z.array(wholeNumber)

/** The events of the server. */
export function createRedisUsage(link: RedisLink): UsageStore {
  return {
    async append(events) {
      let late = 0
      for (const some of piecesOf(events)) {
        const values = some.flatMap(({ id, at, body }) => [id, at, body])
        late += wholeNumber.parse(await link.run(append, keys, values))
      }
      return late
    },
    async read({ fromAt, toAt, count, afterId }) {
      assert(count >= 1 && count <= limits.store.eventsPerRead, 'a page is within its bound')
      const after = afterId === undefined ? [] : [afterId]
      const answer = await link.run(read, keys, [fromAt, toAt, count, ...after])
      if (answer === null) throw new GatewayError('ERR_STORE_DATA', 'afterId is not stored')
      return eventsOf(answer)
    },
    async hours(fromHour, toHour) {
      const found = new Map<number, number>()
      const size = limits.store.hoursPerScript
      for (let from = fromHour; from < toHour; from += size) {
        const to = Math.min(from + size, toHour)
        const flat = wholeNumbers.parse(await link.run(hours, keys, [from, to]))
        for (let at = 0; at + 1 < flat.length; at += 2) found.set(flat[at] ?? 0, flat[at + 1] ?? 0)
      }
      return found
    },
    async replace(events) {
      for (const some of piecesOf(events)) {
        const values = some.flatMap(({ id, body }) => [id, body])
        await link.run(replace, keys, values)
      }
    },
    async forget(beforeAt) {
      const values = [beforeAt, limits.store.forgottenAtOnce]
      return wholeNumber.parse(await link.run(forget, keys, values))
    },
    async keptFrom() {
      const found = await link.ask((redis) => redis.get('darbaza:{usage}:kept-from'))
      return wholeNumberOf(found ?? '0')
    },
  }
}

function* piecesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  const size = limits.store.eventsPerScript
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size)
}

function eventsOf(answer: unknown): StoredEvent[] {
  const flat = page.safeParse(answer)
  if (!flat.success) throw new GatewayError('ERR_STORE_DATA', 'Redis: an event without body')
  return Array.from({ length: flat.data.length / 3 }, (_, index) => {
    const [id = '', at, body = ''] = flat.data.slice(index * 3, index * 3 + 3)
    return { id, at: Number(at), body }
  })
}
