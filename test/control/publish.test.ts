import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

import test from 'ava'

import { historyOf, prepareRollback, prepareSet, putIntoForce } from '../../src/control/publish.ts'
import { decodeSet } from '../../src/control/rule-set.ts'
import { verifyAudit } from '../../src/control/verify.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { readRules } from '../../src/rulebook.ts'
import type { Store } from '../../src/store/contract.ts'
import { createWorld, ruleText, type World } from './world.ts'

const doer = { by: 'Aida', why: 'a test' }

function opened(t: { teardown(work: () => Promise<void>): void }): { world: World; store: Store } {
  const world = createWorld()
  const store = world.open()
  t.teardown(async () => {
    await store.close()
    world.remove()
  })
  return { world, store }
}

/** Seats of `press` in the version in force. */
async function seatsInForce(world: World, store: Store): Promise<number | undefined> {
  const { rules } = await store.control.state()
  const stored = await store.control.set(rules.version)
  if (stored === undefined) return undefined
  const { resources } = readRules(decodeSet(stored, world.config), world.config)
  return resources.find(({ id }) => id === 'press')?.licence.seats
}

test('what is published is what the files said, with their names, and no secret', async (t) => {
  const { world, store } = opened(t)
  process.env['TEST_RULE_TOKEN'] = 'canary-token'
  world.writeConfig({ networks: [{ name: 'campus', ranges: ['192.0.2.0/24'], channel: 'onsite' }] })
  world.writeRule(
    'press',
    ruleText(
      'press',
      { seats: 2 },
      {
        rewriting: { requestHeaders: { 'X-Token': { env: 'TEST_RULE_TOKEN' } } },
      },
    ),
  )
  t.is(await world.publish(store), 1)
  const stored = await store.control.set(1)
  t.false(JSON.stringify(stored).includes('canary-token'))
  const { texts, networks, networkLines } = decodeSet(stored!, world.config)
  t.deepEqual(
    texts.map(({ file }) => file),
    [join(world.config.rulesFolder, 'press.yaml')],
  )
  t.deepEqual(
    networks.map(({ name, treatment }) => [name, treatment]),
    [['campus', 'authenticate']],
  )
  t.is(typeof networkLines[0], 'number')
  const [press] = readRules({ texts, networks }, world.config).resources
  t.is(press?.rewriting?.requestHeaders?.[0]?.value(), 'canary-token')
})

test('a mistake in the files is told with file and line, and nothing is put into force', async (t) => {
  const { world, store } = opened(t)
  world.writeRule('broken', 'title: [')
  world.writeRule('seats', ruleText('seats', { seats: 'many' }))
  const error = await t.throwsAsync(prepareSet(world.parts(store)), { code: 'ERR_RULE' })
  t.regex(error?.message ?? '', /rules\/broken\.yaml:1: /)
  t.regex(error?.message ?? '', /rules\/seats\.yaml:1 licence\.seats: found "many"/)
  t.is((await store.control.state()).rules.version, 0)
})

test('a set that passes its bound is refused with both figures', async (t) => {
  const { world, store } = opened(t)
  for (let number = 0; number < 20; number++) {
    world.writeRule(`big-${number}`, `${ruleText(`big-${number}`)}\n# ${'x'.repeat(450 * 1024)}`)
  }
  await t.throwsAsync(prepareSet(world.parts(store)), {
    code: 'ERR_RULE',
    message: /found \d+ bytes of rules, expected at most 8388608/,
  })
})

test('history tells who, when, why and what; rollback is a new version of an old set', async (t) => {
  const { world, store } = opened(t)
  world.writeRule('press', ruleText('press', { seats: 1 }))
  await world.publish(store, { by: 'Aida', why: 'one {seat}:\u00e9' })
  world.writeRule('press', ruleText('press', { seats: 4 }))
  await world.publish(store)
  const parts = world.parts(store)
  const back = await prepareRollback(parts)
  t.is(back.of, 1)
  t.is(back.differences.summary, 'takes 3 seats')
  t.is(await putIntoForce(parts, back, doer), 3)
  t.is(await seatsInForce(world, store), 1)
  const history = await historyOf(store.control)
  t.deepEqual(
    history.map(({ version, about }) => [
      version,
      about?.by,
      about?.why,
      about?.summary,
      about?.of,
    ]),
    [
      [3, 'Aida', 'a test', 'takes 3 seats', 1],
      [2, 'Aida', 'a test', 'adds 3 seats', undefined],
      [1, 'Aida', 'one {seat}:\u00e9', 'adds 1 resource, opens 1 host', undefined],
    ],
  )
  t.is((await prepareRollback(parts, 2)).differences.summary, 'adds 3 seats')
  await t.throwsAsync(prepareRollback(parts, 9), { code: 'ERR_NOT_FOUND', message: /version 9/ })
  t.is((await verifyAudit(world.parts(store))).broken, undefined)
})

