/**
 * Reports as HTML: what a page and a file have in common, and the file, which has all that it needs
 * within itself and runs nothing.
 * @module
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { createWords, type WordKey, type Words } from '../locales/words.ts'
import { createViews } from '../pages/views.ts'
import { drawChart, type ChartPictures } from './charts.ts'
import type { Chart, ColumnKind, Report, Table, Value } from './model.ts'
import { valueText } from './value-text.ts'

/** A table with its pictures. */
export interface Section {
  readonly table: Table
  readonly charts: readonly (Chart & { readonly pictures: ChartPictures })[]
}

/** A report as the view shows it. */
export interface ReportModel {
  readonly report: Report
  readonly sections: readonly Section[]
  readonly text: (value: Value, kind: ColumnKind) => string
}

const models = new WeakMap<Report, Promise<ReportModel>>()

/** Draws the charts, in turns with others; once for everybody who is shown the same report. */
export function reportModel(report: Report): Promise<ReportModel> {
  const found = models.get(report) ?? drawnModel(report)
  models.set(report, found)
  return found
}

async function drawnModel(report: Report): Promise<ReportModel> {
  const { tables, charts, language } = report
  const drawn: Section['charts'][number][] = []
  for (const chart of charts) {
    drawn.push({ ...chart, pictures: await drawChart(chart, language) })
  }
  return {
    report,
    sections: tables.map((table) => ({
      table: forPeople(table),
      charts: drawn.filter(({ tableId }) => tableId === table.id),
    })),
    text: (value, kind) => valueText(value, kind, language),
  }
}

/** Ids beside names are for programs, which have files. */
function forPeople(table: Table): Table {
  const isShown = (_: unknown, place: number) =>
    !['id', 'code'].includes(table.columns[place]?.id ?? '')
  return {
    ...table,
    columns: table.columns.filter(isShown),
    rows: table.rows.map((row) => row.filter(isShown)),
    ...(table.total && { total: table.total.filter(isShown) }),
  }
}

/** Of a file nothing is fetched: the ornaments of the pages stay away. */
const style = readFileSync(
  join(import.meta.dirname, '../pages/assets/style.css'),
  'utf8',
).replaceAll(/[\w-]*mask: url\([^;]*;/g, 'display: none;')

const render = createViews([join(import.meta.dirname, 'views')])
const ownWords = createWords()

/** The whole file. */
export async function reportDocument(report: Report, words: Words = ownWords): Promise<string> {
  const say = (key: WordKey) => words.say(report.language, key)
  return render('report-file', { ...(await reportModel(report)), say, style })
}
