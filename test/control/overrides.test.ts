import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import test from 'ava'

import { endInstant } from '../../src/control/ends.ts'
import {
  beginOverride,
  endOverride,
  liveAt,
  overrideOf,
  type OverrideWhat,
} from '../../src/control/overrides.ts'
import { verifyAudit } from '../../src/control/verify.ts'
import { systemClock } from '../../src/core/clock.ts'
import { limits } from '../../src/core/limits.ts'
import type { Rulebook } from '../../src/core/resource.ts'
import { patronKey, type Patron } from '../../src/core/types.ts'
import { decide } from '../../src/policy/decide.ts'
import { until } from '../support/gateway.ts'
import { createWorld, ruleText } from './world.ts'

const hourMs = 3_600_000
const doer = { by: 'Aida', why: 'staff only' }

function opened(t: { teardown(work: () => Promise<void>): void }) {
  const world = createWorld()
  const store = world.open()
  t.teardown(async () => {
    await store.close()
    world.remove()
  })
  const begin = (what: OverrideWhat, ms = hourMs) =>
    beginOverride(world.parts(store), { what, endsAt: systemClock.now() + ms }, doer)
  return { world, store, begin, parts: world.parts(store) }
}

const patron: Patron = {
  issuer: 'https://idp.example.edu',
  subject: 'a{b}:*\nc',
  categories: ['student'],
  groups: [],
}

/** The decision of a rulebook, as the gateway, the badges and the explanation ask for it. */
function decided(
  { resources, placeOf, suspensions }: Rulebook,
  who = patron,
  address = '203.0.113.7',
) {
  const resource = resources.get('press')!
  const place = placeOf(address, resource)
  const decision = decide({ resource, place, patron: who, suspensions, todayOn: '2026-11-30' })
  const last = decision.trace.findLast(({ outcome }) => outcome !== 'not asked')
  return { ...decision, last }
}

test('each kind of override decides in every process within a second, and ends with its end', async (t) => {
  const { world, store, begin, parts } = opened(t)
  const { rules, suspended } = world.hold(store)
  await rules.start()
  t.teardown(async () => rules.stop())
  t.true(decided(rules.current()).isAllowed)

  const key = patronKey(patron)
  const { id } = await begin({ kind: 'suspension', patron: key })
  await until(() => !decided(rules.current()).isAllowed, 'the suspension does not hold', 1000)
  const refused = decided(rules.current())
  t.like(refused, { reason: 'patron_suspended', last: { criterion: 'standing' } })
  t.regex(
    refused.last?.detail ?? '',
    new RegExp(`^override ${id} until \\d{4}-\\d\\d-\\d\\d: staff only$`),
  )
  t.false(JSON.stringify(refused.isAllowed ? '' : refused.facts).includes('staff only'))
  t.true(decided(rules.current(), { ...patron, subject: 'another' }).isAllowed)
  t.deepEqual(suspended, [key])
  t.is(rules.facts().overrides.suspension, 1)
  await endOverride(parts, id, doer)
  await until(() => decided(rules.current()).isAllowed, 'the suspension does not end', 1000)

  await begin({ kind: 'block', range: '203.0.113.0/28' })
  await until(() => !decided(rules.current()).isAllowed, 'the block does not hold', 1000)
  t.like(decided(rules.current()), { reason: 'address_blocked' })
  t.like(decided(rules.current(), patron, '::ffff:203.0.113.7'), { reason: 'address_blocked' })
  t.true(decided(rules.current(), patron, '203.0.113.16').isAllowed)

  await begin({ kind: 'seats', pool: 'press', seats: 2 })
  await until(() => rules.current().resources.get('press')?.licence.seats === 2, 'no seats', 1000)

  const message = { ky: 'Дүйшөмбүгө чейин', en: 'Until Monday' }
  await begin({ kind: 'closure', resource: 'press', message }, 900)
  const other = '198.51.100.1'
  await until(() => !decided(rules.current(), patron, other).isAllowed, 'it is not closed', 1000)
  t.like(decided(rules.current(), patron, other), { reason: 'resource_closed', message })
  const host = rules.current().hosts.upstreamOf('www-press-example.proxy.localhost')
  t.is(host?.resource, rules.current().resources.get('press'))
  await until(
    () => decided(rules.current(), patron, other).isAllowed,
    'it is not opened again',
    2500,
  )

  t.deepEqual(rules.facts().overrides, { suspension: 0, block: 1, closure: 0, seats: 1 })
  // A new rule set leaves them in force.
  world.writeRule('press', ruleText('press', { seats: 9 }))
  await world.publish(store)
  await until(() => rules.facts().version === 1, 'the set does not come', 1000)
  t.is(rules.current().resources.get('press')?.licence.seats, 2)
  t.false(decided(rules.current()).isAllowed)
  t.is((await verifyAudit(world.parts(store))).broken, undefined)
})

