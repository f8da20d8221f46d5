/**
 * What a demo publisher answers, and how it goes onto the wire: gzip, ETag, Range and HEAD as a
 * real publisher's server handles them.
 * @module
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

import type { Markup } from './markup.ts'

/** An answer. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<OutgoingHttpHeaders>
  readonly body: Buffer
  /** Files have a validator and can be had in parts; pages are made anew each time. */
  readonly kind: 'page' | 'file'
}

/** An HTML page in UTF-8. */
export function page(body: Markup, status = 200, headers: OutgoingHttpHeaders = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private', ...headers },
    body: Buffer.from(body.text),
    kind: 'page',
  }
}

/** JSON data. */
export function data(value: unknown, status = 200, headers: OutgoingHttpHeaders = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: Buffer.from(JSON.stringify(value)),
    kind: 'page',
  }
}

/** A file: style sheet, script, picture, PDF. */
export function file(
  type: string,
  body: string | Buffer,
  headers: OutgoingHttpHeaders = {},
): Reply {
  return {
    status: 200,
    headers: { 'content-type': type, 'cache-control': 'public, max-age=3600', ...headers },
    body: Buffer.from(body),
    kind: 'file',
  }
}

/** A redirect. */
export function redirect(location: string, headers: OutgoingHttpHeaders = {}): Reply {
  return { status: 302, headers: { location, ...headers }, body: Buffer.alloc(0), kind: 'page' }
}

/** Plain words, for what is no page of the site. */
export function plain(status: number, text: string): Reply {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(`${text}\n`),
    kind: 'page',
  }
}

/** Sends a reply as the request asks for it. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status, headers, body } = reply.kind === 'file' ? asAsked(request, reply) : reply
  const type = headers['content-type'] ?? ''
  const isText = /^(text\/|image\/svg|application\/json|text\/javascript)/.test(type)
  const isZipped =
    status === 200 && isText && body.length > 512 && acceptsGzip(request) && !request.headers.range
  const sent = isZipped ? gzipSync(body) : body

  response.writeHead(status, {
    ...headers,
    ...(isText && { vary: [headers['vary'], 'Accept-Encoding'].filter(Boolean).join(', ') }),
    ...(isZipped && { 'content-encoding': 'gzip' }),
    ...(status !== 304 && status !== 204 && { 'content-length': sent.length }),
  })
  response.end(request.method === 'HEAD' ? undefined : sent)
}

/** A file whole, unchanged (RFC 9110 section 13) or in part (section 14). */
function asAsked(request: IncomingMessage, reply: Reply): Reply {
  const etag = `"${createHash('sha256').update(reply.body).digest('base64url').slice(0, 22)}"`
  const headers = { ...reply.headers, etag, 'accept-ranges': 'bytes' }
  if (request.headers['if-none-match'] === etag) {
    return { ...reply, status: 304, headers, body: Buffer.alloc(0) }
  }

  const isRangeValid = [undefined, etag].includes([request.headers['if-range']].flat()[0])
  const range = isRangeValid ? /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') : null
  if (!range || (range[1] === '' && range[2] === '')) return { ...reply, headers }

  const size = reply.body.length
  const first = range[1] === '' ? Math.max(0, size - Number(range[2])) : Number(range[1])
  const last = range[1] === '' || range[2] === '' ? size - 1 : Math.min(Number(range[2]), size - 1)
  if (first > last) {
    const unsatisfied = { ...headers, 'content-range': `bytes */${size}` }
    return { ...reply, status: 416, headers: unsatisfied, body: Buffer.alloc(0) }
  }
  return {
    ...reply,
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${first}-${last}/${size}` },
    body: reply.body.subarray(first, last + 1),
  }
}

function acceptsGzip(request: IncomingMessage): boolean {
  return /\bgzip\b/.test([request.headers['accept-encoding']].flat().join(','))
}
