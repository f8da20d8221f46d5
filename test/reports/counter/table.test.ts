/** Reports as tables, letter by letter, and what must not run when a spreadsheet opens them. */
import test from 'ava'

import { exceptionOf } from '../../../src/reports/counter/exceptions.ts'
import { makeReport } from '../../../src/reports/counter/make.ts'
import { tableOf, tabSeparated } from '../../../src/reports/counter/table.ts'
import { counterWorkbook } from '../../../src/reports/counter/workbook.ts'
import { workbookCells } from '../workbook.ts'
import { catalogue } from './random.ts'
import { asked, reporter } from './sample.ts'

const where = { unit: '', site: '', channel: 'remote', category: 'student', format: '' } as const
const cells = [
  { ...where, resourceId: 'jstor', metric: 'Limit_Exceeded', dataType: '', count: 7 },
  { ...where, resourceId: 'x', metric: 'No_License', dataType: '', count: 2 },
] as const
const figures = [
  { period: '2026-09', cells, readers: [], denials: [] },
  { period: '2026-10', cells: cells.slice(0, 1), readers: [], denials: [] },
]

test('DR_D2 as a table: thirteen lines of header, a blank one, heads, and a line for each metric', (t) => {
  const request = asked('DR_D2', { exceptions: [exceptionOf(3031, 'after 2026-10')] })
  const report = makeReport(request, { figures, resources: catalogue }, reporter)
  const lines = tabSeparated(tableOf('DR_D2', report)).split('\r\n')
  t.deepEqual(
    lines.map((line) => line.replace(/\t+$/, '')),
    [
      '\uFEFFReport_Name\tDatabase Access Denied',
      'Report_ID\tDR_D2',
      'Release\t5.1',
      'Institution_Name\tUniversity of Examples',
      'Institution_ID\tISNI:0000 0001 2150 090X; ROR:02mhbdp94; kgu:main',
      'Metric_Types\tLimit_Exceeded; No_License',
      'Report_Filters\tAccess_Method=Regular',
      'Report_Attributes',
      'Exceptions\t0: COUNTER-formatted, gateway-observed, not audited; 3031: Usage Not Ready for Requested Dates (after 2026-10)',
      'Reporting_Period\tBegin_Date=2026-08-01; End_Date=2026-10-31',
      'Created\t2026-11-30T06:07:08Z',
      'Created_By\tUniversity of Examples: Darbaza',
      'Registry_Record',
      '',
      'Database\tPublisher\tPublisher_ID\tPlatform\tProprietary_ID\tMetric_Type\tReporting_Period_Total\tAug-2026\tSep-2026\tOct-2026',
      'JSTOR\tITHAKA\t\tLibrary Gateway\tkgu:jstor\tLimit_Exceeded\t14\t0\t7\t7',
      // A formula and a tab in the name of a publisher are neither.
      `X (x)\t'=cmd() "a"\t\tLibrary Gateway\tkgu:x\tNo_License\t2\t0\t2\t0`,
      '',
    ],
  )
})

for (const id of ['PR', 'DR', 'DR_D2', 'GA1'] as const) {
  test(`${id} as a workbook is cell by cell its table, and no text is a formula`, async (t) => {
    const table = tableOf(id, makeReport(asked(id), { figures, resources: catalogue }, reporter))
    const { sheet, cells: written } = workbookCells(await counterWorkbook(table, id))
    const expected = table.flatMap((line, row) =>
      line.flatMap((value, place) =>
        value === '' ? [] : [[`${String.fromCodePoint(65 + place)}${row + 1}`, value] as const],
      ),
    )
    t.is(sheet, id)
    t.deepEqual([...written], expected)
    if (id !== 'DR_D2') return
    t.is(written.get('B17'), '=cmd() "a"')
    t.is(written.get('G16'), 14)
  })
}

for (const [id, expected] of [
  ['PR', ['Platform', 'Data_Type']],
  ['PR_P1', ['Platform', 'Data_Type']],
  ['DR', ['Database', 'Publisher', 'Publisher_ID', 'Platform', 'Proprietary_ID', 'Data_Type']],
  ['DR_D1', ['Database', 'Publisher', 'Publisher_ID', 'Platform', 'Proprietary_ID']],
  ['DR_D2', ['Database', 'Publisher', 'Publisher_ID', 'Platform', 'Proprietary_ID']],
] as const) {
  test(`the columns of ${id} stand in COUNTER’s order`, (t) => {
    const sources = { figures, resources: catalogue }
    const ending = ['Metric_Type', 'Reporting_Period_Total', 'Aug-2026', 'Sep-2026', 'Oct-2026']
    const heads = tableOf(id, makeReport(asked(id), sources, reporter))[14] ?? []
    t.deepEqual(heads, [...expected, ...ending])
    if (id !== 'PR' && id !== 'DR') return
    const shown = makeReport(asked(id, { choice: { showsAccessMethod: true } }), sources, reporter)
    t.deepEqual(tableOf(id, shown)[14], [...expected, 'Access_Method', ...ending])
    t.deepEqual(tableOf(id, shown)[7]?.slice(0, 2), [
      'Report_Attributes',
      'Attributes_To_Show=Access_Method',
    ])
  })
}
