/** Values that mean nothing yet: added up over processes, bounded, expiring, and never a person's. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import type { ClaimsConfig } from '../../src/config/config.ts'
import { systemClock, timeOrderedId, type Clock } from '../../src/core/clock.ts'
import { createEventBus } from '../../src/core/events.ts'
import { limits } from '../../src/core/limits.ts'
import { withoutOwnNames } from '../../src/identity/claims.ts'
import { gatherUnmatched } from '../../src/identity/unmatched-values.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createRedisStore } from '../../src/store/redis.ts'
import type { Store } from '../../src/store/contract.ts'
import { startRedis } from '../support/redis.ts'

const folder = mkdtempSync(join(tmpdir(), 'darbaza-unmatched-'))
let files = 0
const newFile = () => join(folder, `${files++}.sqlite`)
test.after.always(() => rmSync(folder, { recursive: true }))

const noon = Date.parse('2026-11-30T12:00:00Z')
const clockAt = (now: () => number): Clock => ({ ...systemClock, now })

const dayMs = 86_400_000
const { values, chars, days } = limits.identity.unmatched

function providers(known: ClaimsConfig['values'] = { '/students': {} }) {
  return ['uni', 'academy'].map((id) => ({ id, claims: { values: known } }))
}

/** One process of a gateway, as far as this goes. */
function startProcess(store: Store, clock: Clock, known?: ClaimsConfig['values']) {
  const bus = createEventBus((error) => {
    throw error
  })
  const parts = { records: store.records, clock, bus, timeZone: 'Asia/Bishkek' }
  const gathered = gatherUnmatched({ ...parts, providers: providers(known) })
  return {
    ...gathered,
    signIn(provider: string, ...unmatched: readonly string[]) {
      const at = clock.now()
      const base = { id: timeOrderedId(at), at, reference: 'r' }
      bus.emit({ kind: 'sign-in', ...base, outcome: 'success', provider, unmatched })
    },
  }
}

for (const kind of ['embedded', 'redis'] as const) {
  test(`processes add up, each provider by itself, and what has a meaning now is left out: ${kind}`, async (t) => {
    const clock = clockAt(() => noon)
    const redis = kind === 'redis' ? await startRedis() : undefined
    const store =
      redis === undefined
        ? createEmbeddedStore({ file: newFile(), clock })
        : createRedisStore({ kind: 'redis', url: redis.url })
    t.teardown(async () => {
      await store.close()
      await redis?.stop()
    })
    const [one, other] = [startProcess(store, clock), startProcess(store, clock)]
    for (const each of [one, other]) {
      each.signIn('uni', '/law', '/students/2025', 'a}:*\nb')
      each.signIn('uni', '/law')
      each.signIn('academy', '/law')
      each.signIn('nowhere', '/law')
    }
    await Promise.all([one.flush(), other.stop()])
    const lastOn = '2026-11-30'
    t.deepEqual(await one.list(), [
      { provider: 'uni', value: '/law', times: 4, lastOn },
      { provider: 'uni', value: 'a}:*\nb', times: 2, lastOn },
      { provider: 'academy', value: '/law', times: 2, lastOn },
    ])
    const later = startProcess(store, clock, { '/LAW': { category: 'student' }, students: {} })
    t.deepEqual(
      (await later.list()).map(({ value }) => value),
      ['a}:*\nb'],
    )
  })
}

test('days add up, the last one is told, and after their time they are gone', async (t) => {
  let now = Date.parse('2026-11-29T17:59:00Z')
  const clock = clockAt(() => now)
  const store = createEmbeddedStore({ file: newFile(), clock })
  t.teardown(() => store.close())
  const gateway = startProcess(store, clock)
  const told: [times: number, lastOn: string][] = []
  for (const laterMs of [0, 2 * 60_000, 10 * dayMs]) {
    now += laterMs
    gateway.signIn('uni', '/law')
    await gateway.flush()
    for (const { times, lastOn } of await gateway.list()) told.push([times, lastOn])
  }
  t.deepEqual(told, [
    [1, '2026-11-29'],
    [2, '2026-11-30'],
    [3, '2026-12-10'],
  ])
  now += (days - 1) * dayMs
  t.like(await gateway.list(), [{ times: 1, lastOn: '2026-12-10' }])
  now += dayMs
  t.deepEqual(await gateway.list(), [])
})

test('a flood of values, and long ones, stay within the bounds, and what is known goes on counting', async (t) => {
  const clock = clockAt(() => noon)
  const store = createEmbeddedStore({ file: newFile(), clock })
  t.teardown(() => store.close())
  const gateway = startProcess(store, clock)
  gateway.signIn('uni', '/law', 'x'.repeat(chars + 1))
  await gateway.flush()
  for (let index = 0; index < 3 * values; index++) {
    gateway.signIn('uni', `flood-${index}`)
    if (index % values === 7) await gateway.flush()
  }
  gateway.signIn('uni', '/law')
  await gateway.flush()
  gateway.signIn('uni', '/law')
  await gateway.flush()
  const found = await gateway.list()
  t.is(found.length, values)
  t.true(found.every(({ value }) => value.length <= chars))
  t.is(found[0]?.value, '/law')
})

test('a store that is away costs the hint and nothing else', async (t) => {
  const clock = clockAt(() => noon)
  const store = createEmbeddedStore({ file: newFile(), clock })
  const gateway = startProcess(store, clock)
  gateway.signIn('uni', '/law')
  await store.close()
  await t.notThrowsAsync(gateway.stop())
  await t.throwsAsync(gateway.list(), { code: 'ERR_STORE_AWAY' })
})

const claims = { sub: '4711', email: 'Aida@uni.kg', preferred_username: 'aida.b', name: 'Aida B' }

for (const [value, isTold] of [
  ['/law', true],
  ['4711', false],
  ['/users/AIDA.B', false],
  ['aida@uni.kg', false],
  ['aida', false],
  ['/personal/aida b', false],
  ['staff@uni.kg', true],
] as const) {
  test(`what names the person is counted and not told: ${value}`, (t) => {
    const finding = { kind: 'rejected', claim: 'groups', reason: 'unmatched_value' } as const
    const expected = isTold ? { ...finding, value } : finding
    t.deepEqual(withoutOwnNames([{ ...finding, value }], claims), [expected])
  })
}
