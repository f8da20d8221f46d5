/** Reports of COUNTER's form: the shape, the sense and the sums of each, over random figures. */
import test from 'ava'
import * as fc from 'fast-check'

import type { Cell, ReaderFigures } from '../../../src/core/figures.ts'
import { reportIds } from '../../../src/reports/counter/definitions.ts'
import { exceptionOf } from '../../../src/reports/counter/exceptions.ts'
import { makeReport } from '../../../src/reports/counter/make.ts'
import type { CounterReport } from '../../../src/reports/counter/report.ts'
import { faultsOf } from './checks.ts'
import { catalogue, figuresOfMonth } from './random.ts'
import { asked, reporter } from './sample.ts'
import { shapes } from './shape.ts'

const months = ['2026-07', '2026-08', '2026-09', '2026-10', '2026-11']
const figures = fc.tuple(...months.map(figuresOfMonth))

for (const id of reportIds) {
  test(`${id} has the shape, and no fault that a schema does not see, whatever was used`, (t) => {
    fc.assert(
      fc.property(figures, fc.boolean(), (of, showsAccessMethod) => {
        const choice = id === 'PR' || id === 'DR' ? { showsAccessMethod } : {}
        const report = makeReport(
          asked(id, { choice }),
          { figures: of, resources: catalogue },
          reporter,
        )
        t.deepEqual(faultsOf(id, report), [])
        if (id !== 'GA1') t.deepEqual(shapes[id].safeParse(report).error?.issues ?? [], [])
      }),
      { numRuns: 100 },
    )
  })
}

/** Everything that a report counts by a metric. */
function total(report: CounterReport, metric: string): number {
  return report.Report_Items.flatMap((item) => item.Attribute_Performance)
    .flatMap(({ Performance }) => Object.values(Performance[metric] ?? {}))
    .reduce((sum, count) => sum + count, 0)
}

test('views and full reports, platform and databases tell the same numbers', (t) => {
  fc.assert(
    fc.property(figures, (of) => {
      const sources = { figures: of, resources: catalogue }
      const of5 = ['PR', 'PR_P1', 'DR', 'DR_D1', 'DR_D2'] as const
      const [PR, P1, DR, D1, D2] = of5.map((id) => {
        const isFull = id === 'PR' || id === 'DR'
        const choice = isFull ? { accessMethods: ['Regular'] } : {}
        return makeReport(asked(id, { choice }), sources, reporter)
      }) as [CounterReport, CounterReport, CounterReport, CounterReport, CounterReport]
      const told = (metric: string) => [DR, PR, P1, D1].map((report) => total(report, metric))
      for (const metric of ['Total_Item_Requests', 'Unique_Item_Requests']) {
        t.is(new Set(told(metric)).size, 1, `${metric} ${told(metric).join(' ')}`)
      }
      t.is(total(DR, 'Unique_Title_Requests'), total(P1, 'Unique_Title_Requests'))
      const kinds = ['Searches_Regular', 'Searches_Automated', 'Searches_Federated']
      for (const metric of kinds) t.is(total(D1, metric), total(DR, metric), metric)
      const searches = kinds.reduce((sum, metric) => sum + total(DR, metric), 0)
      t.is(total(PR, 'Searches_Platform'), searches)
      t.is(total(P1, 'Searches_Platform'), searches)
      t.is(total(DR, 'Limit_Exceeded'), total(D2, 'Limit_Exceeded'))
      t.is(total(DR, 'No_License'), total(D2, 'No_License'))
    }),
    { numRuns: 50 },
  )
})

test('the numbers are those of the figures within the time, and of no other', (t) => {
  fc.assert(
    fc.property(figures, (of) => {
      const report = makeReport(asked('DR_D2'), { figures: of, resources: catalogue }, reporter)
      const counted = of
        .filter(({ period }) => period >= '2026-08' && period <= '2026-10')
        .flatMap(({ cells }) => cells)
        .filter(({ metric }) => metric === 'Limit_Exceeded')
        .reduce((sum, { count }) => sum + count, 0)
      t.is(total(report, 'Limit_Exceeded'), counted)
    }),
    { numRuns: 50 },
  )
})

const where = { unit: '', site: '', channel: 'remote', category: 'student' } as const

