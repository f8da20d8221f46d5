/** The reports: each number is what the figures say, and what is not known is not shown as 0. */
import test from 'ava'

import { reportNames } from '../../src/reports/catalogue.ts'
import { priceOf } from '../../src/reports/costs.ts'
import { limits } from '../../src/core/limits.ts'
import { reportFormats } from '../../src/core/reports.ts'
import { inert } from '../../src/reports/delimited.ts'
import { fileOf } from '../../src/reports/formats.ts'
import { hidden } from '../../src/reports/model.ts'
import { spanOf } from '../../src/reports/period.ts'
import { isProblem, problemLine, readRequest } from '../../src/reports/request.ts'
import { spikeOf } from '../../src/reports/spikes.ts'
import { createLedger } from '../../src/reports/sushi/ledger.ts'
import { resourceOf } from '../portal/collection.ts'
import { cell, figuresOf } from './builders.ts'
import { openLibrary, rowsOf, tableOf } from './library.ts'

const reportedColumns = ['full_texts_reported', 'months_reported', 'cost_per_reported'] as const

const reportedMonth = (status: 'had' | 'partial', texts: number) =>
  ({ status, counts: { Total_Item_Requests: texts, Unique_Item_Requests: 1 }, at: 0 }) as const

const monthNames = ['2025-10', '2026-08', '2026-09', '2026-10', '2026-11'] as const

/** Figures in which JSTOR is opened so many times and read twice as often. */
const monthOf = (period: string, openings: number) =>
  figuresOf(period, {
    cells: [
      cell('jstor', 'openings', openings),
      cell('jstor', 'sessions', openings),
      cell('', 'sessions', openings),
      cell('jstor', 'Total_Item_Requests', openings * 2, { format: 'pdf' }),
    ],
  })

test('a table without rows says that there is nothing', async (t) => {
  const library = await openLibrary([])
  t.teardown(() => library.close())
  for (const name of reportNames) {
    const { tables } = await library.report({ name, language: 'ru' })
    for (const { id, rows, notes } of tables) {
      t.is(notes.at(-1) === 'Ничего такого нет.', rows.length === 0, `${name} ${id}`)
    }
  }
})

test('use by month stands beside the month before and the same one a year earlier', async (t) => {
  const library = await openLibrary(monthNames.map((name, at) => monthOf(name, 10 * (at + 1))))
  t.teardown(() => library.close())
  const report = await library.report({ name: 'use', from: '2026-09', to: '2026-11' })
  const table = tableOf(report, 'use_by_month')
  t.deepEqual(
    rowsOf(table, 'month', 'openings', 'openings_change', 'openings_change_year', 'full_texts'),
    [
      ['September\u00A02026', 30, 0.5, undefined, 60],
      ['October\u00A02026', 40, 1 / 3, 3, 80],
      ['November\u00A02026', 50, 0.25, undefined, 100],
    ],
  )
  t.like(table.total, { 0: 'All', 1: 120 })
  t.true(report.notes.some((note) => note.includes('not over yet')))
  t.is(report.charts[0]?.tableId, table.id)
})

test('use by database: sessions of the library are not the sum over databases', async (t) => {
  const library = await openLibrary([
    figuresOf('2026-10', {
      cells: [
        cell('jstor', 'sessions', 8),
        cell('scopus', 'sessions', 7),
        cell('', 'sessions', 9),
        cell('scopus', 'openings', 20),
        cell('gone', 'openings', 3),
      ],
    }),
  ])
  t.teardown(() => library.close())
  const typed = { name: 'use', by: 'resource', from: '2026-10', to: '2026-10' } as const
  const table = tableOf(await library.report(typed), 'use_by_resource')
  t.deepEqual(rowsOf(table, 'resource', 'id', 'sessions', 'openings'), [
    ['Scopus', 'scopus', 7, 20],
    ['gone', 'gone', 0, 3],
    ['JSTOR', 'jstor', 8, 0],
  ])
  t.is(table.total?.[table.columns.findIndex(({ id }) => id === 'sessions')], 9)
  const one = await library.report({ ...typed, resource: 'gone' })
  t.deepEqual(rowsOf(tableOf(one, 'use_by_resource'), 'id', 'openings'), [['gone', 3]])
})

const unit = (name: string, count: number) => [
  cell('jstor', 'openings', count, { unit: name }),
  cell('', 'sessions', count, { unit: name }),
]

