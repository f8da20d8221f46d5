/**
 * How often the address, session and policy of an exchange ask the store: over Redis each call is a
 * round trip that a reader waits for.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { buildStages } from '../support/stages.ts'
import { resourceWith, stoppedClock } from './fixtures.ts'

test('an exchange asks the store for nothing while session and seat are fresh, and once for each after', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'darbaza-calls-'))
  const { clock, pass: goOn } = stoppedClock()
  const { close, records, seats } = createEmbeddedStore({
    file: path.join(folder, 'store.sqlite'),
    clock,
  })
  t.teardown(async () => {
    await close()
    await rm(folder, { recursive: true })
  })
  let calls: string[] = []
  const counted = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return (...parameters: unknown[]) => {
          calls.push(String(name))
          return Reflect.apply(method, target, parameters) as unknown
        }
      },
    })
  const idleMs = 600_000
  const resource = {
    ...resourceWith({ seats: 3, seatIdleSeconds: idleMs / 1000 }),
    hosts: [{ host: 'www.steppe.example', match: 'exact', scheme: 'https' }] as const,
  }
  const stages = buildStages({
    store: { records: counted(records), seats: counted(seats) },
    clock,
    resources: [resource],
    networks: [],
  })
  t.teardown(() => stages.stop())
  const token = await stages.signIn('aigul')
  const exchange = { host: stages.hostOf(resource), token, clientAddress: '192.0.2.1' }
  async function callsOf(count: number): Promise<string[]> {
    calls = []
    for (let each = 0; each < count; each++) {
      t.true(await stages.pass(stages.all, exchange))
    }
    return calls
  }

  t.is((await callsOf(1)).at(-1), 'acquire')
  t.deepEqual(await callsOf(100), [])
  goOn(limits.identity.trustMs)
  t.deepEqual(await callsOf(100), ['read'])
  goOn(limits.identity.renewMs)
  t.deepEqual(await callsOf(100), ['read', 'extend'])
  goOn(idleMs / 4 - limits.identity.renewMs - limits.identity.trustMs)
  t.deepEqual(await callsOf(100), ['read', 'extend', 'acquire'])
})
