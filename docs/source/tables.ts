/**
 * The README's tables of reports and metrics, made of what the source says of each: `npm run tables`.
 *
 * A table stands between two comments of the README; what is around it is left as it is.
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { reportFormats } from '../../src/core/reports.ts'
import { createWords } from '../../src/locales/words.ts'
import { catalogue, type MetricFacts } from '../../src/metrics/catalogue.ts'
import { cutsOf, reportNames, wordsOf } from '../../src/reports/catalogue.ts'
import { counterFormats, definitionOf, reportIds } from '../../src/reports/counter/definitions.ts'

/** The file that has the tables. */
export const readmeFile = join(import.meta.dirname, '../../README.md')

type Row = readonly string[]

/** Each table by the name that its comments have. */
const tables: Readonly<Record<string, () => readonly Row[]>> = {
  reports: reportRows,
  metrics: metricRows,
}

/**
 * The README's text with its tables as the source has them.
 *
 * @throws {Error} If a table has no place in it.
 */
export function withTables(text: string): string {
  return Object.entries(tables).reduce((whole, [name, rows]) => {
    const [begin, end] = [`<!-- ${name}: made by npm run tables -->`, `<!-- end of ${name} -->`]
    const [from, to] = [whole.indexOf(begin), whole.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`README.md: expected "${begin}" before "${end}"`)
    const before = whole.slice(0, from + begin.length)
    return `${before}\n\n${tableOf(rows())}\n${whole.slice(to)}`
  }, text)
}

function reportRows(): readonly Row[] {
  const words = createWords()
  const ours = reportNames.map((name) => [
    code(name),
    wordsOf(name, { words, language: 'en' }).about,
    cutsOf(name).join(', '),
    `page, ${reportFormats.join(', ')}`,
  ])
  const counter = reportIds.map((id) => [
    code(id),
    definitionOf(id).description,
    '',
    `SUSHI, ${counterFormats.join(', ')}`,
  ])
  return [['report', 'what it answers', 'divided by', 'as'], ...ours, ...counter]
}

function metricRows(): readonly Row[] {
  const facts: readonly (readonly [string, MetricFacts])[] = Object.entries(catalogue)
  const rows = facts.map(([name, { type, labels, help }]) => [
    code(name),
    type,
    labels.join(', '),
    help,
  ])
  return [['metric', 'type', 'labels', 'what it tells'], ...rows]
}

function code(word: string): string {
  return `\`${word}\``
}

/** Rows as a Markdown table, its columns as wide as prettier makes them. */
function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)))
  const rule = widths?.map((width) => '-'.repeat(width)) ?? []
  return [lines[0] ?? [], rule, ...lines.slice(1)].map((row) => `| ${row.join(' | ')} |\n`).join('')
}

if (import.meta.main) writeFileSync(readmeFile, withTables(readFileSync(readmeFile, 'utf8')))
