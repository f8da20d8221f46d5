import { DatabaseSync } from 'node:sqlite'

import test from 'ava'
import { Redis } from 'ioredis'

import type { RulesInForce } from '../../src/control/in-force.ts'
import type { GatewayEvent } from '../../src/core/events.ts'
import type { Store } from '../../src/store/contract.ts'
import { until } from '../support/gateway.ts'
import { startRedis } from '../support/redis.ts'
import { createWorld, ruleText, type World } from './world.ts'

type Context = { teardown(work: () => Promise<void> | void): void }

function opened(t: Context, sections?: object): { world: World; store: Store } {
  const world = createWorld(sections)
  const store = world.open()
  t.teardown(async () => {
    await store.close()
    world.remove()
  })
  return { world, store }
}

/** A process with a store connection of its own. */
async function started(t: Context, world: World) {
  const store = world.open()
  const held = world.hold(store)
  t.teardown(async () => {
    held.rules.stop()
    await store.close()
  })
  await held.rules.start()
  return { ...held, store }
}

const seats = (rules: RulesInForce) => rules.current().resources.get('press')?.licence.seats
const failures = (events: readonly GatewayEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'rules' && event.outcome === 'failed' ? [[event.code, event.version]] : [],
  )

test('without a published set the files are in force, and are read again when asked', async (t) => {
  const { world } = opened(t)
  const { rules, events } = await started(t, world)
  t.is(seats(rules), undefined)
  t.true(rules.isKnown())
  world.writeRule('press', ruleText('press', { seats: 2 }))
  t.is(await rules.reload(world.config), 0)
  t.is(seats(rules), 2)
  t.deepEqual(events, [])
})

test('before the start nothing is in force; files with mistakes are told at the start', async (t) => {
  const { world, store } = opened(t)
  world.writeRule('press', 'title: [')
  const { rules } = world.hold(store)
  t.throws(() => rules.current(), { code: 'ERR_INTERNAL' })
  await t.throwsAsync(rules.start(), { code: 'ERR_RULE' })
})

test('a published set is in force whatever the files say, also for whoever starts later', async (t) => {
  const { world, store } = opened(t)
  world.writeRule('press', ruleText('press', { seats: 3 }))
  await world.publish(store)
  world.writeRule('press', 'title: [')
  const { rules, events } = await started(t, world)
  t.is(seats(rules), 3)
  t.like(rules.facts(), { version: 1 })
  t.is(await rules.reload(world.config), 1)
  t.is(seats(rules), 3)
  t.like(events[0], { kind: 'rules', outcome: 'in-force', version: 1 })
})

test('what is published to the file of a running gateway is in force within a second', async (t) => {
  const { world, store } = opened(t)
  const { rules } = await started(t, world)
  const before = rules.current()
  world.writeRule('press', ruleText('press', { seats: 3 }))
  await world.publish(store)
  const publishedAt = performance.now()
  await until(() => seats(rules) === 3, 'the set does not come', 1000)
  t.log(`after ${Math.round(performance.now() - publishedAt)} ms`)
  t.not(rules.current(), before)
  t.is(before.resources.get('press')?.licence.seats, undefined)
})

const damages: readonly [what: string, sql: string, code: string][] = [
  [
    'that was changed',
    `UPDATE rule_sets SET body = replace(body, 'press', 'prexx')`,
    'ERR_STORE_DATA',
  ],
  ['that is no set', `UPDATE rule_sets SET body = '{'`, 'ERR_STORE_DATA'],
  ['that is not there', 'DELETE FROM rule_sets', 'ERR_STORE_DATA'],
]

for (const [what, sql, code] of damages) {
  test(`a published set ${what} changes nothing and is told once; the next good one is in force`, async (t) => {
    const { world, store } = opened(t)
    await world.publish(store)
    const { rules, events } = await started(t, world)
    const before = rules.current()
    // Damaged and in force in one step, as if it had been published so.
    const database = new DatabaseSync(world.storeFile)
    database.exec(`BEGIN; UPDATE control SET rules_version = 2;
      INSERT INTO rule_sets SELECT 2, hash, about, body FROM rule_sets; ${sql}; COMMIT`)
    database.close()
    await until(() => failures(events).length > 0, 'the damage is not told', 2000)
    t.is(rules.current(), before)
    t.true(rules.isKnown())
    await new Promise((resolve) => setTimeout(resolve, 1000))
    t.deepEqual(failures(events), [[code, 2]])
    world.writeRule('press', ruleText('press', { seats: 9 }))
    t.is(await world.publish(store), 3)
    await until(() => seats(rules) === 9, 'the good set does not come', 1000)
  })
}