test('faculties of few persons are told together, and no two spans tell them apart', async (t) => {
  const library = await openLibrary([
    figuresOf('2026-09', { cells: [...unit('law', 3), ...unit('arts', 50), ...unit('mines', 60)] }),
    figuresOf('2026-10', {
      cells: [...unit('law', 70), ...unit('arts', 50), ...unit('mines', 60)],
    }),
  ])
  t.teardown(() => library.close())
  const told = async (from: string, to: string) => {
    const report = await library.report({ name: 'use', by: 'unit', from, to })
    return rowsOf(tableOf(report, 'use_by_unit'), 'unit', 'openings', 'openings_change')
  }
  t.deepEqual(await told('2026-09', '2026-09'), [
    ['mines', 60, undefined],
    ['Small groups together', 53, undefined],
  ])
  // Law and arts have no September of their own to stand beside.
  t.deepEqual(await told('2026-10', '2026-10'), [
    ['Faculty of Law', 70, undefined],
    ['mines', 60, 0],
    ['arts', 50, undefined],
  ])
  t.deepEqual(await told('2026-09', '2026-10'), [
    ['mines', 120, undefined],
    ['Faculty of Law', 70, undefined],
    ['arts', 50, undefined],
    ['Small groups together', 53, undefined],
  ])
})

test('a campus whose readers are sent to the publisher is as large as its openings', async (t) => {
  const library = await openLibrary([
    figuresOf('2026-10', {
      cells: [
        cell('jstor', 'openings', 900, { site: 'main', channel: 'onsite' }),
        cell('jstor', 'openings', 4, { site: 'south', channel: 'onsite' }),
        cell('jstor', 'openings', 40, { site: 'north', channel: 'onsite' }),
      ],
    }),
  ])
  t.teardown(() => library.close())
  const report = await library.report({ name: 'use', by: 'site', from: '2026-10', to: '2026-10' })
  t.deepEqual(rowsOf(tableOf(report, 'use_by_site'), 'site', 'openings'), [
    ['main', 900],
    ['Small groups together', 44],
  ])
})

const persons = (name: string, count: number) =>
  ['', 'jstor'].map((resourceId) => ({
    resourceId,
    by: 'unit' as const,
    key: name,
    readers: count,
  }))

test('a faculty is as large as its persons, however often they came', async (t) => {
  const cells = [...unit('law', 300), ...unit('arts', 50), ...unit('mines', 60)]
  const everybody = { resourceId: '', by: '' as const, key: '', readers: 33 }
  const library = await openLibrary([
    figuresOf('2026-09', { cells, readers: [everybody] }),
    figuresOf('2026-10', {
      cells,
      readers: [everybody, ...persons('law', 3), ...persons('arts', 10), ...persons('mines', 20)],
    }),
  ])
  t.teardown(() => library.close())
  const told = async (month: string) => {
    const report = await library.report({ name: 'use', by: 'unit', from: month, to: month })
    return rowsOf(tableOf(report, 'use_by_unit'), 'unit', 'openings')
  }
  t.deepEqual(await told('2026-10'), [
    ['mines', 60],
    ['Small groups together', 350],
  ])
  // An earlier version did not count them, and the events are gone: nobody knows who is few.
  t.deepEqual(await told('2026-09'), [['Small groups together', 410]])
})

const item = (name: string, readers: number | undefined, requests: number, title = 'journal') => ({
  resourceId: 'jstor',
  item: name,
  title,
  requests,
  investigations: requests,
  ...(readers !== undefined && { readers }),
})

const ofTitle = (title: string, readers: number) => ({ resourceId: 'jstor', title, readers })

test('a text counts for the months in which enough persons read it, and no rest is of few', async (t) => {
  const library = await openLibrary([
    figuresOf('2026-08', { items: [item('old', undefined, 90)] }),
    figuresOf('2026-09', {
      items: [item('a', 5, 30), item('b', 5, 20), item('c', 4, 10), item('d', 2, 60, 'quiet')],
      titles: [ofTitle('journal', 5), ofTitle('quiet', 2)],
    }),
    figuresOf('2026-10', {
      items: [item('a', 5, 7), item('b', 5, 6)],
      titles: [ofTitle('journal', 5)],
    }),
  ])
  t.teardown(() => library.close())
  const told = async (from: string, to: string) => {
    const report = await library.report({ name: 'titles', from, to })
    return ['titles', 'items'].map((id) => rowsOf(tableOf(report, id), 'identifier', 'full_texts'))
  }
  t.deepEqual(await told('2026-08', '2026-08'), [[], []])
  // What is left of the journal is of the readers of b as well.
  t.deepEqual(await told('2026-09', '2026-09'), [[['journal', 60]], [['a', 30]]])
  t.deepEqual(await told('2026-10', '2026-10'), [
    [['journal', 13]],
    [
      ['a', 7],
      ['b', 6],
    ],
  ])
  t.deepEqual(await told('2026-08', '2026-10'), [
    [['journal', 73]],
    [
      ['a', 37],
      ['b', 6],
    ],
  ])
})

