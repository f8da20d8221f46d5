/**
 * Bounds of what is asked of publishers.
 * @module
 */
import { KiB, MiB } from './units.ts'

/** The section `exchange` of the limits. */
export const exchangeLimits = {
  /** Content-Encoding chains: undici's own limit after CVE-2026-22036. */
  codings: 5,
  /** A response header block; publishers with many Set-Cookie lines reach 20 KiB. */
  headerBytes: 64 * KiB,
  /** 1xx answers before the final one: a publisher has one or two sets of early hints. */
  interimAnswers: 10,
  /** A reader holds this part of the connections to one host at most: three heavy ones leave room. */
  readerShare: 1 / 4,
  /** But not fewer than a browser opens to one host by itself. */
  readerConnections: 6,
  /** Requests that wait for a connection to one host; a page of a publisher asks for 50 to 150. */
  queuedPerHost: 1000,
  /** Of these of one reader. */
  queuedPerReader: 250,
  /** A reader waits this long for a free connection, then is told that the gateway is busy. */
  queueMs: 30_000,
  /** A reader who takes nothing of an answer for so long has gone; browsers resume by ranges. */
  stalledMs: 5 * 60_000,
  /** So much of an answer is taken in ahead of its reader, so that the publisher is done sooner. */
  readAheadBytes: 1 * MiB,
  /** Of all answers together; beyond it a slow reader slows the publisher down. */
  readAheadBytesHeld: 64 * MiB,
  /** Hosts with open connections at once. */
  origins: 10_000,
  /** Addresses of a host that are tried one after the other, and the time for all but the last. */
  addresses: 4,
  attemptMs: 3000,
  /** Open WebSockets, each two sockets; far below the usual limit of open files. */
  webSockets: 5000,
  /** Of these for one session: a page has one or two, a reader some tabs. */
  webSocketsPerSession: 100,
  /** Silence after which a WebSocket is closed; applications send pings about once a minute. */
  webSocketIdleMs: 10 * 60_000,
  /** Whether a session and its seat still stand is asked this often while a WebSocket is open. */
  webSocketCheckMs: 60_000,
} as const
