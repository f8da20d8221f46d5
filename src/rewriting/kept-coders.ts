/**
 * Coders that are made once and used for one body after the other, each with one room for what comes
 * out: a fraction of the price of new ones, and nothing for the garbage collector. Each thread has
 * its own.
 *
 * They lean on what Node's own synchronous calls lean on, which is not public (`_handle.writeSync`,
 * `_writeState`). Where that is not as expected these functions always give undefined, and callers
 * go the public way.
 * @module
 */
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'

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

/**
 * For the longest body and what a coder needs besides to work from place to place. What no body has
 * needed yet is no memory yet: pages of it come when they are written to.
 */
const roomBytes = limits.rewriting.wholePlainBytes + (limits.rewriting.wholePlainBytes >> 4)

/** One coder with its room; it gives nothing where this Node has none of the expected form. */
class KeptCoder {
  readonly #open: () => object
  readonly #flush: number
  /** A body ends its frame by itself, and a reset would forget the settings. */
  readonly #isResetForEach: boolean
  #room: Buffer | undefined
  #handle: Handle | 'none' | undefined
  /** Free bytes of the room, then bytes of the input that were not needed. */
  #state: Uint32Array = new Uint32Array(2)
  #hasFailed = false

  constructor(open: () => object, flush: number, use: 'reset for each' | 'frame after frame') {
    this.#open = open
    this.#flush = flush
    this.#isResetForEach = use === 'reset for each'
  }

  /** What comes out of a body, in the room; undefined when the coder fails. */
  run(body: Buffer, mostBytes = roomBytes): Buffer | 'too long' | undefined {
    this.#handle ??= this.#opened()
    const room = (this.#room ??= Buffer.allocUnsafeSlow(roomBytes))
    // What was coded twice over stands in the room itself.
    if (this.#handle === 'none' || body.buffer === room.buffer) return undefined
    this.#hasFailed = false
    if (this.#isResetForEach) this.#handle.reset()
    this.#handle.writeSync(this.#flush, body, 0, body.length, room, 0, mostBytes)
    const [freeBytes = 0] = this.#state
    if (!this.#hasFailed && freeBytes > 0) return room.subarray(0, mostBytes - freeBytes)
    // Neither what it still holds nor its error, which outlasts a reset, may come into the next body.
    this.#handle = undefined
    return this.#hasFailed ? undefined : 'too long'
  }

  /** Bytes of the last body that were not needed. */
  get restBytes(): number {
    return this.#state[1] ?? 0
  }

  holds({ buffer }: Buffer): boolean {
    return this.#room?.buffer === buffer
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

const decoders = {
  gzip: new KeptCoder(createGunzip, constants.Z_SYNC_FLUSH, 'reset for each'),
  br: new KeptCoder(createBrotliDecompress, constants.BROTLI_OPERATION_FLUSH, 'reset for each'),
  zstd: new KeptCoder(createZstdDecompress, constants.ZSTD_e_flush, 'reset for each'),
} as const
const deflaters = {
  gzip: new KeptCoder(() => createEncoder('gzip'), constants.Z_FINISH, 'reset for each'),
  zstd: new KeptCoder(() => createEncoder('zstd'), constants.ZSTD_e_end, 'frame after frame'),
} as const

/**
 * The bytes of a coded body, to be read before the next call; `too long` when they are that many or
 * more, undefined when the body is not so coded or damaged, and where there is no such decoder.
 */
export function inflateKept(
  body: Buffer,
  coding: 'br' | 'gzip' | 'zstd',
  mostBytes: number,
): Buffer | 'too long' | undefined {
  const decoder = decoders[coding]
  const inflated = decoder.run(body, mostBytes)
  // What stands behind a gzip body is overlooked, as browsers do.
  const isWhole = coding === 'gzip' || inflated === 'too long' || decoder.restBytes === 0
  return isWhole ? inflated : undefined
}

/** Whether an inflated body stands in kept room. */
export function isKept(body: Buffer): boolean {
  return Object.values(decoders).some((decoder) => decoder.holds(body))
}

/** The body under a coding at its fastest level; undefined where there is no room or no such coder. */
export function deflateKept(body: Buffer, coding: keyof typeof deflaters): Buffer | undefined {
  const coded = deflaters[coding].run(body)
  return coded instanceof Buffer ? exactly(coded) : undefined
}

/** A copy that holds nothing else and can be handed to another thread. */
export function exactly(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

let splicing: Buffer | undefined

/** Room for a text that is coded at once, until the next is asked for. */
export function keptRoom(bytes: number): Buffer {
  if (bytes > roomBytes) return Buffer.allocUnsafe(bytes)
  splicing ??= Buffer.allocUnsafeSlow(roomBytes)
  return splicing.subarray(0, bytes)
}
