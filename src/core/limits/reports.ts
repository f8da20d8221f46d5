/**
 * Bounds of reports, of COUNTER's and of the COUNTER API.
 * @module
 */
import { KiB, MiB } from './units.ts'

/** The library's own reports. */
export const reportLimits = {
  /** Months of one report: what a director compares, and some seconds to make at most. */
  months: 36,
  /** Digests of months that are kept: a report with what it is compared with. */
  keptMonths: 80,
  keptMs: 10 * 60_000,
  /** Reports that wait to be made by one process. */
  waiting: 20,
  /** Nothing is told of fewer persons. */
  leastPersons: 5,
  /** Rows of a table, of the table of titles, and of a table that shows the most used alone. */
  rows: 3000,
  titles: 100,
  topRows: 10,
  /** Bars of a chart that can still be told apart. */
  chartBars: 12,
  /** Currencies that have a chart. */
  currencies: 4,
  /** A field of the page's form, and databases that can be chosen in it. */
  fieldChars: 120,
  choices: 1000,
  /** A name from outside, in letters; more says nothing in a table. */
  nameChars: 160,
  /** Warnings, and months without figures, that are told one by one. */
  warnings: 20,
  missingMonths: 6,
  /** Source: COUNTER 5.1, section 7.12. */
  spikeUnits: 100,
  spikeTimes: 3,
  dropShare: 0.01,
  dropMean: 20,
  /** Times missed by a standstill that are made up for: two years of months. */
  madeUpFor: 24,
  /** A delivery that failed is tried again after an hour, doubled each time up to a day. */
  pauseMs: 55 * 60_000,
  pauseMostMs: 24 * 60 * 60_000,
  /** How long it is known what was delivered last: longer than any standstill. */
  deliveredMs: 10 * 366 * 86_400_000,
  /** A mail server's silence. */
  mailMs: 30_000,
  /** When the figures of a pool of seats say something; see `reports/seat-advice.ts`. */
  seats: {
    leastMonths: 2,
    leastHours: 60,
    leastWaits: 10,
    /** A whole year, for it has the weeks of examinations. */
    fewerMonths: 12,
    /** A pool may be full for this share of its time in use. */
    fullShare: 0.01,
  },
} as const

/** Reports of COUNTER's form. */
export const counterLimits = {
  /** Months of one report: ten years. */
  months: 120,
} as const

/** The COUNTER API (SUSHI), of ours and of publishers. */
export const sushiLimits = {
  /** Questions of one requestor: the monthly harvest of every report takes a dozen. */
  questions: { count: 60, windowMs: 60_000 },
  /** Wrong keys from one address, of IPv6 from one /64. */
  failures: { count: 10, windowMs: 10 * 60_000 },
  /** Reports that one process makes at once. */
  reportsAtOnce: 3,
  /** A shorter answer is sent as it is. */
  compressedBytes: KiB,
  /** One answer of a publisher, also unpacked: a TR of a year has some thousand journals. */
  answerBytes: 16 * MiB,
  /** From the question to the last byte. */
  answerMs: 60_000,
  /** No question is begun after that in one run: other jobs wait meanwhile. */
  runMs: 60_000,
  /** Publishers keep 24 months beside the present one (COUNTER section 5.1). */
  monthsBack: 24,
  /** Months in one question, and questions to one publisher in one run. */
  monthsAsked: 12,
  questionsInRow: 3,
  /** Publishers may correct themselves for three months (COUNTER section 7.11): so often it is asked. */
  correctedMonths: 3,
  correctedMs: 7 * 86_400_000,
  /** A month is due four weeks after its end (COUNTER section 5.1). */
  dueDays: 28,
  /** When it is asked again: the next day, where a report is being made, where the key is refused. */
  againMs: 24 * 60 * 60_000,
  queuedMs: 60 * 60_000,
  refusedMs: 7 * 86_400_000,
  /** A server that is away: at first, doubled each time up to a day. */
  backOffMs: 60 * 60_000,
  /** Told to wait, at least and at most. */
  waitLeastMs: 5 * 60_000,
  waitMostMs: 24 * 60 * 60_000,
  /** Months that staff see side by side: a year, and the same month of the year before. */
  monthsShown: 13,
  /** Two figures that differ by less are not worth a look. */
  difference: { least: 20 },
  /** How long it is remembered how a harvest went. */
  rememberedMs: 400 * 86_400_000,
  /** Of what is not known in a question, so much is repeated. */
  subjects: 10,
  subjectChars: 100,
} as const