test('of two about the same the later one holds, and after its end the earlier one', (t) => {
  const base = { by: 'a', why: 'b', beganAt: 0 }
  const seats = (id: number, count: number, endsAt: number) => ({
    ...base,
    id,
    endsAt,
    what: { kind: 'seats' as const, pool: 'p', seats: count },
  })
  const overrides = [seats(2, 20, 500), seats(1, 10, 1000)]
  t.is(liveAt(overrides, 499, 'UTC').seats.get('p')?.seats, 20)
  t.is(liveAt(overrides, 500, 'UTC').seats.get('p')?.seats, 10)
  t.is(liveAt(overrides, 1000, 'UTC').seats.size, 0)
})

test('an override that is no more, or never was, cannot be ended', async (t) => {
  const { begin, parts } = opened(t)
  const { id } = await begin({ kind: 'block', range: '203.0.113.7' })
  await endOverride(parts, id, doer)
  for (const gone of [id, id + 7]) {
    await t.throwsAsync(endOverride(parts, gone, doer), { code: 'ERR_NOT_FOUND' })
  }
})

test('the audit log names a patron by key and cuts a single address short; tampering is found', async (t) => {
  const { world, store, begin } = opened(t)
  await begin({ kind: 'block', range: '203.0.113.7' })
  await begin({ kind: 'suspension', patron: patronKey(patron) })
  const rows = await store.control.rows(1, 10)
  t.false(JSON.stringify(rows).includes('203.0.113.7'))
  t.true(JSON.stringify(rows).includes('address 203.0.113.0/24'))
  const database = new DatabaseSync(world.storeFile)
  database.exec(`UPDATE overrides SET body = replace(body, '203.0.113.7', '203.0.113.8')`)
  t.regex(
    (await verifyAudit(world.parts(store))).broken?.message ?? '',
    /override 1 is not as it was made/,
  )
  database.exec(`UPDATE overrides SET body = '{'`)
  database.close()
  t.deepEqual((await store.control.overrides()).map(overrideOf), [undefined, undefined])
})

test('an override that cannot be read keeps none of the others from holding', async (t) => {
  const { world, store, begin } = opened(t)
  const { rules, events } = world.hold(store)
  t.teardown(async () => rules.stop())
  await begin({ kind: 'block', range: '203.0.113.7' })
  await begin({ kind: 'seats', pool: 'press', seats: 4 })
  const database = new DatabaseSync(world.storeFile)
  database.exec(`UPDATE overrides SET body = replace(body, '203.0.113.7', '203.0.113.777');
    UPDATE overrides SET body = replace(body, '"seats":4', '"seats":-4')`)
  database.close()
  await begin({ kind: 'suspension', patron: patronKey(patron) })
  await rules.start()
  t.like(decided(rules.current(), patron), { isAllowed: false, reason: 'patron_suspended' })
  t.deepEqual(rules.facts().overrides, { suspension: 1, block: 0, closure: 0, seats: 0 })
  t.like(
    events.find((event) => event.kind === 'rules' && event.outcome === 'failed'),
    { code: 'ERR_STORE_DATA', message: '2 overrides cannot be read and do not hold' },
  )
})

