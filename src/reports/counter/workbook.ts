/**
 * Reports of COUNTER's form as a workbook: one sheet, cell by cell what the table as text has. Numbers
 * are numbers, and texts are texts whatever they begin with, so that no name is a formula.
 * @module
 */
import writeWorkbook, { type Cell } from 'write-excel-file/node'

import type { Table } from './table.ts'

/** COUNTER's header has thirteen lines, and a blank one. */
const headerLines = 14

/** The content of the file; the sheet has the name of the report, such as DR_D2. */
export async function counterWorkbook(table: Table, sheet: string): Promise<Buffer> {
  const data = table.map((line, place) => {
    const look = place === headerLines ? { fontWeight: 'bold' as const } : {}
    return line.map((value): Cell => {
      if (typeof value === 'number') return { type: Number, value, ...look }
      return value === '' ? null : { type: String, value, ...look }
    })
  })
  const columns = (table[headerLines] ?? []).map((_, place) => ({ width: place < 2 ? 32 : 16 }))
  return await writeWorkbook([{ sheet, columns, data }], {
    fontFamily: 'Calibri',
    fontSize: 11,
  }).toBuffer()
}
