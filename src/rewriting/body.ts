/**
 * The way of a rewritten body from publisher to browser: undo its codings, rewrite, code again.
 *
 * It streams: what can be decided goes out at once, a slow reader slows the publisher down, and who
 * breaks off on either side ends the other.
 * @module
 */
import { pipeline, Transform, type Readable } from 'node:stream'

import { chooseCoding, createDecoder, createEncoder, parseCodings, type Encoder } from './coding.ts'
import { createBodyTransform, type TextBodyOptions } from './text-body.ts'

/** A body as received, and what is known of it. */
export interface BodyOptions extends TextBodyOptions {
  readonly body: Readable
  /** The Content-Encoding header, empty when there is none. */
  readonly contentEncoding: string
  /** What the client takes, as its Accept-Encoding header says. */
  readonly acceptEncoding: string
  /** The Content-Length header; absent when the length is not known. */
  readonly contentBytes?: number | undefined
}

/** A body for the client. */
export interface RewrittenBody {
  readonly body: Readable
  /** The new Content-Encoding; undefined for none. */
  readonly contentEncoding: string | undefined
  /** True when the coding is not known: the body, its length and validators are the publisher's. */
  readonly isUntouched: boolean
}

/** Compressing a body shorter than this costs more than it saves: it fits one packet. */
const tinyBytes = 512
/** A publisher that pauses for so long is waiting: what the coder holds goes out. */
const flushAfterMs = 20

/**
 * Rewrites a body of a kind that `bodyKindOf` named.
 *
 * The stream fails with `ERR_UPSTREAM_EXCESS` when it inflates beyond its bound and with
 * `ERR_UPSTREAM_BROKEN` when its coding is damaged in the middle.
 *
 * @throws {GatewayError} `ERR_UPSTREAM_EXCESS` for too long a chain of codings.
 */
export function rewriteBody(options: BodyOptions): RewrittenBody {
  const { body, contentEncoding, acceptEncoding, kind } = options
  const codings = parseCodings(contentEncoding)
  if (codings === undefined) return { body, contentEncoding, isUntouched: true }

  const isTiny = codings.length === 0 && (options.contentBytes ?? Infinity) < tinyBytes
  // Events go out one by one; a coder would hold them back or lose by being flushed each time.
  const coding = isTiny || kind === 'event-stream' ? undefined : chooseCoding(acceptEncoding)
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
  return { body: last, contentEncoding: coding, isUntouched: false }
}

function createRewriter(options: TextBodyOptions, encoder: Encoder | undefined): Transform {
  const transform = createBodyTransform(options)
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
      const output = transform.write(chunk)
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
