/**
 * One question of the link checker to a publisher, as a reader's exchange goes: to an address that the
 * egress guard lets through, under a certificate that proves the name, in bounds of bytes and time. It
 * is a GET, since publishers answer HEAD with something else; only the beginning of a page is read.
 * @module
 */
import { pipeline, type Readable } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'

import { request, type Dispatcher } from 'undici'

import type { HeaderLines } from '../core/context.ts'
import { systemCodeOf, type ErrorCode, type GatewayError } from '../core/errors.ts'
import type { LinkState } from '../core/links.ts'
import { limits } from '../core/limits.ts'
import { upstreamError } from '../exchange/failure.ts'

/** What came, or why nothing did. */
export type LinkAnswer =
  | {
      readonly kind: 'answer'
      readonly status: number
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string | string[] | undefined>>
      /** The beginning of the body, unpacked; empty of an answer that leads on. */
      readonly start: Buffer
    }
  | { readonly kind: 'trouble'; readonly state: LinkState; readonly detail: string }

/** How to ask. */
export interface LinkQuestion {
  readonly dispatcher: Dispatcher
  readonly headers: HeaderLines
  /** The gateway stops. */
  readonly signal: AbortSignal
  readonly answerMs: number
}

/** Asks; never rejects. What it says of a trouble names the host, and never the path or query. */
export async function askLink(url: URL, question: LinkQuestion): Promise<LinkAnswer> {
  const { dispatcher, headers, signal, answerMs } = question
  const deadline = AbortSignal.timeout(answerMs)
  try {
    const answer = await request(url, {
      dispatcher,
      signal: AbortSignal.any([signal, deadline]),
      headers: headers.flat(),
    })
    const { statusCode: status, body } = answer
    const isLeading = status >= 300 && status < 400 && answer.headers['location'] !== undefined
    if (isLeading) body.on('error', () => undefined).destroy()
    const start = isLeading
      ? Buffer.alloc(0)
      : await startOf(body, answer.headers['content-encoding'])
    return { kind: 'answer', status, headers: answer.headers, start }
  } catch (thrown) {
    if (deadline.aborted) return { kind: 'trouble', state: 'slow', detail: 'no answer in time' }
    return troubleOf(upstreamError(thrown, url.host))
  }
}

const readers = {
  gzip: () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  'x-gzip': () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ finishFlush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
} as const

async function startOf(body: Readable, coding: string | string[] | undefined): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of unpacked(
    body,
    String(coding ?? 'identity')
      .trim()
      .toLowerCase(),
  )) {
    chunks.push(chunk)
    length += chunk.length
    // Leaving the loop gives up what is left of the answer.
    if (length >= limits.links.pageBytes) break
  }
  return Buffer.concat(chunks).subarray(0, limits.links.pageBytes)
}

function unpacked(body: Readable, coding: string): AsyncIterable<Buffer> {
  if (coding === 'identity' || coding === '') return body
  if (!isReadable(coding)) {
    body.on('error', () => undefined).destroy()
    throw new TypeError('an answer in a coding that was not asked for')
  }
  // What breaks off is heard of by whoever reads.
  return pipeline(body, readers[coding](), () => undefined)
}

function isReadable(coding: string): coding is keyof typeof readers {
  return Object.hasOwn(readers, coding)
}

/** The gateway's own network, not the publisher's. */
const ownCodes = new Set(['EAI_AGAIN', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE'])
const namelessCodes = new Set(['ENOTFOUND', 'ENODATA'])

/** What is not listed is `garbled`. */
const states: Readonly<Partial<Record<ErrorCode, LinkState>>> = {
  ERR_UPSTREAM_AWAY: 'unreachable',
  ERR_UPSTREAM_FORBIDDEN: 'forbidden',
  ERR_UPSTREAM_CERTIFICATE: 'certificate',
  ERR_UPSTREAM_SLOW: 'slow',
  ERR_OVERLOAD: 'untold',
}

function troubleOf({ code, message, cause }: GatewayError): LinkAnswer {
  const found = systemCodeOf(cause) ?? ''
  const byCause = ownCodes.has(found) ? 'untold' : namelessCodes.has(found) ? 'nameless' : undefined
  return { kind: 'trouble', state: byCause ?? states[code] ?? 'garbled', detail: message }
}
