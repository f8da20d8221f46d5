/**
 * A gzip decoder that is made once and used for one short body after the other, with one room for
 * what comes out: a third of the price of a new one, and nothing for the garbage collector.
 *
 * It leans on what Node's own synchronous calls lean on, which is not public (`_handle.writeSync`,
 * `_writeState`). Where that is not as expected, `inflateKept` always gives undefined, and callers
 * go the public way.
 * @module
 */
import { constants, createGunzip } from 'node:zlib'

import { limits } from '../core/limits.ts'

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

interface Kept {
  readonly handle: Handle
  /** Free bytes of the room, then bytes of the input that were not needed. */
  readonly state: Uint32Array
  readonly room: Buffer
}

let kept: Kept | 'none' | undefined
let hasFailed = false

function openKept(): Kept | 'none' {
  const stream: object = createGunzip()
  const handle: unknown = Reflect.get(stream, '_handle')
  const state: unknown = Reflect.get(stream, '_writeState')
  if (!isHandle(handle) || !(state instanceof Uint32Array) || state.length !== 2) return 'none'
  Object.assign(handle, { onerror: noteFailure })
  return { handle, state, room: Buffer.allocUnsafeSlow(limits.rewriting.inlinePlainBytes) }
}

function noteFailure(): void {
  hasFailed = true
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

/**
 * The inflated bytes of a gzip body, to be read before the next call; undefined when they do not
 * fit, when the body is no gzip or damaged, and where there is no such decoder.
 */
export function inflateKept(body: Buffer): Buffer | undefined {
  kept ??= openKept()
  if (kept === 'none') return undefined
  const { handle, state, room } = kept
  // What was inflated twice over stands in the room itself.
  if (body.buffer === room.buffer) return undefined
  hasFailed = false
  handle.reset()
  handle.writeSync(constants.Z_SYNC_FLUSH, body, 0, body.length, room, 0, room.length)
  const [freeBytes = 0] = state
  return hasFailed || freeBytes === 0 ? undefined : room.subarray(0, room.length - freeBytes)
}
