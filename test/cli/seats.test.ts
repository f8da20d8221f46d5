import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import test, { type ExecutionContext } from 'ava'

import { limits } from '../../src/core/limits.ts'
import { createWorld, ruleText } from '../control/world.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

/** A library with one seat of `press`, its store, and its command line. */
function openLibrary(t: ExecutionContext) {
  const world = createWorld()
  t.teardown(() => world.remove())
  world.writeRule('press', ruleText('press', { seats: 1 }))
  const store = world.open()
  t.teardown(() => store.close())
  const darbaza = (...words: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { cwd: world.folder, env: { PATH: process.env['PATH'] } }
      const all = [main, ...words, '--config', 'gateway.yaml']
      const child = execFile(process.execPath, all, options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr })
      })
    })
  return { world, store, darbaza }
}

test('seats are listed as they are in force, not as the files draft them', async (t) => {
  const { world, store, darbaza } = openLibrary(t)
  await world.publish(store)
  world.writeRule('press', ruleText('press', { seats: 7 }))
  t.is((await darbaza('seats', 'list')).stdout, 'press: 0 of 1 seats taken, 0 waiting\n')
  await darbaza('override', 'add', 'seats', 'press', '3', '--until', '1h', '--why', 'exams')
  t.is((await darbaza('seats', 'list')).stdout, 'press: 0 of 3 seats taken, 0 waiting\n')
})

test('a published set that is damaged is told, not taken for one without seats', async (t) => {
  const { world, store, darbaza } = openLibrary(t)
  await world.publish(store)
  const database = new DatabaseSync(world.storeFile)
  database.exec(`UPDATE rule_sets SET body = replace(body, 'Press', 'Pr*ss')`)
  database.close()
  const { code, stdout, stderr } = await darbaza('seats', 'list')
  t.is(code, 1)
  t.is(stdout, '')
  t.regex(stderr, /^rule set 1 is damaged: its hash/)
})

test('staff see who holds a seat and who waits, and take one back, which is written down', async (t) => {
  const { store, darbaza } = openLibrary(t)
  const ask = { pool: 'press', seats: 1, idleMs: 600_000 }
  const [holder, waiter] = ['HolderKey01234567', 'HolderKey0waiting']
  await store.seats.acquire({ ...ask, holder })
  await store.seats.wait({ ...ask, holder: waiter, queue: limits.policy.queue })

  const { stdout } = await darbaza('seats', 'list')
  t.regex(stdout, /^press: 1 of 1 seats taken, 1 waiting$/m)
  t.regex(stdout, /^ {2}HolderKey01234567 {2}since [\d-]+T[\d:]+Z, until [^,]+, elsewhere$/m)
  t.regex(stdout, /^ {2}HolderKey0waiting {2}waits since /m)
  const both = await darbaza('seats', 'release', 'press', 'HolderKey', '--why', 'gone home')
  t.is(both.code, 1)
  t.regex(both.stderr, /"HolderKey" is the beginning of 2 keys in the pool "press", expected one/)

  const one = ['seats', 'release', 'press', 'HolderKey01', '--why', 'gone home', '--by', 'Aida']
  t.deepEqual(await darbaza(...one), { code: 0, stdout: 'The seat is free.\n', stderr: '' })
  t.is(
    (await store.seats.wait({ ...ask, holder: waiter, queue: limits.policy.queue })).kind,
    'held',
  )
  const { stdout: log } = await darbaza('audit', 'list')
  t.regex(log, /Aida {2}seat-release {2}pool press: gone home/)
  t.is((await darbaza('audit', 'verify')).code, 0)
})
