/** Fair use: what counts as a full text, who is refused and until when, and what may be lost. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import test from 'ava'
import * as fc from 'fast-check'

import { createEventBus, type ExchangeEvent, type GatewayEvent } from '../../src/core/events.ts'
import type { FairUse } from '../../src/core/licence.ts'
import { limits } from '../../src/core/limits.ts'
import { patronKey } from '../../src/core/types.ts'
import { createFairUse } from '../../src/policy/fair-use.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { resourceWith, sessionOf, stoppedClock } from './fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'darbaza-fair-use-'))
let files = 0
test.after.always(() => rmSync(folder, { recursive: true }))

const { patron } = sessionOf('aigul')
const quotaOf = (terms: Partial<FairUse>): FairUse => {
  return { per: 'day', windowMs: 86_400_000, mode: 'enforce', ...terms }
}

function exchange(more: Partial<ExchangeEvent> = {}): ExchangeEvent {
  return {
    kind: 'exchange',
    id: '0',
    at: 0,
    reference: 'REF',
    patron,
    address: '192.0.2.1',
    channel: 'remote',
    resourceId: 'steppe',
    method: 'GET',
    host: 'www.steppe.example',
    path: '/',
    status: 200,
    contentType: 'application/pdf',
    bytes: 1000,
    durationMs: 1,
    isComplete: true,
    userAgent: '',
    isWebSocket: false,
    ...more,
  }
}

/** A store and any number of processes that count in it. */
function open(terms: Partial<FairUse>) {
  const file = join(folder, `${files++}.sqlite`)
  const { clock, pass } = stoppedClock()
  const store = createEmbeddedStore({ file, clock })
  const quota = quotaOf(terms)
  const resource = resourceWith({ fairUse: quota })
  const newProcess = () => {
    const told: GatewayEvent[] = []
    const bus = createEventBus((error) => {
      throw error
    })
    bus.listen((event) => void (event.kind === 'fair-use' && told.push(event)))
    const parts = { records: store.records, clock, bus }
    const keeper = createFairUse({
      ...parts,
      resourceOf: (id) => (id === resource.id ? resource : undefined),
    })
    const judge = () => keeper.judge(resource, quota, patron)
    return { bus, keeper, told, judge, emit: (more = {}) => bus.emit(exchange(more)) }
  }
  const counted = async () => {
    const key = `fair-use:steppe ${patronKey(patron)}`
    return Object.fromEntries((await store.records.count(key, new Map(), 1)).counts)
  }
  return { file, store, clock, pass, newProcess, counted }
}

const item = 1
for (const [what, more, items] of [
  ['a PDF', {}, item],
  ['a PDF with a parameter', { contentType: 'application/PDF; qs=0.001' }, item],
  ['a book', { contentType: 'application/epub+zip' }, item],
  ['a scan', { contentType: 'image/vnd.djvu' }, item],
  [
    'an office document',
    {
      contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    },
    item,
  ],
  ['the first part of a PDF', { status: 206 }, item],
  [
    'several parts of a PDF at once',
    { status: 206, contentType: 'multipart/byteranges; boundary=a' },
    item,
  ],
  ['a PDF that is unchanged', { status: 304, bytes: 0 }, 0],
  ['a PDF that is missing', { status: 404 }, 0],
  ['the head of a PDF', { method: 'HEAD', bytes: 0 }, 0],
  ['a PDF asked for by a form', { method: 'POST' }, item],
  ['a page', { contentType: 'text/html' }, 0],
  [
    'a page that is a full text',
    { contentType: 'text/html', use: { kind: 'request', format: 'html' } },
    item,
  ],
  [
    'a page about one',
    { contentType: 'text/html', use: { kind: 'investigation', format: 'html' } },
    0,
  ],
  ['a table', { contentType: 'text/csv' }, item],
  ['an archive', { contentType: 'application/zip' }, item],
  ['a picture', { contentType: 'image/png', bytes: 3_000_000 }, 0],
  ['a film', { contentType: 'video/mp4', bytes: 3_000_000 }, 0],
  ['a download', { contentType: 'application/octet-stream', bytes: 300_000 }, item],
  ['a small download', { contentType: 'application/octet-stream', bytes: 3000 }, 0],
  ['a type that only begins like one', { contentType: 'application/pdfx' }, 0],
  ['a PDF of another resource', { resourceId: 'other' }, 0],
] as const) {
  test(`${what} counts as ${items === 0 ? 'none' : 'one'}`, async (t) => {
    const { newProcess, counted, store } = open({ items: 10 })
    const { emit, keeper } = newProcess()
    emit(more)
    await keeper.stop()
    t.is((await counted())['items'] ?? 0, items)
    await store.close()
  })
}

test('parts of one text count once in a window, whoever serves them, and those of another again', async (t) => {
  const { newProcess, counted, pass, store } = open({ items: 10 })
  const [one, other] = [newProcess(), newProcess()]
  const part = { status: 206, path: '/a.pdf' }
  for (let times = 0; times < 3; times += 1) {
    one.emit(part)
    other.emit(part)
  }
  await one.keeper.stop()
  await other.keeper.stop()
  t.like(await counted(), { items: 1, bytes: 6000 })
  one.emit({ ...part, path: '/b.pdf' })
  await one.keeper.stop()
  t.like(await counted(), { items: 2 })
  pass(86_400_001)
  one.emit(part)
  await one.keeper.stop()
  t.like(await counted(), { items: 1 })
  await store.close()
})

test('more parts than are remembered count once all the same', async (t) => {
  const { newProcess, counted, store } = open({ items: 10_000 })
  const { emit, keeper } = newProcess()
  const texts = limits.policy.fairUseParts + 5
  for (let round = 0; round < 2; round += 1) {
    for (let text = 0; text < texts; text += 1) emit({ status: 206, path: `/${text}.pdf` })
    await keeper.stop()
  }
  t.like(await counted(), { items: texts })
  await store.close()
})

