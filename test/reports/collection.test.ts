/** The report of the collection: health of links and what readers reported, in every output. */
import test from 'ava'

import { languages } from '../../src/core/languages.ts'
import type { Resource } from '../../src/core/resource.ts'
import { reportFormats } from '../../src/core/reports.ts'
import { linkFigures } from '../../src/core/link-figures.ts'
import { linkStates, type LinkState } from '../../src/core/links.ts'
import { addressesOf } from '../../src/links/addresses.ts'
import { createLinkRecords } from '../../src/links/books.ts'
import { createLinkReports } from '../../src/links/link-reports.ts'
import { fileOf } from '../../src/reports/formats.ts'
import { resourceOf } from '../portal/collection.ts'
import { catalogue, nowAt, openLibrary, rowsOf, tableOf } from './library.ts'

const day = 86_400_000
const secret = '=HYPERLINK("http://elsewhere.example","the words of a reader")'

/** JSTOR works, Scopus is broken for six days, the quiet one keeps programs out; readers have told. */
async function collection(
  t: { teardown(fn: () => Promise<void>): void },
  resources: readonly Resource[] = catalogue,
) {
  const library = await openLibrary([], [], resources)
  t.teardown(() => library.close())
  const records = createLinkRecords(library.store.records)
  const states: Record<string, LinkState> = { jstor: 'works', scopus: 'gone', quiet: 'blocked' }
  for (const resource of catalogue) {
    const state = states[resource.id] ?? 'works'
    const last = { state, at: nowAt - day / 2, sinceAt: nowAt - 6 * day }
    const failures = linkStates[state] === 'broken' ? 2 : 0
    const links = addressesOf(resource).map(({ source }) => ({ source, last, failures }))
    await records.setRecord(resource.id, { nextAt: nowAt + day, links })
  }
  await records.setDoneAt(nowAt - day / 4)
  let at = nowAt
  const clock = { now: () => at, steady: () => at }
  const reports = createLinkReports({ records: library.store.records, clock })
  const tell = async (id: string, resourceId: string, daysAgo: number) => {
    const facts = { kind: 'page', channel: 'onsite', reference: 'R', text: secret } as const
    const report = { id, resourceId, at: nowAt - daysAgo * day, ...facts }
    return reports.take(report, { sessionId: id, address: '192.0.2.1' })
  }
  for (const [id, daysAgo] of [
    ['a', 8],
    ['b', 30],
    ['c', 2],
    ['d', 40],
  ] as const) {
    await tell(id, 'scopus', daysAgo)
    at = nowAt - 1.5 * day
    await reports.end(id, id === 'd' ? 'works' : 'mended')
    at = nowAt
  }
  await tell('e', 'jstor', 3)
  await tell('f', 'jstor', 9)
  await tell('g', 'gone-from-the-catalogue', 50)
  return library
}

test('how many can be reached, how old that is, what is open and how long a repair takes', async (t) => {
  const library = await collection(t)
  const report = await library.report({ name: 'collection' })
  t.deepEqual(rowsOf(tableOf(report, 'links'), 'id', 'value'), [
    ['known', 2],
    ['working', 1],
    ['working_percent', 50],
    ['broken', 1],
    ['unknown', 1],
    ['days_since_check', 0.25],
    ['days_since_oldest_look', 0.5],
    ['open_reports', 2],
    ['oldest_report_days', 9],
    ['mended', 3],
    ['repair_days', 6.5],
  ])
  t.deepEqual(rowsOf(tableOf(report, 'link_troubles'), 'id', 'state', 'days', 'open_reports'), [
    ['scopus', 'Broken', 6, 0],
    ['quiet', 'Cannot be told', 6, 0],
    ['jstor', 'Works', 6, 2],
  ])
})

test('a database that is left in peace wants no look, and one that fails in ever new ways does since the first', async (t) => {
  const closed = resourceOf('closed', { isOpen: false })
  const library = await collection(t, [...catalogue, closed])
  const records = createLinkRecords(library.store.records)
  const [scopus] = (await records.recordOf('scopus'))?.links ?? []
  if (scopus === undefined) return t.fail()
  const links = [{ ...scopus, failingSinceAt: nowAt - 12 * day }]
  await records.setRecord('scopus', { nextAt: nowAt + day, links })
  const report = await library.report({ name: 'collection' })
  t.deepEqual(rowsOf(tableOf(report, 'link_troubles'), 'id', 'state', 'days'), [
    ['scopus', 'Broken', 12],
    ['quiet', 'Cannot be told', 6],
    ['jstor', 'Works', 6],
  ])
})

test('what is of today says nothing of months without figures', async (t) => {
  const library = await collection(t)
  const [note, ...others] = (await library.report({ name: 'collection' })).notes
  t.regex(note ?? '', /the rules in force today/)
  t.deepEqual(others, [])
})

test('before anything was checked nothing is claimed', async (t) => {
  const library = await openLibrary([])
  t.teardown(() => library.close())
  const table = tableOf(await library.report({ name: 'collection' }), 'links')
  const unknown = rowsOf(table, 'id', 'value').filter(([, value]) => value === undefined)
  t.deepEqual(
    unknown.map(([id]) => id),
    [
      'working_percent',
      'days_since_check',
      'days_since_oldest_look',
      'oldest_report_days',
      'repair_days',
    ],
  )
  t.is(table.notes[0], 'Nothing has been checked to the end yet.')
})

test('every output has the figures in every language, and no reader’s words', async (t) => {
  const library = await collection(t)
  for (const language of languages) {
    const report = await library.report({ name: 'collection', language })
    for (const format of reportFormats) {
      const file = (await fileOf(report, format)).toString()
      t.notRegex(file, /HYPERLINK|words of a reader/, format)
      const title = tableOf(report, 'link_troubles').title
      if (format !== 'xlsx') t.true(file.includes(title), `${language} ${format}`)
    }
  }
})

test('a repair of more than a year ago is not counted, and one of what works is none', (t) => {
  const ended = [
    { at: nowAt - 500 * day, endedAt: nowAt - 400 * day, end: 'mended' },
    { at: nowAt - 20 * day, endedAt: nowAt - 10 * day, end: 'works' },
    { at: nowAt - 6 * day, endedAt: nowAt - 5 * day, end: 'mended' },
    { at: nowAt - 9 * day, endedAt: nowAt - 5 * day, end: 'mended' },
  ] as const
  const rows = ended.map((each, index) => ({
    id: String(index),
    resourceId: 'jstor',
    kind: 'page' as const,
    ...each,
  }))
  const { mended, medianRepairMs } = linkFigures({ standings: [], open: [], ended: rows }, nowAt)
  t.is(mended, 2)
  t.is(medianRepairMs, day)
})
