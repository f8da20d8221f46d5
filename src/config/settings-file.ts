/**
 * What the settings name outside their file: secrets, files and folders, relative to the file's own
 * folder. What is missing is noted with its line, and keeps the gateway from starting.
 * @module
 */
import { dirname, resolve } from 'node:path'

import { pathText, type DocumentPath, type OperatorDocument } from '../core/documents.ts'
import type { Finding } from '../core/findings.ts'
import { configFindings, type ConfigFindingNumber } from './findings.ts'
import type { SecretSource } from './secret-schema.ts'
import { fileTrouble, readSecret, type Environment } from './secrets.ts'

/** A file of settings, what its values name outside of it, and all that was found wrong or missing. */
export class SettingsFile {
  /** Its path, whole. */
  readonly file: string
  readonly findings: Finding[] = []
  /** Whether a secret or file is missing: nothing may start then. */
  isIncomplete = false
  readonly #document: OperatorDocument
  readonly #folder: string
  readonly #env: Environment

  constructor(document: OperatorDocument, env: Environment) {
    this.#document = document
    this.file = resolve(document.file)
    this.#folder = dirname(this.file)
    this.#env = env
  }

  /** Undefined where none is named, or it is missing, which is noted. */
  secret(source: SecretSource | undefined, path: DocumentPath): string | undefined {
    if (source === undefined) return undefined
    const answer = readSecret(source, this.#folder, this.#env)
    if ('secret' in answer) return answer.secret
    this.isIncomplete = true
    this.note('C007', path, answer.message)
    return undefined
  }

  /** A secret of at least so many characters; a shorter one is noted as well. */
  key(source: SecretSource | undefined, path: DocumentPath, charsMin: number): string | undefined {
    const key = this.secret(source, path)
    if (key !== undefined && key.length < charsMin) {
      const message = `found a key of ${key.length} characters, expected at least ${charsMin}`
      this.note('C006', path, message)
    }
    return key
  }

  /** The path of a file that has to be there; a missing one is noted. */
  existing(written: string, path: DocumentPath): string {
    const file = this.path(written)
    const trouble = fileTrouble(file)
    if (trouble !== undefined) {
      this.isIncomplete = true
      this.note('C008', path, trouble)
    }
    return file
  }

  /** A path, relative to the folder of the configuration unless it is absolute. */
  path(written: string): string {
    return resolve(this.#folder, written)
  }

  /** Notes a finding, with the line that it is about. */
  note(number: ConfigFindingNumber, path: DocumentPath, message: string): void {
    const line = this.#document.lineOf(path)
    const place = { file: this.#document.file, path: pathText(path) }
    const severity = configFindings[number]
    this.findings.push({
      number,
      severity,
      message,
      ...place,
      ...(line === undefined ? {} : { line }),
    })
  }
}
