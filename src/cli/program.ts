/**
 * The command line: every command with its options. What a command does stands in its own module.
 * @module
 */
import { Command, InvalidArgumentError } from 'commander'

import manifest from '../../package.json' with { type: 'json' }
import type { Environment } from '../config/secrets.ts'
import { limits } from '../core/limits.ts'
import { runCheck } from './check.ts'
import { addControlCommands } from './control-program.ts'
import { addCounterCommands } from './counter-program.ts'
import { startDemo } from './demo.ts'
import { explain } from './explain.ts'
import { addLinkCommands } from './links-program.ts'
import { configFile } from './options.ts'
import { writeSchemas } from './schemas.ts'

/** The command line, ready to parse `process.argv`. */
export function program(env: Environment): Command {
  const root = new Command('darbaza')
    .description(manifest.description)
    .version(manifest.version)
    .showHelpAfterError()
  root
    .command('serve')
    .description(
      'runs a gateway until SIGTERM; SIGHUP reads rules and networks again, or the published set',
    )
    .option(...configFile)
    .option('-w, --workers <count>', 'serves with so many processes on one Redis', workerCount)
    .action(async ({ config, workers }: { config: string; workers?: number }) => {
      // Loaded only here: the other commands have no need of a whole gateway.
      const { serve } = await import('./serve.ts')
      await serve(config, { env, workers })
    })
  root
    .command('check')
    .description('validates configuration and rules; exits with 1 when it finds an error')
    .option(...configFile)
    .option('--json', 'prints the findings as JSON')
    .action(({ config, json }: { config: string; json?: true }) => {
      runCheck(config, { env, format: json === true ? 'json' : 'text' })
    })
  root
    .command('explain')
    .description('tells whether a reader may read, and which line of which rule decides')
    .argument('<target>', 'a URL, of the publisher or proxied, or the name of a rule')
    .option(...configFile)
    .requiredOption('-a, --address <address>', 'the network address of the reader')
    .option('--category <name>', 'category of the reader; may be repeated', collect, [])
    .option('--group <name>', 'group of the reader; may be repeated', collect, [])
    .option('--unit <name>', 'faculty or department of the reader')
    .option('--claims <file>', 'instead: what the sign-in service tells of the reader, as JSON')
    .option(
      '--provider <id>',
      'the provider of the claims (default: their issuer, or the only one)',
    )
    .option(
      '--at <time>',
      'the instant, such as 2027-01-15 or 2027-01-15T08:00+06:00 (default: now)',
    )
    .option('--published', 'asks the published set and nothing else')
    .option(
      '--draft',
      'asks the files, without overrides (default: what is in force, if it is known)',
    )
    .option('--brief', 'leaves out the steps')
    .option('--json', 'prints the answer as JSON')
    .action(async (target: string, options: Parameters<typeof explain>[1]) => {
      await explain(target, options, env)
    })
  addControlCommands(root, env)
  addCounterCommands(root, env)
  addLinkCommands(root, env)
  root
    .command('schema')
    .description('writes the JSON Schemas of configuration and rules, for editors')
    .requiredOption('-o, --out <folder>', 'where to')
    .action(({ out }: { out: string }) => {
      writeSchemas(out)
    })
  root
    .command('demo')
    .description('runs a gateway with demo publishers and a demo sign-in on this machine')
    .action(startDemo)
  return root
}

function workerCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= limits.workers.count) return count
  throw new InvalidArgumentError(`expected a whole number from 1 to ${limits.workers.count}`)
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
