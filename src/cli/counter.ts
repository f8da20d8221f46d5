/**
 * `counter`: reports of COUNTER's form from the command line.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { resourcesInForce } from '../control/published.ts'
import { GatewayError } from '../core/errors.ts'
import {
  counterFormats,
  reportIds,
  reportNamed,
  type ReportId,
} from '../reports/counter/definitions.ts'
import { availableMonths, createMonthReader, keptFor } from '../reports/counter/figures.ts'
import { databaseName, makeReport } from '../reports/counter/make.ts'
import { periodOf } from '../reports/counter/period.ts'
import type { CounterReport } from '../reports/counter/report.ts'
import { tableOf, tabSeparated } from '../reports/counter/table.ts'
import { counterWorkbook } from '../reports/counter/workbook.ts'
import { withControl } from './control.ts'
import { freshFigures } from './figures.ts'
import { put, requireFile } from './output.ts'

/** Which report, as typed. */
export interface CounterReportOptions {
  readonly config: string
  readonly from: string
  readonly to: string
  readonly format: string
  readonly out?: string
}

/** Prints a report, or writes it to a file; what it is made from are the figures of the store and the rules in force. */
export async function printCounterReport(
  name: string,
  { config: file, from, to, format, out }: CounterReportOptions,
  env: Environment,
): Promise<void> {
  await withControl(file, env, async (parts, store) => {
    const { config, clock } = parts
    const id = reportNamed(name, config.counter.namespace)
    if (id === undefined) throw mistake('the report', name, reportIds.join(', '))
    if (!isFormat(format)) throw mistake('--format', format, counterFormats.join(', '))
    requireFile(format, out)
    await freshFigures(parts, store)
    const now = clock.now()
    const available = await availableMonths(store.figures, now, config.institution.timeZone)
    const period = periodOf(from, to, available)
    if ('refused' in period) {
      throw mistake('--from and --to', `${from} ${to}`, String(period.refused.Data))
    }
    const [figures, resources] = await Promise.all([
      createMonthReader({ store, clock })(period, keptFor(id)),
      resourcesInForce(parts),
    ])
    const report = makeReport(
      { id, ...period },
      { figures, resources },
      {
        counter: config.counter,
        institutionName: databaseName('library', config.institution.name),
        at: now,
      },
    )
    await put(await contentOf(id, report, format), out)
  })
}

type CounterFormat = (typeof counterFormats)[number]

function isFormat(format: string): format is CounterFormat {
  return counterFormats.some((each) => each === format)
}

async function contentOf(
  id: ReportId,
  report: CounterReport,
  format: CounterFormat,
): Promise<Buffer> {
  if (format === 'json') return Buffer.from(`${JSON.stringify(report, null, 2)}\n`)
  const table = tableOf(id, report)
  return format === 'tsv' ? Buffer.from(tabSeparated(table)) : await counterWorkbook(table, id)
}

function mistake(what: string, found: string, expected: string): GatewayError {
  const message = `${what}: found ${JSON.stringify(found)}, expected ${expected}`
  return new GatewayError('ERR_BAD_REQUEST', message)
}