function cell(resourceId: string, metric: Cell['metric'], count: number): Cell {
  return { ...where, resourceId, metric, format: '', dataType: '', count }
}

function readersOf(resourceId: string, categories: Record<string, number>): ReaderFigures[] {
  const everybody = Object.values(categories).reduce((sum, each) => sum + each, 0)
  return [
    { resourceId, by: '', key: '', readers: everybody },
    ...Object.entries(categories).map(([key, readers]) => {
      return { resourceId, by: 'category' as const, key, readers }
    }),
  ]
}

const october = {
  period: '2026-10',
  readers: [
    ...readersOf('', { student: 40, staff: 30, faculty: 20 }),
    ...readersOf('jstor', { student: 12, staff: 9, faculty: 4 }),
    ...readersOf('scopus', { student: 30, staff: 21, faculty: 16 }),
  ],
  denials: [
    { ...where, resourceId: 'jstor', reason: 'seats_full', count: 5 },
    { ...where, resourceId: 'jstor', site: 'main', reason: 'seats_full', count: 6 },
    { ...where, resourceId: 'jstor', category: 'alum', reason: 'category_not_entitled', count: 4 },
  ],
  cells: [
    cell('jstor', 'Limit_Exceeded', 11),
    cell('jstor', 'openings', 30),
    { ...cell('jstor', 'openings', 8), category: 'faculty' },
    { ...cell('scopus', 'openings', 40), category: 'staff' },
    cell('', 'sessions', 9),
  ],
} as const

test('a report says that it is not audited, and who it is of', (t) => {
  const { Report_Header: header } = makeReport(
    asked('DR_D2'),
    { figures: [october], resources: catalogue },
    reporter,
  )
  t.deepEqual(header, {
    Report_Name: 'Database Access Denied',
    Report_ID: 'DR_D2',
    Release: '5.1',
    Institution_Name: 'University of Examples',
    Institution_ID: {
      ISNI: ['0000 0001 2150 090X'],
      ROR: ['02mhbdp94'],
      Proprietary: ['kgu:main'],
    },
    Report_Filters: {
      Metric_Type: ['Limit_Exceeded', 'No_License'],
      Access_Method: ['Regular'],
      Begin_Date: '2026-08-01',
      End_Date: '2026-10-31',
    },
    Exceptions: [{ Code: 0, Message: 'COUNTER-formatted, gateway-observed, not audited' }],
    Created: '2026-11-30T06:07:08Z',
    Created_By: 'University of Examples: Darbaza',
    Registry_Record: '',
  })
})

test('the library’s own report has what its reports tell of categories, and leaves the rest out', (t) => {
  const report = makeReport(asked('GA1'), { figures: [october], resources: catalogue }, reporter)
  t.is(report.Report_Header.Report_ID, 'kgu:GA1')
  t.deepEqual(report.Report_Header.Exceptions.slice(1), [
    { Code: 1, Message: 'Small numbers are left out', Data: '7 of them' },
  ])
  const told = report.Report_Items.flatMap(({ Database = '', Attribute_Performance: all }) =>
    all.flatMap(({ 'kgu:User_Category': category, Performance }) =>
      Object.entries(Performance).map(
        ([metric, counts]) =>
          `${Database} ${JSON.stringify(category)} ${metric.slice(4)} ${counts['2026-10']}`,
      ),
    ),
  )
  // Four of the faculty read JSTOR: staff are left out with them, and both in Scopus, or the rest would tell.
  t.deepEqual(
    told.toSorted((one, other) => (one < other ? -1 : 1)),
    [
      ' "faculty" Unique_Readers 20',
      ' "staff" Unique_Readers 30',
      ' "student" Sessions 9',
      ' "student" Unique_Readers 40',
      'JSTOR "student" Denied_seats_full 11',
      'JSTOR "student" Openings 30',
      'JSTOR "student" Unique_Readers 12',
      'Скопус "student" Unique_Readers 30',
    ],
  )
})

const inOrder = (one: unknown, other: unknown) => (String(one) < String(other) ? -1 : 1)

