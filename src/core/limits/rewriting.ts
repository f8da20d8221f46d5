/**
 * Bounds of rewriting, and of the cookies of publishers.
 * @module
 */
import { KiB, MiB } from './units.ts'

/** The section `rewriting` of the limits. */
export const rewritingLimits = {
  /** An inflated body that is rewritten may be this long; then the exchange is aborted. */
  inflatedBytes: 64 * MiB,
  /** A coded body up to this is rewritten in one pass if it comes soon; a longer one streams. */
  wholeBytes: 1 * MiB,
  /** What such a body may inflate to; prose deflates to a quarter, a bomb streams to its bound. */
  wholePlainBytes: 4 * MiB,
  /** A publisher that pauses for so long streams: its reader sees the beginning meanwhile. */
  wholeMs: 100,
  /** So many times as long at most, however steadily it comes. */
  wholeLooks: 10,
  /** What came before a break has this long to reach the reader. */
  breakMs: 50,
  /** Coded bodies held at once while they are collected or wait; beyond it they stream. */
  wholeBytesHeld: 64 * MiB,
  /** Bodies up to this, coded and inflated, are done at once: a millisecond; others by threads. */
  inlineBytes: 64 * KiB,
  inlinePlainBytes: 256 * KiB,
  /** Threads that rewrite bodies: each does some sixty megabytes a second. */
  bodyThreads: 4,
  /** How far they yield to the thread that serves everybody, as nice(1) counts. */
  threadNiceness: 10,
  /** A thread that has said nothing for so long will not come to an end: bodies take milliseconds. */
  threadMs: 20_000,
  /** Rulebooks that a thread has a host map of: the one in force and the one before. */
  threadRules: 2,
  /** Pieces of a body that was collected and streams after all: as sockets give them. */
  pieceBytes: 16 * KiB,
  /** Scanned in one window: what is soon forgotten costs the garbage collector little. */
  sliceBytes: 64 * KiB,
  /** Bodies remembered as clean, and the longest key of one; together some megabytes. */
  verdicts: 10_000,
  verdictChars: 1024,
  /** A tag longer than this goes out as it is; images within attributes stay far below. */
  tagChars: 256 * KiB,
  /** Tags of a page's citation that are looked at: a paper of a large experiment has 3000 authors. */
  citationTags: 5000,
  /** What is read of one tag, and kept of a name: longer titles are abstracts by mistake. */
  citationSourceChars: 2 * KiB,
  citationChars: 300,
  citationUrlChars: 500,
  /** Scripts of linked data that are read, and the longest; the full text in one would be longer. */
  citationScripts: 4,
  citationScriptChars: 32 * KiB,
  /** A form or JSON body whose proxied hosts are mapped back; longer ones pass as they are. */
  requestBodyBytes: 1 * MiB,
  /** Header fields of the first part of an answer with several ranges: some lines. */
  partHeadBytes: 4 * KiB,
  /** Cookies of a host that a publisher's Clear-Site-Data ends in one answer. */
  endedCookies: 50,
  /** Cookies that scripts tell of at once, and their length together. */
  scriptCookies: 60,
  scriptCookieBytes: 64 * KiB,
  /** Publisher cookies of one session, and of one registrable domain in it: as browsers do. */
  jarCookies: 300,
  jarCookiesPerDomain: 60,
  /** Name and value of one cookie together (RFC 6265bis section 5.7 step 5). */
  cookieBytes: 4 * KiB,
  /** Pages always get the jar as the store has it; scripts and pictures get one this young. */
  jarCacheMs: 2000,
  /** All cookies of one jar; its oldest go first. */
  jarBytes: 128 * KiB,
  /** Of these for one registrable domain: no server takes a Cookie header as long. */
  jarBytesPerDomain: 32 * KiB,
  /** Names of request headers whose treatment is remembered; browsers and scripts use some dozens. */
  headerNames: { entries: 1000, chars: 100 },
  /** Of a header whose values are few, such as Accept, what its value says. */
  headerValues: { entries: 500, chars: 300 },
  /** Names of cookies that are known to be the gateway's own or not. */
  cookieNames: { entries: 2000, chars: 100 },
  /** Pairs of host and cookie domain whose relation is remembered, and hosts with their site. */
  hostPairs: { entries: 5000, chars: 300 },
  siteHosts: { entries: 5000, chars: 255 },
  /** Jars remembered by one process. */
  jarCacheSessions: 2000,
} as const