const readers = (student: number, staff: number, resource = '') => [
  { resourceId: resource, by: 'category' as const, key: 'student', readers: student },
  { resourceId: resource, by: 'category' as const, key: 'staff', readers: staff },
  { resourceId: resource, by: '' as const, key: '', readers: student + staff },
]

test('readers are told by month, and few of them not at all', async (t) => {
  const library = await openLibrary(
    [
      figuresOf('2025-01', { readers: [...readers(40, 3), ...readers(4, 0, 'jstor')] }),
      figuresOf('2025-02', { readers: [...readers(30, 20), ...readers(6, 0, 'jstor')] }),
    ],
    [figuresOf('2025', { readers: [...readers(55, 20), ...readers(9, 0, 'jstor')] })],
  )
  t.teardown(() => library.close())
  const report = await library.report({ name: 'readers', from: '2025', to: '2025' })
  const table = tableOf(report, 'readers_by_month')
  const shown = rowsOf(table, 'student', 'staff', 'readers')
  // Staff would be 43 - 40: the students are hidden with them.
  t.deepEqual(shown[0], [hidden, hidden, 43])
  t.deepEqual(shown[1], [30, 20, 50])
  t.deepEqual(shown[2], [undefined, undefined, undefined])
  t.is(table.total?.at(-1), 75)
  t.deepEqual(rowsOf(tableOf(report, 'readers_by_resource'), 'id', 'readers', 'readers_year'), [
    ['jstor', 6, 9],
  ])
})

const refused = (reason: 'seats_full' | 'not_signed_in' | 'unit_not_entitled', count: number) => ({
  resourceId: 'jstor',
  category: 'student' as const,
  unit: '',
  site: '',
  channel: 'remote' as const,
  reason,
  count,
})

test('refusals: by reason and per 100 openings; being asked to sign in is none', async (t) => {
  const library = await openLibrary([
    figuresOf('2026-10', {
      cells: [cell('jstor', 'openings', 200)],
      denials: [
        refused('seats_full', 10),
        refused('not_signed_in', 500),
        refused('unit_not_entitled', 4),
      ],
    }),
  ])
  t.teardown(() => library.close())
  const report = await library.report({ name: 'refusals', from: '2026-10', to: '2026-10' })
  t.deepEqual(
    rowsOf(tableOf(report, 'refusals_by_reason'), 'code', 'refusals', 'per_100_openings'),
    [
      ['seats_full', 10, 5],
      ['unit_not_entitled', 4, 2],
    ],
  )
  t.deepEqual(
    rowsOf(tableOf(report, 'refusals_by_resource'), 'id', 'Limit_Exceeded', 'Not_Authorized'),
    [['jstor', 10, 4]],
  )
})

test('cost per use is the price of the months in force by what was used in them', async (t) => {
  const library = await openLibrary(monthNames.map((name) => monthOf(name, 25)))
  t.teardown(() => library.close())
  const report = await library.report({ name: 'costs', from: '2026-09', to: '2026-11' })
  t.deepEqual(
    rowsOf(
      tableOf(report, 'costs'),
      'id',
      'cost',
      'currency',
      'cost_per_opening',
      'cost_per_full_text',
    ),
    [['jstor', 300, 'USD', 4, 2]],
  )
})

test('cost by what publishers reported stands beside it, for the months that they reported whole', async (t) => {
  const library = await openLibrary(monthNames.map((name) => monthOf(name, 25)))
  t.teardown(() => library.close())
  const ids = ['id', 'full_texts', 'cost_per_full_text', ...reportedColumns] as const
  const costs = async () => {
    const report = await library.report({ name: 'costs', from: '2026-08', to: '2026-11' })
    return { notes: report.notes, rows: rowsOf(tableOf(report, 'costs'), ...ids) }
  }
  const [without] = (await costs()).rows
  t.deepEqual(without, ['jstor', 200, 2, undefined, undefined, undefined])
  const ledger = createLedger(library.store)
  await ledger.setMonths('scopus', new Map([['2026-09', reportedMonth('had', 999)]]))
  t.deepEqual((await costs()).rows, [['jstor', 200, 2, undefined, undefined, undefined]])
  await ledger.setMonths(
    'jstor',
    new Map([
      ['2026-07', reportedMonth('had', 5000)],
      ['2026-08', reportedMonth('had', 150)],
      ['2026-09', reportedMonth('had', 250)],
      ['2026-10', reportedMonth('partial', 7000)],
    ]),
  )
  const { notes, rows } = await costs()
  t.deepEqual(rows, [['jstor', 200, 2, 400, 2, 0.5]])
  t.true(notes.some((note) => note.startsWith('What publishers reported')))
  t.false(notes.some((note) => note.includes('not fetched yet')))
})

