import { PassThrough } from 'node:stream'

import test from 'ava'
import * as fc from 'fast-check'

import { limits } from '../../src/core/limits.ts'
import type { Resource } from '../../src/core/resource.ts'
import type { RewritingOptions } from '../../src/core/rewriting-options.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { compileRewriting } from '../../src/resources/rewriting.ts'
import { rewritingSchema } from '../../src/resources/rewriting-schema.ts'
import { streamBody } from '../../src/rewriting/body.ts'
import {
  createBodyTransform,
  rewriteText,
  type TextBodyOptions,
} from '../../src/rewriting/text-body.ts'
import type { BodyKind } from '../../src/rewriting/transform.ts'
import { unmapOf } from '../../src/rewriting/unmap.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'

const hostRules = [ruleOf('www.jstor.org', 'exact'), ruleOf('acs.org', 'domain')]

/** Options as a rule file has them. */
function optionsOf(written: object): RewritingOptions {
  const options = compileRewriting(rewritingSchema.parse(written), {
    hosts: hostRules,
    startHost: 'www.jstor.org',
    note(number, path, message) {
      throw new Error(`${number} ${path.join('.')}: ${message}`)
    },
  })
  if (options === undefined) throw new Error('no options')
  return options
}

interface Case {
  readonly kind?: BodyKind
  readonly contentType?: string
  readonly url?: string
  readonly zone?: string
}

function bodyOf(written: object, from: Case = {}): TextBodyOptions {
  const { kind = 'javascript', contentType = '', url = 'https://www.jstor.org/a.js' } = from
  const zoneOrigin = from.zone ?? 'https://proxy.example.edu'
  const resource: Resource = { ...resourceWith(hostRules), rewriting: optionsOf(written) }
  const hosts = createHostMap({ resources: [resource], zoneOrigin })
  const upstream = hosts.upstreamOf(new URL(hosts.mapUrl(url) ?? '').host)
  if (upstream === undefined) throw new Error(`${url} is not known`)
  const mapsBareHosts = resource.rewriting?.bareHosts ?? false
  return { kind, contentType, page: { hosts, upstream, url, mapsBareHosts } }
}

function stream(options: TextBodyOptions, ...pieces: readonly Buffer[]): Buffer {
  const transform = createBodyTransform(options)
  return Buffer.concat([...pieces.map((piece) => transform.write(piece)), transform.end()])
}

/** In one pass and as a stream in pieces of every small length: one result. */
function rewritten(options: TextBodyOptions, bytes: Buffer): Buffer {
  const whole = rewriteText(bytes, options) ?? bytes
  const results = [stream(options, bytes)]
  for (const length of [1, 3, 1000]) {
    const count = Math.ceil(bytes.length / length)
    const pieces = Array.from({ length: count }, (_, index) =>
      bytes.subarray(index * length, (index + 1) * length),
    )
    results.push(stream(options, ...pieces))
  }
  for (const result of results) {
    if (!result.equals(whole)) throw new Error(`${whole.toString()} whole, ${result.toString()}`)
  }
  return whole
}

const replacement = (what: object) => ({
  replace: [{ test: { from: '.', to: '.' }, ...what }],
})

