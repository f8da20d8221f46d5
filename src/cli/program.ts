/**
 * The command line: every command with its options. What a command does stands in its own module.
 * @module
 */
import { Command } from 'commander'

import manifest from '../../package.json' with { type: 'json' }
import type { Environment } from '../config/secrets.ts'
import { runCheck } from './check.ts'
import { startDemo } from './demo.ts'
import { writeSchemas } from './schemas.ts'

const configHelp = 'the configuration'
const defaultConfig = 'config/gateway.yaml'

/** The command line, ready to parse `process.argv`. */
export function program(env: Environment): Command {
  const root = new Command('darbaza')
    .description(manifest.description)
    .version(manifest.version)
    .showHelpAfterError()
  root
    .command('serve')
    .description('runs a gateway until SIGTERM; SIGHUP reads rules and networks again')
    .option('-c, --config <file>', configHelp, defaultConfig)
    .action(async ({ config }: { config: string }) => {
      // Loaded only here: the other commands have no need of a whole gateway.
      const { serve } = await import('./serve.ts')
      await serve(config, env)
    })
  root
    .command('check')
    .description('validates configuration and rules; exits with 1 when it finds an error')
    .option('-c, --config <file>', configHelp, defaultConfig)
    .option('--json', 'prints the findings as JSON')
    .action(({ config, json }: { config: string; json?: true }) => {
      runCheck(config, { env, format: json === true ? 'json' : 'text' })
    })
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
