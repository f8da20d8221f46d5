/**
 * Bodies in one pass: the same text as the stream gives, the publisher's bytes where nothing changes,
 * and a stream after all where one pass would hold somebody up.
 */
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'

import test from 'ava'
import * as fc from 'fast-check'

import { limits } from '../../src/core/limits.ts'
import { rewriteBody, streamBody, type MetBodyOptions } from '../../src/rewriting/body.ts'
import { createBodyTransform, rewriteText } from '../../src/rewriting/text-body.ts'
import { createVerdicts, verdictKey } from '../../src/rewriting/verdicts.ts'
import { feed, randomChunks } from '../support/conformance-body.ts'
import { secureHosts, upstreamOf } from './hosts.ts'

const url = 'https://www.jstor.org/stable/1'
const page = { hosts: secureHosts, upstream: upstreamOf(secureHosts, url), url }
const link = '<a href="https://www.jstor.org/x">x</a>'
const short = `<p>${'text '.repeat(4000)}</p>${link}`
const long = Array.from({ length: 30_000 }, (_, index) => `<p>${index * index}</p>`).join('') + link

function options(body: Readable, more: Partial<MetBodyOptions> = {}): MetBodyOptions {
  return {
    body,
    page,
    kind: 'html',
    contentType: 'text/html',
    contentEncoding: '',
    acceptEncoding: '',
    verdicts: createVerdicts(),
    verdictKey: undefined,
    ...more,
  }
}

async function textOf(body: Buffer | Readable): Promise<string> {
  return (Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray())).toString()
}

function mapped(text: string): string {
  return text.replace('www.jstor.org', 'www-jstor-org.proxy.example.edu')
}

function wrongSum(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(1, bytes.length - 8)
  return bytes
}

for (const [size, text] of [
  ['short', short],
  ['long', long],
] as const) {
  const plain = Buffer.from(text)
  const gzipped = gzipSync(plain)
  for (const [name, contentEncoding, bytes] of [
    ['identity', '', plain],
    ['gzip', 'gzip', gzipped],
    ['zlib deflate', 'deflate', deflateSync(plain)],
    ['raw deflate', 'deflate', deflateRawSync(plain)],
    ['brotli', 'br', brotliCompressSync(plain)],
    ['zstd', 'zstd', zstdCompressSync(plain)],
    ['a chain', 'gzip, br', brotliCompressSync(gzipped)],
    ['gzip without its trailer', 'gzip', gzipped.subarray(0, -8)],
    ['gzip with bytes behind it', 'gzip', Buffer.concat([gzipped, Buffer.from('\0\0\0')])],
    ['plain text called gzip', 'gzip', plain],
    ['plain text called zstd', 'zstd', plain],
  ] as const) {
    test(`a ${size} body in ${name} is rewritten whatever its chunks`, async (t) => {
      const chunks = randomChunks(bytes, 5, 20_000)
      const result = await rewriteBody(options(Readable.from(chunks), { contentEncoding }))
      t.is(result.outcome, 'rewritten')
      t.true((await textOf(result.body)) === mapped(text))
    })
  }
}

test('a wrong sum is overlooked as in a stream', async (t) => {
  const body = Readable.from([wrongSum(gzipSync(short))])
  const result = await rewriteBody(options(body, { contentEncoding: 'gzip' }))
  t.true((await textOf(result.body)) === mapped(short))
})

test('what comes soon goes in one pass, coded as the client takes it', async (t) => {
  for (const text of [short, long]) {
    const body = Readable.from([Buffer.from(text)])
    const result = await rewriteBody(options(body, { acceptEncoding: 'gzip' }))
    t.is(result.contentEncoding, 'gzip')
    if (!Buffer.isBuffer(result.body)) return t.fail('a stream')
    t.true(gunzipSync(result.body).toString() === mapped(text))
  }
})

