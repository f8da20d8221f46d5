import test from 'ava'
import * as fc from 'fast-check'

import { encodeHost } from '../../src/hosts/codec.ts'
import { covers, parseHost, type WrittenHost } from '../../src/resources/hosts.ts'

/** [written, host, match, scheme, port] */
const good = [
  ['www.jstor.org', 'www.jstor.org', 'exact', 'https', undefined],
  ['WWW.JStor.org', 'www.jstor.org', 'exact', 'https', undefined],
  ['https://www.jstor.org/', 'www.jstor.org', 'exact', 'https', undefined],
  ['http://old.example.com', 'old.example.com', 'exact', 'http', undefined],
  ['https://host.example.com:8443', 'host.example.com', 'exact', 'https', 8443],
  ['host.example.com:443', 'host.example.com', 'exact', 'https', undefined],
  ['http://host.example.com:80', 'host.example.com', 'exact', 'http', undefined],
  ['*.els-cdn.com', 'els-cdn.com', 'subdomains', 'https', undefined],
  ['http://*.els-cdn.com:81', 'els-cdn.com', 'subdomains', 'http', 81],
  [{ domain: 'jstor.org' }, 'jstor.org', 'domain', 'https', undefined],
  [{ domain: 'http://jstor.org:8080' }, 'jstor.org', 'domain', 'http', 8080],
  ['under_score.example.com', 'under_score.example.com', 'exact', 'https', undefined],
  ['www.github.io', 'www.github.io', 'exact', 'https', undefined],
  [{ domain: 'mylib.github.io' }, 'mylib.github.io', 'domain', 'https', undefined],
] as const

test('hosts are read with match, scheme and port', (t) => {
  for (const [written, host, match, scheme, port] of good) {
    const rule = { host, match, scheme, ...(port === undefined ? {} : { port }) }
    t.deepEqual(parseHost(written), { rule }, JSON.stringify(written))
  }
})

test('a name in another script becomes A-labels', (t) => {
  const answer = parseHost('библиотека.рф')
  t.like(answer, { rule: { host: new URL('https://библиотека.рф').hostname } })
})

const whole = 'a host, perhaps with http://, *. or a port, and without a path'
const labels = 'labels of letters, digits and hyphens, none empty or with a hyphen at its edge'
const address = 'a name, not an address'

/** [written, what is expected instead] */
const faulty: readonly (readonly [WrittenHost, string])[] = [
  ['', whole],
  ['https://', whole],
  ['www.jstor.org/stable', whole],
  ['www.jstor.org?x', whole],
  ['me@www.jstor.org', whole],
  ['ftp://www.jstor.org', whole],
  ['www.*.org', whole],
  ['*jstor.org', whole],
  ['*.*.jstor.org', whole],
  ['www.jstor.org ', whole],
  ['ex%61mple.org', whole],
  ['a\\b.org', whole],
  ['[::1]', whole],
  [{ domain: '*.jstor.org' }, whole],
  ['127.0.0.1', address],
  ['127.1', address],
  ['0x7f.0.0.1', address],
  ['www.example.0x1', 'a name that a URL can have'],
  ['2130706433', address],
  ['1.2.3.4.5', 'a name that a URL can have'],
  ['localhost', 'a full name with at least one dot'],
  ['a..b.org', labels],
  ['.jstor.org', labels],
  ['www.jstor.org.', labels],
  ['-a.jstor.org', labels],
  ['a-.jstor.org', labels],
  [`${'a'.repeat(64)}.org`, labels],
  [`${'a.'.repeat(126)}org`, 'a name of at most 253 characters'],
  ['www.jstor.org:0', 'a port from 1 to 65535'],
  ['http://www.jstor.org:443', 'port 80 with http:// and 443 with https:// alone'],
  ['www.jstor.org:80', 'port 80 with http:// and 443 with https:// alone'],
  ['www.jstor.org:65536', 'a port from 1 to 65535'],
]

for (const [written, expectation] of faulty) {
  test(`the host ${JSON.stringify(written).slice(0, 30)} is refused with the reason`, (t) => {
    const answer = parseHost(written)
    t.like(answer, { number: 'F009' })
    t.true(
      'message' in answer && answer.message.endsWith(`, expected ${expectation}`),
      JSON.stringify(answer),
    )
  })
}

test('a whole domain with many owners is refused, private suffixes and what lies above included', (t) => {
  const domains = [
    'com',
    'kg',
    'edu.kg',
    'co.uk',
    'ck',
    'kawasaki.jp',
    'github.io',
    'herokuapp.com',
  ]
  for (const domain of [...domains, 'amazonaws.com', 'windows.net', 'blob.core.windows.net']) {
    t.like(parseHost({ domain }), { number: 'F010' }, domain)
    t.like(parseHost(`*.${domain}`), { number: 'F010' }, domain)
  }
})

test('a rule covers its own scheme, port and names alone', (t) => {
  /** [rule, covered, not covered] */
  const cases = [
    [
      'a.example.com',
      ['https://a.example.com/x'],
      [
        'http://a.example.com/',
        'https://b.example.com/',
        'https://x.a.example.com/',
        'https://a.example.com:8443/',
      ],
    ],
    [
      '*.example.com',
      ['https://a.example.com/', 'https://a.b.example.com/'],
      ['https://example.com/', 'https://badexample.com/'],
    ],
    [
      { domain: 'example.com' },
      ['https://example.com/', 'https://a.example.com/'],
      ['https://badexample.com/', 'https://example.com.evil.org/'],
    ],
    [
      'http://a.example.com:81',
      ['http://a.example.com:81/'],
      ['http://a.example.com/', 'https://a.example.com:81/'],
    ],
  ] as const
  for (const [written, inside, outside] of cases) {
    const answer = parseHost(written)
    if (!('rule' in answer)) return t.fail(JSON.stringify(answer))
    for (const url of inside) t.true(covers(answer.rule, new URL(url)), url)
    for (const url of outside) t.false(covers(answer.rule, new URL(url)), url)
  }
  return undefined
})

test('whatever is written, what is taken is a name that URLs keep and the zone can carry', (t) => {
  const written = fc.oneof(
    fc.domain(),
    fc.string({
      unit: fc.constantFrom('a', 'z', '0', '1', 'x', '-', '.', ':', '*', '_', 'ü', '%', '/'),
    }),
  )
  let taken = 0
  fc.assert(
    fc.property(written, (text) => {
      const answer = parseHost(text)
      if (!('rule' in answer)) return
      taken++
      const { host, port, scheme } = answer.rule
      const authority = port === undefined ? host : `${host}:${port}`
      t.is(new URL(`${scheme}://${authority}/`).host, authority)
      t.truthy(encodeHost(port === undefined ? { host } : { host, port }), authority)
    }),
    { numRuns: 1000 },
  )
  t.true(taken > 100)
})
