/**
 * Reports as a workbook: a sheet on the report, then one for each table. Numbers are numbers with the
 * look of their kind, texts are texts whatever they begin with.
 * @module
 */
import writeWorkbook, { type Cell, type Sheet } from 'write-excel-file/node'

import type { ColumnKind, Report, Table, Value } from './model.ts'
import { bareNumber } from './value-text.ts'

/** How Excel shows each kind; separators are those of the reader's own Excel. */
const formats = {
  text: '@',
  count: '#,##0',
  share: '0.0%',
  change: '+0%;-0%;0%',
  decimal: '#,##0.00',
} as const satisfies Record<ColumnKind, string>

const head = { fontWeight: 'bold', backgroundColor: '#E3EEF1', wrap: true } as const

/** Excel takes at most 31 characters for the name of a sheet, and none of these. */
function sheetName(title: string, taken: Set<string>): string {
  const plain =
    title
      .replaceAll(/[[\]:*?/\\']/g, ' ')
      .trim()
      .slice(0, 26) || 'Report'
  let name = plain
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${plain} ${number}`
  taken.add(name.toLowerCase())
  return name
}

/** The content of the file. */
export async function reportWorkbook(report: Report): Promise<Buffer> {
  const taken = new Set<string>()
  const sheets = [
    aboutSheet(report, taken),
    ...report.tables.map((table) => tableSheet(table, taken)),
  ]
  return await writeWorkbook(sheets, { fontFamily: 'Calibri', fontSize: 11 }).toBuffer()
}

type BufferSheet = Sheet<Buffer>

function aboutSheet(report: Report, taken: Set<string>): BufferSheet {
  const { title, about, institution, periodText, facets, madeText, standing, warnings, notes } =
    report
  const lines = [about, institution, [periodText, ...facets].join(' · '), madeText, standing]
  return {
    sheet: sheetName(title, taken),
    columns: [{ width: 100 }],
    data: [
      [textCell(title, { fontWeight: 'bold', fontSize: 16 })],
      ...[...lines, '', ...warnings, ...notes].map((text) => [textCell(text, { wrap: true })]),
    ],
  }
}

function tableSheet(
  { title, columns, rows, total, notes }: Table,
  taken: Set<string>,
): BufferSheet {
  const cells = (row: readonly Value[], look: object) =>
    columns.map(({ kind }, place) => valueCell(row[place], kind, look))
  return {
    sheet: sheetName(title, taken),
    columns: columns.map(({ kind }) => ({ width: kind === 'text' ? 34 : 15 })),
    stickyRowsCount: 1,
    data: [
      columns.map((column) => textCell(column.title, head)),
      ...rows.map((row) => cells(row, {})),
      ...(total === undefined ? [] : [cells(total, { fontWeight: 'bold' })]),
      ...notes.map((note) => [textCell(note, { fontStyle: 'italic' })]),
    ],
  }
}

function textCell(value: string, look: object): Cell {
  return { type: String, value, ...look }
}

function valueCell(value: Value, kind: ColumnKind, look: object): Cell {
  if (value === undefined) return null
  if (typeof value === 'string') return textCell(value, look)
  if (typeof value === 'object') return { type: String, value: '*', align: 'right', ...look }
  return { type: Number, value: bareNumber(value, kind), format: formats[kind], ...look }
}
