import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

import test from 'ava'
import * as fc from 'fast-check'

import { systemClock, type Clock } from '../../src/core/clock.ts'
import { limits } from '../../src/core/limits.ts'
import type { Store } from '../../src/store/contract.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { openStore } from '../../src/store/open.ts'
import { testStoreContract, until, type Subject } from './contract.ts'
import { testControlContract } from './control-contract.ts'
import { askOf, SeatModel, step, type Ask } from './seat-model.ts'

let folder: string
let files = 0
const newFile = () => path.join(folder, `${files++}`, 'store.sqlite')

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'darbaza-store-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

/** A clock that stands still until it is told to go on. */
function stoppedClock(startAt = 1_700_000_000_000) {
  let passedMs = 0
  const clock: Clock = { now: () => startAt + passedMs, steady: () => passedMs }
  return { clock, pass: (ms: number) => (passedMs += ms) }
}

function newSubject(): Subject {
  const file = newFile()
  const { clock, pass } = stoppedClock()
  return {
    open: () => createEmbeddedStore({ file, clock }),
    pass: async (ms) => void pass(ms),
  }
}

testStoreContract(test, newSubject)
testControlContract(test, newSubject)

/** What a random course may do to the pool, or to its time. */
type Act =
  Ask | { readonly kind: 'pass' | 'jump'; readonly ms: number } | { readonly kind: 'restart' }

const askings = askOf(
  'p',
  fc.integer({ min: 0, max: 4 }),
  fc.integer({ min: 0, max: 2 }),
  fc.integer({ min: 1, max: 100 }),
)
const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 7, arbitrary: askings },
  { weight: 2, arbitrary: timed('pass', 1, 60) },
  { weight: 1, arbitrary: timed('jump', -1_000_000, 1_000_000) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
)

function timed<Kind extends 'pass' | 'jump'>(kind: Kind, min: number, max: number) {
  return fc.record({ kind: fc.constant(kind), ms: fc.integer({ min, max }) })
}

/** A pool in a file, and the two clocks of its machine. */
interface Pool {
  wall: number
  steady: number
  readonly open: () => Store
  store: Store
}

function newPool(): Pool {
  const file = newFile()
  const time = { wall: 1_700_000_000_000, steady: 5 }
  const clock: Clock = { now: () => time.wall, steady: () => time.steady }
  const open = () => createEmbeddedStore({ file, clock })
  return Object.assign(time, { open, store: open() })
}

const queue = { holdMs: 40, seenMs: 70, waiters: 3 }

test('any course of asking, waiting, clock steps and restarts agrees with two plain lists', async (t) => {
  class Step implements fc.AsyncCommand<SeatModel, Pool> {
    readonly act: Act
    constructor(act: Act) {
      this.act = act
    }
    check = () => true
    toString = () => JSON.stringify(this.act)
    async run(model: SeatModel, pool: Pool) {
      const { act } = this
      if ('holder' in act) {
        await step(t, pool.store.seats, model, act, { terms: queue, isTimeKnown: true })
      } else if (act.kind === 'restart') {
        await pool.store.close()
        pool.steady = 0
        pool.wall = Math.max(pool.wall, model.now)
        model.now = pool.wall
        pool.store = pool.open()
      } else {
        pool.wall += act.ms
        if (act.kind === 'jump') return
        pool.steady += act.ms
        model.now += act.ms
      }
    }
  }
  const commands = fc.commands([acts.map((act) => new Step(act))], { maxCommands: 60 })
  await fc.assert(
    fc.asyncProperty(commands, async (course) => {
      const pool = newPool()
      await fc.asyncModelRun(() => ({ model: new SeatModel(pool.wall), real: pool }), course)
      await pool.store.close()
    }),
    { numRuns: 50 },
  )
})

test('a clock that is set back or forward ends no seat late or early', async (t) => {
  const pool = newPool()
  const ask = { pool: 'p', seats: 1, idleMs: 1000 }
  const first = pool.store
  await first.seats.acquire({ ...ask, holder: 'a' })
  pool.wall += 3_600_000
  t.false((await first.seats.acquire({ ...ask, holder: 'b' })).isGranted)
  pool.wall -= 7_200_000
  pool.steady += 999
  t.false((await first.seats.acquire({ ...ask, holder: 'b' })).isGranted)
  await first.close()
  // Another process, whose steady clock begins anew, by the clock an hour before the lease began.
  pool.steady = 0
  const second = pool.open()
  t.false((await second.seats.acquire({ ...ask, holder: 'b' })).isGranted)
  pool.steady += 1000
  t.true((await second.seats.acquire({ ...ask, holder: 'b' })).isGranted)
  await second.close()
})

test('a file of the first version is read on, with the seats that are held', async (t) => {
  const file = newFile()
  mkdirSync(path.dirname(file), { recursive: true })
  const old = new DatabaseSync(file)
  old.exec(`
    CREATE TABLE records (key TEXT PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL,
      ends_at INTEGER NOT NULL) STRICT;
    CREATE TABLE leases (pool TEXT NOT NULL, holder TEXT NOT NULL, acquired_at INTEGER NOT NULL,
      ends_at INTEGER NOT NULL, PRIMARY KEY (pool, holder)) STRICT, WITHOUT ROWID;
    CREATE TABLE events (id TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
    INSERT INTO leases VALUES ('p', 'h', 1700000000000, 1700000060000);
    PRAGMA user_version = 1`)
  old.close()
  const { clock } = stoppedClock()
  const store = createEmbeddedStore({ file, clock })
  const ask = { pool: 'p', holder: 'other', seats: 1, idleMs: 1000 }
  t.deepEqual(await store.seats.acquire(ask), { isGranted: false, used: 1 })
  await store.close()
})