/** [what, options, text, what comes out, the body's facts] */
const cases: readonly (readonly [string, object, string, string, Case?])[] = [
  [
    'what is put in is mapped as if the publisher had written it',
    replacement({ find: 'HOST', replace: '"https://www.jstor.org"' }),
    'x = HOST + "/a"',
    'x = "https://www-jstor-org.proxy.example.edu" + "/a"',
  ],
  [
    'a body without any known host is changed as well',
    replacement({ find: 'domain=', replace: 'd=' }),
    'c = "a; domain=" + x',
    'c = "a; d=" + x',
  ],
  [
    'what is kept stays, with an address right behind it in whatever escapes',
    {
      replace: [
        { find: 'own=', keep: true, test: { from: 'own=x', to: 'own=' } },
        { find: 'own:"', keep: true, test: { from: 'own:"x', to: 'own:"' } },
      ],
    },
    'a = {own:"https:\\/\\/www.jstor.org\\/"}; b = "<a own=https://www.jstor.org>"; c = "<a href=https://www.jstor.org>"',
    'a = {own:"https:\\/\\/www.jstor.org\\/"}; b = "<a own=https://www.jstor.org>"; c = "<a href=https://www-jstor-org.proxy.example.edu>"',
  ],
  [
    'what is kept stays, with the host right behind it',
    {
      replace: [
        {
          find: 'href="https://',
          keep: true,
          test: { from: 'href="https://x', to: 'href="https://' },
        },
      ],
    },
    'a = \'<a href="https://www.jstor.org/">\'; b = "https://www.jstor.org/"',
    'a = \'<a href="https://www.jstor.org/">\'; b = "https://www-jstor-org.proxy.example.edu/"',
  ],
  [
    'a pattern with groups',
    {
      replace: [
        {
          pattern: 'slice\\((-\\d)\\)',
          replace: 'slice($1-4)',
          test: { from: 'slice(-2)', to: 'slice(-2-4)' },
        },
      ],
    },
    'h.split(".").slice(-2).join(".")',
    'h.split(".").slice(-2-4).join(".")',
  ],
  [
    'another kind of text is left alone',
    replacement({ find: 'a', replace: 'b', in: { kinds: ['css', 'html'] } }),
    'a',
    'a',
  ],
  [
    'a body of no kind is text',
    replacement({ find: 'a', replace: 'b', in: { kinds: ['text'] } }),
    'plain a',
    'plbin b',
    { kind: 'plain' },
  ],
  [
    'another path is left alone',
    replacement({ find: 'a', replace: 'b', in: { paths: ['/x/*.js'] } }),
    'a',
    'a',
  ],
  [
    'a path is held against the pattern without its query',
    replacement({ find: 'a', replace: 'b', in: { paths: ['/x/*.js'] } }),
    'a',
    'b',
    { url: 'https://www.jstor.org/x/y.js?/z' },
  ],
  [
    'a star ends at a slash, two do not',
    replacement({ find: 'a', replace: 'b', in: { paths: ['/x/*.js', '/y/**.js'] } }),
    'a',
    'a',
    { url: 'https://www.jstor.org/x/y/z.js' },
  ],
  [
    'another host is left alone',
    replacement({ find: 'a', replace: 'b', in: { hosts: [{ domain: 'acs.org' }] } }),
    'a',
    'a',
  ],
  [
    'a host below a domain is of it',
    replacement({ find: 'a', replace: 'b', in: { hosts: ['*.acs.org'] } }),
    'a',
    'b',
    { url: 'https://pubs.acs.org/' },
  ],
  [
    'a string that is nothing but a known host',
    { bareHosts: true },
    'hostprod="pubs.acs.org"; other="www.example.com"',
    'hostprod="pubs-acs-org.proxy.example.edu"; other="www.example.com"',
  ],
  [
    'percent-encoded addresses in scripts',
    { encodedUrls: true },
    'u="/x?gsUrl=https%3A%2F%2Fwww.jstor.org%2Fa&b=http%3a%2f%2fpubs.acs.org&c=https%3A%2F%2Fexample.com%2F"',
    'u="/x?gsUrl=https%3A%2F%2Fwww-jstor-org.proxy.example.edu%2Fa&b=https%3a%2f%2fpubs-acs-org.proxy.example.edu&c=https%3A%2F%2Fexample.com%2F"',
  ],
  [
    'percent-encoded addresses in attributes, encoded twice and with a port',
    { encodedUrls: true },
    '<a href="/x?u=https%253A%252F%252Fwww.jstor.org%252F&v=https%3A%2F%2Fwww.jstor.org%3A443%2F">',
    '<a href="/x?u=https%253A%252F%252Fwww-jstor-org.localhost%253A8080%252F&v=https%3A%2F%2Fwww-jstor-org.localhost%3A8080%2F">',
    { kind: 'html', zone: 'https://localhost:8080' },
  ],
  [
    'percent-encoded addresses with userinfo, or of longer names, stay',
    { encodedUrls: true },
    'u="https%3A%2F%2Fwww.jstor.org%40evil.com https%3A%2F%2Fwww.jstor.org%2eevil.com https%3A%2F%2Fwww.jstor.orgs"',
    'u="https%3A%2F%2Fwww.jstor.org%40evil.com https%3A%2F%2Fwww.jstor.org%2eevil.com https%3A%2F%2Fwww.jstor.orgs"',
  ],
  [
    'identifiers that parties compare stay, encoded as well, even where a window begins',
    { encodedUrls: true },
    `${'.'.repeat(limits.core.patternWindowChars - limits.core.patternAheadChars - 17)}u="?redirect_uri=https%3A%2F%2Fwww.jstor.org%2F&x=%3Fiss%3Dhttps%3A%2F%2Fwww.jstor.org"`,
    `${'.'.repeat(limits.core.patternWindowChars - limits.core.patternAheadChars - 17)}u="?redirect_uri=https%3A%2F%2Fwww.jstor.org%2F&x=%3Fiss%3Dhttps%3A%2F%2Fwww.jstor.org"`,
  ],
  [
    'what is kept keeps an encoded address behind it',
    {
      encodedUrls: true,
      replace: [
        {
          find: 'back=',
          keep: true,
          test: { from: 'back=x', to: 'back=' },
        },
      ],
    },
    'u="?back=https%3A%2F%2Fwww.jstor.org%2F&u=https%3A%2F%2Fwww.jstor.org%2F"',
    'u="?back=https%3A%2F%2Fwww.jstor.org%2F&u=https%3A%2F%2Fwww-jstor-org.proxy.example.edu%2F"',
  ],
]

