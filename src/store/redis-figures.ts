/**
 * Documents of figures in Redis: for each kind a hash of bodies and one of what they were made from.
 * A body is read by itself, since a year of them is more than one answer should hold.
 * @module
 */
import type { FiguresDocument, FiguresKind, FiguresStore } from './contract.ts'
import { wholeNumberOf } from './lifetime.ts'
import { luaScript, type RedisLink } from './redis-link.ts'

const madeFromKey = (kind: FiguresKind) => `darbaza:{usage}:figures:${kind}:made`
const bodiesKey = (kind: FiguresKind) => `darbaza:{usage}:figures:${kind}:bodies`

/** ARGV: period, number of events, body. */
const write = luaScript(`
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
`)

/** ARGV: periods. */
const remove = luaScript(`
  for i = 1, #ARGV do
    redis.call('HDEL', KEYS[1], ARGV[i])
    redis.call('HDEL', KEYS[2], ARGV[i])
  end
`)

/** The figures of the server. */
export function createRedisFigures(link: RedisLink): FiguresStore {
  async function madeFrom(kind: FiguresKind): Promise<ReadonlyMap<string, number>> {
    const found = await link.ask((redis) => redis.hgetall(madeFromKey(kind)))
    return new Map(Object.entries(found).map(([period, text]) => [period, wholeNumberOf(text)]))
  }

  async function documentOf(kind: FiguresKind, period: string): Promise<FiguresDocument[]> {
    const [body, made] = await Promise.all([
      link.ask((redis) => redis.hget(bodiesKey(kind), period)),
      link.ask((redis) => redis.hget(madeFromKey(kind), period)),
    ])
    // Removed since it was listed.
    if (body === null || made === null) return []
    return [{ kind, period, madeFrom: wholeNumberOf(made), body }]
  }

  return {
    async write(documents) {
      for (const { kind, period, madeFrom: made, body } of documents) {
        await link.run(write, [madeFromKey(kind), bodiesKey(kind)], [period, made, body])
      }
    },
    async read(kind, from, to) {
      const periods = [...(await madeFrom(kind)).keys()]
      const found: FiguresDocument[] = []
      for (const period of periods.filter((each) => from <= each && each <= to).toSorted()) {
        found.push(...(await documentOf(kind, period)))
      }
      return found
    },
    madeFrom,
    async remove(kind, periods) {
      if (periods.length === 0) return
      await link.run(remove, [madeFromKey(kind), bodiesKey(kind)], periods)
    },
  }
}
