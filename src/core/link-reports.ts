/**
 * What readers tell of a database that does not work, and what became of it. Nobody stands beside it:
 * neither a person nor a session nor an address is kept.
 * @module
 */
import type { Channel } from './types.ts'

/** What can be wrong, as a reader sees it; the words stand in `locales/` under `link_report.kind_<kind>`. */
export const linkReportKinds = [
  /** The site does not open, or shows an error. */
  'unreachable',
  /** It opens, but full texts do not. */
  'full_text',
  /** It asks for money or for a sign-in of its own. */
  'payment',
  /** Pages look broken, or a button does nothing. */
  'page',
  /** The link leads to something else. */
  'wrong_place',
  /** The gateway refuses, and the reader thinks that it should not. */
  'refused',
  'else',
] as const

/** One of the kinds. */
export type LinkReportKind = (typeof linkReportKinds)[number]

/** What a reader told. */
export interface LinkReport {
  /** Sorts by time; made by the gateway. */
  readonly id: string
  /** The number that the reader was given. */
  readonly reference: string
  readonly resourceId: string
  readonly kind: LinkReportKind
  /** Epoch milliseconds. */
  readonly at: number
  readonly channel: Channel
  /** In the reader's own words: one line, of at most `limits.linkReports.textChars`. */
  readonly text?: string | undefined
  /** The reference of the page that showed an error. */
  readonly about?: string | undefined
}

/** How staff can end a report. */
export const linkReportEnds = ['mended', 'works'] as const

/** `mended`, or `works` when nothing wrong was found. */
export type LinkReportEnd = (typeof linkReportEnds)[number]

/** A report that staff have ended; the reader's words are gone. */
export interface EndedLinkReport extends Pick<LinkReport, 'id' | 'resourceId' | 'kind' | 'at'> {
  readonly endedAt: number
  readonly end: LinkReportEnd
}

/** What came of telling. */
export type LinkReportAnswer =
  | 'taken'
  /** So many have told of this database already that one more adds nothing; it is not kept. */
  | 'known'
  /** This session told of this database a moment ago. */
  | 'again'
  /** This session or this address has told of too much in a short time. */
  | 'often'
  /** Too much is told of by everybody together. */
  | 'full'

/** What readers have told. Each may reject with `ERR_STORE_AWAY`. */
export interface LinkReports {
  /** Who tells is counted against the bounds, and then forgotten. */
  take(
    report: LinkReport,
    teller: { readonly sessionId: string; readonly address: string },
  ): Promise<LinkReportAnswer>
  /** Those that nobody has ended, the oldest first. */
  open(): Promise<readonly LinkReport[]>
  /** Those that were ended, the latest last. */
  ended(): Promise<readonly EndedLinkReport[]>
  /** False when it is not open any more. */
  end(id: string, end: LinkReportEnd): Promise<boolean>
}
