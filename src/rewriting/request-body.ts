/**
 * Request bodies on their way to a publisher: forms and JSON that fit the bound get their proxied
 * hosts mapped back, everything else passes as it comes, byte for byte.
 * @module
 */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

import { bodyChunks, readBodyStart, type BodyStart } from '../core/body-start.ts'
import type { HeaderLines } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { headerOf } from './header-lines.ts'
import { isSignedSaml, type Unmap } from './unmap.ts'

/** The body and the header lines that tell of it. */
export interface RequestBody {
  readonly lines: HeaderLines
  readonly body?: Readable
}

/** Uploads (multipart) are the reader's own bytes; a coded body is not opened. */
const textTypes =
  /^\s*(?:application\/(?:[\w.+-]+\+)?json|text\/json|application\/x-www-form-urlencoded|text\/plain)\s*(?:;|$)/i
const plainType = /^\s*text\/plain/i
const formType = /^\s*application\/x-www-form-urlencoded/i

/** Digests of the body that the page has sent (RFC 9530). */
const digests = new Set(['content-digest', 'repr-digest', 'digest', 'content-md5'])

/**
 * Prepares a request's body.
 *
 * @throws {GatewayError} `ERR_READER_LEFT` when the browser breaks off while its form is read.
 */
export async function bodyForPublisher(
  request: IncomingMessage,
  lines: HeaderLines,
  unmap: Unmap,
): Promise<RequestBody> {
  if (!hasBody(request)) return { lines: without(lines, ['content-length']) }
  const length = Number(request.headers['content-length'] ?? 0)
  const isCoded = (headerOf(lines, 'content-encoding') ?? 'identity') !== 'identity'
  const type = headerOf(lines, 'content-type') ?? ''
  if (!textTypes.test(type) || isCoded || length > limits.rewriting.requestBodyBytes) {
    return { lines, body: request }
  }
  const { chunks, isWhole } = await readStart(request, limits.rewriting.requestBodyBytes)
  if (!isWhole)
    return { lines, body: Readable.from(joined(chunks, request), { objectMode: false }) }
  const bytes = Buffer.concat(chunks)
  const mapped = Buffer.from(mapText(bytes.toString('latin1'), type, unmap), 'latin1')
  const kept = without(lines, ['content-length', ...(mapped.equals(bytes) ? [] : digests)])
  return {
    lines: [...kept, ['Content-Length', String(mapped.length)]],
    body: Readable.from([mapped], { objectMode: false }),
  }
}

function mapText(text: string, type: string, unmap: Unmap): string {
  // A string is sent as plain text unless a script says otherwise (Fetch standard, "extract a body").
  const isStaying = plainType.test(type)
    ? !/^\s*[{[]/.test(text)
    : formType.test(type) && isSignedSaml(text)
  return isStaying ? text : unmap(text)
}

/** RFC 9112 section 6.3; HTTP/2 says so by not ending the stream with its headers. */
function hasBody(request: IncomingMessage): boolean {
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers
  if (coding !== undefined || Number(length ?? 0) > 0) return true
  if (request.httpVersionMajor < 2 || length !== undefined) return false
  // Node's Http2ServerRequest is no IncomingMessage by type, but is what HTTP/2 hands in.
  const stream: unknown = 'stream' in request ? request.stream : undefined
  return isObject(stream) && 'endAfterHeaders' in stream && stream.endAfterHeaders === false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * Reads until the end or until the bound is passed; the request stays open.
 *
 * @throws {GatewayError} `ERR_READER_LEFT` when the browser breaks it off.
 */
export async function readStart(request: IncomingMessage, bytesMost: number): Promise<BodyStart> {
  return await readBodyStart(request, bytesMost).catch((cause) => {
    throw new GatewayError('ERR_READER_LEFT', 'request body broken off', { cause })
  })
}

async function* joined(
  chunks: readonly Buffer[],
  request: IncomingMessage,
): AsyncGenerator<Buffer> {
  yield* chunks
  yield* bodyChunks(request)
}

function without(lines: HeaderLines, names: readonly string[]): HeaderLines {
  if (names.every((name) => headerOf(lines, name) === undefined)) return lines
  const dropped = new Set(names)
  return lines.filter(([name]) => !dropped.has(name.toLowerCase()))
}
