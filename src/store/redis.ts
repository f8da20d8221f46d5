/**
 * The Redis store: any number of gateway processes on one server (7.0 or later).
 *
 * Opening never fails for a server that is away: operations reject with `ERR_STORE_AWAY` within a
 * second or so, and succeed again by themselves when it is back.
 * @module
 */
import type { Store } from './contract.ts'
import { openRedisLink } from './redis-link.ts'
import { createRedisRecords } from './redis-records.ts'
import { createRedisSeats } from './redis-seats.ts'
import { createRedisUsage } from './redis-usage.ts'

/**
 * The store behind a `redis:` or `rediss:` URL.
 *
 * @throws {GatewayError} `ERR_CONFIG` when the URL cannot be read.
 */
export function createRedisStore(options: { url: string }): Store {
  const link = openRedisLink(options.url)
  return {
    kind: 'redis',
    records: createRedisRecords(link),
    seats: createRedisSeats(link),
    usage: createRedisUsage(link),
    async ping() {
      await link.ask((redis) => redis.ping())
    },
    close: () => link.close(),
  }
}
