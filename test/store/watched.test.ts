import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { openStore } from '../../src/store/open.ts'
import { watchedStore } from '../../src/store/watched.ts'

function setUp() {
  const file = join(mkdtempSync(join(tmpdir(), 'darbaza-watched-')), 'store.sqlite')
  const told: string[] = []
  const store = watchedStore(openStore({ kind: 'embedded', file }, systemClock), (part) => {
    return (isWell) => told.push(`${part} ${isWell}`)
  })
  return { store, told }
}

test('each operation is timed under its part, and answers as it would', async (t) => {
  const { store, told } = setUp()
  t.teardown(store.close)
  await store.records.write('key', 'value', 1000)
  t.is(await store.records.read('key'), 'value')
  t.deepEqual(await store.seats.leases('pool'), [])
  t.deepEqual((await store.control.state()).rules, { version: 0, hash: '' })
  await store.usage.append([])
  await store.ping()
  t.deepEqual(told, ['records true', 'records true', 'seats true', 'control true', 'usage true'])
})

test('an operation that fails is told as such, and rejects as it would', async (t) => {
  const { store, told } = setUp()
  t.teardown(store.close)
  await store.records.writeFields('key', new Map([['a', 'b']]), 1000)
  await t.throwsAsync(store.records.read('key'), { code: 'ERR_STORE_DATA' })
  t.deepEqual(told, ['records true', 'records false'])
})

test('to watch for commits is no operation', (t) => {
  const { store, told } = setUp()
  t.teardown(store.close)
  store.control.watch(() => undefined)()
  t.deepEqual(told, [])
})
