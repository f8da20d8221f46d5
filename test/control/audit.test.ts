import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import test from 'ava'
import * as fc from 'fast-check'
import { Redis } from 'ioredis'

import { entryOf, rowAfter, rowsOf, rowTrouble } from '../../src/control/audit.ts'
import { canonicalJson } from '../../src/control/canonical.ts'
import { beginOverride } from '../../src/control/overrides.ts'
import { recordAct } from '../../src/control/record.ts'
import { verifyAudit } from '../../src/control/verify.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { StoreConfig } from '../../src/core/store-config.ts'
import type { LogHead } from '../../src/store/contract.ts'
import { openStore } from '../../src/store/open.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { createWorld, ruleText, type World } from './world.ts'

let redis: TestRedis
test.before(async () => {
  redis = await startRedis()
})
test.after.always(() => redis.stop())

const act = {
  id: 'id',
  at: 1,
  by: 'Aida',
  action: 'publish',
  target: 'version 1',
  why: 'because',
  details: { version: 1, hash: 'h', changes: ['{', '}\n:'] },
} as const

test('the same value gives the same text, whatever the order of its keys', (t) => {
  t.is(
    canonicalJson({ b: 1, a: { d: [2, { f: 1, e: 'ы"\n' }], c: null } }),
    canonicalJson({ a: { c: null, d: [2, { e: 'ы"\n', f: 1 }] }, b: 1 }),
  )
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const again: unknown = JSON.parse(JSON.stringify(value))
      t.is(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(again))
    }),
  )
})

test('an entry says where it stands, and any change of it is seen', (t) => {
  const empty: LogHead = { sequence: 0, hash: '' }
  const first = rowAfter(empty, act)
  const second = rowAfter(first, act)
  t.is(rowTrouble(first, empty), undefined)
  t.is(rowTrouble(second, first), undefined)
  t.deepEqual(entryOf(second), { ...act, sequence: 2, previous: first.hash })
  t.is(rowTrouble(second, empty), 'entry 1 is missing')
  t.is(rowTrouble({ ...second, hash: first.hash }, first), 'its hash is not that of its text')
  const other = rowAfter({ ...first, hash: 'another' }, act)
  t.is(rowTrouble(other, first), 'it does not follow the entry before it')
  const elsewhere = { ...rowAfter({ ...first, sequence: 5 }, act), sequence: 2 }
  t.is(rowTrouble(elsewhere, first), 'it says that it is entry 6')
  const shapeless = { ...rowAfter(first, { ...act, by: 7 as unknown as string }) }
  t.is(rowTrouble(shapeless, first), 'it cannot be read')
  t.throws(() => rowAfter(empty, { ...act, why: 'x'.repeat(100_000) }), { code: 'ERR_BAD_REQUEST' })
})

/** Three published versions, so that the log has something to be held against. */
async function published(sections: object = {}): Promise<World> {
  const world = createWorld(sections)
  const store = world.open()
  for (const seats of [1, 2, 3]) {
    world.writeRule('press', ruleText('press', { seats }))
    await world.publish(store)
  }
  await store.close()
  return world
}

async function verified(world: World, known?: LogHead) {
  const store = world.open()
  try {
    return await verifyAudit(world.parts(store), known)
  } finally {
    await store.close()
  }
}

