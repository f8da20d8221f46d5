/**
 * Content codings of bodies that are there as a whole: undone and done in one call each.
 *
 * What cannot be undone in one call (damage, a wrong label, too much) is left to the decoders of
 * `coding.ts`, which are lenient and have a bound of their own.
 * @module
 */
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'

import { fastest, type ClientCoding, type Coding } from './coding.ts'
import { deflateKept, exactly, inflateKept } from './kept-coders.ts'
import { giveBack } from './memory.ts'

/** Options of one call: room for all of the output saves putting pieces together. */
interface Room {
  readonly chunkSize: number
  readonly finishFlush: number
  readonly maxOutputLength: number
}

interface Inflater {
  readonly finishFlush: number
  readonly run: (body: Buffer, room: Room) => Buffer
}

const zlib = constants.Z_SYNC_FLUSH
const inflaters: Readonly<Record<Coding | 'raw', Inflater>> = {
  gzip: { finishFlush: zlib, run: gunzipSync },
  deflate: { finishFlush: zlib, run: inflateSync },
  raw: { finishFlush: zlib, run: inflateRawSync },
  br: { finishFlush: constants.BROTLI_OPERATION_FLUSH, run: brotliDecompressSync },
  zstd: { finishFlush: constants.ZSTD_e_flush, run: zstdDecompressSync },
}

/** Text deflates to a third or less; room for more than that is seldom used. */
const usualRatio = 6
const leastRoom = 16 * 1024
const mostRoom = 1024 * 1024

/**
 * A body without its codings; undefined when they are not to be undone so, or it is longer than
 * `mostBytes` then. What it gives is to be read before the next call.
 */
export function undoCodings(
  body: Buffer,
  codings: readonly Coding[],
  mostBytes: number,
): Buffer | undefined {
  let plain = body
  if (body.length === 0) return body
  for (const coding of codings.toReversed()) {
    const inflated = inflate(plain, coding, mostBytes)
    if (inflated === undefined) return undefined
    plain = inflated
  }
  return plain
}

function inflate(body: Buffer, coding: Coding, mostBytes: number): Buffer | undefined {
  if (coding === 'gzip' && sizeSaid(body) >= mostBytes) return undefined
  const inflated = coding === 'deflate' ? undefined : inflateKept(body, coding, mostBytes)
  if (inflated === 'too long') return undefined
  if (inflated !== undefined && inflated.length > 0) return inflated
  const inflater = inflaterFor(coding, body)
  try {
    const plain = inflater.run(body, roomFor(inflater, body, coding, mostBytes))
    // Nothing came out and nothing was wrong: that is how some see what is not coded at all.
    return plain.length === 0 ? undefined : plain
  } catch {
    return undefined
  }
}

/** "deflate" is the zlib format (RFC 9110, 8.4.1.2); many servers send the bare one. */
function inflaterFor(coding: Coding, body: Buffer): Inflater {
  return inflaters[coding === 'deflate' && ((body[0] ?? 0) & 15) !== 8 ? 'raw' : coding]
}

function roomFor(
  { finishFlush }: Inflater,
  body: Buffer,
  coding: Coding,
  maxOutputLength: number,
): Room {
  const said = coding === 'gzip' ? sizeSaid(body) : 0
  // One byte more, so that the last call sees that nothing is left.
  const wanted = said > 0 && said < maxOutputLength ? said + 1 : body.length * usualRatio
  const chunkSize = Math.min(maxOutputLength, Math.max(leastRoom, Math.min(wanted, mostRoom)))
  return { chunkSize, finishFlush, maxOutputLength }
}

/** What gzip's last four bytes say of the inflated length (RFC 1952, 2.3.1); they may lie. */
function sizeSaid(body: Buffer): number {
  return body.length >= 18 ? body.readUInt32LE(body.length - 4) : 0
}

interface Deflater {
  /** Room for the output of so many bytes. */
  readonly mostOf: (bytes: number) => number
  readonly run: (body: Buffer, chunkSize: number) => Buffer
}

/** Text becomes shorter than this. */
const half = (bytes: number): number => Math.max(leastRoom, bytes >> 1)

const deflaters: Readonly<Record<ClientCoding, Deflater>> = {
  gzip: {
    mostOf: half,
    run: (body, chunkSize) => gzipSync(body, { ...fastest.gzip, chunkSize }),
  },
  br: {
    mostOf: half,
    run: (body, chunkSize) => brotliCompressSync(body, { ...fastest.br, chunkSize }),
  },
  zstd: {
    // With room for the worst it works from place to place, without buffers of its own in between
    // (ZSTD_compressBound; measured a tenth faster).
    mostOf: (bytes) => bytes + (bytes >> 8) + 128,
    run: (body, chunkSize) => zstdCompressSync(body, { ...fastest.zstd, chunkSize }),
  },
}

/** A body under a coding, at its fastest level, with no more memory than it needs. */
export function applyCoding(body: Buffer, coding: ClientCoding | undefined): Buffer {
  if (coding === undefined) return exactly(body)
  const kept = coding === 'br' ? undefined : deflateKept(body, coding)
  if (kept !== undefined) return kept
  const { run, mostOf } = deflaters[coding]
  const coded = run(body, mostOf(body.length))
  const exact = exactly(coded)
  giveBack(coded)
  return exact
}