test('a process killed in the middle of writing has lost nothing it acknowledged', async (t) => {
  const file = newFile()
  const writer = spawn(process.execPath, [
    fileURLToPath(new URL('writer.ts', import.meta.url)),
    file,
  ])
  let told = ''
  writer.stdout.setEncoding('utf8')
  writer.stdout.on('data', (text: string) => {
    told += text
    if (told.length > 5000) writer.kill('SIGKILL')
  })
  await once(writer, 'close')
  const last = Number(told.trim().split('\n').at(-1))
  t.true(last > 500)

  const store = createEmbeddedStore({ file, clock: systemClock })
  for (let number = 0; number <= last; number++) {
    t.is(await store.records.read(`k${number}`), String(number))
  }
  const events = await store.usage.read({ fromAt: 0, toAt: last + 1, count: 10_000 })
  t.is(events.length, last + 1)
  const holders = new Set((await store.seats.leases('p')).map(({ holder }) => holder))
  for (let number = 0; number <= last; number++) t.true(holders.has(`h${number}`))
  await store.close()
})

test('what another process writes makes every lease doubtful within two seconds', async (t) => {
  const file = newFile()
  const clock = systemClock
  const [store, other] = [1, 2].map(() => createEmbeddedStore({ file, clock })) as [Store, Store]
  const told: unknown[] = []
  const watch = store.seats.watch((lease) => told.push(lease ?? 'any'))
  t.true(watch.isHearing())
  await store.records.write('own', 'x', 1000)
  await delay(limits.store.otherWriterMs * 1.5)
  t.deepEqual(told, [])
  await other.seats.release(['none'], 'nobody')
  await other.records.write('k', 'v', 1000)
  await until(() => told.length > 0)
  t.deepEqual(told, ['any'])
  watch.stop()
  await Promise.all([store.close(), other.close()])
})

test('the file and its companions are for the owner alone', async (t) => {
  const file = newFile()
  const store = createEmbeddedStore({ file, clock: systemClock })
  await store.records.write('k', 'v', 1000)
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    t.is((await stat(name)).mode & 0o777, 0o600, name)
  }
  t.is((await stat(path.dirname(file))).mode & 0o777, 0o700)
  await store.close()
})

test('while another process holds the write lock writes are away, reads go on', async (t) => {
  const file = newFile()
  const store = createEmbeddedStore({ file, clock: systemClock })
  await store.records.write('k', 'v', 60_000)
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  await t.throwsAsync(() => store.records.take('k'), { code: 'ERR_STORE_AWAY' })
  await t.throwsAsync(
    () => store.seats.acquire({ pool: 'p', holder: 'h', seats: 1, idleMs: 1000 }),
    { code: 'ERR_STORE_AWAY' },
  )
  t.is(await store.records.read('k'), 'v')
  other.exec('ROLLBACK')
  other.close()
  t.is(await store.records.take('k'), 'v')
  await store.close()
})

test('a file that is no store, is of a later version or out of reach is named', async (t) => {
  const clock = systemClock
  const garbage = path.join(folder, 'garbage')
  await writeFile(garbage, 'not a database, but long enough to look like one'.repeat(50))
  t.throws(() => createEmbeddedStore({ file: garbage, clock }), {
    code: 'ERR_STORE_DATA',
    message: /garbage/,
  })

  const later = path.join(folder, 'later')
  const database = new DatabaseSync(later)
  database.exec('PRAGMA user_version = 99')
  database.close()
  t.throws(() => createEmbeddedStore({ file: later, clock }), {
    code: 'ERR_STORE_DATA',
    message: /version 99/,
  })

  const below = path.join(garbage, 'below-a-file', 'store')
  t.throws(() => createEmbeddedStore({ file: below, clock }), {
    code: 'ERR_STORE_AWAY',
    message: /below-a-file/,
  })
})

test('what has expired is removed from the file, a bounded number at a time', async (t) => {
  const file = newFile()
  const { clock, pass } = stoppedClock()
  const store = createEmbeddedStore({ file, clock })
  const count = limits.store.sweepRows + 100
  for (let number = 0; number < count; number++) await store.records.write(`k${number}`, 'x', 5)
  await store.seats.acquire({ pool: 'p', holder: 'h', seats: 1, idleMs: 5 })
  await store.records.write('kept', 'x', 3_600_000)
  const reader = new DatabaseSync(file, { readOnly: true })
  const rows = () =>
    reader
      .prepare('SELECT (SELECT count(*) FROM records) + (SELECT count(*) FROM leases) AS n')
      .get()

  pass(limits.store.sweepEveryMs - 1)
  await store.records.remove([])
  t.deepEqual({ ...rows() }, { n: count + 2 })
  pass(1)
  await store.records.remove([])
  t.deepEqual({ ...rows() }, { n: 101 })
  await store.records.remove([])
  t.deepEqual({ ...rows() }, { n: 1 })
  reader.close()
  await store.close()
})

test('the configuration names the store', async (t) => {
  const embedded = openStore({ kind: 'embedded', file: newFile() }, systemClock)
  await embedded.ping()
  t.is(embedded.kind, 'embedded')
  await embedded.close()
  const redis = openStore({ kind: 'redis', url: 'redis://127.0.0.1:1/0' }, systemClock)
  t.is(redis.kind, 'redis')
  await t.throwsAsync(() => redis.ping(), { code: 'ERR_STORE_AWAY' })
  await redis.close()
})
