/**
 * Bodies that come soon and fit a bound, rewritten in one pass: most of what a page is made of. It
 * costs a fraction of a stream's price, and shows whether anything had to change at all: where
 * nothing had, the publisher's own bytes go out under the publisher's own coding.
 *
 * Short bodies are done at once. Longer ones are left to other threads, so that nobody's short page
 * waits for somebody's long one.
 * @module
 */
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

import type { PageCitation } from '../core/citation.ts'
import { limits } from '../core/limits.ts'
import { takeWhole } from '../core/ready-body.ts'
import { CitationReader } from './citation.ts'
import type { ClientCoding, Coding } from './coding.ts'
import { isKept, keptRoom } from './kept-coders.ts'
import { giveBack } from './memory.ts'
import { rewriteText, type TextBodyOptions } from './text-body.ts'
import { applyCoding, undoCodings } from './whole-coding.ts'

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
  const ready = contentBytes <= limits.rewriting.inlineBytes ? takeWhole(body) : undefined
  if (ready !== undefined) {
    heldBytes += ready.length
    return { kind: 'whole', bytes: ready }
  }
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
    this.#settle({ kind: 'whole', bytes: this.#joined() })
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
    this.#settle({ kind: 'broken', bytes: this.#joined(), error })
  }

  #joined(): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks
    return this.#chunks.length <= 1 ? first : Buffer.concat(this.#chunks, this.#bytes)
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

/** What came of a whole body. */
export interface WholeBody {
  /**
   * `changed` is coded for the client; `unchanged` are the bytes as received, in which nothing had
   * to change; `streamed` are the same, which have to be streamed after all.
   */
  readonly kind: 'changed' | 'streamed' | 'unchanged'
  readonly bytes: Buffer
  /** What the page says of its work, where that was asked for and it is about one. */
  readonly citation?: PageCitation
}

/** Rewrites a collected body in another thread; the bytes given are its own then. */
export type Elsewhere = (coded: Buffer, options: WholeBodyOptions) => Promise<WholeBody>

/**
 * Rewrites a collected body.
 *
 * @param elsewhere Where longer bodies go; absent: they are done at once as well.
 */
export async function rewriteWhole(
  coded: Buffer,
  options: WholeBodyOptions,
  elsewhere?: Elsewhere,
): Promise<WholeBody> {
  const { inlineBytes, inlinePlainBytes } = limits.rewriting
  if (coded.length <= inlineBytes) {
    const done = rewriteHere(coded, options, inlinePlainBytes)
    if (done.kind !== 'streamed') return done
  }
  return elsewhere === undefined ? rewriteHere(coded, options) : elsewhere(coded, options)
}

/** At once, so that what coders keep for the next body is read before the next body comes. */
export function rewriteHere(
  coded: Buffer,
  options: WholeBodyOptions,
  mostBytes: number = limits.rewriting.wholePlainBytes,
): WholeBody {
  const plain = undoCodings(coded, options.codings, mostBytes)
  if (plain === undefined) return { kind: 'streamed', bytes: coded }
  const reader = options.page.readsCitation === true ? new CitationReader() : undefined
  const rewritten = rewriteText(plain, { ...options, citation: reader }, keptRoom)
  const bytes = rewritten && applyCoding(rewritten, options.clientCoding)
  if (plain !== coded && !isKept(plain)) giveBack(plain)
  const citation = reader?.citation()
  const facts = citation && { citation }
  return bytes === undefined
    ? { kind: 'unchanged', bytes: coded, ...facts }
    : { kind: 'changed', bytes, ...facts }
}
