/**
 * What no schema sees in a report of ours: months outside its time, zeros, things told twice, numbers
 * that contradict each other, sums that are none.
 * @module
 */
import { contradictionsIn } from '../../../src/reports/counter/faults.ts'
import type { CounterReport } from '../../../src/reports/counter/report.ts'
import type { ReportId } from '../../../src/reports/counter/definitions.ts'
import { tableOf } from '../../../src/reports/counter/table.ts'

/** Every fault in words. */
export function faultsOf(id: ReportId, report: CounterReport): string[] {
  const { Begin_Date, End_Date } = report.Report_Header.Report_Filters
  const first = String(Begin_Date).slice(0, 7)
  const last = String(End_Date).slice(0, 7)
  const places = report.Report_Items.flatMap((item) =>
    item.Attribute_Performance.map(({ Performance, ...attributes }) => ({
      place: JSON.stringify([item.Database, item.Item_ID, attributes]),
      counts: new Map(
        Object.entries(Performance).map(([metric, months]) => [
          metric,
          new Map(Object.entries(months)),
        ]),
      ),
    })),
  )
  const names = places.map(({ place }) => place)
  return [
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `${name} stands twice`),
    ...places.flatMap(({ place, counts }) => [
      ...(counts.size === 0 ? [`${place} is empty`] : []),
      ...contradictionsIn(counts).map((fault) => `${place} ${fault}`),
      ...[...counts].flatMap(([metric, months]) => [
        ...(months.size === 0 ? [`${place} ${metric} is empty`] : []),
        ...[...months].flatMap(([month, count]) => [
          ...(month < first || last < month ? [`${place} ${metric} is of ${month}`] : []),
          ...(Number.isSafeInteger(count) && count > 0 ? [] : [`${place} ${metric} is ${count}`]),
        ]),
      ]),
    ]),
    ...headerFaults(report),
    ...tableFaults(id, report),
  ]
}

function headerFaults({ Report_Header: header, Report_Items: items }: CounterReport): string[] {
  const codes = header.Exceptions.map(({ Code }) => Code)
  const isSorted = codes.every((code, index) => index === 0 || (codes[index - 1] ?? 0) < code)
  const isEmptyTold = codes.some((code) => code >= 3030 && code <= 3032)
  return [
    ...(codes[0] === 0 ? [] : ['is not said to be unaudited']),
    ...(isSorted ? [] : [`exceptions ${codes.join(' ')}`]),
    ...(items.length > 0 || isEmptyTold ? [] : ['is empty without a word']),
  ]
}

/** The table tells the same numbers: its total of each line, and all of them together. */
function tableFaults(id: ReportId, report: CounterReport): string[] {
  const lines = tableOf(id, report)
  const heads = lines[14] ?? []
  const at = heads.indexOf('Reporting_Period_Total')
  const body = lines.slice(15)
  const sums = body.map((line) =>
    line.slice(at + 1).reduce((sum: number, cell) => sum + Number(cell), 0),
  )
  const told = report.Report_Items.flatMap(({ Attribute_Performance: performances }) =>
    performances.flatMap(({ Performance }) =>
      Object.values(Performance).map((months) =>
        Object.values(months).reduce((sum, count) => sum + count, 0),
      ),
    ),
  )
  return [
    ...(lines.every((line) => line.length === heads.length) ? [] : ['lines of unequal width']),
    ...(body.every((line, index) => line[at] === sums[index]) ? [] : ['a total is not the sum']),
    ...(JSON.stringify(sums) === JSON.stringify(told) ? [] : ['the table tells other numbers']),
  ]
}
