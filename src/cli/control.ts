/**
 * What the commands of staff share: the store of the configuration, opened for one command, and who
 * does it and why.
 * @module
 */
import { userInfo } from 'node:os'

import { inspectConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import type { Doer } from '../control/audit.ts'
import { readDoer } from '../control/override-request.ts'
import type { ControlParts } from '../control/published.ts'
import { systemClock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { FindingsError } from '../core/findings.ts'
import type { Store } from '../store/contract.ts'
import { openStore } from '../store/open.ts'
import { errorLines } from './words.ts'

/** The options that say who and why, as typed. */
export interface DoerOptions {
  readonly by?: string
  readonly why: string
}

/** Runs a command with the store open; errors are told, and the exit code is 1 then. */
export async function withControl(
  file: string,
  env: Environment,
  work: (parts: ControlParts, store: Store) => Promise<void>,
): Promise<void> {
  try {
    const { outline, store: storeConfig, findings } = inspectConfig(file, { env })
    if (outline === undefined || storeConfig === undefined) {
      throw new FindingsError('ERR_CONFIG', findings)
    }
    const store = openStore(storeConfig, systemClock)
    try {
      await work({ control: store.control, clock: systemClock, config: outline }, store)
    } finally {
      await store.close()
    }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    for (const line of errorLines(error)) console.error(line)
    process.exitCode = 1
  }
}

/**
 * Who acts and why; the user of the system unless another name is given.
 *
 * @throws {FieldError} `ERR_BAD_REQUEST` for a name or reason that is empty, too long or not one line.
 */
export function doerOf({ by = systemUser(), why }: DoerOptions): Doer {
  return readDoer({ by, why })
}

/** An instant as the command line shows it. */
export function shownInstant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown user'
  }
}