for (const [period, from, to, expected] of [
  ['year', '2026-01', '2026-12', 600],
  ['year', '2026-06', '2026-08', 200],
  ['month', '2026-01', '2026-12', 7200],
  ['once', '2026-01', '2026-12', 1200],
  ['once', '2026-08', '2026-12', 0],
] as const) {
  test(`1200 by ${period}, in force from July: ${expected} in ${from}..${to}`, (t) => {
    const contract = { cost: { amount: 1200, currency: 'KGS', period }, noticeDays: 0 }
    const { licence } = resourceOf('any', { licence: { fromOn: '2026-07-01', contract } })
    t.deepEqual(priceOf(licence, spanOf(from, to)), { amount: expected, currency: 'KGS' })
  })
}

test('unused: licensed and not opened, with the month in which it last was', async (t) => {
  const library = await openLibrary([
    figuresOf('2026-02', { cells: [cell('quiet', 'openings', 1)] }),
    monthOf('2026-10', 5),
  ])
  t.teardown(() => library.close())
  const report = await library.report({ name: 'unused', from: '2026-10', to: '2026-10' })
  t.deepEqual(rowsOf(tableOf(report, 'unopened'), 'id', 'last_used'), [
    ['scopus', undefined],
    ['quiet', 'February\u00A02026'],
  ])
})

const pool = (minutesAtLimit: number) => ({
  pool: 'jstor',
  seats: 5,
  peak: 5,
  minutesAtLimit,
  minutesUsed: 3000,
  waits: 20,
  granted: 10,
  left: 10,
  waitedMs: 600_000,
  longestWaitMs: 120_000,
})

test('seats: waiting times, hours without a free one, and refusals for want of one', async (t) => {
  const library = await openLibrary([
    figuresOf('2026-09', { pools: [pool(300)] }),
    figuresOf('2026-10', { pools: [pool(300)] }),
  ])
  t.teardown(() => library.close())
  const report = await library.report({ name: 'seats', from: '2026-09', to: '2026-10' })
  const columns = [
    'peak',
    'hours_at_limit',
    'share_at_limit',
    'waits',
    'mean_wait_minutes',
  ] as const
  t.deepEqual(rowsOf(tableOf(report, 'seats'), ...columns), [[5, 10, 0.1, 40, 1]])
  t.deepEqual(rowsOf(tableOf(report, 'seat_advice'), 'advice', 'evidence'), [
    [
      '8 would have been enough for this demand',
      'months: 2; hours in use: 100; waited: 40; refused for want of a seat: 0',
    ],
  ])
})

for (const [value, mean, expected] of [
  [399, 100, undefined],
  [400, 100, 'up'],
  [100, 0, undefined],
  [0, 20, 'down'],
  [0, 19, undefined],
  [1, 100, undefined],
  [0.99, 100, 'down'],
] as const) {
  test(`spike: ${value} beside a mean of ${mean}: ${expected}`, (t) =>
    t.is(spikeOf(value, mean), expected))
}

test('a month out of all proportion is told with what it stands beside', async (t) => {
  const year = spanOf('2025-10', '2026-09').months.map((month) => monthOf(month, 10))
  const library = await openLibrary([...year, monthOf('2026-10', 80)])
  t.teardown(() => library.close())
  const { warnings } = await library.report({ name: 'summary', from: '2026-10', to: '2026-10' })
  t.is(warnings.length, 1)
  t.regex(warnings[0] ?? '', /^JSTOR, October\u00A02026: Full texts – 160, beside a mean of 20 /)
})

test('every report is made in every format of a year without figures, and says so', async (t) => {
  const library = await openLibrary([])
  t.teardown(() => library.close())
  for (const name of reportNames) {
    for (const language of ['ky', 'ru', 'en'] as const) {
      const report = await library.report({ name, language, from: '2024', to: '2024' })
      t.not(report.standing, '')
      for (const format of reportFormats) t.true((await fileOf(report, format)).length > 100)
    }
    const { notes } = await library.report({ name, from: '2024', to: '2024' })
    // The collection is of today, and has no time.
    const isOfToday = name === 'collection'
    t.is(notes.includes('There are no figures of this time.'), !isOfToday, name)
  }
})

