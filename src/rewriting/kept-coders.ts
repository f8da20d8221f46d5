/**
 * Coders that are made once and used for one short body after the other, each with one room for what
 * comes out: a third of the price of a new one, and nothing for the garbage collector.
 *
 * They lean on what Node's own synchronous calls lean on, which is not public (`_handle.writeSync`,
 * `_writeState`). Where that is not as expected these functions always give undefined, and callers
 * go the public way.
 * @module
 */
import { constants, createGunzip } from 'node:zlib'

import { limits } from '../core/limits.ts'
import { createEncoder } from './coding.ts'

/** The part of a zlib binding that is used here (lib/zlib.js, `processChunkSync`). */
interface Handle {
  reset(): void
  writeSync(
    flush: number,
    input: Buffer,
    from: number,
    bytes: number,
    room: Buffer,
    to: number,
    roomBytes: number,
  ): void
}

/** One coder with its room; it gives nothing where this Node has none of the expected form. */
class KeptCoder {
  readonly #open: () => object
  readonly #flush: number
  /** A body ends its frame by itself, and a reset would forget the settings. */
  readonly #isResetForEach: boolean
  readonly #room: Buffer
  #handle: Handle | 'none' | undefined
  /** Free bytes of the room, then bytes of the input that were not needed. */
  #state: Uint32Array = new Uint32Array(2)
  #hasFailed = false

  constructor(open: () => object, flush: number, use: 'reset for each' | 'frame after frame') {
    this.#open = open
    this.#flush = flush
    this.#isResetForEach = use === 'reset for each'
    this.#room = Buffer.allocUnsafeSlow(limits.rewriting.inlinePlainBytes)
  }

  /** What comes out, in the room; undefined when it does not fit or the coder fails. */
  run(body: Buffer): Buffer | undefined {
    this.#handle ??= this.#opened()
    // What was coded twice over stands in the room itself.
    if (this.#handle === 'none' || body.buffer === this.#room.buffer) return undefined
    this.#hasFailed = false
    if (this.#isResetForEach) this.#handle.reset()
    const room = this.#room
    this.#handle.writeSync(this.#flush, body, 0, body.length, room, 0, room.length)
    const [freeBytes = 0] = this.#state
    if (!this.#hasFailed && freeBytes > 0) return room.subarray(0, room.length - freeBytes)
    // Whatever it still holds must not come into the next body.
    if (!this.#isResetForEach) this.#handle = undefined
    return undefined
  }

  #opened(): Handle | 'none' {
    const stream = this.#open()
    const handle: unknown = Reflect.get(stream, '_handle')
    const state: unknown = Reflect.get(stream, '_writeState')
    if (!isHandle(handle) || !(state instanceof Uint32Array) || state.length !== 2) return 'none'
    Object.assign(handle, { onerror: () => (this.#hasFailed = true) })
    this.#state = state
    return handle
  }
}

function isHandle(handle: unknown): handle is Handle {
  if (typeof handle !== 'object' || handle === null) return false
  return (
    'writeSync' in handle &&
    typeof handle.writeSync === 'function' &&
    'reset' in handle &&
    typeof handle.reset === 'function'
  )
}

const gunzip = new KeptCoder(createGunzip, constants.Z_SYNC_FLUSH, 'reset for each')
const deflaters = {
  gzip: new KeptCoder(() => createEncoder('gzip'), constants.Z_FINISH, 'reset for each'),
  zstd: new KeptCoder(() => createEncoder('zstd'), constants.ZSTD_e_end, 'frame after frame'),
} as const

/**
 * The inflated bytes of a gzip body, to be read before the next call; undefined when they do not
 * fit, when the body is no gzip or damaged, and where there is no such decoder.
 */
export function inflateKept(body: Buffer): Buffer | undefined {
  return gunzip.run(body)
}

/** The body under a coding at its fastest level; undefined likewise. */
export function deflateKept(body: Buffer, coding: keyof typeof deflaters): Buffer | undefined {
  const coded = deflaters[coding].run(body)
  return coded && Buffer.from(coded)
}
