/**
 * Records in Redis: strings and hashes with their own expiry.
 * @module
 */
import type { RecordStore } from './contract.ts'
import { wholeLifetimeMs } from './lifetime.ts'
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

/** The records of the server. */
export function createRedisRecords(link: RedisLink): RecordStore {
  return {
    read: (key) => link.ask(async (redis) => (await redis.get(keyOf(key))) ?? undefined),
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
    async extend(key, lifetimeMs) {
      const lifetime = wholeLifetimeMs(lifetimeMs)
      return (await link.ask((redis) => redis.pexpire(keyOf(key), lifetime))) === 1
    },
    async remove(keys) {
      // One command for each key: in a cluster they live in different places.
      await Promise.all(keys.map((key) => link.ask((redis) => redis.unlink(keyOf(key)))))
    },
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
  }
}

function keyOf(key: string): string {
  return `darbaza:record:${key}`
}