for (const [typed, line] of [
  [{ name: 'constructor' }, 'found the report "constructor", expected one of summary, use,'],
  [{ name: 'use', by: 'person' }, '--by: found "person", expected one of month, resource,'],
  [{ name: 'seats', by: 'month' }, '--by: found "month", expected none for this report'],
  [{ name: 'use', resource: '../../etc' }, '--resource: found "../../etc", expected the name of'],
  [{ name: 'use', from: '2026-11', to: '2026-10' }, '--from: found "2026-11", which is after --to'],
  [{ name: 'use', from: '1990' }, '--from: found "1990-01", expected at most 36 months'],
  [{ name: 'use', to: '2027' }, '--to: found "2027-12", expected this month or an earlier one'],
  [{ name: 'use', to: '\u202E2026\n' }, '--to: found "2026", expected a month such as'],
] as const) {
  test(`${JSON.stringify(typed)} is told as what it is`, (t) => {
    const request = readRequest({ language: 'en', ...typed }, '2026-11')
    if (!isProblem(request)) return t.fail()
    t.true(problemLine(request, typed.name).startsWith(line), problemLine(request, typed.name))
  })
}

test('a database that is in neither the catalogue nor the figures is told as that', async (t) => {
  const library = await openLibrary([monthOf('2026-10', 5)])
  t.teardown(() => library.close())
  const request = readRequest({ name: 'use', resource: 'nobody', language: 'en' }, '2026-11')
  if (isProblem(request)) return t.fail()
  t.deepEqual(await library.reporter.make(request), { problem: 'resource', found: 'nobody' })
})

test('who asks for a report that is being made gets that one, and too many are turned away', async (t) => {
  const library = await openLibrary([monthOf('2026-10', 5)])
  t.teardown(() => library.close())
  const ask = (typed: { readonly from: string }) => library.report({ name: 'use', ...typed })
  const shared = await Promise.all(
    Array.from({ length: 2 * limits.reports.waiting }, () => ask({ from: '2026-10' })),
  )
  t.is(new Set(shared).size, 1)
  const months = spanOf('2024-01', '2026-10').months.slice(0, limits.reports.waiting + 2)
  const apart = await Promise.allSettled(months.map((from) => ask({ from })))
  const failed = apart.filter((each) => each.status === 'rejected')
  t.is(failed.length, 2)
  for (const { reason } of failed) t.like(reason, { code: 'ERR_OVERLOAD' })
})

test('figures that cannot be read are told as such', async (t) => {
  const library = await openLibrary([])
  t.teardown(() => library.close())
  const bad = { kind: 'month', period: '2026-10', madeFrom: 1, body: '{"cells":[]}' } as const
  await library.store.figures.write([bad])
  const failed = library.report({ name: 'use' })
  await t.throwsAsync(failed, { code: 'ERR_STORE_DATA' })
})

test('names from outside are one bounded line without marks, and no formula', async (t) => {
  const name = `=HYPERLINK("x")\u202E\n<script>${'x'.repeat(10_000)}`
  const library = await openLibrary([
    figuresOf('2026-10', {
      items: [
        {
          resourceId: 'jstor',
          item: '@item',
          itemName: name,
          title: '+title',
          titleName: '-1',
          requests: 9,
          investigations: 9,
          readers: 5,
        },
      ],
      titles: [{ resourceId: 'jstor', title: '+title', readers: 5 }],
    }),
  ])
  t.teardown(() => library.close())
  const report = await library.report({ name: 'titles', from: '2026-10', to: '2026-10' })
  const csv = (await fileOf(report, 'csv')).toString()
  t.true(csv.startsWith('\uFEFF'))
  t.true(csv.includes(`"'=HYPERLINK(""x"") <script>xxx`))
  t.true(csv.includes(`,'@item,`) && csv.includes(`,'-1,`) && csv.includes(`,'+title,`))
  t.true(csv.length < 4000)
  t.notRegex(csv, /[\u202E]|[^\r]\n/)
  const tsv = (await fileOf(report, 'tsv')).toString()
  t.true(tsv.includes(`\t'@item\t`))
})

const signs: Record<string, string> = {
  '=1': `'=1`,
  ' +1': `' +1`,
  'Snow;=1+1;ice': `Snow;'=1+1;ice`,
  'Snow; "@x"': `Snow;' "@x"`,
  'Snow,-1': `Snow,'-1`,
  'Snow\t＝1': `Snow\t'＝1`,
  'C++; a=b, x-y': 'C++; a=b, x-y',
}

test('no cell is a formula, wherever a spreadsheet takes one to begin', (t) => {
  for (const [text, expected] of Object.entries(signs)) t.is(inert(text), expected, text)
})
