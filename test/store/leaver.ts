/**
 * Opens stores of a Cluster and closes each a moment later, at every step of connecting; ends by
 * itself when nothing of them is left.
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises'

import { createRedisStore } from '../../src/store/redis.ts'

const nodes = process.argv.slice(2).map((port) => ({ host: '127.0.0.1', port: Number(port) }))
for (let ms = 0; ms <= 60; ms += 4) {
  const config = { kind: 'redis-cluster', nodes, isTls: false } as const
  const stores = Array.from({ length: 4 }, () => createRedisStore(config))
  await delay(ms)
  await Promise.all(stores.map((store) => store.close()))
}
