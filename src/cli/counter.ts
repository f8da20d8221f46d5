/**
 * `counter`: reports of COUNTER's form from the command line.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { rulesInForce } from '../control/publish.ts'
import { GatewayError } from '../core/errors.ts'
import { reportIds, reportNamed } from '../reports/counter/definitions.ts'
import { availableMonths, monthlyFigures } from '../reports/counter/figures.ts'
import { databaseName, makeReport } from '../reports/counter/make.ts'
import { periodOf } from '../reports/counter/period.ts'
import { tableOf, tabSeparated } from '../reports/counter/table.ts'
import { withControl } from './control.ts'

/** Which report, as typed. */
export interface CounterReportOptions {
  readonly config: string
  readonly from: string
  readonly to: string
  readonly format: string
}

/** Prints a report; what it is made from are the figures of the store and the rules in force. */
export async function printCounterReport(
  name: string,
  { config: file, from, to, format }: CounterReportOptions,
  env: Environment,
): Promise<void> {
  await withControl(file, env, async (parts, store) => {
    const { config, clock } = parts
    const id = reportNamed(name, config.counter.namespace)
    if (id === undefined) throw mistake('the report', name, reportIds.join(', '))
    if (format !== 'json' && format !== 'tsv') throw mistake('--format', format, 'json or tsv')
    const now = clock.now()
    const available = await availableMonths(store.figures, now, config.institution.timeZone)
    const period = periodOf(from, to, available)
    if ('refused' in period) {
      throw mistake('--from and --to', `${from} ${to}`, String(period.refused.Data))
    }
    const [figures, { resources }] = await Promise.all([
      monthlyFigures(store.figures, period.from, period.to),
      rulesInForce(parts),
    ])
    const report = makeReport(
      { id, ...period },
      { figures, resources: new Map(resources.map((resource) => [resource.id, resource])) },
      {
        counter: config.counter,
        institutionName: databaseName('library', config.institution.name),
        at: now,
      },
    )
    process.stdout.write(
      format === 'json'
        ? `${JSON.stringify(report, null, 2)}\n`
        : tabSeparated(tableOf(id, report)),
    )
  })
}

function mistake(what: string, found: string, expected: string): GatewayError {
  const message = `${what}: found ${JSON.stringify(found)}, expected ${expected}`
  return new GatewayError('ERR_BAD_REQUEST', message)
}
