import test from 'ava'
import { assert, constantFrom, property, string, tuple } from 'fast-check'

import { unmapOf } from '../../src/rewriting/unmap.ts'
import { plainHosts, secureHosts } from './hosts.ts'

const unmap = unmapOf(secureHosts)
const unmapPlain = unmapOf(plainHosts)

const spellings: readonly (readonly [given: string, expected: string])[] = [
  ['https://www-jstor-org.proxy.example.edu/a', 'https://www.jstor.org/a'],
  ['HTTPS://WWW-JSTOR-ORG.Proxy.Example.Edu/A', 'HTTPS://www.jstor.org/A'],
  ['//pubs-acs-org.proxy.example.edu/doi', '//pubs.acs.org/doi'],
  ['u=https%3A%2F%2Fwww-jstor-org.proxy.example.edu%2F', 'u=https%3A%2F%2Fwww.jstor.org%2F'],
  ['u=https%253a%252f%252fwww-jstor-org.proxy.example.edu', 'u=https%253a%252f%252fwww.jstor.org'],
  [
    String.raw`"https:\/\/www-jstor-org.proxy.example.edu\/"`,
    String.raw`"https:\/\/www.jstor.org\/"`,
  ],
  [String.raw`\u002f\u002fwww-jstor-org.proxy.example.edu`, String.raw`\u002f\u002fwww.jstor.org`],
  [String.raw`a\nwww-jstor-org.proxy.example.edu`, String.raw`a\nwww.jstor.org`],
  ['host=www-jstor-org.proxy.example.edu&x', 'host=www.jstor.org&x'],
  ['wss://www-jstor-org.proxy.example.edu/live', 'wss://www.jstor.org/live'],
  ['https://e-lanbook-com---p8443.proxy.example.edu/', 'https://e.lanbook.com:8443/'],
  ['https%3A%2F%2Fe-lanbook-com---p8443.proxy.example.edu', 'https%3A%2F%2Fe.lanbook.com%3A8443'],
  ['https://old-example-net.proxy.example.edu/', 'http://old.example.net/'],
  ['a https://www-jstor-org.proxy.example.edu. b', 'a https://www.jstor.org. b'],
  ['www-jstor-org.proxy.example.edu,pubs-acs-org.proxy.example.edu', 'www.jstor.org,pubs.acs.org'],
]

const others = [
  'https://www-jstor-org.proxy.example.edu.evil.example/',
  'https://www-jstor-org.proxy.example.edu:8443/',
  'https://www-jstor-org.proxy.example.edux/',
  'https://www--jstor-org.proxy.example.edu/',
  'https://unknown-example.proxy.example.edu/',
  'https://proxy.example.edu/',
  'https://a.www-jstor-org.proxy.example.edu/',
  '_www-jstor-org.proxy.example.edu',
  '.proxy.example.edu',
  'https://www.jstor.org/',
]

for (const [given, expected] of spellings) {
  test(`a proxied host goes back to the publisher's name in ${given}`, (t) => {
    t.is(unmap(given), expected)
  })
}

test('what is no canonical, known proxied host stays', (t) => {
  for (const text of others) t.is(unmap(text), text)
})

test("the zone's port and scheme go with the host, and a bare host name goes alone", (t) => {
  const host = 'www-jstor-org.proxy.localhost'
  t.is(unmapPlain(`http://${host}:8080/a`), 'https://www.jstor.org/a')
  t.is(unmapPlain(`ws://${host}:8080/a`), 'wss://www.jstor.org/a')
  t.is(unmapPlain(`http%3A%2F%2F${host}%3A8080%2F`), 'https%3A%2F%2Fwww.jstor.org%2F')
  t.is(unmapPlain('http://old-example-net.proxy.localhost:8080/'), 'http://old.example.net/')
  t.is(unmapPlain(`h=${host}&p=8080`), 'h=www.jstor.org&p=8080')
  t.is(unmapPlain(`http://${host}/`), `http://${host}/`)
  t.is(unmapPlain(`http://${host}:80801/`), `http://${host}:80801/`)
})

test('un-mapping what was mapped gives the same text, and all other text stays', (t) => {
  const urls = [
    'https://www.jstor.org/a?b#c',
    'https://e.lanbook.com:8443/x',
    'wss://pubs.acs.org/',
  ]
  const codings: readonly ((text: string) => string)[] = [
    (text) => text,
    encodeURIComponent,
    (text) => encodeURIComponent(encodeURIComponent(text)),
    (text) => JSON.stringify(text).replaceAll('/', String.raw`\/`),
  ]
  const noise = string({ unit: constantFrom(...'a b / . : % 2 F " \\ - = \u00e9'.split(' '), ' ') })
  const cases = tuple(noise, constantFrom(...urls), constantFrom(...codings), noise)
  assert(
    property(cases, ([before, url, code, after]) => {
      const mapped = secureHosts.mapUrl(url) ?? ''
      const text = `${before} ${code(mapped)} ${after}`
      t.is(unmap(text), `${before} ${code(url)} ${after}`)
    }),
  )
})

test('a megabyte without an end takes no time', (t) => {
  const text = `${'a'.repeat(1 << 20)}.proxy.example.edu${'%25'.repeat(1 << 18)}`
  const before = process.threadCpuUsage()
  t.is(unmap(text), text)
  // Of this thread alone: what else the machine does is not counted.
  t.true(process.threadCpuUsage(before).user < 500_000)
})
