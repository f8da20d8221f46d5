/**
 * Bounds of the store, whichever it is.
 * @module
 */

/** The section `store` of the limits. */
export const storeLimits = {
  /** A healthy store answers within milliseconds; a reader does not wait longer for a sick one. */
  commandMs: 1000,
  /** A connection that owes an answer for this long is dead and is made anew. */
  silentSocketMs: 3000,
  /** Longest pause between attempts to reconnect: recovery is noticed within seconds. */
  reconnectMs: 2000,
  /** Another process (a report) may hold the file's write lock; the whole process waits so long. */
  lockMs: 500,
  /** Expired rows removed at once: about a millisecond. */
  sweepRows: 500,
  sweepEveryMs: 10_000,
  /** Events in one page of a read: some megabytes. */
  eventsPerRead: 10_000,
  /** Events in one script: Redis serves nobody else meanwhile. */
  eventsPerScript: 500,
  /** Hours of events that are asked for at once: Redis counts each anew. */
  hoursPerScript: 1000,
  /** Events forgotten at once: some milliseconds, in which nobody else is served. */
  forgottenAtOnce: 2000,
  /** Ends of seats from which a pool's pace is told, and how old they may be; fewer tell nothing. */
  seatEnds: 20,
  seatEndsLeast: 3,
  seatEndsMs: 2 * 60 * 60_000,
  /** A process hears in its channel so often that it hears; after so many misses it is deaf. */
  seatBeatMs: 2000,
  seatBeatsMissed: 3,
  /** That another process (the command line) has written to the file is noticed after this long. */
  otherWriterMs: 1000,
} as const
