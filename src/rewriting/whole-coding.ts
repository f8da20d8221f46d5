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
import type { ClientCoding, Coding } from './coding.ts'

/** Where the work is done. */
export type WorkPlace = 'here' | 'in the pool'

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

/** The body without its codings; undefined when they are not to be undone in one call each. */
export async function undoCodings(
  body: Buffer,
  codings: readonly Coding[],
  place: WorkPlace,
): Promise<Buffer | undefined> {
  let plain = body
  if (body.length === 0) return body
  for (const coding of codings.toReversed()) {
    if (saysTooMuch(plain, coding)) return undefined
    const inflater = inflaterFor(coding, plain)
    try {
      const room = roomFor(inflater, plain, place)
      plain = place === 'here' ? inflater.here(plain, room) : await inflater.pooled(plain, room)
    } catch {
      return undefined
    }
    // Nothing came out and nothing was wrong: that is how some see what is not coded at all.
    if (plain.length === 0) return undefined
  }
  return plain
}

/** "deflate" is the zlib format (RFC 9110, 8.4.1.2); many servers send the bare one. */
function inflaterFor(coding: Coding, body: Buffer): Inflater {
  return inflaters[coding === 'deflate' && ((body[0] ?? 0) & 15) !== 8 ? 'raw' : coding]
}

function roomFor({ finishFlush }: Inflater, body: Buffer, place: WorkPlace): Room {
  const { inlinePlainBytes, wholePlainBytes } = limits.rewriting
  const maxOutputLength = place === 'here' ? inlinePlainBytes : wholePlainBytes
  const wanted = Math.min(Math.max(leastRoom, body.length * usualRatio), mostRoom)
  return { chunkSize: Math.min(maxOutputLength, wanted), finishFlush, maxOutputLength }
}

/** What gzip's last four bytes say of the inflated length (RFC 1952, 2.3.1); they may lie. */
function saysTooMuch(body: Buffer, coding: Coding): boolean {
  const isMember = coding === 'gzip' && body.length >= 18
  return isMember && body.readUInt32LE(body.length - 4) > limits.rewriting.wholePlainBytes
}

const brotliParams = { [constants.BROTLI_PARAM_QUALITY]: 1 }
const zstdParams = { [constants.ZSTD_c_compressionLevel]: 1 }

/** The body under a coding, at its fastest level. */
export async function applyCoding(
  body: Buffer,
  coding: ClientCoding | undefined,
  place: WorkPlace,
): Promise<Buffer> {
  if (coding === undefined) return body
  const chunkSize = Math.max(leastRoom, body.length >> 1)
  const isHere = place === 'here'
  if (coding === 'gzip') {
    const options = { level: 1, chunkSize }
    return isHere ? gzipSync(body, options) : await promisify(gzip)(body, options)
  }
  if (coding === 'br') {
    const options = { params: brotliParams, chunkSize }
    return isHere
      ? brotliCompressSync(body, options)
      : await promisify(brotliCompress)(body, options)
  }
  const options = { params: zstdParams, chunkSize }
  return isHere ? zstdCompressSync(body, options) : await promisify(zstdCompress)(body, options)
}
