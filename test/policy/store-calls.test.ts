/**
 * How often the address, session and policy of an exchange ask the store, and how often a reader waits
 * for it: calls that go out together are one round trip to Redis.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { buildStages } from '../support/stages.ts'
import { resourceWith, stoppedClock } from './fixtures.ts'

test('an exchange waits for the store once at most, and not at all while session and seat are fresh', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'darbaza-calls-'))
  const { clock, pass: goOn } = stoppedClock()
  const file = path.join(folder, 'store.sqlite')
  const { close, records, seats } = createEmbeddedStore({ file, clock })
  t.teardown(async () => {
    await close()
    await rm(folder, { recursive: true })
  })
  let calls: string[] = []
  let answers: (() => void)[] = []
  let isAnswered = true
  const counted = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return (...parameters: unknown[]) => {
          calls.push(String(name))
          const answer: unknown = Reflect.apply(method, target, parameters)
          if (isAnswered || !(answer instanceof Promise)) return answer
          return new Promise((resolve) => answers.push(() => resolve(answer)))
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
  /** An exchange to its end, all that it has asked being answered at a time; how often that was. */
  async function tripsOf(): Promise<number> {
    let isThrough: boolean | undefined
    void stages.pass(stages.all, exchange).then((answer) => (isThrough = answer))
    for (let trips = 0; ; trips++) {
      await setImmediate()
      if (isThrough !== undefined) {
        t.true(isThrough)
        return trips
      }
      answers.forEach((answer) => answer())
      answers = []
    }
  }
  /** What a page of a hundred files asks for, and the most that one of them waits. */
  async function page(): Promise<{ calls: string[]; trips: number }> {
    calls = []
    isAnswered = false
    const trips: number[] = []
    for (let each = 0; each < 100; each++) trips.push(await tripsOf())
    answers.forEach((answer) => answer())
    isAnswered = true
    await setImmediate()
    return { calls, trips: Math.max(...trips) }
  }

  /** When the session ends by idleness. */
  function sessionEnd(): number {
    const database = new DatabaseSync(file)
    const found = database.prepare("SELECT ends_at FROM records WHERE key LIKE 'session:%'").get()
    database.close()
    return Number(found?.['ends_at'])
  }

  const { trustMs, renewMs } = limits.identity
  t.is((await page()).calls.at(-1), 'acquire')
  t.deepEqual(await page(), { calls: [], trips: 0 })
  goOn(trustMs)
  t.deepEqual(await page(), { calls: ['read'], trips: 1 })
  const firstEnd = sessionEnd()
  goOn(renewMs)
  t.deepEqual(await page(), { calls: ['read'], trips: 1 })
  t.is(sessionEnd(), firstEnd + trustMs + renewMs)
  goOn(idleMs / 4 - renewMs - trustMs - 1)
  t.deepEqual(await page(), { calls: ['read'], trips: 1 })
  goOn(1)
  t.deepEqual(await page(), { calls: ['acquire'], trips: 0 })
  goOn(idleMs / 2)
  t.deepEqual(await page(), { calls: ['read', 'acquire'], trips: 1 })
})
