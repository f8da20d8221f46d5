/**
 * Reports as CSV (RFC 4180) and TSV: what stands above a report, then each table with its title and
 * heads. UTF-8 with a byte order mark, by which Excel knows that it is.
 *
 * What a spreadsheet would take for a formula gets an apostrophe before it, within a text as well: one
 * that expects other separators, as Excel set to Russian, begins a cell in the midst of a title. Numbers
 * are bare, a hidden one is a star, an unknown one empty.
 *
 * Source: OWASP, "CSV Injection".
 * @module
 */
import type { Report, Table, Value } from './model.ts'
import { bareNumber } from './value-text.ts'

/** How fields are set apart. */
export type Delimiter = ',' | '\t'

/** The whole report. */
export function delimited(report: Report, delimiter: Delimiter): string {
  const { title, institution, periodText, facets, madeText, standing, warnings, notes, tables } =
    report
  const head = [title, institution, [periodText, ...facets].join(' · '), madeText, standing]
  const lines: (readonly string[])[] = [
    ...[...head, ...warnings, ...notes].map((text) => [inert(text)]),
    ...tables.flatMap((table) => [[], ...tableLines(table)]),
  ]
  const texts = lines.map((fields) =>
    fields.map((field) => fieldText(field, delimiter)).join(delimiter),
  )
  return `\uFEFF${texts.join('\r\n')}\r\n`
}

function tableLines({ title, columns, rows, total, notes }: Table): string[][] {
  const all = total === undefined ? rows : [...rows, total]
  return [
    [inert(title)],
    columns.map((column) => inert(column.title)),
    ...all.map((row) =>
      columns.map(({ kind }, place) => {
        const value: Value = row[place]
        if (value === undefined) return ''
        if (typeof value === 'object') return '*'
        return typeof value === 'number' ? String(bareNumber(value, kind)) : inert(value)
      }),
    ),
    ...notes.map((note) => [inert(note)]),
  ]
}

/** Where a cell could begin, to whatever reads the file; the full-width forms are signs to Excel as well. */
const formulaSign = /(?<=^|[;,|\t\r\n])(?=["\s]*[=+\-@＝＋－＠])/g

/** The text without a formula in it, for cells of CSV, of TSV and of COUNTER's table. */
export function inert(text: string): string {
  return text.replaceAll(formulaSign, "'")
}

function fieldText(text: string, delimiter: Delimiter): string {
  // A field of TSV has no quotes: what would end it is a space there.
  if (delimiter === '\t') return text.replaceAll(/[\t\r\n]+/g, ' ')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
