/**
 * Properties by construction: documents are put together from parts of which it is known whether
 * they move, so that the expected output is known for any of them, in any charset and any chunks.
 * @module
 */
import test from 'ava'
import * as fc from 'fast-check'

import { createBodyTransform } from '../../src/rewriting/text-body.ts'
import type { BodyKind } from '../../src/rewriting/transform.ts'
import { unmapOf } from '../../src/rewriting/unmap.ts'
import { feed, randomChunks } from '../support/conformance-body.ts'
import { secureHosts, upstreamOf } from './hosts.ts'

const url = 'https://www.jstor.org/stable/1'
const page = { hosts: secureHosts, upstream: upstreamOf(secureHosts, url), url }

/** A part as the publisher writes it, and as it goes out. */
interface Part {
  readonly given: string
  readonly expected: string
}

const same = (given: string): Part => ({ given, expected: given })

function join(parts: readonly Part[], separator: string): Part {
  return {
    given: parts.map(({ given }) => given).join(separator),
    expected: parts.map(({ expected }) => expected).join(separator),
  }
}

/** A part put where `{}` stands. */
function within(frame: string, { given, expected }: Part): Part {
  return { given: frame.replace('{}', () => given), expected: frame.replace('{}', () => expected) }
}

const known = ['www.jstor.org', 'pubs.acs.org', 'daily.jstor.org', 'e.lanbook.com:8443']
const foreign = ['www.google.com', 'www.jstor.org.evil.example', 'notjstor.org', 'www.jstor.org:99']
const path = fc.constantFrom('', '/', '/a/b.c', '/a?b=https://www.jstor.org/', '#c', '/%20~-_')

const movedAddress = fc
  .tuple(fc.constantFrom('https://', 'http://', '//'), fc.constantFrom(...known), path)
  .filter(([scheme, host]) => scheme !== 'http://' || !host.includes(':'))
  .map(([scheme, host, rest]): Part => {
    const proxied = secureHosts.proxiedAuthority('https', host)
    return {
      given: scheme + host + rest,
      expected: scheme.replace('http:', 'https:') + proxied + rest,
    }
  })
const stayingAddress = fc
  .tuple(fc.constantFrom('https://', '//', ''), fc.constantFrom(...foreign), path)
  .map(([scheme, host, rest]) => same(scheme + host + rest))
const address = fc.oneof({ weight: 3, arbitrary: movedAddress }, stayingAddress)
const prose = fc.constantFrom(
  '',
  'see https://www.jstor.org/ there',
  'doi: //pubs.acs.org',
  'Привет',
  '表能',
  'a&b',
  'www.jstor.org',
)

const quoted = (part: Part): Part[] => [within('"{}"', part), within("'{}'", part)]
const anyOf = (parts: (part: Part) => Part[]) =>
  address.chain((part) => fc.constantFrom(...parts(part)))

const rule = fc.oneof(
  anyOf((part) => [...quoted(part), part].map((token) => within('a{background:url({})}', token))),
  anyOf((part) => quoted(part).map((token) => within('b{background:image-set({} 1x)}', token))),
  anyOf((part) => quoted(part).map((token) => within('@import {} screen;', token))),
  anyOf((part) => [
    within('c{content:"{}"}', same(part.given)),
    within('/*{}*/', same(part.given)),
  ]),
  prose.map((text) => same(`d{content:"${text}"}`)),
)
const tag = fc.oneof(
  anyOf((part) => quoted(part).map((value) => within('<a href={}>', value))),
  anyOf((part) => quoted(part).map((value) => within('<img alt=x src={} />', value))),
  anyOf((part) => [
    within('<p>{}</p>', same(part.given)),
    within('<!--{}-->', same(part.given)),
    within('<input value="{}">', same(part.given)),
    within('<title>{}</title>', same(part.given)),
  ]),
  prose.map((text) => same(`<p title="${text}">${text}</p>`)),
)
const statement = fc.oneof(
  anyOf((part) => quoted(part).map((literal) => within('a={};', literal))),
  anyOf((part) => [within('f(`{}`);', part), within('<!--\n//{}\n', same(part.given))]),
  anyOf((part) => [within('/* "{}" */', same(part.given)), within('b=1/2;c=[{}]\n', same('/"/'))]),
  prose.map((text) => same(`d="${text}";`)),
)
const element = fc.oneof(
  anyOf((part) => [within('<u>{}</u>', part), within('<v w="{}"/>', part)]),
  anyOf((part) => [
    within('<x xmlns="{}"/>', same(part.given)),
    within('<guid>{}</guid>', same(part.given)),
    within('<!--{}-->', same(part.given)),
  ]),
  prose.map((text) => same(`<t>${text.replace('&', '&amp;')}.</t>`)),
)
const value: fc.Arbitrary<Part> = fc.letrec<{ value: Part; list: Part; record: Part }>((tie) => ({
  list: fc.array(tie('value'), { maxLength: 4 }).map((parts) => within('[{}]', join(parts, ', '))),
  record: fc.array(fc.tuple(address, tie('value')), { maxLength: 4 }).map((pairs) =>
    within(
      '{ {} }',
      join(
        pairs.map(([key, part]) => within(`"${key.given}" : {}`, part)),
        ',\n',
      ),
    ),
  ),
  value: fc.oneof(
    { depthSize: 'small' },
    address.map((part) => within('"{}"', part)),
    address.map((part) =>
      within('"{}"', {
        given: part.given.replaceAll('/', String.raw`\/`),
        expected: part.expected.replaceAll('/', String.raw`\/`),
      }),
    ),
    prose.map((text) => same(JSON.stringify(text))),
    fc.constantFrom('1.0', '-0', '12345678901234567890', 'true', 'null').map(same),
    tie('list'),
    tie('record'),
  ),
})).value
const line = fc.oneof(
  address,
  address.map((part) => same(`#EXTINF:4,at ${part.given}`)),
  address.map((part) => within('#EXT-X-KEY:METHOD=AES-128,URI="{}"', part)),
)
const event = fc.oneof(
  value.map((part) => within('data: {}', join([part], ''))).filter(isOneLine),
  address.map((part) => same(`event: ${part.given}`)),
  address.map((part) => same(`: ${part.given}`)),
)
const row = fc.oneof(
  value.map((part) => within('1:{}\n', part)).filter(({ given }) => isOneLine(same(given.trim()))),
  address.map((part) => same(`2:T${part.given.length.toString(16)},${part.given}`)),
)

