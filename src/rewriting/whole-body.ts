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
import { giveBack } from './memory.ts'
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

/** Coded bytes of all bodies that are being collected or rewritten now, or are sure to be. */
let heldBytes = 0
/** Who waits for the others to be done with, in the order they came. */
const waiting: { readonly bytes: number; readonly begin: () => void }[] = []

/**
 * Reads a body as far as the bounds go. The bytes of a whole one count as held until `release` is
 * called for them. In a rush a body waits for its turn: to stream it would cost several times as
 * much, for as long as its reader takes.
 *
 * @param contentBytes Its length as announced; undefined when nobody knows.
 */
export async function collect(body: Readable, contentBytes = 0): Promise<Collected> {
  if (!hasRoom(contentBytes)) {
    await new Promise<void>((begin) => waiting.push({ bytes: contentBytes, begin }))
  } else heldBytes += contentBytes
  if (!body.destroyed) return await new Collecting(body, contentBytes).collected
  release(contentBytes)
  const error = body.errored
  return error === null
    ? { kind: 'stream', body }
    : { kind: 'broken', bytes: Buffer.alloc(0), error }
}

/** Short bodies and the first have room in any case; who comes later waits behind who waits. */
function hasRoom(bytes: number): boolean {
  return bytes <= limits.rewriting.inlineBytes || (waiting.length === 0 && fits(bytes))
}

function fits(bytes: number): boolean {
  return heldBytes === 0 || heldBytes + bytes <= limits.rewriting.wholeBytesHeld
}

/** Says that so many collected bytes are needed no more. */
export function release(bytes: number): void {
  heldBytes -= bytes
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    if (!fits(next.bytes)) return
    waiting.shift()
    heldBytes += next.bytes
    next.begin()
  }
}

/** One body on its way in. */
class Collecting {
  readonly collected: Promise<Collected>
  readonly #body: Readable
  readonly #settle: (collected: Collected) => void
  readonly #chunks: Buffer[] = []
  #bytes = 0
  /** What counts as held for this body. */
  #held: number
  #bytesSeen = 0
  #looks = 0
  #isOver = false
  #timer: NodeJS.Timeout

  constructor(body: Readable, held: number) {
    const { promise, resolve } = Promise.withResolvers<Collected>()
    this.collected = promise
    this.#settle = resolve
    this.#body = body
    this.#held = held
    this.#timer = setTimeout(this.#look, limits.rewriting.wholeMs)
    body.on('data', this.#take).on('end', this.#end).on('error', this.#fail)
    body.on('close', this.#giveUp)
  }

  #stop(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    const body = this.#body.off('data', this.#take).off('end', this.#end)
    body.off('error', this.#fail).off('close', this.#giveUp)
  }

  /** Who goes on sending is waited for: in a rush everybody is slow. */
  readonly #look = (): void => {
    // Timers come before what has arrived meanwhile.
    setImmediate(() => {
      if (this.#isOver) return
      this.#looks += 1
      if (this.#bytes === this.#bytesSeen || this.#looks >= limits.rewriting.wholeLooks) {
        this.#giveUp()
        return
      }
      this.#bytesSeen = this.#bytes
      this.#timer = setTimeout(this.#look, limits.rewriting.wholeMs)
    })
  }

  readonly #take = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const more = Math.max(0, this.#bytes - this.#held)
    this.#held += more
    heldBytes += more
    const { wholeBytes, wholeBytesHeld } = limits.rewriting
    if (this.#bytes > wholeBytes || (more > 0 && heldBytes > wholeBytesHeld)) this.#giveUp()
  }

  readonly #end = (): void => {
    this.#stop()
    release(this.#held - this.#bytes)
    const [first = Buffer.alloc(0)] = this.#chunks
    const bytes = this.#chunks.length <= 1 ? first : Buffer.concat(this.#chunks, this.#bytes)
    this.#settle({ kind: 'whole', bytes })
  }

  readonly #giveUp = (): void => {
    this.#stop()
    release(this.#held)
    const body = this.#body.pause()
    // Piece by piece: decoders judge a coding by the first.
    if (!body.destroyed) for (const chunk of this.#chunks.toReversed()) body.unshift(chunk)
    this.#settle({ kind: 'stream', body })
  }

  readonly #fail = (error: Error): void => {
    this.#stop()
    release(this.#held)
    this.#settle({ kind: 'broken', bytes: Buffer.concat(this.#chunks, this.#bytes), error })
  }
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
  if (plain !== coded) giveBack(plain)
  if (rewritten === undefined) return unchanged
  const bytes = await applyCodingPooled(rewritten, options.clientCoding)
  if (bytes !== rewritten) giveBack(rewritten)
  return { kind: 'changed', bytes }
}
