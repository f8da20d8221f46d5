/**
 * Reports of COUNTER's form as tables: thirteen lines of header, a blank one, the heads of columns, and
 * a line for each metric. As text they are UTF-8 with a byte order mark, values apart by tabs; as a
 * workbook they are one sheet.
 *
 * Source: COUNTER Code of Practice 5.1, sections 3.2, 4.1, 4.2 and 5.1, and its samples, where each line
 * has as many values as there are columns.
 * @module
 */
import { inert } from '../delimited.ts'
import { definitionOf, type ReportId } from './definitions.ts'
import { monthLabel, monthsBetween, type Month } from './months.ts'
import type { AttributePerformance, CounterReport, FilterValue, ReportItem } from './report.ts'

/** Lines of cells, each text on one line. */
export type Table = readonly (readonly (string | number)[])[]

/** The table of a report. */
export function tableOf(id: ReportId, report: CounterReport): Table {
  const { Report_Header: header, Report_Items: items } = report
  const months = monthsOf(header.Report_Filters)
  const columns = columnsOf(id, report)
  const heads = [...columns, 'Metric_Type', 'Reporting_Period_Total', ...months.map(monthLabel)]
  const lines = [...headerLines(report), [], heads]
  const body = items.flatMap((item) =>
    item.Attribute_Performance.flatMap((performance) =>
      bodyLines(item, performance, columns, months),
    ),
  )
  return [...lines, ...body].map((line) => [
    ...line.map((cell) => (typeof cell === 'string' ? oneLine(cell) : cell)),
    ...Array.from({ length: heads.length - line.length }, () => ''),
  ])
}

function monthsOf({ Begin_Date, End_Date }: Readonly<Record<string, FilterValue>>): Month[] {
  return monthsBetween(String(Begin_Date).slice(0, 7), String(End_Date).slice(0, 7))
}

function columnsOf(id: ReportId, { Report_Header: header }: CounterReport): string[] {
  const { of, hasDataType } = definitionOf(id)
  const [namespace] = header.Report_ID.split(':')
  return [
    ...(of === 'database' ? ['Database', 'Publisher', 'Publisher_ID'] : []),
    'Platform',
    ...(of === 'database' ? ['Proprietary_ID'] : []),
    ...(hasDataType ? ['Data_Type'] : []),
    ...(header.Report_Attributes?.Attributes_To_Show ?? []),
    ...(id === 'GA1' ? [`${namespace}:User_Category`] : []),
  ]
}

function headerLines({ Report_Header: header }: CounterReport): string[][] {
  const { Report_Filters: filters, Report_Attributes: attributes } = header
  const { Begin_Date, End_Date, Metric_Type = [], ...others } = filters
  const ids = Object.entries(header.Institution_ID).flatMap(([kind, values]) =>
    // Ids of our own have their namespace already.
    values.map((value) => (kind === 'Proprietary' ? value : `${kind}:${value}`)),
  )
  const exceptions = header.Exceptions.map(({ Code, Message, Data }) =>
    Data === undefined ? `${Code}: ${Message}` : `${Code}: ${Message} (${Data})`,
  )
  return [
    ['Report_Name', header.Report_Name],
    ['Report_ID', header.Report_ID],
    ['Release', header.Release],
    ['Institution_Name', header.Institution_Name],
    ['Institution_ID', ids.join('; ')],
    ['Metric_Types', [Metric_Type].flat().join('; ')],
    ['Report_Filters', pairs(others)],
    ['Report_Attributes', pairs({ ...attributes })],
    ['Exceptions', exceptions.join('; ')],
    ['Reporting_Period', pairs({ Begin_Date: Begin_Date ?? '', End_Date: End_Date ?? '' })],
    ['Created', header.Created],
    ['Created_By', header.Created_By],
    ['Registry_Record', header.Registry_Record],
  ]
}

function pairs(values: Readonly<Record<string, FilterValue>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${[value].flat().join('|')}`)
    .join('; ')
}

function bodyLines(
  item: ReportItem,
  performance: AttributePerformance,
  columns: readonly string[],
  months: readonly Month[],
): (string | number)[][] {
  const cells: Readonly<Record<string, unknown>> = {
    ...item,
    ...performance,
    Proprietary_ID: item.Item_ID?.Proprietary,
  }
  const begin = columns.map((column) => textOf(cells[column]))
  return Object.entries(performance.Performance).map(([metric, counts]) => {
    const byMonth = months.map((month) => counts[month] ?? 0)
    const total = byMonth.reduce((sum, count) => sum + count, 0)
    return [...begin, metric, total, ...byMonth]
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The table as text, with a byte order mark, as COUNTER asks of it and spreadsheets need. */
export function tabSeparated(table: Table): string {
  return `\uFEFF${table.map((line) => `${line.map(cellText).join('\t')}\r\n`).join('')}`
}

/** A title must not end a cell or a line, nor have characters that no workbook can hold. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+/gu, ' ')
}

/** A title must not be a formula to the program that opens the file. */
function cellText(value: string | number): string {
  return typeof value === 'number' ? String(value) : inert(value)
}