const sqlTampering: readonly [
  what: string,
  sql: string,
  sequence: number | undefined,
  message: RegExp,
][] = [
  [
    'an edited entry',
    `UPDATE audit_log SET body = replace(body, 'a test', 'no test') WHERE sequence = 2`,
    2,
    /its hash/,
  ],
  [
    'an edited last entry',
    `UPDATE audit_log SET body = replace(body, 'a test', 'no test') WHERE sequence = 3`,
    3,
    /its hash/,
  ],
  ['a deleted entry', 'DELETE FROM audit_log WHERE sequence = 2', 2, /entry 2 is missing/],
  ['a deleted first entry', 'DELETE FROM audit_log WHERE sequence = 1', 1, /entry 1 is missing/],
  [
    'a deleted last entry',
    'DELETE FROM audit_log WHERE sequence = 3',
    undefined,
    /entries 3 to 3 are missing/,
  ],
  ['all entries deleted', 'DELETE FROM audit_log', undefined, /entries 1 to 3 are missing/],
  [
    'two entries in each other’s place',
    'UPDATE audit_log SET sequence = 9 WHERE sequence = 1; UPDATE audit_log SET sequence = 1 WHERE sequence = 2; UPDATE audit_log SET sequence = 2 WHERE sequence = 9',
    1,
    /it says that it is entry 2/,
  ],
  [
    'an entry slipped in at the end',
    `INSERT INTO audit_log SELECT 4, hash, body FROM audit_log WHERE sequence = 3; UPDATE control SET log_sequence = 4`,
    4,
    /it says that it is entry 3/,
  ],
  [
    'the end cut off with the note of it, when a set is in force that the rest does not tell of',
    'DELETE FROM audit_log WHERE sequence = 3; UPDATE control SET log_sequence = 2, log_hash = (SELECT hash FROM audit_log WHERE sequence = 2)',
    undefined,
    /version 3 is in force, the log says 2/,
  ],
  ['another head', `UPDATE control SET log_hash = 'x'`, undefined, /the last entry is not the one/],
  [
    'another version in force',
    `UPDATE control SET rules_version = 2`,
    undefined,
    /version 2 is in force, the log says 3/,
  ],
  [
    'the rule set in force taken out',
    'DELETE FROM rule_sets WHERE version = 3',
    undefined,
    /rule set 3 is missing/,
  ],
  [
    'an edited rule set',
    `UPDATE rule_sets SET body = replace(body, 'press', 'prexx') WHERE version = 2`,
    undefined,
    /rule set 2 is not the one that was published/,
  ],
]

for (const [what, sql, sequence, message] of sqlTampering) {
  test(`verify finds in the SQLite file: ${what}`, async (t) => {
    const world = await published()
    t.teardown(() => world.remove())
    t.like(await verified(world), { entries: 3, broken: undefined })
    const database = new DatabaseSync(world.storeFile)
    database.exec(sql)
    database.close()
    const { broken } = await verified(world)
    t.regex(broken?.message ?? '', message)
    t.is(broken?.sequence, sequence)
  })
}

/** What does not stand in the log, after a suspension and a block were begun by entries 1 and 2. */
const overrideTampering: readonly [what: string, sql: string, message: RegExp][] = [
  ['a suspension taken out', 'DELETE FROM overrides WHERE id = 1', /override 1 is missing/],
  [
    'one put in',
    `INSERT INTO overrides SELECT 99, ends_at, body FROM overrides WHERE id = 1`,
    /override 99 is none that the log tells of/,
  ],
  [
    'one of the two in the place of the other',
    `UPDATE overrides SET body = (SELECT body FROM overrides WHERE id = 1)`,
    /override 2 is not as it was made/,
  ],
]

for (const [what, sql, message] of overrideTampering) {
  test(`verify finds among overrides: ${what}`, async (t) => {
    const world = createWorld()
    t.teardown(() => world.remove())
    const store = world.open()
    t.teardown(() => store.close())
    const parts = world.parts(store)
    const endsAt = systemClock.now() + 3_600_000
    const doer = { by: 'Aida', why: 'a test' }
    await beginOverride(parts, { what: { kind: 'suspension', patron: 'p' }, endsAt }, doer)
    await beginOverride(parts, { what: { kind: 'block', range: '203.0.113.7' }, endsAt }, doer)
    t.is((await verifyAudit(parts)).broken, undefined)
    const database = new DatabaseSync(world.storeFile)
    database.exec(sql)
    database.close()
    t.regex((await verifyAudit(parts)).broken?.message ?? '', message)
    // What has ended may have been forgotten.
    const later = { now: () => endsAt + 1, steady: systemClock.steady }
    const isMissing = message.source.includes('missing')
    if (isMissing) t.is((await verifyAudit({ ...parts, clock: later })).broken, undefined)
  })
}