function isOneLine({ given }: Part): boolean {
  return !given.includes('\n')
}

const listOf = (part: fc.Arbitrary<Part>, separator: string) =>
  fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => join(parts, separator))

const documents: readonly (readonly [kind: BodyKind, document: fc.Arbitrary<Part>])[] = [
  ['css', listOf(rule, '\n')],
  ['event-stream', listOf(event, '\n\n')],
  ['flight', listOf(row, '')],
  ['html', listOf(tag, ' ')],
  ['javascript', listOf(statement, '\n')],
  ['json', value],
  ['lines', listOf(line, '\r\n')],
  ['xhtml', listOf(tag, ' ').filter(({ given }) => !given.includes('<title>'))],
  ['xml', listOf(element, '\n').map((part) => within('<r>{}</r>', part))],
]

/** Charsets by label, with what their text is in bytes. */
const charsets: readonly (readonly [label: string, encode: (text: string) => Buffer])[] = [
  ['utf-8', (text) => Buffer.from(text)],
  ['windows-1251', (text) => encodeWith('windows-1251', text)],
  ['koi8-r', (text) => encodeWith('koi8-r', text)],
  ['shift_jis', (text) => encodeWith('shift_jis', text)],
  ['gbk', (text) => encodeWith('gbk', text)],
  ['utf-16le', (text) => Buffer.from(text, 'utf16le')],
  ['utf-16be', (text) => Buffer.from(text, 'utf16le').swap16()],
]

const tables = new Map<string, ReadonlyMap<string, Buffer>>()

/** Node has no encoders for these: the decoder's table is turned around. */
function encodeWith(label: string, text: string): Buffer {
  const table = tables.get(label) ?? reversed(label)
  tables.set(label, table)
  const bytes = Array.from(text, (letter) => table.get(letter) ?? Buffer.from('?'))
  return Buffer.concat(bytes)
}

function reversed(label: string): ReadonlyMap<string, Buffer> {
  const decoder = new TextDecoder(label)
  const table = new Map<string, Buffer>()
  for (let code = 0xffff; code >= 0; code--) {
    const bytes = code < 256 ? Buffer.of(code) : Buffer.of(code >> 8, code & 255)
    const text = decoder.decode(bytes)
    if (/^.$/su.test(text) && text !== '\ufffd') table.set(text, bytes)
  }
  return table
}

for (const [kind, document] of documents) {
  test(`${kind}: what is an address moves, and nothing else, in any charset and chunks`, (t) => {
    fc.assert(
      fc.property(
        document,
        fc.constantFrom(...charsets),
        fc.nat(),
        fc.integer({ min: 1, max: 40 }),
        ({ given, expected }, [label, encode], seed, most) => {
          const contentType = `text/plain; charset=${label}`
          const input = encode(given)
          const chunks = randomChunks(input, seed, most)
          const output = feed(createBodyTransform({ kind, page, contentType }), chunks)
          t.is(output.toString('latin1'), encode(expected).toString('latin1'))
        },
      ),
      { numRuns: 400 },
    )
  })
}

for (const [kind, document] of documents) {
  test(`${kind}: un-mapping what was mapped gives it back`, (t) => {
    const unmap = unmapOf(secureHosts)
    fc.assert(
      fc.property(document, ({ given, expected }) => {
        // Of http and https, which are one host in the zone, only the latter comes back.
        fc.pre(!given.includes('http:'))
        const transform = createBodyTransform({ kind, page, contentType: 'text/plain' })
        const mapped = feed(transform, [Buffer.from(given)]).toString()
        t.is(mapped, expected)
        t.is(unmap(mapped), given)
      }),
      { numRuns: 300 },
    )
  })
}
