/**
 * What the commands of staff share: the store of the configuration, opened for one command, and who
 * does it and why.
 * @module
 */
import { userInfo } from 'node:os'

import { inspectConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import type { ControlParts, Doer } from '../control/publish.ts'
import { systemClock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { FindingsError } from '../core/findings.ts'
import { limits } from '../core/limits.ts'
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
 * @throws {GatewayError} `ERR_BAD_REQUEST` for a name or reason that is empty, too long or not one line.
 */
export function doerOf({ by = systemUser(), why }: DoerOptions): Doer {
  return {
    by: oneLine('--by', by, limits.control.nameChars),
    why: oneLine('--why', why, limits.control.reasonChars),
  }
}

/**
 * The text without blanks around it.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST` when nothing is left, or it is too long or not one line.
 */
export function oneLine(name: string, text: string, charsMax: number): string {
  const trimmed = text.trim()
  // Control and format characters could pass for something else in a terminal or a log.
  const isPlain = !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(trimmed)
  if (trimmed !== '' && trimmed.length <= charsMax && isPlain) return trimmed
  const found = trimmed.length > charsMax ? `${trimmed.length} characters` : JSON.stringify(trimmed)
  throw new GatewayError(
    'ERR_BAD_REQUEST',
    `${name}: found ${found}, expected one line of 1 to ${charsMax} characters`,
  )
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
