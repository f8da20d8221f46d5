import assert from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import test from 'ava'
import { Redis } from 'ioredis'

import type { Store } from '../../src/store/contract.ts'
import { createRedisStore } from '../../src/store/redis.ts'
import { endWithParent } from '../support/children.ts'
import {
  startCluster,
  startSentinels,
  type TestCluster,
  type TestSentinels,
} from '../support/redis-groups.ts'
import { inTurns, passReally, testStoreContract } from './contract.ts'
import { testControlContract } from './control-contract.ts'

const master = 'library'
let cluster: TestCluster
let group: TestSentinels

test.before(async () => {
  ;[cluster, group] = await Promise.all([startCluster(), startSentinels(master)])
})
test.after.always(async () => {
  await Promise.all([cluster?.stop(), group?.stop()])
})

const openCluster = (): Store =>
  createRedisStore({ kind: 'redis-cluster', nodes: cluster.nodes, isTls: false })
const openGroup = (): Store =>
  createRedisStore({ kind: 'redis-sentinel', master, sentinels: group.sentinels, isTls: false })

const subject = () => ({ open: openCluster, pass: passReally })
const declare = inTurns(test, 2)
testStoreContract(declare, subject)
testControlContract(declare, subject)

/** Waits until the replica of a master has all that was written to it. */
async function replicated(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1')
  await client.set('last', '')
  assert.equal(await client.wait(1, 20_000), 1)
  client.disconnect()
}

async function recoveryMs(store: Store): Promise<number> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < 20_000) {
    const isBack = await store.records.write('back', 'yes', 60_000).then(
      () => true,
      () => false,
    )
    if (isBack) return performance.now() - startedAt
    await delay(50)
  }
  throw new Error('the store did not come back')
}

test('in a Cluster, pools and records are spread over its masters, and all of them are found', async (t) => {
  const store = openCluster()
  const names = Array.from({ length: 40 }, (_, index) => `pool-${index}`)
  for (const pool of names) {
    const asked = { pool, holder: 'h', seats: 1, idleMs: 60_000 }
    t.true((await store.seats.acquire(asked)).isGranted)
    t.false((await store.seats.acquire({ ...asked, holder: 'other' })).isGranted)
  }
  t.is(await store.seats.release(names, 'h'), names.length)
  await store.close()
})

test('a Cluster that has lost a master says so, for the parts of that master', async (t) => {
  const own = await startCluster()
  const store = createRedisStore({ kind: 'redis-cluster', nodes: own.nodes, isTls: false })
  await store.ping()
  const keys = Array.from({ length: 30 }, (_, index) => `part-${index}`)
  await own.servers[2]!.kill()
  const startedAt = performance.now()
  const outcomes = await Promise.all(
    keys.map((key) =>
      store.records.write(key, 'v', 60_000).then(
        () => 'written',
        (error: { code: string }) => error.code,
      ),
    ),
  )
  t.true(performance.now() - startedAt < 5000)
  t.true(outcomes.includes('ERR_STORE_AWAY'))
  t.deepEqual(
    outcomes.filter((outcome) => outcome !== 'written' && outcome !== 'ERR_STORE_AWAY'),
    [],
  )
  await store.close()
  await own.stop()
})

test('of stores that are closed while they connect nothing is left', async (t) => {
  const leaver = spawn(process.execPath, [
    join(import.meta.dirname, 'leaver.ts'),
    ...cluster.nodes.map(({ port }) => String(port)),
  ])
  endWithParent(leaver)
  t.deepEqual(await once(leaver, 'exit', { signal: AbortSignal.timeout(30_000) }), [0, null])
})

test('when its master dies, the replica serves on and knows what was written', async (t) => {
  const store = openGroup()
  t.teardown(() => store.close())
  await recoveryMs(store)
  await store.records.write('kept', 'value', 60_000)
  await store.seats.acquire({ pool: 'p', holder: 'h', seats: 1, idleMs: 60_000 })
  // Replication is asynchronous: what was written a moment ago may be lost with its master.
  await replicated(group.master.port)
  await group.master.kill()
  await t.throwsAsync(() => store.records.read('kept'), { code: 'ERR_STORE_AWAY' })
  const ms = await recoveryMs(store)
  t.log(`served again after ${Math.round(ms)} ms`)
  t.is(await store.records.read('kept'), 'value')
  const other = { pool: 'p', holder: 'other', seats: 1, idleMs: 60_000 }
  t.deepEqual(await store.seats.acquire(other), { isGranted: false, used: 1 })
})