test('an act that puts nothing into force is no trouble to what is', async (t) => {
  const world = await published()
  t.teardown(() => world.remove())
  const store = world.open()
  t.teardown(() => store.close())
  const said = { by: 'Aida', why: 'asked', target: 'patron x', details: {} }
  for (const action of ['seat-release', 'report-end', 'usage-export', 'usage-erase'] as const) {
    await recordAct(world.parts(store), { ...said, action })
    t.is((await verified(world)).broken, undefined, action)
  }
})

test('an end cut off with all that tells of it is found by a head that was noted', async (t) => {
  const world = await published()
  t.teardown(() => world.remove())
  const { head } = await verified(world)
  t.is((await verified(world, head)).broken, undefined)
  t.is((await verified(world, { ...head, sequence: 2 })).broken?.sequence, 2)
  const database = new DatabaseSync(world.storeFile)
  database.exec(`
    DELETE FROM audit_log WHERE sequence = 3; DELETE FROM rule_sets WHERE version = 3;
    UPDATE control SET log_sequence = 2, log_hash = (SELECT hash FROM audit_log WHERE sequence = 2),
      rules_version = 2, rules_hash = (SELECT hash FROM rule_sets WHERE version = 2)`)
  database.close()
  t.is((await verified(world)).broken, undefined)
  t.regex((await verified(world, head)).broken?.message ?? '', /entries 3 to 3 are missing/)
})

const log = 'darbaza:{control}:log'
const redisTampering: readonly [
  what: string,
  tamper: (client: Redis) => Promise<unknown>,
  message: RegExp,
][] = [
  [
    'an edited entry',
    async (client) => client.lset(log, 1, (await client.lindex(log, 1))!.replace('a test', 'no')),
    /its hash/,
  ],
  [
    'a deleted entry',
    async (client) => client.lrem(log, 1, (await client.lindex(log, 0))!),
    /says that it is entry 2/,
  ],
  ['a deleted last entry', (client) => client.rpop(log), /entries 3 to 3 are missing/],
  [
    'two entries in each other’s place',
    async (client) => {
      const [first, second] = await client.lrange(log, 0, 1)
      await client.lset(log, 0, second!)
      await client.lset(log, 1, first!)
    },
    /says that it is entry 2/,
  ],
  ['an entry that is none', (client) => client.lset(log, 0, '["h","{}"]'), /its hash/],
  [
    'an edited rule set',
    (client) => client.hset('darbaza:{control}:sets', '3:body', '{}'),
    /rule set 3/,
  ],
]

test.serial('verify finds in Redis what was changed there', async (t) => {
  const client = new Redis(redis.url)
  for (const [what, tamper, message] of redisTampering) {
    await client.flushall()
    const world = await published({ store: { redis: { url: redis.url } } })
    t.is((await verified(world)).broken, undefined, what)
    await tamper(client)
    t.regex((await verified(world)).broken?.message ?? '', message, what)
    world.remove()
  }
  client.disconnect()
})

const appender = join(import.meta.dirname, 'appender.ts')

for (const kind of ['embedded', 'redis'] as const) {
  test.serial(
    `three processes that append at once lose nothing and keep the chain: ${kind}`,
    async (t) => {
      const world = createWorld()
      t.teardown(() => world.remove())
      const config: StoreConfig =
        kind === 'embedded' ? { kind, file: world.storeFile } : { kind, url: redis.url }
      const store = openStore(config, systemClock)
      const from = (await store.control.state()).log.sequence
      await Promise.all(
        ['a', 'b', 'c'].map(async (by) => {
          const child = spawn(process.execPath, [appender, JSON.stringify(config), by, '25'], {
            stdio: ['ignore', 'inherit', 'inherit'],
          })
          t.deepEqual(await once(child, 'close'), [0, null])
        }),
      )
      const targets: string[] = []
      let before: LogHead = { sequence: from, hash: '' }
      for await (const row of rowsOf(store.control, from + 1)) {
        if (targets.length > 0) t.is(rowTrouble(row, before), undefined)
        before = row
        targets.push(entryOf(row)?.target ?? '')
      }
      const expected = ['a', 'b', 'c'].flatMap((by) =>
        Array.from({ length: 25 }, (_, n) => `${by} ${n}`),
      )
      t.deepEqual(targets.toSorted(), expected.toSorted())
      await store.close()
    },
  )
}
