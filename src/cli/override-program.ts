/**
 * The commands for overrides with their options.
 * @module
 */
import type { Command } from 'commander'

import type { Environment } from '../config/secrets.ts'
import { by, configFile, json } from './options.ts'
import { addOverride, dropOverride, listOverrides, type OverrideOptions } from './override.ts'

const why = ['--why <text>', 'the reason, for staff and the audit log; name no reader'] as const
const until = [
  '--until <time>',
  'the end: a day (included), an ISO time, or a duration such as 90m, 12h, 3d',
] as const

/** Adds them to the command line. */
export function addOverrideCommands(root: Command, env: Environment): void {
  const override = root
    .command('override')
    .description('exceptions by staff, with a reason and an end')
  const add = override.command('add').description('begins an override')
  const adding = (name: string, description: string) =>
    add
      .command(name)
      .description(description)
      .option(...configFile)
      .option(...by)
      .requiredOption(...why)
      .requiredOption(...until)
  adding('suspend', 'refuses every resource to a patron and frees their seats')
    .option('--issuer <url>', 'the sign-in service that knows the patron')
    .option('--subject <id>', 'the patron’s id there')
    .option('--patron <key>', 'instead of both: the key that the audit log and leases have')
    .action((options: OverrideOptions) => addOverride('suspension', [], options, env))
  adding('block', 'rejects an address, a CIDR block or a first-last pair')
    .argument('<range>', 'such as 203.0.113.7 or 203.0.113.0/24')
    .action((range: string, options: OverrideOptions) =>
      addOverride('block', [range], options, env),
    )
  adding('close', 'closes a resource to everybody')
    .argument('<resource>', 'its name')
    .option('--message <text>', 'for readers, in one language for all')
    .option('--message-ky <text>', 'for readers, in Kyrgyz')
    .option('--message-ru <text>', 'for readers, in Russian')
    .option('--message-en <text>', 'for readers, in English')
    .action((resource: string, options: OverrideOptions) =>
      addOverride('closure', [resource], options, env),
    )
  adding('seats', 'changes the number of seats of a pool')
    .argument('<pool>', 'its name; that of the resource unless the rule names another')
    .argument('<number>', 'seats in all')
    .action((pool: string, seats: string, options: OverrideOptions) =>
      addOverride('seats', [pool, seats], options, env),
    )
  override
    .command('list')
    .description('lists the overrides that hold')
    .option(...configFile)
    .option(...json)
    .action((options: { config: string; json?: true }) => listOverrides(options, env))
  override
    .command('end')
    .description('ends an override before its time: reinstates, unblocks, reopens')
    .argument('<id>', 'a number of "override list"')
    .option(...configFile)
    .option(...by)
    .requiredOption(...why)
    .action((id: string, options: OverrideOptions) => dropOverride(id, options, env))
}
