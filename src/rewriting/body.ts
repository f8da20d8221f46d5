/**
 * The way of a rewritten body from publisher to browser: undo its codings, rewrite, code again.
 *
 * What comes soon and fits a bound goes in one pass. Everything else streams: what can be decided
 * goes out at once, a slow reader slows the publisher down, and who breaks off on either side ends
 * the other.
 * @module
 */
import { pipeline, Transform, type Readable } from 'node:stream'

import type { PageCitation } from '../core/citation.ts'
import { limits } from '../core/limits.ts'
import type { Stopwatch } from '../core/stopwatch.ts'
import { CitationReader } from './citation.ts'
import {
  chooseCoding,
  createDecoder,
  createEncoder,
  parseCodings,
  type ClientCoding,
  type Coding,
  type Encoder,
} from './coding.ts'
import { createBodyTransform, type TextBodyOptions } from './text-body.ts'
import type { BodyKind } from './transform.ts'
import type { Verdicts } from './verdicts.ts'
import { breakOff, collect, release, rewriteWhole, streamOf, type Elsewhere } from './whole-body.ts'

/** Times rewriting, by kind; at the end, the bytes that were rewritten. */
export interface BodyWatch {
  /** A body in memory, a wait for a thread included; its bytes as they came. */
  readonly whole: Stopwatch<[kind: BodyKind], [bytes: number]>
  /** A piece of one that streams; its bytes, not coded any more. */
  readonly piece: Stopwatch<[kind: BodyKind], [bytes: number]>
}

/** A body as received, and what is known of it. */
export interface BodyOptions extends TextBodyOptions {
  readonly body: Readable
  /** The Content-Encoding header, empty when there is none. */
  readonly contentEncoding: string
  /** What the client takes, as its Accept-Encoding header says. */
  readonly acceptEncoding: string
  /** The Content-Length header; absent when the length is not known. */
  readonly contentBytes?: number | undefined
  /** Given what tells what the page says of its work, as far as it has been read when it is asked. */
  readonly onCitation?: ((citation: () => PageCitation | undefined) => void) | undefined
  readonly watch?: BodyWatch | undefined
}

/** A body that may have been met before. */
export interface MetBodyOptions extends BodyOptions {
  readonly verdicts: Verdicts
  readonly verdictKey: string | undefined
  /** Where longer bodies are rewritten; absent: here. */
  readonly elsewhere?: Elsewhere | undefined
}

/** A body for the client. */
export interface RewrittenBody<Body = Buffer | Readable> {
  readonly body: Body
  /** The new Content-Encoding; undefined for none. */
  readonly contentEncoding: string | undefined
  readonly outcome: Outcome
}

/** What became of a body; both others are the publisher's bytes, under the publisher's coding. */
export type Outcome =
  | 'rewritten'
  | 'clean' // it was read, and these rules find nothing to change
  | 'opaque' // its coding is not known

/** Compressing a body shorter than this costs more than it saves: it fits one packet. */
const tinyBytes = 512
/** A publisher that pauses for so long is waiting: what the coder holds goes out. */
const flushAfterMs = 20

/**
 * Rewrites a body of a kind that `bodyKindOf` named, in one pass or as a stream.
 *
 * @throws {GatewayError} `ERR_UPSTREAM_EXCESS` for too long a chain of codings.
 */
