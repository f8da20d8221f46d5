/**
 * Bounds of signing in, sessions and signing out.
 * @module
 */
import { KiB } from './units.ts'

/** The section `identity` of the limits. */
export const identityLimits = {
  /** A redirect from portal to proxied host takes a second or two; ten times that is generous. */
  ticketMs: 30_000,
  /** Typing a password, a second factor and a forgotten-password detour. */
  signInMs: 15 * 60_000,
  /** A browser remembers for a year which provider was chosen in it. */
  choiceMs: 365 * 24 * 60 * 60_000,
  /** A return URL longer than this is dropped; browsers and proxies stop at about the same. */
  returnUrlChars: 8 * KiB,
  /** Claims beyond these are ignored: a token is at most some kilobytes. */
  claimValues: 500,
  claimChars: 512,
  /** Groups kept with a session, parents included, and their length; Entra sends at most 200. */
  groups: 500,
  groupChars: 16 * KiB,
  /** Of the values that a sign-in's table of meanings lacks, so many are listed for staff. */
  unmatchedValues: 20,
  /** What is gathered of them: for each provider and day, in characters, in days, and how soon. */
  unmatched: { values: 200, chars: 200, days: 30, flushMs: 2000 },
  /** Levels of a group's path. */
  groupDepth: 16,
  /** A session is renewed at most this often: reading costs no write. */
  renewMs: 60_000,
  /** A session seen this short a time ago is believed while the store is away. */
  graceMs: 60_000,
  /** A session that the store told of is believed for so long without asking again. */
  trustMs: 1000,
  /** Sessions that a process remembers as read; about 2 KiB each, with an ID token 4 KiB. */
  sessionsKnown: 10_000,
  /** Cookies whose key in the store is remembered; a value has 43 characters. */
  tokensKnown: { entries: 10_000, chars: 43 },
  /** Browsers of one person at a time; the oldest session ends when one more signs in. */
  sessionsPerPatron: 30,
  /** Proxied hosts whose storage is cleared at sign-out; more would stall the browser. */
  visitedHosts: 40,
  /** Of these are redirected to in a row: browsers give up after 20 redirects. */
  redirectsInRow: 10,
  /** Cookies taken back on each: three lines make 15 KiB, which servers in front must pass on. */
  expiredCookies: 50,
  /** The list of hosts waits this long for the reader to come back from the provider. */
  farewellMs: 15 * 60_000,
  /** A form of the portal, or a logout token: both are a few kilobytes. */
  formBytes: 64 * KiB,
  /** One question to the identity provider. */
  providerMs: 10_000,
  /** First and longest pause between attempts to reach the provider, doubled in between. */
  providerRetryMs: 500,
  providerRetryMaxMs: 30_000,
  /** Metadata of a provider that answers is read again this often. */
  providerRefreshMs: 5 * 60_000,
  /** A logout token is refused after this; the provider sends it at once (OWASP ASVS 10.5.5). */
  logoutTokenMs: 2 * 60_000,
  /** The clocks of provider and gateway may differ by this. */
  clockToleranceMs: 30_000,
  /** A longer ID token is not sent as a hint: URLs of more than 8 KiB are cut on the way. */
  idTokenHintChars: 6 * KiB,
  /** Path segments at which a duplicated cookie is cleared: 7 paths make 2 KiB of headers. */
  clearedPathSegments: 3,
} as const
