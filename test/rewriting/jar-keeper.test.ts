import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { Session } from '../../src/core/types.ts'
import { createJarKeeper, jarKey } from '../../src/rewriting/jar-keeper.ts'
import type { Jar } from '../../src/rewriting/jar.ts'
import type { RecordStore } from '../../src/store/contract.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'

const session: Session = {
  id: 's1',
  patron: { issuer: 'i', subject: 's', categories: [], groups: [] },
  startedAt: 0,
  endsAt: systemClock.now() + 60_000,
}

function openStore(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-jar-'))
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock: systemClock })
  t.teardown(() => store.close())
  return store
}

const target = { host: 'www.jstor.org', path: '/', isSecure: true }

function put(jar: Jar, name: string): void {
  jar.put({
    domain: 'jstor.org',
    path: '/',
    name,
    value: '1',
    isSecure: false,
    isHttpOnly: true,
    setAt: systemClock.now(),
  })
}

function names(jar: Jar): string[] {
  return jar.cookiesFor(target, 'strict', systemClock.now()).map(({ name }) => name)
}

/** A store that can be told to be away, and counts what it is asked. */
function watched(records: RecordStore) {
  const state = { isAway: false, reads: 0, writes: 0 }
  const check = (): void => {
    if (state.isAway) throw new GatewayError('ERR_STORE_AWAY', 'the test took it away')
  }
  const store: RecordStore = {
    ...records,
    async readFields(key) {
      state.reads++
      check()
      return await records.readFields(key)
    },
    async writeFields(...asked) {
      state.writes++
      check()
      await records.writeFields(...asked)
    },
  }
  return { store, state }
}

test('a page sees at once what another process has kept', async (t) => {
  const { records } = openStore(t)
  const here = createJarKeeper({ records, clock: systemClock })
  const there = createJarKeeper({ records, clock: systemClock })
  t.deepEqual(names((await there(session, 'latest')).jar), [])
  const open = await here(session, 'latest')
  put(open.jar, 'a')
  await open.save()
  t.deepEqual(names((await there(session, 'latest')).jar), ['a'])
  t.is((await records.readFields(jarKey('s1'))).size, 1)
})

test('scripts and pictures of a page cost no read, and what is unchanged no write', async (t) => {
  const { records } = openStore(t)
  const { store, state } = watched(records)
  const open = createJarKeeper({ records: store, clock: systemClock })
  const page = await open(session, 'latest')
  put(page.jar, 'a')
  await page.save()
  await Promise.all(Array.from({ length: 20 }, () => open(session, 'recent')))
  put(page.jar, 'a')
  await page.save()
  t.deepEqual([state.reads, state.writes], [1, 1])
})

test('where no other process writes, a jar is read once', async (t) => {
  const { records } = openStore(t)
  const { store, state } = watched(records)
  const open = createJarKeeper({ records: store, clock: systemClock, isShared: false })
  const page = await open(session, 'latest')
  put(page.jar, 'a')
  await page.save()
  t.deepEqual(names((await open(session, 'latest')).jar), ['a'])
  t.deepEqual([state.reads, state.writes], [1, 1])
})

test('two processes that keep different cookies lose none', async (t) => {
  const { records } = openStore(t)
  const keepers = [0, 1].map(() => createJarKeeper({ records, clock: systemClock }))
  const jars = await Promise.all(keepers.map((open) => open(session, 'latest')))
  jars.forEach(({ jar }, index) => {
    put(jar, `c${index}`)
  })
  await Promise.all(jars.map((open) => open.save()))
  const { jar } = await createJarKeeper({ records, clock: systemClock })(session, 'latest')
  t.deepEqual(names(jar).toSorted(), ['c0', 'c1'])
})

test('while the store is away the remembered jar serves, and is stored afterwards', async (t) => {
  const { records } = openStore(t)
  const { store, state } = watched(records)
  const open = createJarKeeper({ records: store, clock: systemClock })
  const first = await open(session, 'latest')
  put(first.jar, 'a')
  await first.save()
  state.isAway = true
  const second = await open(session, 'latest')
  t.deepEqual(names(second.jar), ['a'])
  put(second.jar, 'b')
  await second.save()
  state.isAway = false
  const third = await open(session, 'latest')
  t.deepEqual(names(third.jar).toSorted(), ['a', 'b'])
  await third.save()
  t.is((await records.readFields(jarKey('s1'))).size, 2)
})

test('a stored field that is no cookie is left out', async (t) => {
  const { records } = openStore(t)
  const fields = new Map([
    ['x', '{"kind":"cookie"}'],
    ['y', 'not JSON'],
  ])
  await records.writeFields(jarKey('s1'), fields, 1000)
  const { jar } = await createJarKeeper({ records, clock: systemClock })(session, 'latest')
  t.deepEqual(names(jar), [])
})
