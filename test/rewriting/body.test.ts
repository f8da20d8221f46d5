/**
 * Bodies: properties that hold for any input, and inputs that are made to cost.
 * @module
 */
import test from 'ava'
import * as fc from 'fast-check'

import { createBodyTransform } from '../../src/rewriting/text-body.ts'
import type { BodyKind } from '../../src/rewriting/transform.ts'
import { feed, randomChunks } from '../support/conformance-body.ts'
import { secureHosts, upstreamOf } from './hosts.ts'

const url = 'https://www.jstor.org/stable/1'
const page = { hosts: secureHosts, upstream: upstreamOf(secureHosts, url), url }

function rewrite(
  kind: BodyKind,
  input: string | Buffer,
  contentType = '',
  chunks?: Buffer[],
): string {
  const transform = createBodyTransform({ kind, page, contentType })
  const bytes = typeof input === 'string' ? Buffer.from(input, 'latin1') : Buffer.from(input)
  return feed(transform, chunks ?? [bytes]).toString('latin1')
}

const kinds: readonly BodyKind[] = [
  'css',
  'event-stream',
  'flight',
  'html',
  'javascript',
  'json',
  'lines',
  'plain',
  'unlabelled',
  'xhtml',
  'xml',
]

/** Pieces of which hostile and half-right documents are made. */
// prettier-ignore
const pieces = fc.constantFrom(
  '<a href="', '<script>', '</script>', '<style>', '<!--', '-->', '<![CDATA[', ']]>', '<svg>',
  'https://www.jstor.org/x', '//pubs.acs.org', 'http:\\/\\/www.jstor.org\\/', 'wss://', 'https:',
  'https\\u003a\\u002f\\u002fwww.jstor.org', 'www.jstor.org', 'https://www.jstor.org.evil.example',
  '"', "'", '`', '${', '}', '\\', '/', '//', '/*', '*/', '\n', ' ', '>', '=', '&quot;', '&#x2f;',
  'url(', ')', '@import ', 'image-set(', ';', '{', '[', ':', ',', '"issuer":', 'data: ', '0:T5,',
  '<textarea>', '<title>', '<head>', ' srcset="', ' style="', ' onclick="', '<meta charset=gbk>',
  '\u0081', '\u00ff', 'é', '<?xml version="1.0"?>', '<!DOCTYPE x [', ' integrity="sha256-x"',
)
const charsets = fc.constantFrom('', ';charset=gbk', ';charset=shift_jis', ';charset=utf-16be')
const documents = fc.array(pieces, { maxLength: 40 }).map((list) => list.join(''))

for (const kind of kinds) {
  test(`${kind}: any chunks give the same output`, (t) => {
    fc.assert(
      fc.property(
        documents,
        charsets,
        fc.nat(),
        fc.integer({ min: 1, max: 30 }),
        (text, charset, seed, most) => {
          const input = Buffer.from(text, 'latin1')
          const whole = rewrite(kind, input, `text/html${charset}`)
          const chunks = randomChunks(Buffer.from(input), seed, most)
          t.is(rewrite(kind, input, `text/html${charset}`, chunks), whole)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test(`${kind}: without a known host every byte stays`, (t) => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }).map((array) => Buffer.from(array)),
      documents.map((text) => Buffer.from(text.replaceAll(/jstor|acs/g, 'other'), 'latin1')),
    )
    fc.assert(
      fc.property(bytes, charsets, (input, charset) => {
        const output = rewrite(kind, input, `text/html${charset}`)
        const expected = input.toString('latin1')
        // A digest of a module on the page's own host goes, known names or not.
        if (!expected.includes('integrity')) t.is(output, expected)
      }),
      { numRuns: 200 },
    )
  })
}

test('un-mapping a mapped address gives it back', (t) => {
  const path = fc.webPath().filter((text) => text === '' || text.startsWith('/'))
  fc.assert(
    fc.property(
      fc.constantFrom('www.jstor.org', 'pubs.acs.org', 'daily.jstor.org'),
      path,
      (host, rest) => {
        const address = `https://${host}${rest}`
        const mapped = rewrite('json', JSON.stringify([address]))
        t.not(mapped, JSON.stringify([address]))
        t.is(secureHosts.unmapUrl(JSON.parse(mapped)[0]), address)
      },
    ),
  )
})

const hostileBytes = 256 * 1024

// prettier-ignore
const hostileUnits = [
  '<a ', '<', '<!--', '<a href="', "<a b='", '<script>', '</', '&#x2f;', '<![CDATA[', 'url(',
  '"', "'", '`', '${', '\\', '/', '//', '/*', '\\/', 'https:', 'https://www.jstor.org',
  '"https://www.jstor.org', '{', '[', '(', 'a=', '<svg><style>', '@import ', 'image-set(', '\n',
  'data:', '0:Tffffffff,', '\u0081', ' =', '<a x=//', '=//www.jstor.org ',
]

for (const unit of hostileUnits) {
  test(`256 KiB of ${JSON.stringify(unit)} takes time in proportion`, (t) => {
    const input = Buffer.from(unit.repeat(hostileBytes / unit.length), 'latin1')
    for (const kind of kinds) {
      const chunks = Array.from({ length: Math.ceil(input.length / 16_384) }, (_, index) =>
        input.subarray(index * 16_384, (index + 1) * 16_384),
      )
      const before = process.cpuUsage()
      rewrite(kind, input, '', chunks)
      const { user, system } = process.cpuUsage(before)
      const ms = (user + system) / 1000
      // A quadratic scan takes many seconds of this process.
      t.true(ms < 1000, `${kind}: ${Math.round(ms)} ms`)
    }
  })
}

test('an endless tag goes out while it comes in', (t) => {
  const transform = createBodyTransform({ kind: 'html', page, contentType: '' })
  const chunk = Buffer.from(' a="b"'.repeat(10_000))
  let out = transform.write(Buffer.from('<p')).length
  for (let index = 0; index < 40; index++) out += transform.write(Buffer.from(chunk)).length
  t.true(out > 30 * chunk.length, `${out} bytes`)
})