test('a slow publisher streams: what it has said goes out before the rest', async (t) => {
  const body = new PassThrough()
  body.write(`<head>${'a'.repeat(2000)}<p>`)
  const result = await rewriteBody(options(body))
  if (Buffer.isBuffer(result.body)) return t.fail('not a stream')
  const [chunk] = await once(result.body, 'data')
  t.true(String(chunk).startsWith('<head>aaa'))
  body.end(link)
  t.true((await textOf(result.body)).endsWith(mapped(link)))
})

test('a body beyond the bound streams', async (t) => {
  const bytes = Buffer.alloc(limits.rewriting.wholeBytes + 1, 'a ')
  const result = await rewriteBody(options(Readable.from([bytes, Buffer.from(link)])))
  t.false(Buffer.isBuffer(result.body))
  t.true((await textOf(result.body)).endsWith(`a a${mapped(link)}`))
})

test('a bomb is not inflated in one pass, and a stream ends it', async (t) => {
  const bomb = gzipSync(Buffer.alloc(limits.rewriting.inflatedBytes + 1))
  const result = await rewriteBody(options(Readable.from([bomb]), { contentEncoding: 'gzip' }))
  t.false(Buffer.isBuffer(result.body))
  await t.throwsAsync(textOf(result.body), { code: 'ERR_UPSTREAM_EXCESS' })
})

test('what the publisher breaks off is broken off, after what had come', async (t) => {
  const body = new PassThrough()
  const begun = rewriteBody(options(body))
  body.write(`<head>${'a'.repeat(2000)}<p>`)
  setImmediate(() => body.destroy(new Error('reset')))
  const result = await begun
  if (Buffer.isBuffer(result.body)) return t.fail('whole')
  const [chunk] = await once(result.body, 'data')
  t.true(String(chunk).startsWith('<head>aaa'))
  await t.throwsAsync(textOf(result.body), { message: 'reset' })
})

const script = `var a = "https://other.example/x", b = /\\/x/; // ${'plain '.repeat(3000)}`

test('a clean body goes out in its own bytes, and the next time unread', async (t) => {
  const coded = gzipSync(script)
  const verdicts = createVerdicts()
  const asked = { kind: 'javascript', contentEncoding: 'gzip', verdicts, verdictKey: 'k' } as const
  const first = await rewriteBody(options(Readable.from([coded]), asked))
  t.deepEqual([first.outcome, first.contentEncoding], ['clean', 'gzip'])
  t.deepEqual(first.body, coded)

  const body = Readable.from([coded])
  const second = await rewriteBody(options(body, asked))
  t.is(second.body, body)
  t.deepEqual([second.outcome, second.contentEncoding], ['clean', 'gzip'])
})

test('a rewritten body is not remembered as clean', async (t) => {
  const verdicts = createVerdicts()
  await rewriteBody(options(Readable.from([Buffer.from(link)]), { verdicts, verdictKey: 'k' }))
  t.is(verdicts.cleanOf('k'), undefined)
})

test('verdicts: whatever may make another body makes another key', (t) => {
  const headers = [
    ['ETag', '"1"'],
    ['Content-Type', 'text/css'],
  ] as const
  const identity = { url, kind: 'css', opening: 'none', version: '1', headers } as const
  const others = [
    { ...identity, url: `${url}?` },
    { ...identity, kind: 'html' },
    { ...identity, opening: 'document' } as const,
    { ...identity, opening: 'worker' } as const,
    { ...identity, version: '2' },
    { ...identity, headers: [['ETag', '"2"'], headers[1]] },
    { ...identity, headers: [...headers, ['Content-Encoding', 'br']] },
    { ...identity, headers: [...headers, ['Content-Length', '9']] },
  ] as const
  const keys = [identity, ...others].map(verdictKey)
  t.is(new Set(keys).size, keys.length)
  t.false(keys.includes(undefined))
})

