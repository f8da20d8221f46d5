/**
 * Every report, as one table: what it is called, by what it can be divided, and what makes it.
 * @module
 */
import { collectionReport } from './collection.ts'
import { costsReport } from './costs.ts'
import { say, type By, type ReportInput } from './input.ts'
import type { ReportBody } from './model.ts'
import { readersReport } from './readers.ts'
import { refusalsReport } from './refusals.ts'
import { seatsReport } from './seats.ts'
import { summaryReport } from './summary.ts'
import { titlesReport } from './titles.ts'
import { unusedReport } from './unused.ts'
import { useCuts, useReport } from './use.ts'

/** A kind of report. */
interface ReportKind {
  readonly make: (input: ReportInput) => ReportBody
  /** The first unless told. */
  readonly cuts: readonly By[]
}

/** The reports, in the order in which they are listed. */
export const reportKinds = {
  summary: { make: summaryReport, cuts: [] },
  use: { make: useReport, cuts: useCuts },
  titles: { make: titlesReport, cuts: [] },
  readers: { make: readersReport, cuts: [] },
  refusals: { make: refusalsReport, cuts: [] },
  seats: { make: seatsReport, cuts: [] },
  costs: { make: costsReport, cuts: [] },
  unused: { make: unusedReport, cuts: [] },
  collection: { make: collectionReport, cuts: [] },
} as const satisfies Record<string, ReportKind>

/** The name of a report. */
export type ReportName = keyof typeof reportKinds

/** All names in their order. */
export const reportNames = Object.keys(reportKinds).filter(isReportName)

/** Whether a report has that name. */
export function isReportName(text: string): text is ReportName {
  return Object.hasOwn(reportKinds, text)
}

/** By what a report can be divided. */
export function cutsOf(name: ReportName): readonly By[] {
  return reportKinds[name].cuts
}

/** The title and the sentence on what it shows. */
export function wordsOf(
  name: ReportName,
  input: Pick<ReportInput, 'words' | 'language'>,
): { readonly title: string; readonly about: string } {
  return { title: say(input, `report.${name}.title`), about: say(input, `report.${name}.about`) }
}
