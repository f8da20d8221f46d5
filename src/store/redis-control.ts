/**
 * Rule sets, overrides and the audit log in Redis: all in one cluster slot, so that one script makes
 * a commit whole. Whoever watches is told by a channel.
 * @module
 */
import assert from 'node:assert/strict'

import { z } from 'zod'

import { jsonOf } from '../core/decoding.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { ControlEffect, ControlStore, LogRow, StoredOverride } from './contract.ts'
import { luaScript, type RedisLink } from './redis-link.ts'

const state = 'darbaza:{control}:state'
const log = 'darbaza:{control}:log'
const sets = 'darbaza:{control}:sets'
const overrides = 'darbaza:{control}:overrides'
const ends = 'darbaza:{control}:ends'
const keys = [state, log, sets, overrides, ends]

const channel = 'darbaza:control'

/**
 * ARGV: sequence, hash and row; sequence and hash of the entry before; the effect and what belongs
 * to it. Answers whether the entry stands in the log. `pcall`, because a login that may not publish
 * must not leave half a commit behind: the poll finds it.
 */
const commit = luaScript(`
  local state, log, sets, overrides, ends = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
  local sequence, effect = tonumber(ARGV[1]), ARGV[6]
  local at = redis.call('HMGET', state, 'sequence', 'hash')
  if (at[1] or '0') ~= ARGV[4] or (at[2] or '') ~= ARGV[5] then
    return redis.call('LINDEX', log, sequence - 1) == ARGV[3] and 1 or 0
  end
  redis.call('RPUSH', log, ARGV[3])
  redis.call('HSET', state, 'sequence', ARGV[1], 'hash', ARGV[2])
  if effect == 'rules' then
    redis.call('HSET', state, 'version', ARGV[7], 'rules', ARGV[8])
    redis.call('HSET', sets, ARGV[7], ARGV[9])
    redis.call('HSET', sets, ARGV[7] .. ':body', ARGV[10])
    for _, field in ipairs(redis.call('HKEYS', sets)) do
      local version = tonumber(string.match(field, '^%d+'))
      if version <= tonumber(ARGV[7]) - tonumber(ARGV[11]) then redis.call('HDEL', sets, field) end
    end
  elseif effect ~= 'none' then
    local now = redis.call('TIME')
    now = now[1] * 1000 + math.floor(now[2] / 1000)
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now)) do
      redis.call('HDEL', overrides, id)
      redis.call('ZREM', ends, id)
    end
    if effect == 'override' then
      redis.call('HSET', overrides, ARGV[7], ARGV[9])
      redis.call('ZADD', ends, ARGV[8], ARGV[7])
    else
      redis.call('HDEL', overrides, ARGV[7])
      redis.call('ZREM', ends, ARGV[7])
    end
    redis.call('HSET', state, 'overridesAt', ARGV[1])
  end
  redis.pcall('PUBLISH', '${channel}', ARGV[1])
  return 1
`)

/** Number and facts of every set by turns, without the bodies. */
const listSets = luaScript(`
  local answer = {}
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.match(field, '^%d+$') then
      answer[#answer + 1] = field
      answer[#answer + 1] = redis.call('HGET', KEYS[1], field)
    end
  end
  return answer
`)

/** Id, end and body of every override by turns. */
const listOverrides = luaScript(`
  local answer = {}
  local found = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
  for i = 1, #found, 2 do
    answer[#answer + 1] = found[i]
    answer[#answer + 1] = found[i + 1]
    answer[#answer + 1] = redis.call('HGET', KEYS[1], found[i]) or ''
  end
  return answer
`)

const count = z.coerce.number().int().nonnegative()
const nullish = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess((v) => v ?? undefined, shape)
const stateRow = z.tuple([
  nullish(count.default(0)),
  nullish(z.string().default('')),
  nullish(count.default(0)),
  nullish(z.string().default('')),
  nullish(count.default(0)),
])
const storedRow = z.tuple([z.string(), z.string()])
const setFacts = z.tuple([z.string(), z.string()])
const texts = z.array(z.string())

/** The control of the server. */
export function createRedisControl(link: RedisLink): ControlStore {
  return {
    async state() {
      const fields = ['sequence', 'hash', 'version', 'rules', 'overridesAt'] as const
      const found = await link.ask((redis) => redis.hmget(state, ...fields))
      const [sequence, hash, version, rules, overridesAt] = parsed(stateRow, found)
      return { log: { sequence, hash }, rules: { version, hash: rules }, overridesAt }
    },
    async commit(row, after, effect) {
      const values = [row.sequence, row.hash, packed(row), after.sequence, after.hash]
      return (await link.run(commit, keys, [...values, ...effectValues(effect)])) === 1
    },
    async rows(fromSequence, size) {
      assert(size >= 1 && size <= limits.control.rowsPerRead, 'a page is within its bound')
      const first = Math.max(1, fromSequence)
      const found = await link.ask((redis) => redis.lrange(log, first - 1, first + size - 2))
      return found.map((text, index) => unpacked(text, first + index))
    },
    async sets() {
      const flat = parsed(texts, await link.run(listSets, [sets], []))
      return Array.from({ length: flat.length / 2 }, (_, index) =>
        factsOf(Number(flat[index * 2]), flat[index * 2 + 1] ?? ''),
      ).toSorted((left, right) => right.version - left.version)
    },
    async set(version) {
      const [facts, body] = await link.ask((redis) =>
        redis.hmget(sets, String(version), `${version}:body`),
      )
      if (typeof facts !== 'string' || typeof body !== 'string') return undefined
      return { ...factsOf(version, facts), body }
    },
    async overrides() {
      const flat = parsed(texts, await link.run(listOverrides, [overrides, ends], []))
      return Array.from({ length: flat.length / 3 }, (_, index): StoredOverride => {
        const [id, endsAt, body = ''] = flat.slice(index * 3, index * 3 + 3)
        return { id: Number(id), endsAt: Number(endsAt), body }
      }).toSorted((left, right) => left.id - right.id)
    },
    watch: (onCommit) =>
      link.subscribe(channel, () => {
        onCommit()
      }),
  }
}

/** What the script needs of an effect, in its order. */
function effectValues(effect: ControlEffect): (string | number)[] {
  const { kind } = effect
  if (kind === 'rules') {
    const { version, hash, about, body } = effect.set
    return [kind, version, hash, JSON.stringify([hash, about]), body, limits.control.setsKept]
  }
  if (kind === 'override') {
    const { id, endsAt, body } = effect.override
    return [kind, id, endsAt, body]
  }
  return kind === 'end-override' ? [kind, effect.id] : [kind]
}

/** A place in the list says the number, so that an entry is two texts. */
function packed({ hash, body }: LogRow): string {
  return JSON.stringify([hash, body])
}

function unpacked(text: string, sequence: number): LogRow {
  const [hash, body] = parsed(storedRow, jsonOf(text))
  return { sequence, hash, body }
}

function factsOf(version: number, text: string) {
  const [hash, about] = parsed(setFacts, jsonOf(text))
  return { version, hash, about }
}

function parsed<Shape extends z.ZodType>(shape: Shape, answer: unknown): z.output<Shape> {
  const result = shape.safeParse(answer)
  if (result.success) return result.data
  throw new GatewayError('ERR_STORE_DATA', 'Redis: what staff put into force is of another shape')
}