test('verdicts: nothing is remembered of what cannot be told from another body', (t) => {
  const identity = { url, kind: 'css', opening: 'none', version: '1', headers: [] } as const
  t.is(verdictKey(identity), undefined)
  t.is(verdictKey({ ...identity, headers: [['ETag', 'W/"1"']] }), undefined)
  t.is(
    verdictKey({ ...identity, url: `${url}${'x'.repeat(2000)}`, headers: [['ETag', '"1"']] }),
    undefined,
  )
})

test('verdicts: those met longest ago are forgotten first', (t) => {
  const verdicts = createVerdicts()
  const first = { citation: undefined }
  verdicts.noteClean('first', first)
  verdicts.noteClean('second', {})
  for (let index = 0; index < limits.rewriting.verdicts; index++) {
    verdicts.noteClean(`${index}`, {})
    t.is(verdicts.cleanOf('first'), first)
  }
  t.is(verdicts.cleanOf('second'), undefined)
})

// prettier-ignore
const pieces = fc.constantFrom(
  '"', "'", '`', '${', '}', '\\', '/', '//', '/*', '*/', '\n', ' ', '>', '=', '\t', '@', ':443', '.',
  'https://www.jstor.org/x', '//pubs.acs.org', 'http:\\/\\/www.jstor.org\\/', 'https:', 'www.jstor.org',
  'https\\u003a\\u002f\\u002fwww.jstor.org', '\\x2f/www.jstor.org', '\\u{2f}', 'x@www.jstor.org:443',
  'url(', ')', 'url(//www.jstor.org', 'url(\\2f /www.jstor.org)', '\\5c', '\\2F', '//www\\2e jstor.org)',
  '@import ', 'image-set(', ';', '{', '[', ':', ',', '"u":"', '//# sourceMappingURL=', 'return /',
  '<a href="', '<p title=">">', "<b c='", '<i d=e/f>', '</a', ' x = "', '<script>', '</script>', '\u00a0',
)
const texts = fc
  .array(pieces, { maxLength: 30 })
  .map((list) => Buffer.from(list.join(''), 'latin1'))

const longPieces = fc.tuple(texts, fc.integer({ min: 65_000, max: 66_000 }), texts)

for (const kind of ['css', 'html', 'javascript', 'json', 'xml'] as const) {
  test(`${kind}: windows give what a stream gives, wherever they cut`, (t) => {
    fc.assert(
      fc.property(longPieces, ([before, at, after]) => {
        const filler = Buffer.alloc(Math.max(0, at - before.length), 'text ')
        const input = Buffer.concat([before, filler, after, after])
        const facts = { kind, page, contentType: '' }
        const whole = rewriteText(Buffer.from(input), facts) ?? input
        t.true(whole.equals(feed(createBodyTransform(facts), [Buffer.from(input)])))
      }),
      { numRuns: 500 },
    )
  })
}

for (const kind of ['css', 'html', 'javascript', 'json', 'xml'] as const) {
  test(`${kind}: one pass gives what a stream gives, and undefined only for what stays`, (t) => {
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom('', ';charset=gbk', ';charset=utf-16le'),
        (input, charset) => {
          const facts = { kind, page, contentType: `text/x${charset}` }
          const whole = rewriteText(Buffer.from(input), facts) ?? input
          const streamed = feed(createBodyTransform(facts), [Buffer.from(input)])
          t.is(whole.toString('latin1'), streamed.toString('latin1'))
        },
      ),
      { numRuns: 3000 },
    )
  })
}

test('too long a chain of codings is refused in one pass as in a stream', async (t) => {
  const contentEncoding = Array.from({ length: 6 }, () => 'gzip').join(', ')
  const asked = options(Readable.from([]), { contentEncoding })
  t.throws(() => streamBody(asked), { code: 'ERR_UPSTREAM_EXCESS' })
  await t.throwsAsync(rewriteBody(asked), { code: 'ERR_UPSTREAM_EXCESS' })
})