test('a refusal stands beside a category that is told in its database, and never beside all but one', (t) => {
  const many = ['student', 'staff', 'faculty', 'member', 'alum', 'affiliate', 'walk-in'] as const
  const everywhere = Object.fromEntries(many.map((category) => [category, 20]))
  const month = {
    ...october,
    cells: [],
    readers: [...readersOf('', everywhere), ...readersOf('jstor', everywhere)],
    denials: many.map((category, at) => {
      return {
        ...where,
        resourceId: 'jstor',
        category,
        reason: 'seats_full' as const,
        count: 9 - at,
      }
    }),
  }
  const report = makeReport(asked('GA1'), { figures: [month], resources: catalogue }, reporter)
  const told = report.Report_Items.flatMap((item) => item.Attribute_Performance)
  t.deepEqual(
    told
      .filter((each) => 'kgu:Denied_seats_full' in each.Performance)
      .map((each) => each['kgu:User_Category'])
      .toSorted(inOrder),
    many.filter((category) => category !== 'walk-in').toSorted(inOrder),
  )
})

for (const [what, exceptions, codes] of [
  ['nothing was used', [], [0, 3030]],
  ['nothing is ready', [exceptionOf(3031)], [0, 3031]],
  ['nothing is there any more', [exceptionOf(3032)], [0, 3032]],
  ['a parameter was unknown', [exceptionOf(3050, 'x')], [0, 3030, 3050]],
] as const) {
  test(`an empty report says why: ${what}`, (t) => {
    const report = makeReport(
      asked('DR', { exceptions }),
      { figures: [], resources: catalogue },
      reporter,
    )
    t.deepEqual(
      report.Report_Header.Exceptions.map(({ Code }) => Code),
      [...codes],
    )
    t.deepEqual(report.Report_Items, [])
    t.deepEqual(shapes.DR.safeParse(report).error?.issues ?? [], [])
  })
}

test('text mining stands beside regular use in full reports, and in no view', (t) => {
  // The test before has the views.
  fc.assert(
    fc.property(figures, fc.constantFrom('PR' as const, 'DR' as const), (of, id) => {
      const sources = { figures: of, resources: catalogue }
      const made = [[], ['Regular'], ['TDM'], ['Regular', 'TDM']].map((methods) =>
        makeReport(
          asked(id, { choice: methods.length === 0 ? {} : { accessMethods: methods } }),
          sources,
          reporter,
        ),
      )
      for (const metric of ['Total_Item_Requests', 'Unique_Item_Investigations']) {
        const [usual, regular = 0, mined = 0, both] = made.map((report) => total(report, metric))
        t.deepEqual([usual, both], [regular + mined, regular + mined])
        const sum = of
          .filter(({ period }) => period >= '2026-08' && period <= '2026-10')
          .flatMap(({ cells }) => cells)
          .filter((each) => each.metric === `TDM_${metric}`)
          .reduce((whole, { count }) => whole + count, 0)
        t.is(mined, sum)
      }
    }),
  )
})

for (const [what, choice, expected] of [
  ['one metric', { metrics: ['Limit_Exceeded'] }, ['Database_Aggregated Limit_Exceeded']],
  [
    'one data type',
    { dataTypes: ['Unspecified'], accessMethods: ['Regular'] },
    ['Unspecified Total_Item_Requests'],
  ],
  ['text mining', { accessMethods: ['TDM'] }, ['Unspecified Total_Item_Investigations']],
  ['another database', { database: 'Scopus' }, []],
] as const) {
  test(`a full report can be chosen from: ${what}`, (t) => {
    const of = {
      ...october,
      cells: [
        ...october.cells,
        { ...cell('jstor', 'Total_Item_Requests', 3), format: 'pdf' },
        { ...cell('jstor', 'TDM_Total_Item_Investigations', 7), format: 'data' },
      ],
    } as const
    const report = makeReport(
      asked('DR', { choice }),
      { figures: [of], resources: catalogue },
      reporter,
    )
    t.deepEqual(
      report.Report_Items.flatMap((item) =>
        item.Attribute_Performance.flatMap(({ Data_Type, Performance }) =>
          Object.keys(Performance).map(
            (metric) => `${typeof Data_Type === 'string' ? Data_Type : ''} ${metric}`,
          ),
        ),
      ),
      [...expected],
    )
  })
}
