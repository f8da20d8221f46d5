/**
 * The Redis store: any number of gateway processes on one server (7.0 or later), on a Cluster, or on
 * the master that Sentinels name.
 *
 * Opening never fails for a server that is away: operations reject with `ERR_STORE_AWAY` within a
 * second or so, and succeed again by themselves when it is back.
 * @module
 */
import type { RedisConfig } from '../core/store-config.ts'
import type { Store } from './contract.ts'
import { createRedisControl } from './redis-control.ts'
import { createRedisFigures } from './redis-figures.ts'
import { openRedisLink } from './redis-link.ts'
import { createRedisRecords } from './redis-records.ts'
import { createRedisSeats } from './redis-seats.ts'
import { createRedisUsage } from './redis-usage.ts'

/**
 * The store behind these servers.
 *
 * @throws {GatewayError} `ERR_CONFIG` when the URL cannot be read.
 */
export function createRedisStore(config: RedisConfig): Store {
  const link = openRedisLink(config)
  return {
    kind: 'redis',
    records: createRedisRecords(link),
    seats: createRedisSeats(link),
    usage: createRedisUsage(link),
    figures: createRedisFigures(link),
    control: createRedisControl(link),
    async ping() {
      // A command with a key, unlike PING, is refused by a Cluster that has lost a part.
      await link.ask((redis) => redis.exists('darbaza:ping'))
    },
    close: () => link.close(),
  }
}
