import test from 'ava'
import * as fc from 'fast-check'

import {
  canonicalHost,
  decodeLabel,
  encodeHost,
  hostKey,
  isHashLabel,
} from '../../src/hosts/codec.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789_'
const word = fc.string({ unit: fc.constantFrom(...letters.split('')), minLength: 1, maxLength: 8 })
const label = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .chain((words) => fc.constantFrom('-', '--', '---').map((hyphens) => words.join(hyphens)))
const host = fc
  .array(label, { minLength: 1, maxLength: 4 })
  .chain((labels) => fc.constantFrom('com', 'org', 'xn--p1ai', 'kg').map((top) => [...labels, top]))
  .map((labels) => labels.join('.'))
const port = fc.option(
  fc.integer({ min: 1, max: 65_535 }).filter((value) => value !== 80 && value !== 443),
  { nil: undefined },
)
const name = fc
  .tuple(host, port)
  .map(([hostPart, portPart]) => ({ host: hostPart, ...(portPart && { port: portPart }) }))

test('a label decodes to the very host that it encodes', (t) => {
  fc.assert(
    fc.property(name, (value) => {
      const encoded = encodeHost(value)
      t.true(encoded !== undefined && encoded.length <= 63)
      const decoded = decodeLabel(encoded ?? '')
      if (isHashLabel(encoded ?? '')) t.is(decoded, undefined)
      else t.deepEqual(decoded, value)
    }),
    { numRuns: 2000 },
  )
})

test('whatever decodes encodes back to itself, so that no host has two labels', (t) => {
  const anyLabel = fc.string({
    unit: fc.constantFrom('a', 'b', '-', '--', '---', 'p8', 'x', 'xn'),
    maxLength: 12,
  })
  fc.assert(
    fc.property(anyLabel, (text) => {
      const decoded = decodeLabel(text)
      if (decoded !== undefined) t.is(encodeHost(decoded), text)
      t.pass()
    }),
    { numRuns: 20_000 },
  )
})

test('no two hosts of up to seven characters share a label', (t) => {
  const seen = new Map<string, string>()
  const extend = (text: string): void => {
    const encoded = encodeHost({ host: text })
    if (encoded !== undefined) {
      t.is(seen.get(encoded), undefined, `${text} and ${seen.get(encoded)}`)
      seen.set(encoded, text)
    }
    if (text.length < 7) for (const next of 'ab-.') extend(text + next)
  }
  extend('')
  t.true(seen.size > 1000)
})

const spellings: readonly [host: string, label: string][] = [
  ['www.jstor.org', 'www-jstor-org'],
  ['my-site.cdn-host.com', 'my--site-cdn--host-com'],
  ['e.lanbook.com:8443', 'e-lanbook-com---p8443'],
  ['xn--80aamepir7m.xn--p1ai', 'x---xn----80aamepir7m-xn----p1ai'],
  ['www.xn--80aamepir7m.xn--p1ai', 'www-xn----80aamepir7m-xn----p1ai'],
]
for (const [spelled, expected] of spellings) {
  test(`${spelled} is ${expected}`, (t) => {
    const [hostPart = '', portPart] = spelled.split(':')
    const value = portPart ? { host: hostPart, port: Number(portPart) } : { host: hostPart }
    t.is(encodeHost(value), expected)
    const decoded = decodeLabel(expected)
    t.is(decoded && hostKey(decoded), spelled)
  })
}

const refusedLabels = [
  '',
  'a',
  '-',
  'www',
  'www---jstor-org',
  '-www-jstor-org',
  'www-jstor-org-',
  'WWW-jstor-org',
  'x---www-jstor-org',
  'xn----80aamepir7m-xn----p1ai',
  'e-lanbook-com---p443',
  'e-lanbook-com---p80',
  'e-lanbook-com---p08443',
  'e-lanbook-com---p0',
  'e-lanbook-com---p65536',
  'e-lanbook-com---p',
  '127-0-0-1',
  '0x7f-1',
  'a-b-c@evil',
  'www.jstor.org',
  'h---9cab22859a60f8a2e372382b991eb2a0',
  `${'a'.repeat(60)}-com`,
]
for (const refused of refusedLabels) {
  test(`"${refused}" is no label`, (t) => {
    t.is(decodeLabel(refused), undefined)
  })
}

const refusedHosts = [
  '',
  'localhost',
  '127.0.0.1',
  '127.1',
  '[::1]',
  '::1',
  '0x7f.0x1',
  'a..b',
  '.a.b',
  'a.b..',
  '-a.b',
  'a-.b',
  'a.-b',
  'a b.c',
  'a%00.b',
  'a/b.c',
  'u@a.b',
  'a.b:80',
  'a\tb.c',
  `${'a'.repeat(64)}.b`,
  `${'a.'.repeat(127)}bc`,
  'a!.b',
]
for (const refused of refusedHosts) {
  test(`${JSON.stringify(refused.slice(0, 30))} is no host that can be carried`, (t) => {
    t.is(canonicalHost(refused), undefined)
  })
}

test('hosts are read as the URL Standard does: case, root dot, percent signs, A-labels', (t) => {
  t.is(canonicalHost('WWW.Jstor.ORG.'), 'www.jstor.org')
  t.is(canonicalHost('www%2ejstor.org'), 'www.jstor.org')
  t.is(canonicalHost('академия.рф'), 'xn--80aamepir7m.xn--p1ai')
  t.is(canonicalHost('www。jstor。org'), 'www.jstor.org')
})
