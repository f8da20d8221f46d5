/** Readers' reports in the store: what is taken, what is kept of it, and what no flood can pass. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { timeOrderedId } from '../../src/core/clock.ts'
import { limits } from '../../src/core/limits.ts'
import type { LinkReport } from '../../src/core/link-reports.ts'
import { createLinkReports } from '../../src/links/link-reports.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'

const bounds = limits.linkReports
const day = 86_400_000

function reportsAt(t: { teardown(fn: () => Promise<void>): void }) {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-links-'))
  const clock = { at: Date.UTC(2026, 10, 3), now: () => clock.at, steady: () => clock.at }
  const store = createEmbeddedStore({ file: join(folder, 'store.db'), clock })
  t.teardown(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  const reports = createLinkReports({ records: store.records, clock })
  const reportOf = (resourceId: string, more: Partial<LinkReport> = {}): LinkReport => ({
    id: timeOrderedId(clock.at),
    reference: '7K3M-QX2P-9DTF',
    resourceId,
    kind: 'unreachable',
    at: clock.at,
    channel: 'remote',
    ...more,
  })
  return { clock, store, reports, reportOf }
}

const teller = (number: number, address = `2001:db8:0:${number.toString(16)}::1`) => ({
  sessionId: `session-${number}`,
  address,
})

test('what is told is open until it is ended, and then its words are gone', async (t) => {
  const { clock, store, reports, reportOf } = reportsAt(t)
  const report = reportOf('jstor', { text: 'the PDF of my thesis', about: 'ABCD-EFGH-JKMN' })
  t.is(await reports.take(report, teller(1)), 'taken')
  t.deepEqual(await reports.open(), [report])
  clock.at += day
  t.true(await reports.end(report.id, 'mended'))
  t.false(await reports.end(report.id, 'works'))
  t.deepEqual(await reports.open(), [])
  const { id, resourceId, kind, at } = report
  const ended = { id, resourceId, kind, at, endedAt: clock.at, end: 'mended' } as const
  t.deepEqual(await reports.ended(), [ended])
  const kept = [...(await store.records.readFields('link-reports:ended')).values()].join('')
  t.notRegex(kept, /thesis|ABCD/)
})

test('neither the session nor the address is kept with a report', async (t) => {
  const { store, reports, reportOf } = reportsAt(t)
  await reports.take(reportOf('jstor'), { sessionId: 'session-of-one', address: '203.0.113.77' })
  const kept = [...(await store.records.readFields('link-reports:open'))].flat().join(' ')
  // Ids are random: single digits are found in them by chance.
  t.notRegex(kept, /of-one|203\.0|113\.77/)
})

test('a session tells of a database once in ten minutes, and of five at most', async (t) => {
  const { clock, reports, reportOf } = reportsAt(t)
  t.is(await reports.take(reportOf('jstor'), teller(1)), 'taken')
  t.is(await reports.take(reportOf('jstor'), teller(1)), 'again')
  for (const id of ['a', 'b', 'c', 'd']) {
    t.is(await reports.take(reportOf(id), teller(1)), 'taken', id)
  }
  t.is(await reports.take(reportOf('e'), teller(1)), 'often')
  clock.at += bounds.session.windowMs + 1
  t.is(await reports.take(reportOf('jstor'), teller(1)), 'taken')
})

for (const [name, addressOf, kept] of [
  ['one address', () => '203.0.113.5', bounds.address.most],
  ['one /64', (n: number) => `2001:db8::${n.toString(16)}`, bounds.address.most],
  [
    'as many addresses',
    (n: number) => `2001:db8:${n.toString(16)}::1`,
    Math.min(bounds.all.most, bounds.open),
  ],
] as const) {
  test(`of 10,000 reports by as many sessions from ${name} ${kept} are kept`, async (t) => {
    const { reports, reportOf } = reportsAt(t)
    const answers = new Map<string, number>()
    for (let number = 0; number < 10_000; number++) {
      const who = teller(number, addressOf(number))
      const answer = await reports.take(reportOf(`r${number % 50}`), who)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
    t.is((await reports.open()).length, kept)
    t.is(answers.get('taken'), kept)
  })
}

test('of one database so many are kept at once', async (t) => {
  const { reports, reportOf } = reportsAt(t)
  for (let number = 0; number < bounds.openOfResource; number++) {
    t.is(await reports.take(reportOf('jstor'), teller(number)), 'taken')
  }
  t.is(await reports.take(reportOf('jstor'), teller(99)), 'known')
  t.is(await reports.take(reportOf('scopus'), teller(100)), 'taken')
})

for (const [what, most, resourceOf, answer] of [
  ['in all', bounds.open, (n: number) => `r${n}`, 'full'],
  ['of one database', bounds.openOfResource, () => 'jstor', 'known'],
] as const) {
  test(`reports that come at the same instant pass no bound on open ones ${what}`, async (t) => {
    const { clock, reports, reportOf } = reportsAt(t)
    for (let number = 0; number < most - 3; number++) {
      t.is(await reports.take(reportOf(resourceOf(number)), teller(number)), 'taken')
    }
    clock.at += bounds.all.windowMs
    const some = Array.from({ length: 40 }, (_, at) => 1000 + at)
    const answers = await Promise.all(
      some.map(async (number) => reports.take(reportOf(resourceOf(number)), teller(number))),
    )
    const taken = answers.filter((each) => each === 'taken').length
    t.true(taken <= 3)
    t.is((await reports.open()).length, most - 3 + taken)
    t.is(answers.filter((each) => each === answer).length, some.length - taken)
    // There is still room for as many as have gone, one after the other.
    for (let left = 3 - taken; left > 0; left--) {
      t.is(await reports.take(reportOf(resourceOf(left + 2000)), teller(left + 2000)), 'taken')
    }
    t.is(await reports.take(reportOf(resourceOf(3000)), teller(3000)), answer)
  })
}

test('day after day no more are open than may be, and none older than may be', async (t) => {
  const { clock, reports, reportOf } = reportsAt(t)
  for (let number = 0; number < bounds.open + 20; number++) {
    await reports.take(reportOf(`r${number}`), teller(number))
    clock.at += bounds.all.windowMs / 100
  }
  t.is((await reports.open()).length, bounds.open)
  t.is(await reports.take(reportOf('more'), teller(5000)), 'full')
  clock.at += bounds.openMs - day
  await reports.take(reportOf('late'), teller(5001))
  clock.at += 2 * day
  t.is(await reports.take(reportOf('later'), teller(5002)), 'taken')
  t.deepEqual(
    (await reports.open()).map(({ resourceId }) => resourceId),
    ['later'],
  )
})

test('the words of one that is too old go when another one is ended', async (t) => {
  const { clock, store, reports, reportOf } = reportsAt(t)
  await reports.take(reportOf('jstor', { text: 'my thesis' }), teller(1))
  clock.at += bounds.openMs - day
  const late = reportOf('scopus')
  await reports.take(late, teller(2))
  clock.at += 2 * day
  t.true(await reports.end(late.id, 'works'))
  t.deepEqual([...(await store.records.readFields('link-reports:open')).values()], [])
})

test('of ended ones the latest are kept', async (t) => {
  const { clock, store, reports, reportOf } = reportsAt(t)
  const { resourceId, kind, at } = reportOf('jstor')
  const old = Array.from({ length: bounds.ended }, (_, number) => {
    const body = { resourceId, kind, at, endedAt: at + number, end: 'mended' }
    return [`old-${number}`, JSON.stringify(body)] as const
  })
  await store.records.writeFields('link-reports:ended', new Map(old), bounds.endedMs)
  clock.at += day
  const report = reportOf('scopus')
  await reports.take(report, teller(1))
  t.true(await reports.end(report.id, 'works'))
  const ended = await reports.ended()
  t.is(ended.length, bounds.ended)
  t.is(ended[0]?.id, 'old-1')
  t.is(ended.at(-1)?.id, report.id)
})

test('what cannot be read is not shown, and goes with the next one', async (t) => {
  const { store, reports, reportOf } = reportsAt(t)
  const bad = ['not JSON', '{}', '{"resourceId":"a","kind":"odd","at":1}', '[]']
  await store.records.writeFields(
    'link-reports:open',
    new Map(bad.map((json, number) => [`bad-${number}`, json])),
    day,
  )
  t.deepEqual(await reports.open(), [])
  const report = reportOf('jstor')
  await reports.take(report, teller(1))
  t.deepEqual([...(await store.records.readFields('link-reports:open')).keys()], [report.id])
})
