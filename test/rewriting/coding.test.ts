/**
 * Codings: undone and done again, whatever publishers send; memory, back-pressure and broken ends.
 * @module
 */
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import {
  brotliCompressSync,
  brotliDecompressSync,
  createGzip,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'

import test from 'ava'

import { streamBody, type BodyOptions } from '../../src/rewriting/body.ts'
import { chooseCoding } from '../../src/rewriting/coding.ts'
import { randomChunks } from '../support/conformance-body.ts'
import { secureHosts, upstreamOf } from './hosts.ts'

const url = 'https://www.jstor.org/stable/1'
const page = { hosts: secureHosts, upstream: upstreamOf(secureHosts, url), url }
const html = `<p>${'text '.repeat(4000)}</p><a href="https://www.jstor.org/x">x</a>`
const mapped = html.replace('www.jstor.org', 'www-jstor-org.proxy.example.edu')

function rewrite(options: Partial<BodyOptions> & Pick<BodyOptions, 'body'>) {
  const contentType = 'text/html'
  return streamBody({
    kind: 'html',
    page,
    contentType,
    contentEncoding: '',
    acceptEncoding: '',
    ...options,
  })
}

async function textOf(body: Readable): Promise<string> {
  return Buffer.concat(await body.toArray()).toString()
}

function coded(bytes: Buffer, contentEncoding: string): Promise<string> {
  const body = Readable.from(randomChunks(bytes, 5, 700))
  return textOf(rewrite({ body, contentEncoding }).body)
}

const plain = Buffer.from(html)
const gzipped = gzipSync(plain)
const wrongSum = Buffer.from(gzipped)
wrongSum.writeUInt32LE(1, wrongSum.length - 8)

for (const [name, contentEncoding, bytes] of [
  ['gzip', 'gzip', gzipped],
  ['the alias x-gzip, in capitals', 'X-GZIP', gzipped],
  ['zlib deflate', 'deflate', deflateSync(plain)],
  ['raw deflate', 'deflate', deflateRawSync(plain)],
  ['brotli', 'br', brotliCompressSync(plain)],
  ['zstd', 'zstd', zstdCompressSync(plain)],
  ['a chain', 'gzip, br, zstd', zstdCompressSync(brotliCompressSync(gzipped))],
  ['identity by name', 'identity', plain],
  ['gzip without its trailer', 'gzip', gzipped.subarray(0, -8)],
  ['gzip with a wrong sum', 'gzip', wrongSum],
  ['gzip with bytes behind it', 'gzip', Buffer.concat([gzipped, Buffer.from('\0\0\0')])],
  ['gzip with junk behind it', 'gzip', Buffer.concat([gzipped, Buffer.from('junk behind')])],
  [
    'two gzip members',
    'gzip',
    Buffer.concat([gzipSync(plain.subarray(0, 99)), gzipSync(plain.subarray(99))]),
  ],
  ['plain text called gzip', 'gzip', plain],
  ['plain text called deflate', 'deflate', plain],
  ['plain text called br', 'br', plain],
  ['plain text called zstd', 'zstd', plain],
] as const) {
  test(`undoes ${name}`, async (t) => {
    t.true((await coded(bytes, contentEncoding)) === mapped)
  })
}

test('an empty body stays empty under any coding', async (t) => {
  for (const contentEncoding of ['', 'gzip', 'deflate', 'br', 'zstd']) {
    t.is(await coded(Buffer.alloc(0), contentEncoding), '', contentEncoding)
  }
})

test('damage in the middle breaks the stream, so that no half page looks whole', async (t) => {
  const big = gzipSync(
    Buffer.from(Array.from({ length: 90_000 }, (_, index) => index * index).join()),
  )
  big.fill(0xff, 60_000, 60_400)
  await t.throwsAsync(coded(big, 'gzip'), { code: 'ERR_UPSTREAM_BROKEN' })
})

test('an unknown coding goes through untouched', async (t) => {
  const body = Readable.from([plain])
  const result = rewrite({ body, contentEncoding: 'compress' })
  t.is(result.outcome, 'opaque')
  t.is(result.body, body)
})

test('more codings than the bound are refused at once', (t) => {
  const contentEncoding = Array.from({ length: 6 }, () => 'gzip').join(', ')
  t.throws(() => rewrite({ body: Readable.from([]), contentEncoding }), {
    code: 'ERR_UPSTREAM_EXCESS',
  })
})

test('a body that inflates beyond its bound ends with an error, and memory stays flat', async (t) => {
  const gzip = createGzip()
  const zeros = Readable.from(Array.from({ length: 1024 }, () => Buffer.alloc(256 * 1024)))
  const body = zeros.pipe(gzip)
  const before = process.memoryUsage().rss
  let most = 0
  const result = rewrite({ body, contentEncoding: 'gzip' })
  await t.throwsAsync(
    async () => {
      for await (const _ of result.body) most = Math.max(most, process.memoryUsage().rss - before)
    },
    { code: 'ERR_UPSTREAM_EXCESS' },
  )
  zeros.destroy()
  t.true(most < 64 * 1024 * 1024, `${most} bytes`)
  t.true(body.destroyed)
})

test('the client gets what it takes and what costs least', (t) => {
  t.is(chooseCoding('gzip, deflate, br, zstd'), 'zstd')
  t.is(chooseCoding('gzip, deflate, br'), 'br')
  t.is(chooseCoding('gzip;q=0.5, br;q=0'), 'gzip')
  t.is(chooseCoding('*'), 'zstd')
  t.is(chooseCoding('*, zstd;q=0'), 'br')
  t.is(chooseCoding('identity'), undefined)
  t.is(chooseCoding(''), undefined)
})

test('what goes out coded is coded as it says', async (t) => {
  const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync }
  for (const [acceptEncoding, decode] of Object.entries(decoders)) {
    const { body, contentEncoding } = rewrite({ body: Readable.from([plain]), acceptEncoding })
    t.is(contentEncoding, acceptEncoding)
    t.is(decode(Buffer.concat(await body.toArray())).toString(), mapped)
  }
})