test('there are so many overrides and no more', async (t) => {
  const { store, begin } = opened(t)
  const full = { ...store, control: { ...store.control, overrides: async () => crowd } }
  const crowd = Array.from({ length: limits.control.overrides }, (_, id) => ({
    id,
    endsAt: Infinity,
    body: '',
  }))
  await begin({ kind: 'block', range: '203.0.113.7' })
  const parts = { control: full.control, clock: systemClock }
  const what = { kind: 'block', range: '203.0.113.8' } as const
  await t.throwsAsync(beginOverride(parts, { what, endsAt: systemClock.now() + 1000 }, doer), {
    code: 'ERR_BAD_REQUEST',
    message: /found 1000 overrides/,
  })
})

const now = Date.parse('2026-11-30T12:00:00Z')
const endOf = (text: string) => endInstant(text, now, 'Asia/Bishkek')
const ends: readonly [text: string, at: string | undefined][] = [
  ['90m', '2026-11-30T13:30:00.000Z'],
  ['3d', '2026-12-03T12:00:00.000Z'],
  ['2026-12-05', '2026-12-05T18:00:00.000Z'],
  ['2026-12-05T09:00', '2026-12-05T03:00:00.000Z'],
  ['2026-12-05T09:00Z', '2026-12-05T09:00:00.000Z'],
  ['2026-11-29', undefined],
  ['2026-11-30T11:00Z', undefined],
  ['2028-01-01', undefined],
  ['2026-02-30', undefined],
  ['0d', undefined],
  ['soon', undefined],
  ['', undefined],
]

for (const [text, at] of ends) {
  test(`the end "${text}" is ${at ?? 'refused'}`, (t) => {
    if (at === undefined)
      t.throws(() => endOf(text), { code: 'ERR_BAD_REQUEST', message: /^--until: found/ })
    else t.is(new Date(endOf(text)).toISOString(), at)
  })
}

test('the command line begins, lists and ends overrides, and tells what it cannot read', async (t) => {
  const { world } = opened(t)
  const main = join(import.meta.dirname, '../../src/main.ts')
  const darbaza = (...words: string[]): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      const all = [main, 'override', ...words, '--config', 'gateway.yaml']
      const options = { cwd: world.folder, env: { PATH: process.env['PATH'] } }
      const child = execFile(process.execPath, all, options, (_, out, errors) =>
        resolve({ code: child.exitCode ?? -1, out: out + errors }),
      )
    })
  const why = ['--why', 'w', '--until', '2h', '--by', 'Bek']
  // With the slash that the configuration leaves out, and the provider may not.
  const who = ['--issuer', 'http://127.0.0.1:9/', '--subject']
  t.regex(
    (await darbaza('add', 'suspend', ...who, patron.subject, ...why)).out,
    /^Override 1 holds until .*: patron [\w-]{43} is suspended\.\n$/,
  )
  const { out } = await darbaza('list', '--json')
  t.like(JSON.parse(out)[0], {
    id: 1,
    by: 'Bek',
    what: { patron: patronKey({ issuer: 'http://127.0.0.1:9/', subject: patron.subject }) },
  })
  t.is((await darbaza('end', '1', '--why', 'w')).out, 'Override 1 is ended.\n')
  const bad: readonly [words: readonly string[], expected: RegExp][] = [
    [
      ['add', 'suspend', ...who, 'x'.repeat(10_240), ...why],
      /--subject: found 10240 characters, expected 1 to \d+/,
    ],
    [
      ['add', 'suspend', '--issuer', 'https://idp.example', '--subject', 'x', ...why],
      /--issuer: found "https:\/\/idp\.example", expected one of the configured: http:\/\/127\.0\.0\.1:9\n/,
    ],
    [
      ['add', 'block', '10.0.0.9-10.0.0.1', ...why],
      /found range "10\.0\.0\.9-10\.0\.0\.1", expected an address/,
    ],
    [['add', 'close', 'pres', ...why], /found resource "pres", expected one of the rules/],
    [['add', 'seats', 'press', '0', ...why], /found "0" seats, expected a whole number/],
  ]
  for (const [words, expected] of bad) {
    const answer = await darbaza(...words)
    t.is(answer.code, 1)
    t.regex(answer.out, expected)
  }
})
