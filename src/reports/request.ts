/**
 * Which report of what is asked for: read from what was typed on a command line, in a query or in the
 * settings, and bounded. What is wrong is told as a value, which a page and a command word each in
 * their own way.
 * @module
 */
import type { Language } from '../core/languages.ts'
import { limits } from '../core/limits.ts'
import { cutsOf, isReportName, reportNames, type ReportName } from './catalogue.ts'
import type { By } from './input.ts'
import { plainText } from './plain-text.ts'
import { readSpan, type Span, type SpanProblem } from './period.ts'

/** A report of a span. */
export interface ReportRequest {
  readonly name: ReportName
  readonly span: Span
  readonly by?: By
  /** Of one resource alone; it may have gone from the catalogue. */
  readonly resourceId?: string
  readonly language: Language
}

/** What was typed. */
export interface TypedRequest {
  readonly name: string
  readonly from?: string
  readonly to?: string
  readonly by?: string
  readonly resource?: string
  readonly language: Language
}

/** What is wrong with it. */
export type RequestProblem =
  SpanProblem | { readonly problem: 'report' | 'by' | 'resource'; readonly found: string }

/** Reads what was typed. */
export function readRequest(
  typed: TypedRequest,
  thisMonth: string,
): ReportRequest | RequestProblem {
  const { name, by, resource, language } = typed
  if (!isReportName(name)) return { problem: 'report', found: plainText(name) }
  const span = readSpan(typed, thisMonth)
  if ('problem' in span) return { ...span, found: plainText(span.found) }
  const cut = cutsOf(name).find((each) => each === by)
  if (by !== undefined && cut === undefined) return { problem: 'by', found: plainText(by) }
  if (resource !== undefined && !/^[a-z0-9][a-z0-9._-]{0,99}$/.test(resource)) {
    return { problem: 'resource', found: plainText(resource) }
  }
  return {
    name,
    span,
    language,
    ...(cut !== undefined && { by: cut }),
    ...(resource !== undefined && { resourceId: resource }),
  }
}

/** Whether it is a problem. */
export function isProblem(answer: object): answer is RequestProblem {
  return 'problem' in answer
}

/** A problem as operators read it. */
export function problemLine(problem: RequestProblem, name: string): string {
  const found = JSON.stringify(problem.found)
  switch (problem.problem) {
    case 'report':
      return `found the report ${found}, expected one of ${reportNames.join(', ')}`
    case 'by': {
      const cuts = isReportName(name) ? cutsOf(name) : []
      const expected = cuts.length === 0 ? 'none for this report' : `one of ${cuts.join(', ')}`
      return `--by: found ${found}, expected ${expected}`
    }
    case 'resource':
      return `--resource: found ${found}, expected the name of a rule, or of one that has figures`
    case 'month':
      return `--${problem.field}: found ${found}, expected a month such as 2026-09 or a year such as 2026`
    case 'future':
      return `--${problem.field}: found ${found}, expected this month or an earlier one`
    case 'reversed':
      return `--from: found ${found}, which is after --to; expected it not to be`
    case 'long':
      return `--from: found ${found}, expected at most ${limits.reports.months} months up to --to`
  }
}
