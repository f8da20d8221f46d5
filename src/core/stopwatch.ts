/**
 * How parts let themselves be timed: they say when something begins, and call what they are given at
 * its end. Who listens has the clock; a part that nobody times is handed none.
 * @module
 */

/** Begins a measurement; the answer ends it, with what is known then. */
export type Stopwatch<Begin extends readonly unknown[], End extends readonly unknown[]> = (
  ...begin: Begin
) => (...end: End) => void

/** A request of a browser that is over, as metrics see it. */
export interface RequestOver {
  /** What kind of name it came to; undefined when it was answered before that was known. */
  readonly route: 'portal' | 'landing' | 'proxied' | 'reserved' | 'unknown' | undefined
  readonly path: string
  readonly status: number
  /** Body bytes that were sent. */
  readonly bytes: number
  /** A WebSocket or a stream of events, which lasts as long as its page is open. */
  readonly isLasting: boolean
}
