/**
 * Bodies that come soon and fit a bound, rewritten in one pass: most of what a page is made of. It
 * costs a fraction of a stream's price, and shows whether anything had to change at all: where
 * nothing had, the publisher's own bytes go out under the publisher's own coding.
 *
 * Short bodies are done at once. Longer ones are coded in the thread pool and scanned in slices, one
 * body after the other, so that nobody's short page waits for somebody's long one.
 * @module
 */
import { Readable } from 'node:stream'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'

import { limits } from '../core/limits.ts'
import type { ClientCoding, Coding } from './coding.ts'
import { rewriteText, rewriteTextInSlices, type TextBodyOptions } from './text-body.ts'
import { createTurns } from './turns.ts'
import { applyCoding, applyCodingPooled, undoCodings, undoCodingsPooled } from './whole-coding.ts'

/** What came of collecting a body. */
export type Collected =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** Too long or too slow: a stream that begins with what had come. */
  | { readonly kind: 'stream'; readonly body: Readable }
  /** Broken off behind these bytes. */
  | { readonly kind: 'broken'; readonly bytes: Buffer; readonly error: Error }

/** Coded bytes of all bodies that are being collected or rewritten now. */
let heldBytes = 0

/**
 * Reads a body as far as the bounds go. The bytes of a whole one count as held until `release` is
 * called for them.
 */
export function collect(body: Readable): Promise<Collected> {
  const { promise, resolve } = Promise.withResolvers<Collected>()
  const chunks: Buffer[] = []
  let bytes = 0
  const timer = setTimeout(giveUp, limits.rewriting.wholeMs)

  function stop(): void {
    clearTimeout(timer)
    body.off('data', take).off('end', end).off('error', fail).off('close', giveUp)
  }
  function take(chunk: Buffer): void {
    chunks.push(chunk)
    bytes += chunk.length
    heldBytes += chunk.length
    const { wholeBytes, wholeBytesHeld } = limits.rewriting
    if (bytes > wholeBytes || heldBytes > wholeBytesHeld) giveUp()
  }
  function end(): void {
    stop()
    const [first = Buffer.alloc(0)] = chunks
    resolve({ kind: 'whole', bytes: chunks.length <= 1 ? first : Buffer.concat(chunks, bytes) })
  }
  function giveUp(): void {
    stop()
    release(bytes)
    body.pause()
    // Piece by piece: decoders judge a coding by the first.
    if (!body.destroyed) for (const chunk of chunks.toReversed()) body.unshift(chunk)
    resolve({ kind: 'stream', body })
  }
  function fail(error: Error): void {
    stop()
    release(bytes)
    resolve({ kind: 'broken', bytes: Buffer.concat(chunks, bytes), error })
  }
  body.on('data', take).on('end', end).on('error', fail).on('close', giveUp)
  return promise
}

/** A whole body as a stream after all, in pieces such as sockets give. */
export function streamOf(bytes: Buffer): Readable {
  const { pieceBytes } = limits.rewriting
  const count = Math.ceil(bytes.length / pieceBytes)
  return Readable.from(
    Array.from({ length: count }, (_, index) =>
      bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
    ),
  )
}

/** Says that so many collected bytes are needed no more. */
export function release(bytes: number): void {
  heldBytes -= bytes
}

/** A body that is broken off when it is through. */
export function breakOff(body: Readable, error: Error): Readable {
  return Readable.from(
    (async function* broken() {
      yield* body
      // An error overtakes what stands in front of it: the reader first gets what there is.
      await pause(limits.rewriting.breakMs)
      throw error
    })(),
  )
}

/** How a whole body is coded as received and as sent. */
export interface WholeBodyOptions extends TextBodyOptions {
  readonly codings: readonly Coding[]
  readonly clientCoding: ClientCoding | undefined
}

/** Coded for the client; `unchanged` when nothing had to be rewritten. */
export type WholeBody =
  { readonly kind: 'changed'; readonly bytes: Buffer } | { readonly kind: 'unchanged' }

const unchanged: WholeBody = { kind: 'unchanged' }
const turns = createTurns(limits.rewriting.pooledBodies)
const scanTurns = createTurns(1)

/** Rewrites a collected body; undefined when it has to be streamed after all. */
export async function rewriteWhole(
  coded: Buffer,
  options: WholeBodyOptions,
): Promise<WholeBody | undefined> {
  const isShort = coded.length <= limits.rewriting.inlineBytes
  const done = isShort ? rewriteHere(coded, options) : undefined
  return done ?? (await turns.take(() => rewritePooled(coded, options)))
}

/** At once, so that what the decoder keeps for the next body is read before the next body comes. */
function rewriteHere(coded: Buffer, options: WholeBodyOptions): WholeBody | undefined {
  const plain = undoCodings(coded, options.codings)
  if (plain === undefined) return undefined
  const rewritten = rewriteText(plain, options)
  if (rewritten === undefined) return unchanged
  return { kind: 'changed', bytes: applyCoding(rewritten, options.clientCoding) }
}

async function rewritePooled(
  coded: Buffer,
  options: WholeBodyOptions,
): Promise<WholeBody | undefined> {
  const plain = await undoCodingsPooled(coded, options.codings)
  if (plain === undefined) return undefined
  const rewritten = await scanTurns.take(() => rewriteTextInSlices(plain, options, nextTurn))
  if (rewritten === undefined) return unchanged
  return { kind: 'changed', bytes: await applyCodingPooled(rewritten, options.clientCoding) }
}
