/**
 * Reports as JSON: columns by their ids, numbers bare, `"hidden": true` where a number is not shown and
 * `null` where it is not known.
 * @module
 */
import { hidden, type Report, type Table, type Value } from './model.ts'
import { bareNumber } from './value-text.ts'

/** The whole report. */
export function reportJson(report: Report): string {
  const { tables, charts: _, madeAt, ...rest } = report
  const document = {
    ...rest,
    madeAt: new Date(madeAt).toISOString(),
    tables: tables.map(tableJson),
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function tableJson({ columns, rows, total, ...rest }: Table): object {
  const rowJson = (row: readonly Value[]) =>
    Object.fromEntries(
      columns.map(({ id, kind }, place) => {
        const value = row[place]
        if (value === hidden || typeof value === 'string')
          return [id, value === hidden ? { hidden: true } : value]
        return [id, typeof value === 'number' ? bareNumber(value, kind) : null]
      }),
    )
  return { ...rest, columns, rows: rows.map(rowJson), ...(total && { total: rowJson(total) }) }
}
