/**
 * The body of an answer, fed by undici. Some of it is taken in ahead of a slow reader, so that the
 * publisher's connection is free sooner; beyond the bounds the publisher goes as slow as the reader.
 *
 * Letting go closes the connection. Who takes nothing for long loses the body, so that connections
 * and memory are there for others.
 * @module
 */
import type { Dispatcher } from 'undici'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { ReadyBody } from '../core/ready-body.ts'

/** Bytes that all answers hold for readers who are behind. */
let heldBytes = 0

/** A body that is read no faster than its reader takes it, but for some bytes ahead. */
export class AnswerBody extends ReadyBody {
  readonly #controller: Dispatcher.DispatchController
  readonly #stalledMs: number
  #timer: NodeJS.Timeout | undefined
  /** What came before the first read. */
  #early: Buffer[] | undefined = []
  /** Part of `heldBytes`; 0 as long as the reader keeps up. */
  #held = 0
  #given = 0
  /** What the reader had taken when the timer began. */
  #takenBefore = 0
  #isWhole = false

  constructor(controller: Dispatcher.DispatchController, stalledMs: number) {
    super()
    this.#controller = controller
    this.#stalledMs = stalledMs
    // A reader who has gone listens to nothing, and an error nobody listens to ends the process.
    this.on('error', () => undefined)
  }

  /** Takes a piece in. */
  give(chunk: Buffer): void {
    this.#given += chunk.length
    this.#early?.push(chunk)
    const isTaken = this.#early === undefined && this.push(chunk)
    if (isTaken || this.destroyed || this.#waitingBytes < this.readableHighWaterMark) return
    this.#hold(this.#waitingBytes)
    const { readAheadBytes, readAheadBytesHeld } = limits.exchange
    if (this.#held > readAheadBytes || heldBytes > readAheadBytesHeld) this.#controller.pause()
  }

  /** Nothing more will come. */
  finish(): void {
    this.#isWhole = true
    if (this.#early === undefined) this.push(null)
  }

  override takeWhole(): Buffer | undefined {
    const early = this.#early
    if (!this.#isWhole || early === undefined || this.destroyed) return undefined
    this.#early = []
    this.#hold(0)
    clearTimeout(this.#timer)
    const [first = Buffer.alloc(0)] = early
    return early.length <= 1 ? first : Buffer.concat(early, this.#given)
  }

  override _read(): void {
    const early = this.#early
    if (early !== undefined) {
      this.#early = undefined
      for (const chunk of early) this.push(chunk)
      if (this.#isWhole) this.push(null)
      // What is beyond the mark stays held until it is taken.
      if (this.readableLength >= this.readableHighWaterMark) return
    }
    this.#hold(0)
    this.#controller.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#hold(0)
    clearTimeout(this.#timer)
    if (!this.#isWhole) this.#controller.abort(error ?? new Error('answer not wanted any more'))
    callback(error)
  }

  get #waitingBytes(): number {
    return this.#early === undefined ? this.readableLength : this.#given
  }

  #hold(bytes: number): void {
    heldBytes += bytes - this.#held
    this.#held = bytes
    if (bytes === 0 || this.#timer !== undefined) return
    this.#takenBefore = this.#given - bytes
    this.#timer = setTimeout(() => this.#look(), this.#stalledMs)
  }

  /** Ends a body of which nothing was taken since the last look; one that is kept up with is left. */
  #look(): void {
    this.#timer = undefined
    if (this.#held === 0) return
    if (this.#given - this.#waitingBytes > this.#takenBefore) this.#hold(this.#waitingBytes)
    else this.destroy(new GatewayError('ERR_READER_LEFT', 'reader takes nothing of the answer'))
  }
}