for (const [what, options, text, out, facts] of cases) {
  test(what, async (t) => {
    // Fixtures are the loader's business: these rules have one that always holds.
    const body = bodyOf(options, facts)
    t.is(rewritten(body, Buffer.from(text)).toString(), out)
  })
}

/** [charset, bytes of "Привет" and "ö" where it has them] */
const alphabets = ['utf-8', 'windows-1251', 'koi8-r', 'utf-16le'] as const
const cyrillic: Readonly<Record<string, (text: string) => Buffer>> = {
  'utf-8': (text) => Buffer.from(text),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
}

/** The bytes of a text in a charset of single bytes. */
function encode(text: string, charset: string): Buffer {
  const known = cyrillic[charset]
  if (known !== undefined) return known(text)
  const decoder = new TextDecoder(charset)
  const table = new Map(
    Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]),
  )
  return Buffer.from(Array.from(text, (character) => table.get(character) ?? 0x3f))
}

for (const charset of alphabets) {
  test(`texts and patterns in Unicode find and write ${charset}, and no other byte changes`, async (t) => {
    const options = {
      replace: [
        { find: 'Сайт: ', replace: 'Адрес: ', test: { from: 'Сайт: ', to: 'Адрес: ' } },
        {
          pattern: '([А-Я])[а-я]+!',
          replace: '$1…',
          test: { from: 'Ой! Привет!', to: 'О… П…' },
        },
      ],
    }
    // An ellipsis is in windows-1251 but not in KOI8-R: that rule finds nothing there.
    const after = charset === 'koi8-r' ? 'Привет!' : 'П…'
    const from = `"Сайт: https://www.jstor.org/"; 'Привет!'; ы`
    const to = `"Адрес: https://www.jstor.org/"; '${after}'; ы`
    const body = bodyOf(options, { contentType: `text/javascript; charset=${charset}` })
    t.deepEqual(rewritten(body, encode(from, charset)), encode(to, charset))
  })
}

test('bytes that are no text of their charset stay as they are', async (t) => {
  const body = bodyOf(replacement({ find: 'a', replace: 'é' }))
  const bytes = Buffer.from([0xff, 0x61, 0xc3, 0x28, 0x61, 0xe2, 0x82])
  t.deepEqual(
    rewritten(body, bytes),
    Buffer.from([0xff, 0xc3, 0xa9, 0xc3, 0x28, 0xc3, 0xa9, 0xe2, 0x82]),
  )
})

test('a resource whose rule says nothing has no replacer, and a rule that finds nothing changes nothing', (t) => {
  const options = bodyOf(replacement({ find: 'nothing', replace: 'x' }))
  t.is(rewriteText(Buffer.from('a = 1'), options), undefined)
})

test('an event goes out with its line, however rules look', (t) => {
  const options = bodyOf(
    {
      replace: [{ pattern: '/x+', replace: '/b', test: { from: '/xx', to: '/b' } }],
      encodedUrls: true,
    },
    { kind: 'event-stream' },
  )
  const transform = createBodyTransform(options)
  const first = transform.write(Buffer.from('data: {"u":"https:\\/\\/www.jstor.org\\/xx"}\n\n'))
  t.regex(Buffer.from(first).toString(), /www-jstor-org.*\/b"\}\n\n$/)
})

test('what is mapped in percent-encoding is un-mapped in requests', async (t) => {
  const options = bodyOf({ encodedUrls: true })
  const unmap = unmapOf(options.page.hosts)
  const hosts = fc.constantFrom('www.jstor.org', 'pubs.acs.org', 'a-b.acs.org', 'acs.org')
  const depths = fc.integer({ min: 1, max: 3 })
  await fc.assert(
    fc.asyncProperty(hosts, depths, fc.webPath(), async (host, depth, path) => {
      let value = `https://${host}/x`
      for (let level = 0; level < depth; level += 1) value = encodeURIComponent(value)
      const text = `u = "/q?u=${value}&v=${encodeURIComponent(path).replaceAll("'", '')}"`
      const mapped = rewritten(options, Buffer.from(text)).toString()
      t.not(mapped, text)
      t.is(unmap(mapped), text)
    }),
    { numRuns: 50 },
  )
})

test('a rule that makes a text grow without measure ends the exchange and nothing else', async (t) => {
  const put = 'x'.repeat(4000)
  const options = bodyOf({
    replace: [{ find: 'a', replace: put, test: { from: 'a', to: put } }],
  })
  const excess = { code: 'ERR_UPSTREAM_EXCESS' }
  const bytes = Buffer.alloc(limits.core.grownChars / 4000 + 100, 'a')
  t.throws(() => rewriteText(bytes, options), excess)
  const contentEncoding = ''
  const acceptEncoding = ''
  const source = new PassThrough()
  const { body } = streamBody({ ...options, body: source, contentEncoding, acceptEncoding })
  const read = t.throwsAsync(body.toArray(), excess)
  source.write(bytes)
  await read
  t.true(source.destroyed)
})
