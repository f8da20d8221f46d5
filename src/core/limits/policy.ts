/**
 * Bounds of decisions, seats and fair use.
 * @module
 */
import { KiB, MiB } from './units.ts'

/** The section `policy` of the limits. */
export const policyLimits = {
  /** Staff are told of a licence that ends within so many days, or of its contract's own. */
  soonDays: 60,
  /** Client addresses whose network is remembered, under one set of rules. */
  places: { entries: 5000, chars: 45 },
  /** The same for each resource that has a list of its own. */
  placesPerResource: { entries: 500, chars: 45 },
  /** Seats whose last renewal a process remembers; a forgotten one is renewed a little early. */
  rememberedSeats: 20_000,
  /** A seat is believed held for so long while nobody could tell that another process has freed it. */
  seatTrustMs: 30_000,
  /** A seat whose last page the reader has closed is free after this long, unless a rule says else. */
  seatGraceMs: 60_000,
  /** A PDF comes in place of a page, which says within so long that it has gone; so many at a time. */
  arrivals: { afterMs: 3000, most: 5000 },
  /** A seat held while the store is away is asked for again after this long, not at each exchange. */
  seatRetryMs: 5000,
  /** Readers and resources whose fair use a process remembers; a forgotten one is asked for. */
  fairUseTallies: 20_000,
  /** Texts read by ranges that are remembered of one reader; a forgotten one is asked for. */
  fairUseParts: 200,
  /** What other processes count is noticed after this long. */
  fairUseTrustMs: 30_000,
  /** Bytes that are not of full texts go to the store in pieces of this size. */
  gatheredBytes: 5 * MiB,
  /** A download without a type is taken for a full text from this size on; icons are smaller. */
  downloadBytes: 256 * KiB,
  /** Who waits for a seat, by what is usual; see `QueueTerms` of the store. */
  queue: {
    /** To come back to the window and go on; longer, and the next one waits for nothing. */
    holdMs: 60_000,
    /** Three refreshes of a page without script may be lost. */
    seenMs: 45_000,
    /** With seats that change every few minutes the last of them would wait for a day. */
    waiters: 500,
  },
} as const
