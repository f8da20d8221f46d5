/**
 * Tables of months as columns side by side.
 * @module
 */
import { shortMonthText } from '../pages/month-text.ts'
import type { ReportInput } from './input.ts'
import type { Chart, Table } from './model.ts'

/**
 * The numbers of the table's columns from `first` on, as `Array.prototype.slice` takes it. What the table
 * hides, the picture does not show.
 */
export function monthChart(
  { span, language }: ReportInput,
  { id, title, rows, columns }: Table,
  first: number,
): Chart {
  return {
    id,
    title,
    kind: 'columns',
    tableId: id,
    labels: span.months.map((month, place) => shortMonthText(month, language, place)),
    series: [...columns.entries()].slice(first).map(([place, { title: name }]) => ({
      name,
      values: rows.map((row) => {
        const value = row[place]
        return typeof value === 'number' ? value : undefined
      }),
    })),
  }
}
