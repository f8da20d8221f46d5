import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import * as fc from 'fast-check'

import { systemClock } from '../../src/core/clock.ts'
import { createEventBus, type ExchangeEvent, type GatewayEvent } from '../../src/core/events.ts'
import { limits } from '../../src/core/limits.ts'
import { addressIssuer } from '../../src/core/types.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import type { Store, UsageStore } from '../../src/store/contract.ts'
import { startRecorder } from '../../src/usage/recorder.ts'
import { createPseudonyms } from '../../src/usage/pseudonyms.ts'
import { createEventKeeping } from '../../src/usage/stored-event.ts'
import { until } from '../support/gateway.ts'
import { told } from './events.ts'

const exchange = (at = Date.now()): ExchangeEvent => told(at)

const keepWith = (key: string, period: 'year' | 'month' = 'year') =>
  createEventKeeping(createPseudonyms({ key, period, timeZone: 'Asia/Bishkek' }))

/** A real store that refuses the calls whose numbers are listed. */
function failing(store: UsageStore, calls: (call: number) => boolean): UsageStore {
  let call = 0
  return {
    ...store,
    append(events) {
      return calls(call++) ? Promise.reject(new Error('away')) : store.append(events)
    },
  }
}

function setUp(wrap: (store: UsageStore) => UsageStore = (store) => store, folder = place()) {
  const store = createEmbeddedStore({ file: join(place(), 'store.db'), clock: systemClock })
  const bus = createEventBus((error) => {
    throw error
  })
  const troubles: string[] = []
  const recorder = startRecorder({
    bus,
    store: wrap(store.usage),
    folder,
    keep: keepWith('key'),
    onTrouble: (message) => troubles.push(message),
  })
  return { store, bus, recorder, troubles, folder }
}

const place = () => mkdtempSync(join(tmpdir(), 'darbaza-recorder-'))

async function idsIn(store: Store): Promise<string[]> {
  const events = await store.usage.read({ fromAt: 0, toAt: Date.now() + 60_000, count: 10_000 })
  return events.map(({ id }) => id)
}

test('what is stored names no person, address, session or query', (t) => {
  const { body } = keepWith('key')(exchange())
  t.notRegex(body, /aigul|Asanova|id\.example\.edu|192\.0\.2\.77|session-id/i)
  const stored = JSON.parse(body) as Record<string, unknown>
  t.is(stored['network24'], '192.0.2.0/24')
  t.deepEqual(stored['categories'], ['student'])
  t.is(stored['person'], JSON.parse(keepWith('key')(exchange()).body).person)
  t.not(stored['person'], JSON.parse(keepWith('other key')(exchange()).body).person)
})

test('a person who comes from another session, address or place is told as such', (t) => {
  const event = exchange()
  const kept = (change: Partial<ExchangeEvent>) => {
    const { network24, session, site, channel } = JSON.parse(
      keepWith('key')({ ...event, ...change }).body,
    )
    return [network24, session, site, channel]
  }
  const [network24, session] = kept({})
  t.deepEqual(kept({}), [network24, session, undefined, 'remote'])
  t.deepEqual(kept({ address: '198.51.100.1' }), ['198.51.100.0/24', session, undefined, 'remote'])
  t.not(kept({ sessionId: 'another' })[1], session)
  t.deepEqual(kept({ site: 'main', channel: 'onsite' }), [network24, session, 'main', 'onsite'])
})

test('a person has one pseudonym in a period, by the time of the event, and another in the next', (t) => {
  const keptAt = (text: string, period: 'year' | 'month') => {
    const event: GatewayEvent = {
      ...exchange(Date.parse(text)),
      url: 'www.steppe.example/article/1?download=1',
      use: { kind: 'request', format: 'pdf' },
    }
    const { person, session, url, ...rest } = JSON.parse(keepWith('key', period)(event).body)
    t.notRegex(JSON.stringify(rest) + url, /download/)
    return [person, session, url]
  }
  // Midnight is the institution's own.
  const [eve, newYear] = ['2026-12-31T17:59:59+00:00', '2026-12-31T18:00:00+00:00']
  t.deepEqual(keptAt('2026-01-01T12:00:00+06:00', 'year'), keptAt(eve, 'year'))
  t.deepEqual(keptAt('2026-12-01T12:00:00+06:00', 'month'), keptAt(eve, 'month'))
  for (const period of ['year', 'month'] as const) {
    const both = [...keptAt(eve, period), ...keptAt(newYear, period)]
    t.is(new Set(both).size, 6)
    for (const pseudonym of both) t.regex(String(pseudonym), /^[\w-]{22}$/)
  }
})

