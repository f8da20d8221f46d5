/**
 * Content codings of bodies that are there as a whole: undone and done in one call each, at once for
 * a short body, in Node's thread pool for a longer one.
 *
 * What cannot be undone in one call (damage, a wrong label, too much) is left to the decoders of
 * `coding.ts`, which are lenient and have a bound of their own.
 * @module
 */
import { promisify } from 'node:util'
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib'

import { limits } from '../core/limits.ts'
import { fastest, type ClientCoding, type Coding } from './coding.ts'
import { deflateKept, inflateKept } from './kept-coders.ts'
import { giveBack } from './memory.ts'

/** Options of one call: room for all of the output saves putting pieces together. */
interface Room {
  readonly chunkSize: number
  readonly finishFlush: number
  readonly maxOutputLength: number
}

interface Inflater {
  readonly finishFlush: number
  readonly here: (body: Buffer, room: Room) => Buffer
  readonly pooled: (body: Buffer, room: Room) => Promise<Buffer>
}

const zlib = constants.Z_SYNC_FLUSH
const inflaters: Readonly<Record<Coding | 'raw', Inflater>> = {
  gzip: { finishFlush: zlib, here: gunzipSync, pooled: promisify(gunzip) },
  deflate: { finishFlush: zlib, here: inflateSync, pooled: promisify(inflate) },
  raw: { finishFlush: zlib, here: inflateRawSync, pooled: promisify(inflateRaw) },
  br: {
    finishFlush: constants.BROTLI_OPERATION_FLUSH,
    here: brotliDecompressSync,
    pooled: promisify(brotliDecompress),
  },
  zstd: {
    finishFlush: constants.ZSTD_e_flush,
    here: zstdDecompressSync,
    pooled: promisify(zstdDecompress),
  },
}

/** Text deflates to a third or less; room for more than that is seldom used. */
const usualRatio = 6
const leastRoom = 16 * 1024
const mostRoom = 1024 * 1024

/**
 * A short body without its codings, at once; undefined when they are not to be undone so. What it
 * gives is to be read before the next call.
 */
export function undoCodings(body: Buffer, codings: readonly Coding[]): Buffer | undefined {
  let plain = body
  if (body.length === 0) return body
  for (const coding of codings.toReversed()) {
    const inflated = inflateHere(plain, coding)
    if (inflated === undefined) return undefined
    plain = inflated
  }
  return plain
}

/** The same in the thread pool, for longer bodies. */
export async function undoCodingsPooled(
  body: Buffer,
  codings: readonly Coding[],
): Promise<Buffer | undefined> {
  let plain = body
  if (body.length === 0) return body
  for (const coding of codings.toReversed()) {
    if (saysTooMuch(plain, coding)) return undefined
    const inflater = inflaterFor(coding, plain)
    const room = roomFor(inflater, plain, coding, limits.rewriting.wholePlainBytes)
    try {
      plain = await inflater.pooled(plain, room)
    } catch {
      return undefined
    }
    // Nothing came out and nothing was wrong: that is how some see what is not coded at all.
    if (plain.length === 0) return undefined
  }
  return plain
}

function inflateHere(body: Buffer, coding: Coding): Buffer | undefined {
  const { inlinePlainBytes } = limits.rewriting
  if (coding === 'gzip' && sizeSaid(body) >= inlinePlainBytes) return undefined
  const inflated = coding === 'gzip' ? inflateKept(body) : undefined
  if (inflated !== undefined && inflated.length > 0) return inflated
  const inflater = inflaterFor(coding, body)
  try {
    const plain = inflater.here(body, roomFor(inflater, body, coding, inlinePlainBytes))
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

function saysTooMuch(body: Buffer, coding: Coding): boolean {
  return coding === 'gzip' && sizeSaid(body) > limits.rewriting.wholePlainBytes
}

interface Deflater {
  /** Room for the output of so many bytes. */
  readonly mostOf: (bytes: number) => number
  readonly here: (body: Buffer, chunkSize: number) => Buffer
  readonly pooled: (body: Buffer, chunkSize: number) => Promise<Buffer>
}

/** Text becomes shorter than this. */
const half = (bytes: number): number => Math.max(leastRoom, bytes >> 1)
const gzipPooled = promisify(gzip)
const brotliPooled = promisify(brotliCompress)
const zstdPooled = promisify(zstdCompress)

const deflaters: Readonly<Record<ClientCoding, Deflater>> = {
  gzip: {
    mostOf: half,
    here: (body, chunkSize) => gzipSync(body, { ...fastest.gzip, chunkSize }),
    pooled: (body, chunkSize) => gzipPooled(body, { ...fastest.gzip, chunkSize }),
  },
  br: {
    mostOf: half,
    here: (body, chunkSize) => brotliCompressSync(body, { ...fastest.br, chunkSize }),
    pooled: (body, chunkSize) => brotliPooled(body, { ...fastest.br, chunkSize }),
  },
  zstd: {
    // With room for the worst it works from place to place, without buffers of its own in between
    // (ZSTD_compressBound; measured a tenth faster).
    mostOf: (bytes) => bytes + (bytes >> 8) + 128,
    here: (body, chunkSize) => zstdCompressSync(body, { ...fastest.zstd, chunkSize }),
    pooled: (body, chunkSize) => zstdPooled(body, { ...fastest.zstd, chunkSize }),
  },
}

/** A short body under a coding, at its fastest level. */
export function applyCoding(body: Buffer, coding: ClientCoding | undefined): Buffer {
  if (coding === undefined) return body
  const kept = coding === 'br' ? undefined : deflateKept(body, coding)
  if (kept !== undefined) return kept
  const { here, mostOf } = deflaters[coding]
  return fitted(here(body, mostOf(body.length)))
}

/** The same in the thread pool, for longer bodies. */
export async function applyCodingPooled(
  body: Buffer,
  coding: ClientCoding | undefined,
): Promise<Buffer> {
  if (coding === undefined) return body
  const { pooled, mostOf } = deflaters[coding]
  return fitted(await pooled(body, mostOf(body.length)))
}

/** Without the room that was not used: a slow reader keeps the bytes for minutes. */
function fitted(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength <= bytes.length * 1.1) return bytes
  const exact = Buffer.from(bytes)
  giveBack(bytes)
  return exact
}
