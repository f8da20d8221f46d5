/**
 * Secrets: read from a file or an environment variable, never from the configuration itself, and
 * never repeated in a message.
 * @module
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

import { systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { SecretSource } from './secret-schema.ts'

/** Environment variables, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The secret, or why there is none. */
type SecretAnswer = { readonly secret: string } | { readonly message: string }

/** Reads a secret; relative files are relative to `folder`. */
export function readSecret(source: SecretSource, folder: string, env: Environment): SecretAnswer {
  const { file, env: name } = source
  if (file !== undefined) return readSecretFile(file, folder)
  const secret = name === undefined ? undefined : env[name]
  if (secret !== undefined && secret !== '') return { secret }
  return { message: `the environment variable ${name} is not set or empty, expected a secret` }
}

/** Why a file cannot be read; undefined when it can. */
export function fileTrouble(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK)
    return statSync(file).isFile() ? undefined : `${file} is not a file`
  } catch (error) {
    return `${file} cannot be read (${errorCode(error)})`
  }
}

function readSecretFile(file: string, folder: string): SecretAnswer {
  const absolute = resolve(folder, file)
  const trouble = fileTrouble(absolute)
  if (trouble !== undefined) return { message: `${trouble}, expected a secret in it` }
  const { secretBytes } = limits.config
  if (statSync(absolute).size > secretBytes) {
    return { message: `${absolute} has more than ${secretBytes} bytes, expected a secret` }
  }
  const secret = readFileSync(absolute, 'utf8').replace(/\r?\n$/, '')
  return secret === '' ? { message: `${absolute} is empty, expected a secret` } : { secret }
}

function errorCode(error: unknown): string {
  return systemCodeOf(error) ?? 'unknown error'
}