test('who is admitted by an address is no person', (t) => {
  const patron = { ...exchange().patron!, issuer: addressIssuer, subject: '192.0.2.77' }
  const kept = JSON.parse(keepWith('key')({ ...exchange(), patron }).body)
  t.false('person' in kept)
  t.is(typeof kept.session, 'string')
})

for (const failedCalls of [0, 1, 2, 3]) {
  test(`each event is stored once although the first ${failedCalls} writes fail`, async (t) => {
    const { store, bus, recorder } = setUp((usage) => failing(usage, (call) => call < failedCalls))
    const events = Array.from({ length: 50 }, () => exchange())
    for (const event of events) bus.emit(event)
    while ((await idsIn(store)).length < events.length)
      await recorder.flush().catch(() => undefined)
    bus.emit(events[0] as GatewayEvent) // told twice, as after a crash
    await recorder.flush()
    t.deepEqual(await idsIn(store), events.map(({ id }) => id).toSorted())
    t.is(recorder.facts().spooledBytes, 0)
    await recorder.stop()
    await store.close()
  })
}

for (const isTaken of [true, false]) {
  const name = isTaken ? 'taken but its answer lost' : 'refused'
  test.serial(`whichever write of a long wait is ${name}, each event is stored once`, async (t) => {
    // More than is remembered: some are read back from the disk.
    const count = limits.usage.spoolMemoryEvents + limits.usage.batchEvents + 10
    const events = Array.from({ length: count }, () => exchange())
    const writes = Math.ceil(count / limits.usage.batchEvents)
    for (let failed = 0; failed < writes; failed += 3) {
      const { store, bus, recorder } = setUp((usage) => {
        let call = 0
        return {
          ...usage,
          async append(some) {
            const isFailed = call++ === failed
            const late = isFailed && !isTaken ? 0 : await usage.append(some)
            if (isFailed) throw new Error('away')
            return late
          },
        }
      })
      for (const event of events) bus.emit(event)
      await t.throwsAsync(() => recorder.flush(), { message: 'away' })
      t.true(recorder.facts().spooledBytes > 0)
      await recorder.flush()
      t.deepEqual(await idsIn(store), events.map(({ id }) => id).toSorted())
      t.is(recorder.facts().spooledBytes, 0)
      await recorder.stop()
      await store.close()
    }
  })
}

test('what staff did is kept, and neither who did it nor in which session', (t) => {
  const { sessionId = '' } = exchange()
  const kept = keepWith('key')({
    kind: 'staff',
    id: 'id',
    at: Date.now(),
    reference: 'R',
    action: 'override-add',
    override: 7,
    sessionId,
  })
  t.deepEqual(JSON.parse(kept.body), {
    kind: 'staff',
    reference: 'R',
    action: 'override-add',
    override: 7,
  })
})

test('events told while the store is away are stored by the next process', async (t) => {
  const first = setUp((usage) => failing(usage, () => true))
  const events = Array.from({ length: 20 }, () => exchange())
  for (const event of events) first.bus.emit(event)
  await first.recorder.stop()
  t.deepEqual(await idsIn(first.store), [])
  t.deepEqual(first.troubles, ['usage events are left on disk for the next start'])
  const second = setUp((usage) => usage, first.folder)
  await second.recorder.flush()
  t.is((await idsIn(second.store)).length, 20)
  await second.recorder.stop()
})

