/**
 * Bounds of the portal’s pages and of the waiting room.
 * @module
 */
import { KiB } from './units.ts'

/** The section `portal` of the limits. */
export const portalLimits = {
  /** A search in the list of databases; longer than any title. */
  searchChars: 200,
  /** How old a "seats in use" of the list may be: the gateway decides anew at entry. */
  seatUseMs: 10_000,
  /** The choice of a language is remembered for a year, in seconds. */
  languageSeconds: 365 * 24 * 60 * 60,
  /** Accept-Language headers whose meaning is remembered; browsers have some dozen. */
  languageHeaders: { entries: 1000, chars: 200 },
  /** A path that the language switch goes back to; a longer one leads to the first page. */
  pathChars: 8 * KiB,
  /** Without script the waiting room asks again so often; a few may be lost, see `queue.seenMs`. */
  waitRefreshSeconds: 10,
  /** With script the store is asked so often for each window that waits. */
  waitTickMs: 2000,
  /** A sign of life, so that nothing on the way closes the connection, or is taken for an end. */
  waitBeatMs: 10_000,
  /** After that the browser connects again, which renews its session. */
  waitStreamMs: 5 * 60_000,
  /** Windows that wait in one process, and of them of one reader. */
  waitStreams: 1000,
  waitStreamsPerReader: 5,
  /** A longer wait is not told: nobody knows what the readers of that time will do. */
  waitEstimateMinutes: 120,
  /** Databases looked at as an alternative, and shown. */
  othersLooked: 20,
  othersShown: 3,
  /** A field of the form that tells of a problem; what is longer than it may be is shown again. */
  formChars: 2000,
  /** Of a link that leads nowhere, this much is shown. */
  shownUrlChars: 2 * KiB,
} as const
