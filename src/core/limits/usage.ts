/**
 * Bounds of what is recorded, counted and made into figures.
 * @module
 */
import { MiB } from './units.ts'

/** The section `usage` of the limits. */
export const usageLimits = {
  /** Events that wait on disk for the store: about half a million; beyond it memory, then loss. */
  spoolBytes: 256 * MiB,
  /** Events on disk that are in memory as well, so that they are not read back: some megabytes. */
  spoolMemoryEvents: 5000,
  /** Events that wait in memory when the disk cannot be written. */
  waitingEvents: 10_000,
  /** How long an event may be in memory alone: the most that a killed process loses. */
  writeMs: 50,
  /** How long an event waits before it is moved to the store: each move costs as much as fifty events. */
  flushMs: 1000,
  /** The longest pause between tries while the store is away. */
  flushBackOffMs: 10_000,
  /** Of longer paths and browser names the beginning is kept. */
  pathChars: 1024,
  userAgentChars: 256,
  /** Addresses whose work is remembered, and the longest: some megabytes. */
  works: { entries: 5000, chars: 1024 },
  /** A query in the access log. */
  queryChars: 4096,
  /** How long a line of the access log may be in memory. */
  accessLogWriteMs: 1000,
  /** Lines that wait while the disk is slow; those beyond are lost and counted. */
  accessLogLines: 20_000,
  /** The file of one process and day: some ten million lines. */
  accessLogDayBytes: 4096 * MiB,
  /** Whether a day is over is looked at this often. */
  accessLogLookMs: 60_000,
  /** The file of a day is made so long after its midnight: every process has written by then. */
  accessLogSettledMs: 10 * 60_000,
  /** Pseudonyms of sessions and persons that a process remembers; about 300 bytes each. */
  pseudonyms: 5000,
  /** What is erased is looked for again so often, for what readers did meanwhile. */
  eraseRounds: 5,
  /** Pseudonyms that are remembered as erased, 40 bytes each; of more the oldest are forgotten. */
  erasedMarks: 20_000,
  /** Clocks of gateways differ: so much later an event may say that it was, and is erased as well. */
  erasedSlackMs: 60_000,
  /** Events in one write to the spool or the store. */
  batchEvents: 500,
  /** A second click within this counts with the first. Source: COUNTER 5.1, section 7.2. */
  doubleClickMs: 30_000,
  /** A reader who comes back after so long opens the resource anew: what web statistics call a visit. */
  visitPauseMs: 30 * 60_000,
  /** Items of a day or month that are told one by one, the most used. */
  items: 5000,
  /** After counting today the pause is so many times as long: a fiftieth of one processor. */
  countingShare: 50,
  /** Events that are counted before readers are served again: a few milliseconds. */
  countedAtOnce: 500,
  /** Counting and reading figures hold up readers for so long at a time. */
  turnMs: 5,
  /** Rows of figures in a line: a millisecond's work or two. */
  rowsAtOnce: 1000,
  /** Numbers of a list of readers that are written at once: a millisecond or two. */
  cellsAtOnce: 20_000,
} as const
