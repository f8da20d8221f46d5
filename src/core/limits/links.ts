/**
 * Bounds of the link checker and of readers' reports.
 * @module
 */
import { KiB } from './units.ts'

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
  /** What is read of a page, and of the text in it: what subscribers see stands at its beginning. */
  pageBytes: 1024 * KiB,
  textChars: 64 * KiB,
  /** A title stands within. */
  headChars: 32 * KiB,
  /** A wall against programs is a short page; a long one with such a script in it is none. */
  wallBytes: 24 * KiB,
  /** One answer, from the question to the last byte that is read. */
  answerMs: 30_000,
  /** All answers on the way of one link take no longer than so many slow ones: a run comes to its end. */
  answersOfWay: 2,
  /** Redirects in a row: browsers give up after 20, publishers need five. */
  redirects: 12,
  /** Hosts that are asked at the same time, each one question after the other, so far apart. */
  hostsAtOnce: 4,
  hostPauseMs: 2000,
  /** Hosts whose last question is remembered; then those are forgotten that may be asked again. */
  turns: 2000,
  /** No resource is begun after that in one run; what is left is due at the next. */
  runMs: 20 * 60_000,
  /** Of this many hosts in a run at least one can be reached, or the gateway's own network is away. */
  hostsOfNetwork: 3,
  /** Before that is believed, so many others are asked that answered lately. */
  controls: 3,
  /** A run in which nobody could be reached is made again after this. */
  untoldMs: hourMs,
  /** What is told of a finding. */
  detailChars: 200,
  addressChars: 500,
  /** How long it is remembered how a link stands that nobody checks any more. */
  rememberedMs: 90 * 24 * hourMs,
  /** A broken link is looked at within a week: what was seen before that is not told to readers. */
  toldToReadersMs: 8 * 24 * hourMs,
  /** Records that are asked of the store at the same time, for a page or a report of all. */
  recordsAtOnce: 50,
  /** Staff ask for a look: of one resource so often, so many at once, and the page waits so long. */
  now: { askedMs: 2 * 60_000, askedAtOnce: 3, answeredMs: 8000 },
  /** How old what metrics tell may be: a scrape comes every few seconds. */
  toldMs: 30_000,
} as const

const dayMs = 24 * hourMs
const minuteMs = 60_000

/** What readers tell of databases that do not work; `most` in `windowMs`. */
export const linkReportLimits = {
  /** Two or three sentences. */
  textChars: 500,
  /** Whoever has told of a database has told of it. */
  again: { most: 1, windowMs: 10 * minuteMs },
  /** Of one session: somebody who tries one database after the other. */
  session: { most: 5, windowMs: 10 * minuteMs },
  /** Of one address: a campus may stand behind it, on the day when a line is cut. */
  address: { most: 60, windowMs: hourMs },
  /** Of everybody, so that a flood from many addresses is no work for the store. */
  all: { most: 300, windowMs: hourMs },
  /** Open at once, in all and of one database; together some hundred kilobytes. */
  open: 300,
  openOfResource: 20,
  /** What nobody has looked at for half a year goes: the reader's words with it. */
  openMs: 183 * dayMs,
  /** Ended ones are kept for the figures of a year. */
  ended: 1000,
  endedMs: 400 * dayMs,
} as const
