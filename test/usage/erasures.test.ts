/** What was erased stays erased, whatever a gateway whose store was away brings later. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'

import { systemClock, timeOrderedId } from '../../src/core/clock.ts'
import { createEventBus } from '../../src/core/events.ts'
import { limits } from '../../src/core/limits.ts'
import type { RecordStore, Store } from '../../src/store/contract.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createRedisStore } from '../../src/store/redis.ts'
import { createErasures } from '../../src/usage/erasures.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { erasePerson } from '../../src/usage/person.ts'
import { createPseudonyms } from '../../src/usage/pseudonyms.ts'
import { startRecorder } from '../../src/usage/recorder.ts'
import { createEventKeeping } from '../../src/usage/stored-event.ts'
import { answering, startRedis } from '../support/redis.ts'
import { told } from './events.ts'

const timeZone = 'Asia/Bishkek'
const keepMs = 100 * 86_400_000
const pseudonyms = createPseudonyms({ key: 'key', period: 'month', timeZone })
const place = () => mkdtempSync(join(tmpdir(), 'darbaza-erasures-'))
const aigul = { issuer: 'https://id.example.edu', subject: 'aigul' }

/** A gateway whose store may be away. */
function gatewayOn(
  t: ExecutionContext,
  store: Store,
  records: Pick<RecordStore, 'readFields' | 'writeFields'> = store.records,
) {
  const bus = createEventBus((error) => {
    throw error
  })
  const state = { isAway: true }
  const erasures = createErasures({ records, usage: store.usage, keepMs })
  const recorder = startRecorder({
    bus,
    store: {
      append: (events) =>
        state.isAway ? Promise.reject(new Error('away')) : erasures.append(events),
    },
    folder: place(),
    keep: createEventKeeping(pseudonyms),
    onTrouble: () => undefined,
  })
  t.teardown(() => recorder.stop())
  const read = (subject: string, at: number) => {
    bus.emit(
      told(at, {
        reference: `REF-${subject}`,
        sessionId: `session of ${subject}`,
        patron: { ...aigul, subject, categories: ['student'], groups: [] },
        url: 'www.steppe.example/article/1',
        userAgent: 'Mozilla/5.0 (rare) Firefox/140.0',
        use: { kind: 'request', format: 'html', item: 'id:1' },
      }),
    )
  }
  const signOut = (subject: string, at: number) => {
    bus.emit({
      kind: 'sign-out',
      id: timeOrderedId(at),
      at,
      reference: `REF-${subject}`,
      by: 'reader',
      sessionId: `session of ${subject}`,
      patron: { ...aigul, subject, categories: ['student'], groups: [] },
    })
  }
  return { state, recorder, read, signOut }
}

const opened: Record<string, (t: ExecutionContext) => Promise<Store>> = {
  embedded: async (t) => newStore(t),
  redis: async (t) => {
    const redis = await startRedis()
    const store = createRedisStore({ kind: 'redis', url: redis.url })
    t.teardown(async () => {
      await store.close()
      await redis.stop()
    })
    await answering(store)
    return store
  },
}

function newStore(t: ExecutionContext): Store {
  const store = createEmbeddedStore({ file: join(place(), 'store.db'), clock: systemClock })
  t.teardown(() => store.close())
  return store
}

const erase = (store: Store) =>
  erasePerson({ store, pseudonyms, clock: systemClock, person: aigul, keepMs })

async function bodies(store: Store): Promise<string[]> {
  const all = { fromAt: 0, toAt: Date.now() + 10 * 86_400_000, count: 1000 }
  return (await store.usage.read(all)).map(({ body }) => body)
}

const own = (subject: string, at: number) =>
  pseudonyms.person({ ...aigul, subject }, pseudonyms.periodOf(at))

const sessionOf = (subject: string, at: number) =>
  pseudonyms.session(`session of ${subject}`, pseudonyms.periodOf(at))

for (const [kind, open] of Object.entries(opened)) {
  test(`${kind}: an erased person’s events that come later lead to nobody, and count`, async (t) => {
    const store = await open(t)
    const { state, recorder, read, signOut } = gatewayOn(t, store)
    const now = Date.now()
    const [before, after] = [now - 60_000, now + 2 * limits.usage.erasedSlackMs]
    // Two periods of pseudonyms, and somebody else.
    read('aigul', now - 40 * 86_400_000)
    for (const subject of ['aigul', 'bakyt']) {
      read(subject, before)
      signOut(subject, before)
    }
    await t.throwsAsync(recorder.flush())
    t.deepEqual(await erase(store), { events: 0, lists: 0 })
    // What they do after it is theirs again.
    read('aigul', after)
    state.isAway = false
    await recorder.flush()

    const stored = await bodies(store)
    t.is(stored.length, 6)
    const carrying = (mark: string) => stored.filter((body) => body.includes(mark)).length
    t.is(carrying(own('aigul', now - 40 * 86_400_000)), 0)
    t.is(carrying(own('aigul', after)), 1)
    t.is(carrying(own('bakyt', before)), 2)
    t.is(carrying(sessionOf('aigul', after)), 1)
    t.is(carrying(sessionOf('bakyt', before)), 2)
    t.is(carrying('REF-aigul'), 1)
    t.is(carrying('192.0.2'), 2)
    const figures = createFigures({
      store,
      clock: systemClock,
      timeZone,
      keepDays: 100,
      onUnreadable: () => t.fail(),
    })
    await figures.refresh('now')
    const months = await figures.months('2000-01', '2999-12')
    const requests = months
      .flatMap(({ cells }) => cells)
      .filter(({ metric }) => metric === 'Total_Item_Requests')
    t.is(
      requests.reduce((sum, { count }) => sum + count, 0),
      4,
    )
  })
}

test('whenever reading the erasures fails, or the erasure comes in between, no event is missed', async (t) => {
  for (let failAt = 0; failAt < 4; failAt++) {
    for (const eraseAt of [0, 1, 2, 3]) {
      const store = newStore(t)
      let call = 0
      let isErased = false
      const eraseNow = async () => {
        isErased = true
        await erase(store)
      }
      const { state, recorder, read } = gatewayOn(t, store, {
        ...store.records,
        async readFields(key) {
          if (call++ === failAt) throw new Error('away')
          const found = await store.records.readFields(key)
          if (call === eraseAt) await eraseNow()
          return found
        },
      })
      const at = Date.now() - 1000
      read('aigul', at)
      state.isAway = false
      if (eraseAt === 0) await eraseNow()
      // A process that died in between would begin again likewise.
      for (let again = 0; again < 3; again++) await recorder.flush().catch(() => undefined)
      const [body = ''] = await bodies(store)
      t.is(body.includes(own('aigul', at)), !isErased)
    }
  }
})

test('erasures are remembered as long as events are kept, and by no pseudonym', async (t) => {
  const { records, usage } = newStore(t)
  const erasures = createErasures({ records, usage, keepMs })
  const now = Date.now()
  await erasures.remember(['first'], now - keepMs - 1)
  await erasures.remember(['second'], now - 5)
  await erasures.remember(['third', 'fourth'], now)
  const fields = await records.readFields('usage-erased')
  t.is(fields.size, 3)
  t.notRegex(JSON.stringify([...fields]), /first|second|third|fourth/)
})
