/**
 * The commands of COUNTER's reports with their options.
 * @module
 */
import type { Command } from 'commander'

import type { Environment } from '../config/secrets.ts'
import { printCounterReport, type CounterReportOptions } from './counter.ts'
import {
  harvestNow,
  printHarvestStatus,
  type HarvestOptions,
  type HarvestStatusOptions,
} from './harvest.ts'
import { configFile, json } from './options.ts'

/** Adds them to the command line. */
export function addCounterCommands(root: Command, env: Environment): void {
  const counter = root.command('counter').description('reports of COUNTER’s form')
  counter
    .command('report')
    .description('prints a report of whole months: gateway-observed, not audited')
    .argument('<report>', 'PR, PR_P1, DR, DR_D1, DR_D2 or GA1')
    .option(...configFile)
    .requiredOption('--from <month>', 'the first month, such as 2026-09')
    .requiredOption('--to <month>', 'the last month')
    .option('--format <format>', 'json, or tsv or xlsx for spreadsheets', 'json')
    .option('--out <file>', 'a new file (default: standard output, but for xlsx)')
    .action((report: string, options: CounterReportOptions) =>
      printCounterReport(report, options, env),
    )
  counter
    .command('harvest')
    .description('asks publishers for their own reports now; exits with 1 when one gave none')
    .option(...configFile)
    .option('--resource <id>', 'only this one (default: all with sushi)')
    .action((options: HarvestOptions) => harvestNow(options, env))
  counter
    .command('status')
    .description('tells how the harvest of each publisher stands')
    .option(...configFile)
    .option(...json)
    .action((options: HarvestStatusOptions) => printHarvestStatus(options, env))
}