export async function rewriteBody(options: MetBodyOptions): Promise<RewrittenBody> {
  const { body, contentEncoding, verdicts, verdictKey } = options
  const codings = parseCodings(contentEncoding)
  const clean = verdictKey === undefined ? undefined : verdicts.cleanOf(verdictKey)
  if (clean !== undefined) {
    options.onCitation?.(() => clean.citation)
    return { body, contentEncoding, outcome: 'clean' }
  }
  const isShort = (options.contentBytes ?? 0) <= limits.rewriting.wholeBytes
  if (codings === undefined || !isShort || options.kind === 'event-stream') {
    return streamBody(options)
  }
  const collected = await collect(body, options.contentBytes)
  if (collected.kind === 'stream') return streamBody({ ...options, body: collected.body })
  if (collected.kind === 'broken') {
    // The reader gets all that came, then sees it broken off.
    const { body: held, ...rest } = streamBody({ ...options, body: streamOf(collected.bytes) })
    return { ...rest, body: breakOff(held, collected.error) }
  }
  const heldBytes = collected.bytes.length
  try {
    const clientCoding = clientCodingFor(options, codings)
    const asked = { ...options, codings, clientCoding }
    const tellRewritten = options.watch?.whole(options.kind)
    const done = await rewriteWhole(collected.bytes, asked, options.elsewhere)
    const { kind, bytes, citation } = done
    tellRewritten?.(heldBytes)
    options.onCitation?.(() => citation)
    if (kind === 'changed') {
      return { body: bytes, contentEncoding: clientCoding, outcome: 'rewritten' }
    }
    if (kind === 'unchanged') {
      if (verdictKey !== undefined) verdicts.noteClean(verdictKey, { citation })
      return { body: bytes, contentEncoding, outcome: 'clean' }
    }
    return streamBody({ ...options, body: streamOf(bytes) })
  } finally {
    release(heldBytes)
  }
}

/**
 * Rewrites a body as it comes.
 *
 * The stream fails with `ERR_UPSTREAM_EXCESS` when it inflates beyond its bound and with
 * `ERR_UPSTREAM_BROKEN` when its coding is damaged in the middle.
 *
 * @throws {GatewayError} `ERR_UPSTREAM_EXCESS` for too long a chain of codings.
 */
export function streamBody(options: BodyOptions): RewrittenBody<Readable> {
  const { body, contentEncoding } = options
  const codings = parseCodings(contentEncoding)
  if (codings === undefined) return { body, contentEncoding, outcome: 'opaque' }

  const coding = clientCodingFor(options, codings)
  const encoder = coding && createEncoder(coding)
  const streams = [
    body,
    ...codings.toReversed().map(createDecoder),
    createRewriter(options, encoder),
    ...(encoder ? [encoder] : []),
  ]
  // An error reaches the last stream by itself, and its reader; there is nobody else to tell.
  pipeline(streams, () => undefined)
  const last = streams.at(-1) ?? body
  return { body: last, contentEncoding: coding, outcome: 'rewritten' }
}

function clientCodingFor(
  { kind, acceptEncoding, contentBytes = Infinity }: BodyOptions,
  codings: readonly Coding[],
): ClientCoding | undefined {
  const isTiny = codings.length === 0 && contentBytes < tinyBytes
  // Events go out one by one; a coder would hold them back or lose by being flushed each time.
  return isTiny || kind === 'event-stream' ? undefined : chooseCoding(acceptEncoding)
}

function createRewriter(options: BodyOptions, encoder: Encoder | undefined): Transform {
  const reader = options.page.readsCitation === true ? new CitationReader() : undefined
  if (reader !== undefined) options.onCitation?.(() => reader.citation())
  const transform = createBodyTransform({ ...options, citation: reader })
  let timer: NodeJS.Timeout | undefined
  const flushSoon = (): void => {
    if (encoder === undefined) return
    timer ??= setTimeout(() => {
      timer = undefined
      if (!encoder.writableEnded && !encoder.destroyed) encoder.flush()
    }, flushAfterMs)
    timer.refresh()
  }
  return new Transform({
    transform(chunk: Buffer, _, callback) {
      const tellRewritten = options.watch?.piece(options.kind)
      const output = transform.write(chunk)
      tellRewritten?.(chunk.length)
      flushSoon()
      callback(null, output.length === 0 ? undefined : output)
    },
    flush(callback) {
      clearTimeout(timer)
      const output = transform.end()
      callback(null, output.length === 0 ? undefined : output)
    },
    destroy(error, callback) {
      clearTimeout(timer)
      callback(error)
    },
  })
}