test('where nothing was published there is nothing to go back to', async (t) => {
  const { world, store } = opened(t)
  await t.throwsAsync(prepareRollback(world.parts(store)), { code: 'ERR_NOT_FOUND' })
})

test('a damaged set is not gone back to, and what differs from it is told as all new', async (t) => {
  const { world, store } = opened(t)
  await world.publish(store)
  world.writeRule('press', ruleText('press', { seats: 4 }))
  await world.publish(store)
  const database = new DatabaseSync(world.storeFile)
  database.exec(`UPDATE rule_sets SET body = replace(body, 'Press', 'Pr*ss')`)
  database.close()
  await t.throwsAsync(prepareRollback(world.parts(store)), {
    code: 'ERR_STORE_DATA',
    message: /rule set 1 is damaged: its hash/,
  })
  world.writeRule('press', ruleText('press', { seats: 5 }))
  t.is((await prepareSet(world.parts(store))).differences.summary, 'adds 1 resource, opens 1 host')
})

test('of two who publish at once one is refused, and told what came between', async (t) => {
  const { world, store } = opened(t)
  const parts = world.parts(store)
  const first = await prepareSet(parts)
  world.writeRule('press', ruleText('press', { seats: 4 }))
  const second = await prepareSet(parts)
  const outcomes = await Promise.allSettled([
    putIntoForce(parts, first, doer),
    putIntoForce(parts, second, doer),
  ])
  t.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  const refused = outcomes.find((outcome) => outcome.status === 'rejected')
  t.regex(String(refused?.reason), /version 1 was put into force meanwhile, in place of 0/)
  t.is((await store.control.state()).log.sequence, 1)
})

/** The store, whose call number `failing` is away: before it is done, or after, when its answer is lost. */
function failingAt(
  store: Store,
  failing: number,
  isDone: boolean,
): { store: Store; calls: () => number } {
  let calls = 0
  async function counted<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    calls += 1
    if (calls !== failing) return await call()
    if (isDone) await call()
    throw new GatewayError('ERR_STORE_AWAY', 'away for one call')
  }
  const { control: own } = store
  const control: Store['control'] = {
    ...own,
    state: () => counted(() => own.state()),
    commit: (...values) => counted(() => own.commit(...values)),
    rows: (...values) => counted(() => own.rows(...values)),
    set: (version) => counted(() => own.set(version)),
  }
  return { store: { ...store, control }, calls: () => calls }
}

for (const isDone of [false, true]) {
  test(`whichever call of the store fails ${isDone ? 'after' : 'before'} it is done, the old set is in force or the new one, and the log agrees`, async (t) => {
    const { world, store } = opened(t)
    world.writeRule('press', ruleText('press', { seats: 1 }))
    await world.publish(store)
    let seats = 1
    for (let failing = 1; ; failing++) {
      const failed = failingAt(store, failing, isDone)
      world.writeRule('press', ruleText('press', { seats: seats + 1 }))
      const before = await store.control.state()
      const outcome = await world.publish(failed.store).then(
        () => 'published',
        (error: GatewayError) => error.code,
      )
      const after = await store.control.state()
      const isNew = after.rules.version === before.rules.version + 1
      t.is(after.log.sequence - before.log.sequence, isNew ? 1 : 0)
      t.is(outcome, isNew ? 'published' : 'ERR_STORE_AWAY')
      if (isNew) seats += 1
      t.is(await seatsInForce(world, store), seats)
      t.is((await verifyAudit(world.parts(store))).broken, undefined)
      if (failed.calls() < failing) break
    }
    t.true(seats > 1)
  })
}

test('a process killed while it publishes leaves the old set or the new one, whole', async (t) => {
  const { world, store } = opened(t)
  for (let round = 0; round < 3; round++) {
    const publisher = join(import.meta.dirname, 'publisher.ts')
    const child = spawn(process.execPath, [publisher, join(world.folder, 'gateway.yaml')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let told = ''
    const first = once(child.stdout, 'data')
    child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()))
    await first
    await delay(round * 37)
    child.kill('SIGKILL')
    await once(child, 'close')
    const [version, seats] = told.trim().split('\n').at(-1)!.split(' ').map(Number)
    const { rules } = await store.control.state()
    // The last one may be in force without having been told.
    t.true(rules.version === version || rules.version === version! + 1)
    t.is(await seatsInForce(world, store), seats! + rules.version - version!)
    t.is((await verifyAudit(world.parts(store))).broken, undefined)
  }
})
