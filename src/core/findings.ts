/**
 * Findings: what is wrong in a file that an operator wrote, each with its number, place and words.
 *
 * All findings of a set of files are collected and told at once; nothing is corrected silently. The
 * numbers are closed lists beside the readers that give them (`config/findings.ts`,
 * `resources/findings.ts`).
 * @module
 */
import { relative, resolve } from 'node:path'

import { GatewayError, type ErrorCode } from './errors.ts'

/** An `error` keeps the files from coming into force; a `note` is nothing to be mended. */
export type Severity = 'error' | 'warning' | 'note'

/** One finding. */
export interface Finding {
  /** Of a closed list, such as `F004`. */
  readonly number: string
  readonly severity: Severity
  readonly file: string
  /** Counted from 1; absent when the finding is about the whole file. */
  readonly line?: number
  /** The setting, such as `licence.seats` or `hosts[2]`; empty for the whole file. */
  readonly path: string
  /** What was found and what was expected; never a secret. */
  readonly message: string
}

/** Findings that keep files from coming into force, as one error. */
export class FindingsError extends GatewayError {
  readonly findings: readonly Finding[]

  constructor(code: Extract<ErrorCode, 'ERR_CONFIG' | 'ERR_RULE'>, findings: readonly Finding[]) {
    super(code, findings.map(findingText).join('\n'))
    this.findings = findings
  }
}

/** `rules/jstor.yaml:14 licence.seats: found "many", expected ...`. */
export function findingText({ file, line, path, message }: Finding): string {
  const place = line === undefined ? file : `${file}:${line}`
  return path === '' ? `${place}: ${message}` : `${place} ${path}: ${message}`
}

/** A file as seen from the working folder, if it lies within. */
export function shownPath(file: string): string {
  const shown = relative(process.cwd(), resolve(file))
  return shown === '' || shown.startsWith('..') ? file : shown
}

/** Whether any of them keeps the files from coming into force. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error')
}
