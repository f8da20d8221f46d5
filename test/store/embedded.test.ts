import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

import test from 'ava'
import * as fc from 'fast-check'

import { systemClock, type Clock } from '../../src/core/clock.ts'
import { limits } from '../../src/core/limits.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { openStore } from '../../src/store/open.ts'
import { testStoreContract } from './contract.ts'

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

testStoreContract(test, () => {
  const file = newFile()
  const { clock, pass } = stoppedClock()
  return {
    open: () => createEmbeddedStore({ file, clock }),
    pass: async (ms) => void pass(ms),
  }
})

test('any course of asking, releasing and waiting agrees with a model of leases', async (t) => {
  const { clock, pass } = stoppedClock()
  const store = createEmbeddedStore({ file: newFile(), clock })
  let course = 0
  await fc.assert(
    fc.asyncProperty(fc.array(leaseStep, { maxLength: 60 }), async (steps) => {
      const pool = `model:${course++}`
      const model = createLeaseModel()
      for (const step of steps) {
        if (step.kind === 'wait') pass(step.ms)
        const now = clock.now()
        if (step.kind === 'release') {
          t.is(await store.seats.release([pool], step.holder), model.release(step.holder, now))
        }
        if (step.kind === 'acquire') {
          const { holder, seats, idleMs } = step
          const answer = await store.seats.acquire({ pool, holder, seats, idleMs })
          t.deepEqual(answer, model.acquire(holder, seats, idleMs, now))
        }
        const found = await store.seats.leases(pool)
        t.deepEqual(
          found,
          model.live(now).map((lease) => ({ pool, ...lease })),
        )
      }
    }),
    { numRuns: 100 },
  )
  await store.close()
})

const holderName = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const leaseStep = fc.oneof(
  fc.record({
    kind: fc.constant('acquire'),
    holder: holderName,
    seats: fc.integer({ min: 0, max: 4 }),
    idleMs: fc.integer({ min: 1, max: 100 }),
  }),
  fc.record({ kind: fc.constant('release'), holder: holderName }),
  fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 80 }) }),
)

/** Leases as a plain list, oldest first. */
function createLeaseModel() {
  let leases: { holder: string; acquiredAt: number; endsAt: number }[] = []

  function live(now: number) {
    leases = leases
      .filter(({ endsAt }) => endsAt > now)
      .toSorted((a, b) => a.acquiredAt - b.acquiredAt || (a.holder < b.holder ? -1 : 1))
    return leases
  }

  return {
    live,
    acquire(holder: string, seats: number, idleMs: number, now: number) {
      const position = live(now).findIndex((lease) => lease.holder === holder)
      const isGranted = (position === -1 ? leases.length : position) < seats
      const acquiredAt = leases[position]?.acquiredAt ?? now
      leases = leases.filter((lease) => lease.holder !== holder)
      if (isGranted) leases.push({ holder, acquiredAt, endsAt: now + idleMs })
      return { isGranted, used: leases.length }
    },
    release(holder: string, now: number) {
      const held = live(now).filter((lease) => lease.holder === holder).length
      leases = leases.filter((lease) => lease.holder !== holder)
      return held
    },
  }
}

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
