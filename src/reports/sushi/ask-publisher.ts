/**
 * One question to a publisher's COUNTER API: bounded in bytes and time, only under a certificate that
 * proves the name, only to an address that the egress guard lets through, and never to where an answer
 * points: the key stands in the question.
 * @module
 */
import { gunzipSync } from 'node:zlib'

import { request, type Dispatcher } from 'undici'

import { jsonOf } from '../../core/decoding.ts'
import { GatewayError } from '../../core/errors.ts'
import { limits } from '../../core/limits.ts'
import { upstreamError } from '../../exchange/failure.ts'

/** What came. */
export type PublisherAnswer =
  | {
      readonly kind: 'json'
      readonly status: number
      readonly value: unknown
      /** As the Retry-After header says. */
      readonly waitMs?: number
    }
  /** Nothing that can be used came, with what did. */
  | { readonly kind: 'unusable'; readonly detail: string }
  /** The server did not answer, or that it cannot. */
  | { readonly kind: 'unavailable'; readonly detail: string; readonly waitMs?: number }

/** Asks; never rejects. What it says of a trouble names the host, and never the question. */
export async function askPublisher(
  url: URL,
  { dispatcher, signal }: { readonly dispatcher: Dispatcher; readonly signal: AbortSignal },
): Promise<PublisherAnswer> {
  const deadline = AbortSignal.timeout(limits.sushi.answerMs)
  try {
    const answer = await request(url, {
      dispatcher,
      signal: AbortSignal.any([signal, deadline]),
      headers: { accept: 'application/json', 'accept-encoding': 'gzip', 'user-agent': 'Darbaza' },
    })
    const { statusCode: status, headers, body } = answer
    const bytes = await bounded(body)
    return read({ status, headers, bytes }, url)
  } catch (thrown) {
    if (deadline.aborted) return { kind: 'unavailable', detail: 'no whole answer in time' }
    return troubleOf(upstreamError(thrown, url.host))
  }
}

/** Codes of what will not become better by waiting. */
const lasting = new Set([
  'ERR_UPSTREAM_FORBIDDEN',
  'ERR_UPSTREAM_CERTIFICATE',
  'ERR_UPSTREAM_EXCESS',
])

function troubleOf({ code, message }: GatewayError): PublisherAnswer {
  return { kind: lasting.has(code) ? 'unusable' : 'unavailable', detail: `${code} ${message}` }
}

async function bounded(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    // Thrown within the loop: what is left of the answer is given up with it.
    if (length > limits.sushi.answerBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLong(): GatewayError {
  return new GatewayError(
    'ERR_UPSTREAM_EXCESS',
    `an answer of more than ${limits.sushi.answerBytes} bytes`,
  )
}

interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
}

function read({ status, headers, bytes }: Received, url: URL): PublisherAnswer {
  if (status >= 300 && status < 400) {
    return { kind: 'unusable', detail: `${status}, leads to ${targetOf(headers['location'], url)}` }
  }
  const text = unpacked(bytes, headers['content-encoding']).toString('utf8')
  // A byte order mark should not be there, and often is.
  const value = jsonOf(text.replace(/^\uFEFF/, ''))
  const waitMs = waitOf(headers['retry-after'])
  const wait = waitMs === undefined ? {} : { waitMs }
  if (value !== undefined) return { kind: 'json', status, value, ...wait }
  if (status >= 500 || status === 429) {
    return { kind: 'unavailable', detail: `status ${status}`, ...wait }
  }
  return { kind: 'unusable', detail: `status ${status}, no JSON` }
}

/** The origin alone: the rest of an address may repeat the key. */
function targetOf(location: string | string[] | undefined, base: URL): string {
  const text = String(location ?? '')
  return URL.canParse(text, base.href) ? new URL(text, base.href).origin : 'nowhere'
}

function unpacked(bytes: Buffer, coding: string | string[] | undefined): Buffer {
  if (coding === undefined || coding === 'identity') return bytes
  if (coding !== 'gzip') {
    throw new GatewayError('ERR_UPSTREAM_BROKEN', 'an answer in a coding that was not asked for')
  }
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.sushi.answerBytes })
  } catch {
    throw new GatewayError('ERR_UPSTREAM_EXCESS', 'an answer that cannot be unpacked within bounds')
  }
}

/** In seconds; a date is not waited for to the second. */
function waitOf(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? '')
  return /^\d{1,9}$/.test(text) ? Number(text) * 1000 : undefined
}
