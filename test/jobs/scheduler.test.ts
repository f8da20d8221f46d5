import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { limits } from '../../src/core/limits.ts'
import { createJobTimes, startScheduler, type JobOutcome } from '../../src/jobs/scheduler.ts'
import type { RecordStore } from '../../src/store/contract.ts'
import { openStore } from '../../src/store/open.ts'

/** A store whose time, and that of the schedulers on it, is set by hand. */
function setUp(t: ExecutionContext) {
  const time = { now: Date.parse('2026-11-30T06:59:00+06:00') }
  const clock = { ...systemClock, now: () => time.now }
  const file = join(mkdtempSync(join(tmpdir(), 'darbaza-jobs-')), 'store.sqlite')
  const { records, close } = openStore({ kind: 'embedded', file }, clock)
  t.teardown(close)
  const outcomes: JobOutcome[] = []
  const begin = (run: () => Promise<void>, store: RecordStore = records) => {
    const scheduler = startScheduler({
      jobs: [{ name: 'morning', schedule: '0 7 * * *', run }],
      records: store,
      clock,
      timeZone: 'Asia/Bishkek',
      onOutcome: (outcome) => outcomes.push(outcome),
    })
    t.teardown(() => scheduler.stop())
    return scheduler
  }
  return { time, records, begin, outcomes }
}

const day = 86_400_000
const minute = 60_000

test('a job runs once for each time that it is due, whoever looks', async (t) => {
  const { time, begin } = setUp(t)
  let runs = 0
  const run = () => Promise.resolve(void (runs += 1))
  const schedulers = [begin(run), begin(run), begin(run)]
  const lookAll = () => Promise.all(schedulers.map(({ look }) => look()))
  await lookAll()
  t.is(runs, 1) // yesterday's, which nobody was there for
  await lookAll()
  t.is(runs, 1)
  time.now += minute
  await lookAll()
  t.is(runs, 2) // seven o'clock sharp
  time.now += day - 1
  await lookAll()
  t.is(runs, 2)
  time.now += 1
  await lookAll()
  t.is(runs, 3)
  time.now += 5 * day // nobody was there: the last of the five is made up for
  await lookAll()
  t.is(runs, 4)
})

test('a job that fails is told of, and tried again after a while', async (t) => {
  const { time, begin, outcomes } = setUp(t)
  let runs = 0
  const { look } = begin(() => {
    runs += 1
    return runs === 1 ? Promise.reject(new Error('not now')) : Promise.resolve()
  })
  await look()
  time.now += limits.jobs.retryMs - 1
  await look()
  t.is(runs, 1)
  time.now += 1
  await look()
  t.deepEqual(
    outcomes.map(({ error }) => error instanceof Error && error.message),
    ['not now', false],
  )
})

test('what a process began and did not end is begun again when its lease has run out', async (t) => {
  const { time, records, begin } = setUp(t)
  // As a process leaves it that was killed meanwhile.
  await records.create('job:lease:morning', 'dead', limits.jobs.leaseMs)
  let runs = 0
  const { look } = begin(() => Promise.resolve(void (runs += 1)))
  await look()
  t.is(runs, 0)
  time.now += limits.jobs.leaseMs
  await look()
  t.is(runs, 1)
})

for (const [end, finish] of [
  ['done', () => Promise.resolve()],
  ['failed', () => Promise.reject(new Error('at last'))],
] as const) {
  test(`a lease that another process has taken since is left alone by a job that is ${end}`, async (t) => {
    const { time, records, begin, outcomes } = setUp(t)
    const { look } = begin(async () => {
      // This process was stopped for a while, and another has begun.
      time.now += limits.jobs.leaseMs
      t.true(await records.create('job:lease:morning', 'other', limits.jobs.leaseMs))
      await finish()
    })
    await look()
    t.is(outcomes.length, 1)
    t.is(await records.read('job:lease:morning'), 'other')
    // Nor does it last longer than its own process wants.
    time.now += limits.jobs.leaseMs
    t.is(await records.read('job:lease:morning'), undefined)
  })
}

for (const failing of [1, 2, 3, 4, 5]) {
  test(`whatever the store refuses at its call ${failing}, the job is done in the end`, async (t) => {
    const { time, records, begin } = setUp(t)
    let calls = 0
    const flaky: RecordStore = new Proxy(records, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return (...parameters: unknown[]) => {
          calls += 1
          if (calls === failing) return Promise.reject(new Error('away'))
          return Reflect.apply(method, target, parameters) as unknown
        }
      },
    })
    let runs = 0
    const { look } = begin(() => Promise.resolve(void (runs += 1)), flaky)
    await look()
    time.now += limits.jobs.retryMs
    await look()
    t.true(runs >= 1)
    const before = runs
    await look()
    t.is(runs, before)
  })
}

test('a schedule that is none is refused at the start', (t) => {
  const { records } = setUp(t)
  const job = { name: 'never', schedule: 'sometimes', run: () => Promise.resolve() }
  const parts = { records, clock: systemClock, timeZone: 'UTC', onOutcome: () => undefined }
  t.throws(() => startScheduler({ ...parts, jobs: [job] }), { message: /CronPattern/ })
})

test('everybody can tell when a job was due and for which time it was done last', async (t) => {
  const { time, records, begin } = setUp(t)
  const jobs = [{ name: 'morning', schedule: '0 7 * * *', run: () => Promise.resolve() }]
  const clock = { ...systemClock, now: () => time.now }
  const timesOf = createJobTimes({ jobs, records, clock, timeZone: 'Asia/Bishkek' })
  const yesterday = Date.parse('2026-11-29T07:00:00+06:00')
  t.deepEqual(await timesOf('morning'), { dueAt: yesterday, doneAt: 0 })
  await begin(() => Promise.resolve()).look()
  t.deepEqual(await timesOf('morning'), { dueAt: yesterday, doneAt: yesterday })
  time.now += minute
  t.deepEqual(await timesOf('morning'), { dueAt: yesterday + day, doneAt: yesterday })
  t.is(await timesOf('evening'), undefined)
})
