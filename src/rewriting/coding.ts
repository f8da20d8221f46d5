/**
 * Content codings, both ways: undone leniently, as browsers do, and done again as the client takes
 * it at the least cost.
 *
 * A body that is not coded as its header says is taken as it is, a missing or wrong trailer is
 * overlooked, a chain has a bound and so has what it inflates to.
 * @module
 */
import { Transform, type TransformCallback } from 'node:stream'
import {
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
  createZstdCompress,
  createZstdDecompress,
  inflateRawSync,
} from 'node:zlib'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'

/** A coding that the gateway understands. */
export type Coding = 'br' | 'deflate' | 'gzip' | 'zstd'

/** A stream that compresses and can be made to send what it holds. */
export type Encoder = Transform & { flush(callback?: () => void): void }

const outputBytes = 64 * 1024
/** Coded bytes kept, to go back to if they turn out not to be coded or wrongly summed. */
const heldBytes = 64 * 1024

/**
 * The codings of a body in the order they were applied; undefined when one is not known.
 *
 * @throws {GatewayError} `ERR_UPSTREAM_EXCESS` for a chain longer than the bound.
 */
export function parseCodings(contentEncoding: string): Coding[] | undefined {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  const applied = names.filter((name) => name !== '' && name !== 'identity')
  if (applied.length > limits.exchange.codings) {
    throw new GatewayError(
      'ERR_UPSTREAM_EXCESS',
      `found ${applied.length} content codings, expected at most ${limits.exchange.codings}`,
    )
  }
  const codings = applied.map(codingOf)
  return codings.includes(undefined) ? undefined : codings.filter((coding) => coding !== undefined)
}

function codingOf(name: string): Coding | undefined {
  if (name === 'gzip' || name === 'x-gzip') return 'gzip'
  return name === 'br' || name === 'deflate' || name === 'zstd' ? name : undefined
}

/** Undoes one coding. */
export function createDecoder(coding: Coding): Transform {
  return new TolerantDecoder(coding)
}

class TolerantDecoder extends Transform {
  readonly #coding: Coding
  #inflater: Transform | undefined
  /** What came in, as long as it is little: to go back to when the coding turns out wrong. */
  #held: Buffer[] | undefined = []
  #heldBytes = 0
  #inflatedBytes = 0
  #state: 'coded' | 'finished' | 'plain' = 'coded'
  #pending: TransformCallback | undefined

  constructor(coding: Coding) {
    super()
    this.#coding = coding
  }