test('a full text is in the store at once; bytes of pages gather until they are worth a call', async (t) => {
  const { newProcess, counted, store } = open({ items: 10 })
  const { emit, keeper } = newProcess()
  const page = { contentType: 'text/html', bytes: limits.policy.gatheredBytes / 2 }
  emit(page)
  t.deepEqual(await counted(), {})
  emit({ bytes: 7 })
  t.deepEqual(await counted(), { items: 1, bytes: page.bytes + 7 })
  emit(page)
  t.like(await counted(), { bytes: page.bytes + 7 })
  emit(page)
  t.like(await counted(), { bytes: page.bytes * 3 + 7 })
  emit({ contentType: 'text/html', bytes: 5 })
  await keeper.stop()
  t.like(await counted(), { bytes: page.bytes * 3 + 12 })
  await store.close()
})

test('what is used up is refused, with the moment at which the window ends', async (t) => {
  const { newProcess, clock, pass, store } = open({ items: 2, bytes: 1e9 })
  const { emit, judge, told } = newProcess()
  t.is((await judge()).refusal, undefined)
  emit()
  pass(3_600_000)
  emit()
  const { detail, refusal } = await judge()
  t.is(detail, '2 of 2 items, 0 of 1000 megabytes in this day')
  t.is(refusal?.reason, 'quota')
  t.is(refusal?.facts['waitSeconds'], 23 * 3600)
  t.is(refusal?.facts['resetsAt'], clock.now() + 23 * 3_600_000)
  emit()
  t.is(told.length, 1)
  t.like(told[0], {
    kind: 'fair-use',
    measure: 'items',
    mode: 'enforce',
    resourceId: 'steppe',
    reference: 'REF',
  })
  pass(23 * 3_600_000 - 1)
  t.is((await judge()).refusal?.reason, 'quota')
  pass(1)
  t.is((await judge()).refusal, undefined)
  emit()
  emit()
  t.is(told.length, 2, 'told anew in the next window')
  await store.close()
})

test('bytes are a quota of their own, counted by what was delivered', async (t) => {
  const { newProcess, store } = open({ bytes: 1_000_000 })
  const { emit, judge, told } = newProcess()
  emit({ contentType: 'video/mp4', bytes: 999_999 })
  t.is((await judge()).refusal, undefined)
  emit({ contentType: 'text/html', bytes: 1 })
  t.is((await judge()).refusal?.reason, 'quota')
  t.like(told, { 0: { measure: 'bytes' }, length: 1 })
  await store.close()
})

test('a quota that is watched is told and never refused', async (t) => {
  const { newProcess, store } = open({ items: 1, mode: 'watch' })
  const { emit, judge, told } = newProcess()
  for (let count = 0; count < 5; count++) emit()
  t.is((await judge()).refusal, undefined)
  t.like(told, { 0: { mode: 'watch' }, length: 1 })
  await store.close()
})

test('another process notices what was taken here, at the latest after the time it trusts', async (t) => {
  const { newProcess, pass, store } = open({ items: 3 })
  const [one, other] = [newProcess(), newProcess()]
  t.is((await other.judge()).refusal, undefined)
  for (let count = 0; count < 3; count++) one.emit()
  t.is((await one.judge()).refusal?.reason, 'quota')
  t.is((await other.judge()).refusal, undefined)
  pass(limits.policy.fairUseTrustMs)
  t.is((await other.judge()).refusal?.reason, 'quota')
  // One that has just been started asks before it lets in.
  t.is((await newProcess().judge()).refusal?.reason, 'quota')
  await store.close()
})

test('somebody else, and nobody, take nothing of a reader’s quota', async (t) => {
  const { newProcess, store } = open({ items: 1 })
  const { emit, judge } = newProcess()
  emit({ patron: sessionOf('bakyt').patron })
  const { patron: _, ...nobody } = exchange()
  newProcess().bus.emit(nobody)
  t.is((await judge()).refusal, undefined)
  await store.close()
})

test('while the store is away nobody is refused, and what this process knows still holds', async (t) => {
  const { file, newProcess, store } = open({ items: 2 })
  const { emit, judge } = newProcess()
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  t.like(await judge(), { detail: 'the store cannot tell' })
  // Not asked again at each exchange.
  const startedAt = performance.now()
  t.is((await judge()).refusal, undefined)
  t.true(performance.now() - startedAt < limits.store.lockMs / 2)
  emit()
  emit()
  t.is((await judge()).refusal?.reason, 'quota')
  other.exec('ROLLBACK')
  other.close()
  await store.close()
})

test('whatever is taken through however many processes adds up', async (t) => {
  const steps = fc.array(fc.tuple(fc.nat(2), fc.boolean(), fc.nat(4_000_000)), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const { newProcess, counted, store } = open({ items: 1000 })
      const processes = [newProcess(), newProcess(), newProcess()]
      for (const [index, isPdf, bytes] of taken) {
        processes[index]!.emit({
          contentType: isPdf ? 'application/pdf' : 'text/html',
          bytes: bytes + 1,
        })
        if (bytes % 3 === 0) await processes[index]!.judge()
      }
      for (const { keeper } of processes) await keeper.stop()
      const items = taken.filter(([, isPdf]) => isPdf).length
      const bytes = taken.reduce((sum, [, , each]) => sum + each + 1, 0)
      t.deepEqual(await counted(), {
        ...(items > 0 && { items }),
        ...(bytes > 0 && { bytes }),
      })
      await store.close()
    }),
    { numRuns: 20 },
  )
})
