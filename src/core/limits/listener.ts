/**
 * Bounds of the sockets that readers come to.
 * @module
 */
import { KiB } from './units.ts'

/** The section `listener` of the limits. */
export const listenerLimits = {
  /** All header lines of a request; above it Node answers 431. Big enough for real cookie jars. */
  headerBytes: 64 * KiB,
  /** Slow-header and slow-body attackers are cut off; a reader on a bad line is not. */
  headersMs: 30_000,
  requestMs: 5 * 60_000,
  /** An HTTP/2 connection on which nothing moved for this long takes no new stream. */
  http2IdleMs: 75_000,
  /** Streams of one HTTP/2 connection; browsers open about a hundred. */
  http2Streams: 128,
  /** Memory that one HTTP/2 connection may hold, in MiB: a flood of headers ends the connection. */
  http2SessionMiB: 10,
  /** Requests being answered at once; the next one gets 503 with Retry-After. */
  requestsInFlight: 4096,
  /** Of these for one client: a campus behind one address needs some hundred. */
  requestsPerClient: 1024,
  /** What a request waits for a place before it is told to come back, in seconds. */
  retryAfterSeconds: 5,
  /** On SIGTERM exchanges in flight get this long; orchestrators kill after 30 s by default. */
  drainMs: 20_000,
  /** A client has this long to close its half of a connection that has nothing more to say. */
  lingerMs: 1000,
  /** Socket addresses remembered as proxies or not. */
  peers: { entries: 1000, chars: 45 },
} as const
