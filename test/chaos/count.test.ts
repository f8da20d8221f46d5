import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import test, { type ExecutionContext } from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import type { Figures, Metric } from '../../src/core/figures.ts'
import type { Store } from '../../src/store/contract.ts'
import { createRedisStore } from '../../src/store/redis.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { endWithParent } from '../support/children.ts'
import { until } from '../support/gateway.ts'
import { startRedis } from '../support/redis.ts'
import { sumsOf, timeZone } from '../usage/events.ts'
import { seededChance } from './house.ts'

/** What is told this long before a kill is kept: `limits.usage.writeMs`, on a machine that is busy. */
const momentMs = 250

/** A spool, and processes that tell into it, one after the other. */
function openTelling(t: ExecutionContext, url: string) {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-count-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return function tell(life: string, count: number, fileBlocksMax?: number) {
    const script = join(import.meta.dirname, 'teller.ts')
    const words = [script, url, folder, life, String(count)]
    const child =
      fileBlocksMax === undefined
        ? spawn(process.execPath, words)
        : spawn('sh', [
            '-c',
            `ulimit -f ${fileBlocksMax}; exec "$0" "$@"`,
            process.execPath,
            ...words,
          ])
    endWithParent(child)
    t.teardown(() => void child.kill('SIGKILL'))
    const said = { errors: '', told: [] as { count: number; atMs: number }[] }
    child.stderr.on('data', (chunk: Buffer) => (said.errors += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      const last = Number(chunk.toString().trim().split('\n').at(-1))
      said.told.push({ count: last, atMs: performance.now() })
    })
    return {
      said,
      ended: once(child, 'close'),
      count: () => said.told.at(-1)?.count ?? 0,
      /** Kills it; how many it had told for long enough. */
      async kill(): Promise<number> {
        const safeMs = performance.now() - momentMs
        child.kill('SIGKILL')
        await once(child, 'close')
        return said.told.findLast(({ atMs }) => atMs < safeMs)?.count ?? 0
      },
    }
  }
}

function isThere(store: Store): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  )
}

async function storedPaths({ usage }: Store): Promise<string[]> {
  const paths: string[] = []
  const range = { fromAt: 0, toAt: systemClock.now() + 60_000, count: 5000 }
  for (let afterId: string | undefined; ;) {
    const page = await usage.read({ ...range, ...(afterId !== undefined && { afterId }) })
    paths.push(...page.map(({ body }) => (JSON.parse(body) as { path: string }).path))
    afterId = page.at(-1)?.id
    if (page.length < range.count) return paths
  }
}

const pathOf = (life: number, number: number) => `/pdf/life${life}/${number}`

function requestsOf(all: readonly Figures[]): { total: number; unique: number } {
  const sums = all.map(sumsOf)
  const sumOf = (metric: Metric) => sums.reduce((sum, each) => sum + (each[metric] ?? 0), 0)
  return { total: sumOf('Total_Item_Requests'), unique: sumOf('Unique_Item_Requests') }
}

async function setUp(t: ExecutionContext) {
  const redis = await startRedis({ persistence: 'appendonly' })
  const store = createRedisStore({ kind: 'redis', url: redis.url })
  t.teardown(async () => {
    await store.close()
    await redis.stop()
  })
  const parts = { store, clock: systemClock, timeZone, keepDays: 100, onUnreadable: t.fail }
  const figures = createFigures(parts)
  async function requestsCounted(): Promise<{ total: number; unique: number; month: number }> {
    await figures.refresh('now')
    const days = requestsOf(await figures.days('2000-01-01', '2999-12-31'))
    const months = requestsOf(await figures.months('2000-01', '2999-12'))
    return { ...days, month: months.total }
  }
  return { redis, store, tell: openTelling(t, redis.url), requestsCounted, figures }
}

test('10,000 full texts, with gateway and Redis killed over and over: each is counted once', async (t) => {
  const { redis, store, tell, requestsCounted, figures } = await setUp(t)
  const seed = Date.now() % 1_000_000
  t.log(`seed ${seed}`)
  const chance = seededChance(seed)
  const total = 10_000

  const over = new AbortController()
  async function killRedis(): Promise<void> {
    while (!over.signal.aborted) {
      await delay(300 + chance() * 900)
      await redis.kill()
      await delay(chance() * 700)
      await redis.restart()
    }
  }
  /** As the job does meanwhile, however it ends. */
  async function countOn(): Promise<void> {
    while (!over.signal.aborted) {
      await figures.refresh('now').catch(() => undefined)
      await delay(100)
    }
  }
  const background = [killRedis(), countOn()]

  const expected: string[] = []
  const allTold = new Set<string>()
  let told = 0
  for (let life = 0; told < total; life++) {
    const teller = tell(`life${life}`, 100_000)
    const goal = Math.min(3000 + Math.floor(chance() * 2000), total - told)
    await until(() => teller.count() >= goal, 'the teller is too slow', 30_000)
    await delay(momentMs + 50)
    const safe = await teller.kill()
    for (let number = 0; number < safe; number++) expected.push(pathOf(life, number))
    for (let number = 0; number < teller.count() + 100; number++) allTold.add(pathOf(life, number))
    told += safe
  }
  over.abort()
  await Promise.all(background)
  // The process that comes after them takes over what they left on disk.
  await tell('last', 25).ended
  for (let number = 0; number < 25; number++) allTold.add(`/pdf/last/${number}`)

  await until(() => isThere(store), 'Redis is not there')
  const stored = await storedPaths(store)
  t.is(new Set(stored).size, stored.length, 'an event is stored twice')
  t.true(new Set(stored).isSupersetOf(new Set(expected)), 'an event is lost')
  t.true(new Set(stored).isSubsetOf(allTold), 'an event is invented')
  t.true(expected.length >= total)
  const count = stored.length
  t.deepEqual(await requestsCounted(), { total: count, unique: count, month: count })
})

test('a disk that takes no more while Redis is away is told, and nothing is lost or counted twice', async (t) => {
  const { redis, store, tell, requestsCounted } = await setUp(t)
  await redis.kill()
  // A file may have 64 KiB, which the spool reaches within a moment.
  const teller = tell('full', 2000, 128)
  await until(() => teller.said.errors.includes('could not be written to the spool'), 'no alert')
  await until(() => teller.count() >= 1500, 'the teller stands still')
  await redis.restart()
  await teller.ended
  t.is(teller.count(), 2000)
  await until(() => isThere(store), 'Redis is not there')
  t.is((await storedPaths(store)).length, 2000)
  t.deepEqual(await requestsCounted(), { total: 2000, unique: 2000, month: 2000 })
})
