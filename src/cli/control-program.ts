/**
 * The commands of staff with their options: rules in force, seats, the audit log and reports.
 * @module
 */
import type { Command } from 'commander'

import type { Environment } from '../config/secrets.ts'
import { reportFormats } from '../core/reports.ts'
import { listAudit, verifyAuditLog, type AuditListOptions } from './audit.ts'
import { by, configFile, json } from './options.ts'
import { addOverrideCommands } from './override-program.ts'
import { history, publish, rollback, type PublishOptions } from './publish.ts'
import { eraseUsage, exportUsage, type UsagePersonOptions } from './usage.ts'
import type { ReportOptions } from './report.ts'
import { listSeats, releaseSeat, type SeatListOptions, type SeatReleaseOptions } from './seats.ts'

const why = [
  '--why <text>',
  'the reason, for the history and the audit log; name no reader',
] as const
const dryRun = ['--dry-run', 'only tells what would change; --why is not needed'] as const

/** Adds them to the command line. */
export function addControlCommands(root: Command, env: Environment): void {
  addRuleCommands(root, env)
  addOverrideCommands(root, env)
  addSeatCommands(root, env)
  addUsageCommands(root, env)
  addAuditCommands(root, env)
  addReportCommand(root, env)
}

function addRuleCommands(root: Command, env: Environment): void {
  root
    .command('publish')
    .description(
      'puts the rules and networks of the files into force in every gateway of the store',
    )
    .option(...configFile)
    .option(...by)
    .option(...why)
    .option(...dryRun)
    .action((options: PublishOptions) => publish(options, env))
  root
    .command('rollback')
    .description('puts an earlier version into force again, the one before unless told')
    .argument('[version]', 'a number of "history"')
    .option(...configFile)
    .option(...by)
    .option(...why)
    .option(...dryRun)
    .action((version: string | undefined, options: PublishOptions) =>
      rollback(version, options, env),
    )
  root
    .command('history')
    .description('lists the versions that were put into force: when, by whom, why')
    .option(...configFile)
    .option(...json)
    .action((options: { config: string; json?: true }) => history(options, env))
}

function addSeatCommands(root: Command, env: Environment): void {
  const seats = root.command('seats').description('seats of licences and who waits for one')
  seats
    .command('list')
    .description('lists every pool with its holders and its queue, by their keys')
    .option(...configFile)
    .option(...json)
    .action((options: SeatListOptions) => listSeats(options, env))
  seats
    .command('release')
    .description('takes back a seat, or a place in the queue')
    .argument('<pool>', 'the pool, as "seats list" names it')
    .argument('<holder>', 'the key of the holder, or its beginning')
    .option(...configFile)
    .option(...by)
    .requiredOption(...why)
    .action((pool: string, holder: string, options: SeatReleaseOptions) =>
      releaseSeat(pool, holder, options, env),
    )
}

function addUsageCommands(root: Command, env: Environment): void {
  const usage = root.command('usage').description('what usage records keep of one person')
  const adding = (name: string, description: string) =>
    usage
      .command(name)
      .description(description)
      .option(...configFile)
      .requiredOption('--issuer <url>', 'the sign-in service that knows the person')
      .requiredOption('--subject <id>', 'the person’s id there')
      .option(...by)
      .requiredOption(...why)
  adding('export', 'prints all of it as JSON').action((options: UsagePersonOptions) =>
    exportUsage(options, env),
  )
  adding('erase', 'cuts it loose from the person for good; figures stay as they are').action(
    (options: UsagePersonOptions) => eraseUsage(options, env),
  )
}

function addAuditCommands(root: Command, env: Environment): void {
  const audit = root.command('audit').description('what staff have done')
  audit
    .command('list')
    .description('lists the entries of the audit log')
    .option(...configFile)
    .option('--from <number>', 'the first entry (default: 1)')
    .option(...json)
    .action((options: AuditListOptions) => listAudit(options, env))
  audit
    .command('verify')
    .description('walks the chain of the audit log; exits with 1 where it is broken')
    .option(...configFile)
    .option('--head <number:hash>', 'an end of the log that was noted before')
    .action((options: { config: string; head?: string }) => verifyAuditLog(options, env))
}

function addReportCommand(root: Command, env: Environment): void {
  root
    .command('report')
    .description('makes a report of use; without a name it lists the reports')
    .argument('[name]', 'the report')
    .option(...configFile)
    .option(
      '--from <month>',
      'first month, such as 2026-09, or a year (default: a year up to --to)',
    )
    .option('--to <month>', 'last month, or a year (default: this month)')
    .option('--by <what>', 'what use is divided by, for the report "use"')
    .option('--resource <id>', 'of one resource alone')
    .option('-f, --format <format>', `one of ${reportFormats.join(', ')}`, 'csv')
    .option('-l, --language <language>', 'ky, ru or en', 'en')
    .option('-o, --out <file>', 'a new file to write (default: standard output)')
    .action(async (name: string | undefined, options: ReportOptions) => {
      // Loaded only here: the other commands have no need of charts and workbooks.
      const { report } = await import('./report.ts')
      await report(name, options, env)
    })
}