const zone = (url: string) => ({ portal: { url: 'https://library.example.org' }, zone: { url } })

test('a set that does not do for this gateway changes nothing there', async (t) => {
  const { world, store } = opened(t, zone('https://read.example.edu'))
  const { rules, events } = await started(t, world)
  const other = createWorld({ ...zone('https://other.example.edu'), data: `${world.folder}/data` })
  t.teardown(() => other.remove())
  const own = { start: 'https://www.read.example.edu/', hosts: ['www.read.example.edu'] }
  other.writeRule('own', ruleText('own', {}, own))
  t.is(await other.publish(store), 1)
  await until(() => failures(events).length > 0, 'it is not told', 2000)
  t.deepEqual(failures(events), [['ERR_RULE', 1]])
  t.deepEqual([...rules.current().resources.keys()], ['press'])
})

test('at the start, of sets that are damaged the newest whole one is in force; without any, nothing starts', async (t) => {
  const { world, store } = opened(t)
  for (const count of [1, 2, 3]) {
    world.writeRule('press', ruleText('press', { seats: count }))
    await world.publish(store)
  }
  const database = new DatabaseSync(world.storeFile)
  database.exec(`UPDATE rule_sets SET body = '{}' WHERE version = 3`)
  const { rules, events } = await started(t, world)
  t.is(seats(rules), 2)
  t.deepEqual(failures(events), [['ERR_STORE_DATA', 3]])
  database.exec(`UPDATE rule_sets SET body = '{}'`)
  database.close()
  await t.throwsAsync(started(t, world), { code: 'ERR_STORE_DATA' })
})

test('a store that loses the set in force changes nothing and is told', async (t) => {
  const { world, store } = opened(t)
  world.writeRule('press', ruleText('press', { seats: 3 }))
  await world.publish(store)
  const { rules, events } = await started(t, world)
  world.writeRule('press', ruleText('press', { seats: 30 }))
  const database = new DatabaseSync(world.storeFile)
  database.exec(`UPDATE control SET rules_version = 0, rules_hash = ''`)
  database.close()
  await until(() => failures(events).length > 0, 'the loss is not told', 2000)
  t.is(seats(rules), 3)
})

test('a store that is away at the start: the list is shown, nothing is served until it answers', async (t) => {
  const redis = await startRedis({ persistence: 'appendonly' })
  t.teardown(() => redis.stop())
  const { world, store } = opened(t, { store: { redis: { url: redis.url } } })
  world.writeRule('press', ruleText('press', { seats: 3 }))
  await world.publish(store)
  world.writeRule('press', ruleText('press', { seats: 4 }))
  await redis.kill()
  const { rules } = await started(t, world)
  t.false(rules.isKnown())
  t.is(seats(rules), 4)
  t.throws(() => rules.current().hosts.upstreamOf('www-press-example.proxy.localhost'), {
    code: 'ERR_STORE_AWAY',
  })
  await t.throwsAsync(rules.reload(world.config), { code: 'ERR_STORE_AWAY' })
  await redis.restart()
  await until(() => rules.isKnown(), 'the store is not found', 5000)
  t.is(seats(rules), 3)
  t.is(
    rules.current().hosts.upstreamOf('www-press-example.proxy.localhost')?.host,
    'www.press.example',
  )

  const isBack = () =>
    store.ping().then(
      () => true,
      () => false,
    )
  await until(isBack, 'the store is not found', 5000)

  // Told by the channel, long before the next look.
  const delays: number[] = []
  for (let count = 5; count < 15; count++) {
    world.writeRule('press', ruleText('press', { seats: count }))
    await world.publish(store)
    const publishedAt = performance.now()
    await until(() => seats(rules) === count, 'the set does not come', 1000)
    delays.push(performance.now() - publishedAt)
  }
  t.log(`swapped after ${delays.map(Math.round).join(', ')} ms`)

  // Without the channel the look behind it finds what is new.
  const client = new Redis(redis.url)
  await client.call('ACL', 'SETUSER', 'default', 'resetchannels')
  client.disconnect()
  world.writeRule('press', ruleText('press', { seats: 20 }))
  await world.publish(store)
  await until(() => seats(rules) === 20, 'the set does not come without the channel', 1000)
})
