/**
 * The key that turns a person into a pseudonym: configured, or made once and kept beside the data.
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { randomToken } from '../core/clock.ts'
import { GatewayError, systemCodeOf } from '../core/errors.ts'

/** The configured key, or the one in the data folder, which is made (mode 0600) if missing. */
export function pseudonymKeyFor(configured: string | undefined, dataFolder: string): string {
  if (configured !== undefined) return configured
  const file = fileIn(dataFolder)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  try {
    // Of several processes that start at once, the one that creates the file gives the key.
    writeFileSync(file, randomToken(), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8').trim()
}

/**
 * The same key where it must be there already, since another would find nobody.
 *
 * @throws {GatewayError} `ERR_CONFIG` when it is not.
 */
export function knownPseudonymKey(configured: string | undefined, dataFolder: string): string {
  if (configured !== undefined) return configured
  const file = fileIn(dataFolder)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const message = 'the key of the pseudonyms is not there: run this where a gateway runs'
    throw new GatewayError('ERR_CONFIG', message, { at: file, cause })
  }
}

function fileIn(dataFolder: string): string {
  return join(dataFolder, 'pseudonym.key')
}
