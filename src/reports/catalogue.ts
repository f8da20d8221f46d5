/**
 * Every report, as one table: what it is called, by what it can be divided, and what makes it.
 * @module
 */
import { reportCuts } from '../core/reports.ts'
import type { Steps } from '../usage/steps.ts'
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
import { useReport } from './use.ts'

/** A kind of report. */
interface ReportKind {
  readonly make: (input: ReportInput) => Steps<ReportBody>
  /** The first unless told. */
  readonly cuts: readonly By[]
}

/** What is soon done is one step. */
function inOne(make: (input: ReportInput) => ReportBody): ReportKind['make'] {
  return function* one(input) {
    yield
    return make(input)
  }
}

/** The reports, in the order in which they are listed. */
export const reportKinds = {
  summary: { make: summaryReport, cuts: reportCuts.summary },
  use: { make: useReport, cuts: reportCuts.use },
  titles: { make: titlesReport, cuts: reportCuts.titles },
  readers: { make: inOne(readersReport), cuts: reportCuts.readers },
  refusals: { make: inOne(refusalsReport), cuts: reportCuts.refusals },
  seats: { make: inOne(seatsReport), cuts: reportCuts.seats },
  costs: { make: inOne(costsReport), cuts: reportCuts.costs },
  unused: { make: inOne(unusedReport), cuts: reportCuts.unused },
  collection: { make: inOne(collectionReport), cuts: reportCuts.collection },
} as const satisfies Record<keyof typeof reportCuts, ReportKind>

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
