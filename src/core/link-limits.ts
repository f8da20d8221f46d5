/**
 * Bounds of the link checker: the part of `limits.ts` for `links/`.
 * @module
 */

const KiB = 1024
const hourMs = 60 * 60_000

/** What a check may take, and when a link is called broken. */
export const linkLimits = {
  /** Failures in a row after which a link is broken, so far apart at least: outages are shorter. */
  failuresInRow: 2,
  /** The same for a name without address: whoever mends DNS waits for caches. */
  failuresOfName: 3,
  /** A little less than the pause after a failure, so that the second one counts. */
  apartMs: 5.5 * hourMs,
  /** A link that failed is looked at again after this. */
  suspectMs: 6 * hourMs,
  /** How often a link is checked unless its rule says else, and what a rule may say. */
  everyHours: 24,
  everyHoursMost: 30 * 24,
  /** By so much of its pause a check comes earlier or later, so that not all come at once. */
  jitter: 0.1,
  /** Told to wait, at least and at most. */
  waitLeastMs: hourMs,
  waitMostMs: 7 * 24 * hourMs,
  /** Links of one resource beside its starting point. */
  entries: 20,
  /** What is read of a page: titles and what subscribers see stand at its beginning. */
  pageBytes: 512 * KiB,
  /** One answer, from the question to the last byte that is read. */
  answerMs: 30_000,
  /** Redirects in a row: browsers give up after 20, publishers need five. */
  redirects: 12,
  /** Hosts that are asked at the same time, each one question after the other, so far apart. */
  hostsAtOnce: 4,
  hostPauseMs: 2000,
  /** No resource is begun after that in one run; what is left is due at the next. */
  runMs: 20 * 60_000,
  /** Of this many hosts in a run at least one can be reached, or the gateway's own network is away. */
  hostsOfNetwork: 3,
  /** What is told of a finding. */
  detailChars: 200,
  addressChars: 500,
  /** How long it is remembered how a link stands that nobody checks any more. */
  rememberedMs: 90 * 24 * hourMs,
  /** How old what metrics tell may be: a scrape comes every few seconds. */
  toldMs: 30_000,
} as const