test('what was told is on disk within the promised time, before the store has it', async (t) => {
  const { bus, recorder, folder } = setUp((usage) => failing(usage, () => true))
  const events = Array.from({ length: 30 }, () => exchange())
  for (const event of events) bus.emit(event)
  t.is(recorder.facts().spooledBytes, 0)
  t.true(limits.usage.writeMs < 250)
  await until(() => recorder.facts().spooledBytes > 0, 'nothing is on disk')
  const text = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  for (const { id } of events) t.true(text.join('').includes(id))
  await recorder.stop()
})

test('a process that ends by an error of its own loses nothing', (t) => {
  const folder = place()
  const recorder = new URL('../../src/usage/recorder.ts', import.meta.url)
  const script = `
    const { startRecorder } = await import('${recorder.href}')
    let tell
    startRecorder({
      bus: { listen: (listener) => (tell = listener) },
      store: { append: () => Promise.reject(new Error('away')) },
      folder: ${JSON.stringify(folder)},
      keep: ({ id, at }) => ({ id, at, body: '{}' }),
      onTrouble() {},
    })
    tell(${JSON.stringify(exchange())})
    throw new Error('nobody foresaw this')`
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  t.is(status, 1)
  const [name = ''] = readdirSync(folder)
  t.is(readFileSync(join(folder, name), 'utf8').split('\n').length, 2)
})

test('events of a time that is forgotten are told, not stored', async (t) => {
  const { store, bus, recorder, troubles } = setUp()
  const now = Date.now()
  await store.usage.forget(now - 1000)
  for (const at of [now - 5000, now - 2000, now]) bus.emit(exchange(at))
  await recorder.flush()
  t.is((await idsIn(store)).length, 1)
  t.is(recorder.facts().late, 2)
  t.deepEqual(troubles, ['usage events are older than what is kept; they are not counted'])
  t.is(recorder.facts().spooledBytes, 0)
  await recorder.stop()
})

test.serial('what readers report, and how links stand, is no usage event', async (t) => {
  const { store, bus, recorder } = setUp()
  const base = { at: Date.now(), reference: '7K3M-QX2P-9DTF', resourceId: 'steppe' } as const
  const about = 'ABCD-EFGH-JKMN'
  bus.emit({ ...base, id: 'told', kind: 'link-report', problem: 'payment', about })
  bus.emit({ ...base, id: 'stands', kind: 'link', standing: 'broken' })
  await recorder.flush()
  t.deepEqual(await idsIn(store), [])
  await recorder.stop()
})

test('a line of the spool that somebody has changed spoils no other', async (t) => {
  const folder = place()
  const { id, at, body } = keepWith('key')(exchange())
  const lines = ['', 'x', `${id} ${at}`, `${id} now ${body}`, `${id} ${at} ${body}`]
  writeFileSync(join(folder, '999999999-00000000.ndjson'), `${lines.join('\n')}\n`)
  const { store, recorder } = setUp(undefined, folder)
  await recorder.flush()
  const range = { fromAt: 0, toAt: Date.now() + 60_000, count: 10 }
  t.deepEqual(await store.usage.read(range), [{ id, at, body }])
  await recorder.stop()
})

test('a disk that cannot be written is reported once and the events wait in memory', async (t) => {
  const { store, bus, recorder, troubles, folder } = setUp()
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file where the folder was')
  bus.emit(exchange())
  bus.emit(exchange())
  await until(() => troubles.length > 0, 'no trouble is told')
  t.is(troubles.length, 1)
  await recorder.flush()
  t.is((await idsIn(store)).length, 2)
  t.is(recorder.facts().lost, 0)
  await recorder.stop()
})

test('pseudonyms are HMACs with the key of their period', (t) => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9000 }))
      .map(([text, length]) => text + '/'.repeat(length)),
  )
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), texts, (key, url) => {
      const pseudonyms = createPseudonyms({ key, period: 'year', timeZone: 'Asia/Bishkek' })
      const ofYear = createHmac('sha256', key).update('usage\n2026').digest()
      const expected = createHmac('sha256', ofYear).update(`url\n${url}`).digest('base64url')
      t.is(pseudonyms.url(url, '2026'), expected.slice(0, 22))
    }),
  )
})
