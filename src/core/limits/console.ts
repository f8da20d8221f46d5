/**
 * Bounds of what the staff console asks and shows.
 * @module
 */

/** The section `console` of the limits. */
export const consoleLimits = {
  /** A field of a form: as long as a link of a publisher. */
  fieldChars: 2000,
  /** Categories and groups of one question. */
  values: 50,
  /** Databases suggested to whoever asks about one; others are typed. */
  suggestions: 500,
  /** Days to act on that the start page shows. */
  deadlines: 50,
  /** Pools that are asked for their seats, shown in the list, and shown on the start page. */
  poolsAsked: 2000,
  /** Of these, asked at the same time. */
  poolsAtOnce: 50,
  pools: 200,
  poolsOnStart: 5,
  /** Databases that a shared pool names. */
  titlesPerPool: 10,
  /** Holders of one pool that are shown. */
  holders: 200,
  /** Overrides that are shown, the latest first; the command line lists all. */
  overrides: 200,
  /** Databases whose links are shown, the worst first, and readers' reports, the oldest first. */
  links: 200,
  linkReports: 100,
  /** Values without a meaning that are shown. */
  unmatched: 200,
} as const