test('events and tiny bodies are not coded', (t) => {
  const acceptEncoding = 'zstd'
  const body = Readable.from([plain])
  t.is(rewrite({ body, acceptEncoding, kind: 'event-stream' }).contentEncoding, undefined)
  t.is(rewrite({ body, acceptEncoding, contentBytes: 100 }).contentEncoding, undefined)
})

test('an event goes out as soon as it is there', async (t) => {
  const body = new PassThrough()
  const { body: output } = rewrite({ body, kind: 'event-stream' })
  for (const event of ['data: 1\n\n', 'data: {"u":"https://www.jstor.org/x"}\n\n']) {
    body.write(event)
    const [chunk] = await once(output, 'data')
    t.is(String(chunk), event.replace('www.jstor.org', 'www-jstor-org.proxy.example.edu'))
  }
  output.destroy()
})

test('what a coder holds goes out when the publisher pauses', async (t) => {
  const body = new PassThrough()
  const { body: output } = rewrite({ body, acceptEncoding: 'gzip' })
  body.write(`<head>${'a'.repeat(2000)}<p>`)
  await once(output, 'data')
  t.pass()
  output.destroy()
})

test('a reader that stops reading stops the publisher, and one that leaves ends it', async (t) => {
  let sent = 0
  const chunk = Buffer.alloc(64 * 1024, 'a ')
  const body = new Readable({
    read() {
      sent += chunk.length
      this.push(chunk)
    },
  })
  const { body: output } = rewrite({ body, acceptEncoding: 'identity' })
  await once(output, 'readable')
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.true(sent < 2 * 1024 * 1024, `${sent} bytes`)
  const closed = new Promise((resolve) => body.once('close', resolve))
  output.destroy()
  await closed
  t.true(body.destroyed)
})

test('a publisher that breaks off breaks the answer', async (t) => {
  const body = new PassThrough()
  const { body: output } = rewrite({ body, acceptEncoding: 'gzip' })
  body.write('<p>half')
  setImmediate(() => body.destroy(new Error('reset')))
  await t.throwsAsync(output.toArray(), { message: 'reset' })
})
