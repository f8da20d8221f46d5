import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'

import test from 'ava'
import { Redis } from 'ioredis'

import type { Store } from '../../src/store/contract.ts'
import { createRedisStore } from '../../src/store/redis.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { inTurns, passReally, testStoreContract, until } from './contract.ts'
import { testControlContract } from './control-contract.ts'

let redis: TestRedis

test.before(async () => {
  redis = await startRedis()
})
test.after.always(() => redis.stop())

const subject = () => ({
  open: () => createRedisStore({ kind: 'redis', url: redis.url }),
  pass: passReally,
})
const declare = inTurns(test, 8)
testStoreContract(declare, subject)
testControlContract(declare, subject)

const away = { code: 'ERR_STORE_AWAY' }

/** Tries until the store answers: how long it took. */
async function recovery(store: Store): Promise<number> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < 10_000) {
    const isBack = await store.ping().then(
      () => true,
      () => false,
    )
    if (isBack) return performance.now() - startedAt
    await delay(20)
  }
  throw new Error('the store did not come back')
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

test('a Redis that is down at the start is found when it comes up', async (t) => {
  const server = await startRedis()
  await server.kill()
  const store = createRedisStore({ kind: 'redis', url: server.url })
  // Told by the system, not by the time that a command has.
  await t.throwsAsync(() => store.ping(), { ...away, message: /ECONNREFUSED/ })
  await t.throwsAsync(
    () => store.seats.acquire({ pool: 'p', holder: 'h', seats: 1, idleMs: 1000 }),
    { ...away, message: /ECONNREFUSED/ },
  )
  await server.restart()
  t.true((await recovery(store)) < 5000)
  await store.records.write('k', 'v', 1000)
  t.is(await store.records.read('k'), 'v')
  await store.close()
  await server.stop()
})

test('a Redis killed and started again loses nothing acknowledged and serves by itself', async (t) => {
  const server = await startRedis({ persistence: 'appendonly' })
  const store = createRedisStore({ kind: 'redis', url: server.url })
  await store.seats.acquire({ pool: 'p', holder: 'h', seats: 1, idleMs: 60_000 })
  await store.usage.append([{ id: 'e1', at: 1, body: '{}' }])
  await server.kill()
  const error = await t.throwsAsync(() => store.seats.leases('p'), away)
  t.notRegex(error?.message ?? '', /no answer in time/)
  await t.throwsAsync(() => store.usage.append([{ id: 'e2', at: 2, body: '{}' }]), away)
  await server.restart()
  t.true((await recovery(store)) < 5000)
  // Scripts are unknown to the new server and are sent again.
  const answer = await store.seats.acquire({ pool: 'p', holder: 'x', seats: 1, idleMs: 1000 })
  t.deepEqual(answer, { isGranted: false, used: 1 })
  await store.usage.append([1, 2].map((n) => ({ id: `e${n}`, at: n, body: '{}' })))
  t.is((await store.usage.read({ fromAt: 0, toAt: 9, count: 9 })).length, 2)
  await store.close()
  await server.stop()
})

test('a Redis that hangs is away after a second, and back when it goes on', async (t) => {
  const server = await startRedis()
  const store = createRedisStore({ kind: 'redis', url: server.url })
  await store.ping()
  process.kill(server.pid, 'SIGSTOP')
  t.true((await elapsed(() => t.throwsAsync(() => store.records.read('k'), away))) < 2000)
  // Long enough for the silent connection to be given up.
  await delay(2500)
  await t.throwsAsync(() => store.records.read('k'), away)
  process.kill(server.pid, 'SIGCONT')
  t.true((await recovery(store)) < 5000)
  await store.close()
  await server.stop()
})

test('what listens but never answers holds up neither start, operation nor end', async (t) => {
  const mute = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const address = mute.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const store = createRedisStore({ kind: 'redis', url: `redis://127.0.0.1:${port}` })
  t.true((await elapsed(() => t.throwsAsync(() => store.ping(), away))) < 2500)
  t.true((await elapsed(() => store.close())) < 1500)
  mute.close()
})

test('a listener that was cut off hears again, and doubts what it has missed', async (t) => {
  const server = await startRedis()
  const store = createRedisStore({ kind: 'redis', url: server.url })
  const told: unknown[] = []
  const watch = store.seats.watch((lease) => told.push(lease ?? 'any'))
  t.false(watch.isHearing())
  await until(() => watch.isHearing())
  told.length = 0
  const operator = new Redis(server.url)
  await operator.client('KILL', 'TYPE', 'PUBSUB')
  await until(() => told.length > 0)
  t.deepEqual(told, ['any'])
  // The first beat is heard long before the next one is due.
  t.true(watch.isHearing())
  await operator.publish('darbaza:seats', 'no news')
  await until(() => told.length > 1)
  t.deepEqual(told, ['any', 'any'])
  watch.stop()
  t.false(watch.isHearing())
  operator.disconnect()
  await store.close()
  await server.stop()
})

test('no error tells the password, the key or the value', async (t) => {
  const server = await startRedis({ password: 'right' })
  const good = createRedisStore({ kind: 'redis', url: server.url })
  await good.records.write('k-secret', 'v-secret', 60_000)
  const wrong = createRedisStore({ kind: 'redis', url: server.url.replace('right', 'p-secret') })
  const errors = [
    await t.throwsAsync(() => wrong.records.read('k-secret'), { ...away, message: /WRONGPASS/ }),
    await t.throwsAsync(() => good.records.readFields('k-secret')),
    t.throws(() => createRedisStore({ kind: 'redis', url: 'http://u:p-secret@host/' }), {
      code: 'ERR_CONFIG',
    }),
    t.throws(() => createRedisStore({ kind: 'redis', url: 'redis://u:p-secret@host:x' }), {
      code: 'ERR_CONFIG',
    }),
    t.throws(() => createRedisStore({ kind: 'redis', url: 'redis://u:p-secret@host/?db=1' }), {
      code: 'ERR_CONFIG',
    }),
  ]
  await server.kill()
  errors.push(await t.throwsAsync(() => good.records.write('k-secret', 'v-secret', 1), away))
  for (const error of errors) t.notRegex(inspect(error, { depth: 9 }), /[pkv]-secret/)
  await Promise.all([good.close(), wrong.close()])
  await server.stop()
})
