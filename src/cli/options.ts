/**
 * Options that several commands have, in one wording.
 * @module
 */

/** Where the configuration is. */
export const configFile = [
  '-c, --config <file>',
  'the configuration',
  'config/gateway.yaml',
] as const

/** Who acts. */
export const by = ['--by <name>', 'who does it (default: the user of the system)'] as const

/** For programs. */
export const json = ['--json', 'prints JSON'] as const