  override _transform(chunk: Buffer, _: BufferEncoding, callback: TransformCallback): void {
    if (this.#state === 'plain') return callback(null, chunk)
    if (this.#state === 'finished') return callback()
    this.#hold(chunk)
    const inflater = this.#inflater ?? this.#open(chunk)
    this.#pending = callback
    inflater.write(chunk, () => this.#release())
  }

  override _flush(callback: TransformCallback): void {
    if (this.#state !== 'coded' || this.#inflater === undefined) return callback()
    this.#pending = callback
    this.#inflater.end()
  }

  override read(size?: number): unknown {
    this.#inflater?.resume()
    return super.read(size)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#inflater?.destroy()
    callback(error)
  }

  #open(first: Buffer): Transform {
    const inflater = createInflater(this.#coding, first)
    this.#inflater = inflater
    inflater.on('data', (bytes: Buffer) => this.#take(bytes))
    inflater.on('error', (error) => this.#fail(error))
    inflater.on('end', () => {
      this.#state = 'finished'
      this.#release()
    })
    return inflater
  }

  #hold(chunk: Buffer): void {
    this.#heldBytes += chunk.length
    if (this.#heldBytes > heldBytes) this.#held = undefined
    this.#held?.push(chunk)
  }

  #take(bytes: Buffer): void {
    this.#inflatedBytes += bytes.length
    if (this.#inflatedBytes > limits.rewriting.inflatedBytes) {
      const most = limits.rewriting.inflatedBytes
      this.destroy(
        new GatewayError('ERR_UPSTREAM_EXCESS', `the body inflates to more than ${most} bytes`),
      )
    } else if (!this.push(bytes)) this.#inflater?.pause()
  }

  #fail(error: Error): void {
    const held = this.#held && Buffer.concat(this.#held)
    this.#held = undefined
    const isWhole = held !== undefined && isWholeBefore(error, held)
    if (held === undefined || (this.#inflatedBytes > 0 && !isWhole)) {
      this.destroy(new GatewayError('ERR_UPSTREAM_BROKEN', 'the body is damaged', { cause: error }))
      return
    }
    // A body that is whole is what it says; with any other fault it is not coded.
    this.#state = isWhole ? 'finished' : 'plain'
    this.push(isWhole ? inflateUnchecked(held).subarray(this.#inflatedBytes) : held)
    this.#release()
  }

  #release(): void {
    const callback = this.#pending
    this.#pending = undefined
    callback?.()
  }
}

/** Whether only its check or what follows it is wrong; browsers overlook both. */
function isWholeBefore({ message }: Error, body: Buffer): boolean {
  if (/^incorrect (?:data|length) check$/.test(message)) return true
  // The first member's header was right, so that this is about bytes behind its end.
  return message === 'incorrect header check' && body[0] === 0x1f && body[1] === 0x8b
}

/** A short gzip or zlib body without its check. */
function inflateUnchecked(body: Buffer): Buffer {
  const options = { ...deflate, maxOutputLength: limits.rewriting.inflatedBytes }
  return inflateRawSync(body.subarray(body[0] === 0x1f ? gzipHeaderBytes(body) : 2), options)
}

/** Length of a gzip member's header (RFC 1952, 2.3): extra field, name, comment, sum. */
function gzipHeaderBytes(body: Buffer): number {
  const flags = body[3] ?? 0
  let at = 10
  if (flags & 4) at += 2 + body.readUInt16LE(at)
  if (flags & 8) at = body.indexOf(0, at) + 1
  if (flags & 16) at = body.indexOf(0, at) + 1
  return flags & 2 ? at + 2 : at
}

const deflate = { chunkSize: outputBytes, finishFlush: constants.Z_SYNC_FLUSH }
const brotli = { chunkSize: outputBytes, finishFlush: constants.BROTLI_OPERATION_FLUSH }
const zstd = { chunkSize: outputBytes, finishFlush: constants.ZSTD_e_flush }

function createInflater(coding: Coding, first: Buffer): Transform {
  if (coding === 'gzip') return createGunzip(deflate)
  if (coding === 'br') return createBrotliDecompress(brotli)
  if (coding === 'zstd') return createZstdDecompress(zstd)
  // "deflate" is the zlib format (RFC 9110, 8.4.1.2); many servers send the bare one.
  return ((first[0] ?? 0) & 15) === 8 ? createInflate(deflate) : createInflateRaw(deflate)
}

/** Codings for the client, cheapest first: measured per byte, zstd 1 before br 1 before gzip 1. */
const preferred = ['zstd', 'br', 'gzip'] as const

/** The coding that a client takes and that costs least; undefined for none (RFC 9110, 12.5.3). */
export function chooseCoding(acceptEncoding: string): ClientCoding | undefined {
  const weights = new Map<string, number>()
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    weights.set(name === 'x-gzip' ? 'gzip' : name, weight === undefined ? 1 : Number(weight))
  }
  return preferred.find((coding) => (weights.get(coding) ?? weights.get('*') ?? 0) > 0)
}

/** A coding that the gateway itself applies. */
export type ClientCoding = (typeof preferred)[number]

/**
 * The fastest level of each coding, as zlib options. Pages come out about as long as under gzip's; of
 * zstd the levels below 1 would leave letters as they are, and pages half as long again.
 */
export const fastest = {
  br: { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } },
  gzip: { level: 1 },
  zstd: { params: { [constants.ZSTD_c_compressionLevel]: 1 } },
} as const satisfies Record<ClientCoding, object>

/** Compresses for the client at the fastest level. */
export function createEncoder(coding: ClientCoding): Encoder {
  if (coding === 'gzip') return createGzip(fastest.gzip)
  return coding === 'br' ? createBrotliCompress(fastest.br) : createZstdCompress(fastest.zstd)
}
