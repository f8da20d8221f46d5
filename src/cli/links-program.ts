/**
 * The commands about links with their options.
 * @module
 */
import { Option, type Command } from 'commander'

import type { Environment } from '../config/secrets.ts'
import { checkLinks, printLinks, type LinkOptions } from './links.ts'
import { configFile } from './options.ts'

/** Adds them to the command line. */
export function addLinkCommands(root: Command, env: Environment): void {
  const links = root.command('links').description('links that lead into resources')
  add('check', 'visits links now; exits with 1 when one failed', checkLinks)
  add('status', 'tells how links stand; exits with 1 when one is broken', printLinks)

  function add(
    name: string,
    description: string,
    act: (options: LinkOptions, env: Environment) => Promise<void>,
  ): void {
    links
      .command(name)
      .description(description)
      .option(...configFile)
      .option('--resource <ids...>', 'only these (default: all that may be checked)')
      .addOption(
        new Option('--format <format>', 'how it is told')
          .choices(['text', 'tsv', 'json'])
          .default('text'),
      )
      .action((options: LinkOptions) => act(options, env))
  }
}
