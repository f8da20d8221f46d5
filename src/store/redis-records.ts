/**
 * Records in Redis: strings and hashes with their own expiry.
 * @module
 */
import { z } from 'zod'

import type { RecordStore } from './contract.ts'
import { wholeLifetimeMs, wholeNumberOf } from './lifetime.ts'
import { luaScript, type RedisLink } from './redis-link.ts'

/** ARGV: lifetime, number of names to remove, those names, then name and value by turns. */
const writeFields = luaScript(`
  local removals = tonumber(ARGV[2])
  for i = 3, 2 + removals do
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
  for i = 3 + removals, #ARGV, 2 do
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
`)

/** ARGV: lifetime, then name and amount by turns. Answers what is left of it, then name and number. */
const count = luaScript(`
  for i = 2, #ARGV, 2 do
    redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
  end
  if redis.call('PTTL', KEYS[1]) == -1 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
  end
  local answer = redis.call('HGETALL', KEYS[1])
  table.insert(answer, 1, tostring(redis.call('PTTL', KEYS[1])))
  return answer
`)

/** ARGV: the value that the key has to hold, and its new lifetime; without one it is removed. */
const ifHolding = luaScript(`
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  if not ARGV[2] then return redis.call('UNLINK', KEYS[1]) end
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)

const textList = z.array(z.string()).min(1)

/** The records of the server. */
export function createRedisRecords(link: RedisLink): RecordStore {
  return {
    async read(key, lifetimeMs) {
      const lifetime = lifetimeMs === undefined ? undefined : wholeLifetimeMs(lifetimeMs)
      const value = await link.ask((redis) =>
        lifetime === undefined ? redis.get(keyOf(key)) : redis.getex(keyOf(key), 'PX', lifetime),
      )
      return value ?? undefined
    },
    async write(key, value, lifetimeMs) {
      const lifetime = wholeLifetimeMs(lifetimeMs)
      await link.ask((redis) => redis.set(keyOf(key), value, 'PX', lifetime))
    },
    async create(key, value, lifetimeMs) {
      const lifetime = wholeLifetimeMs(lifetimeMs)
      const answer = await link.ask((redis) => redis.set(keyOf(key), value, 'PX', lifetime, 'NX'))
      return answer === 'OK'
    },
    take: (key) => link.ask(async (redis) => (await redis.getdel(keyOf(key))) ?? undefined),
    async extend(key, lifetimeMs, holding) {
      const lifetime = wholeLifetimeMs(lifetimeMs)
      if (holding !== undefined) {
        return (await link.run(ifHolding, [keyOf(key)], [holding, lifetime])) === 1
      }
      return (await link.ask((redis) => redis.pexpire(keyOf(key), lifetime))) === 1
    },
    async remove(keys) {
      // One command for each key: in a cluster they live in different places.
      await Promise.all(keys.map((key) => link.ask((redis) => redis.unlink(keyOf(key)))))
    },
    removeHolding: async (key, value) => (await link.run(ifHolding, [keyOf(key)], [value])) === 1,
    async readFields(key) {
      return new Map(Object.entries(await link.ask((redis) => redis.hgetall(keyOf(key)))))
    },
    async writeFields(key, fields, lifetimeMs) {
      const removed: string[] = []
      const set: string[] = []
      for (const [name, value] of fields) {
        if (value === undefined) removed.push(name)
        else set.push(name, value)
      }
      const lifetime = wholeLifetimeMs(lifetimeMs)
      await link.run(writeFields, [keyOf(key)], [lifetime, removed.length, ...removed, ...set])
    },
    async count(key, amounts, lifetimeMs) {
      const added = [...amounts].filter(([, amount]) => amount !== 0).flat()
      const answer = await link.run(count, [keyOf(key)], [wholeLifetimeMs(lifetimeMs), ...added])
      const [left = '', ...flat] = textList.parse(answer)
      const counts = new Map<string, number>()
      for (let at = 0; at + 1 < flat.length; at += 2) {
        counts.set(flat[at] ?? '', wholeNumberOf(flat[at + 1]))
      }
      return { counts, ...(counts.size > 0 && { leftMs: Math.max(0, Number(left)) }) }
    },
  }
}

function keyOf(key: string): string {
  return `darbaza:record:${key}`
}
