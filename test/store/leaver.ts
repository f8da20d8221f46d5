/**
 * Opens stores of a Cluster and closes each a moment later, at every step of connecting and around
 * the time when connected ones look who serves which part; ends by itself when nothing is left.
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises'

import { createRedisStore } from '../../src/store/redis.ts'

const nodes = process.argv.slice(2).map((port) => ({ host: '127.0.0.1', port: Number(port) }))
const open = () => createRedisStore({ kind: 'redis-cluster', nodes, isTls: false })

for (let ms = 0; ms <= 60; ms += 4) {
  const stores = Array.from({ length: 4 }, open)
  await delay(ms)
  await Promise.all(stores.map((store) => store.close()))
}

const stores = Array.from({ length: 60 }, open)
await Promise.all(
  stores.map(async (store, index) => {
    await store.ping()
    await delay(990 + (index % 30))
    await store.close()
  }),
)
