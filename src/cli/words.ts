/**
 * How the command line tells findings.
 * @module
 */
import { findingText, FindingsError, shownPath, type Finding } from '../core/findings.ts'

/** `error F006 rules/jstor.yaml:14 licence.seats: found "many", expected …`. */
export function findingLine(finding: Finding): string {
  const { severity, number, file } = finding
  return `${severity} ${number} ${findingText({ ...finding, file: shownPath(file) })}`
}

/** `2 errors, 1 warning`, and notes if there are any. */
export function summary(findings: readonly Finding[]): string {
  const { errors, warnings, notes } = countFindings(findings)
  const told = [counted(errors, 'error'), counted(warnings, 'warning')]
  return [...told, ...(notes > 0 ? [counted(notes, 'note')] : [])].join(', ')
}

/** How many findings there are of each severity. */
export function countFindings(findings: readonly Finding[]) {
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length
  return { errors: count('error'), warnings: count('warning'), notes: count('note') }
}

/** An error's lines for the operator: its findings if it has any, else what it says. */
export function errorLines(error: unknown): string[] {
  if (error instanceof FindingsError) return error.findings.map(findingLine)
  return [error instanceof Error ? error.message : String(error)]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
