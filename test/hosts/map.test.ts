import test from 'ava'
import * as fc from 'fast-check'

import type { HostRule } from '../../src/core/resource.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import {
  compare,
  readConformanceSuite,
  resourceWith,
  ruleOf,
  runHostCase,
} from '../support/conformance-case.ts'

const suite = readConformanceSuite('test/golden/rewriting.jsonl')
const zoneOrigin = 'https://proxy.example.edu'
const hostCases = [suite, readConformanceSuite('test/golden/rewriting-more.jsonl')]
  .flatMap(({ cases }) => cases)
  .filter(({ contentType }) => contentType.startsWith('text/x-host-'))

for (const testCase of hostCases) {
  test(`${testCase.id}: ${testCase.why}`, async (t) => {
    t.is(await runHostCase(testCase, suite), undefined)
  })
}

test('the golden file has host cases, and a wrong expectation fails', (t) => {
  t.true(hostCases.length >= 21)
  t.regex(compare('a', 'b') ?? '', /expected "a"/)
  t.regex(compare([{ mustContain: 'a' }], 'b') ?? '', /lacks "a"/)
  t.regex(compare([{ mustNotContain: 'b' }], 'b') ?? '', /has "b"/)
})

for (const [authority, proxied] of Object.entries(suite.encoded)) {
  test(`${authority} is served as ${proxied}`, (t) => {
    t.is(suite.hosts.proxiedAuthority('https', authority), proxied)
    // A hash is read through the table; the others also spell their host.
    t.is(suite.hosts.upstreamOf(proxied)?.authority, authority)
  })
}

function mapOf(...rules: HostRule[]) {
  return createHostMap({ resources: [resourceWith(rules)], zoneOrigin })
}

test('mapping and unmapping a URL gives it back, byte for byte', (t) => {
  const rest = fc.oneof(
    fc.constant(''),
    fc.tuple(fc.constantFrom('/', '?', '#'), fc.string({ unit: 'binary' })).map(([a, b]) => a + b),
  )
  const authority = fc.constantFrom(
    ...Object.keys(suite.encoded),
    'a-b.els-cdn.com',
    'x.y.jstor.org',
  )
  fc.assert(
    fc.property(fc.constantFrom('https:', 'wss:', ''), authority, rest, (scheme, known, tail) => {
      const url = `${scheme}//${known}${tail}`
      const mapped = suite.hosts.mapUrl(url)
      t.true(mapped?.endsWith(tail))
      t.not(mapped, url)
      t.is(suite.hosts.unmapUrl(mapped ?? ''), url)
    }),
    { numRuns: 2000 },
  )
})

test('a hundred thousand random labels name no host but the known ones', (t) => {
  const known = [/^(?:.+\.)?jstor\.org$/, /^.+\.els-cdn\.com$/]
  const exact = new Set(Object.keys(suite.encoded))
  const piece = fc.constantFrom(
    'www',
    'jstor',
    'org',
    'els',
    'cdn',
    'com',
    'a',
    '127',
    '0',
    'x',
    'xn',
    'h',
    'p443',
    'localhost',
    '-',
    '--',
    '---',
    '.',
    '@',
    ':',
    '%2e',
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 4 }).map((pieces) => [...pieces, 'jstor-org'].join('-')),
    fc.string({ maxLength: 70 }),
  )
  let found = 0
  fc.assert(
    fc.property(text, (label) => {
      const upstream = suite.hosts.upstreamOf(`${label}.proxy.example.edu`)
      if (upstream === undefined) return true
      found++
      return (
        exact.has(upstream.authority) || known.some((pattern) => pattern.test(upstream.authority))
      )
    }),
    { numRuns: 100_000 },
  )
  t.true(found > 0)
})

const mapped: readonly [rule: string, url: string, expected: string | undefined][] = [
  [
    'scheme and host are written in lower case',
    'HTTPS://WWW.JSTOR.ORG/A',
    'https://www-jstor-org.proxy.example.edu/A',
  ],
  ['ws becomes wss', 'ws://www.jstor.org/s', 'wss://www-jstor-org.proxy.example.edu/s'],
  ['protocol-relative stays so', '//www.jstor.org', '//www-jstor-org.proxy.example.edu'],
  [
    'a third slash is skipped by parsers',
    '///www.jstor.org/',
    '///www-jstor-org.proxy.example.edu/',
  ],
  [
    'backslashes are slashes',
    'https:\\\\www.jstor.org\\x',
    'https:\\\\www-jstor-org.proxy.example.edu\\x',
  ],
  [
    'blanks before are skipped',
    ' \n https://www.jstor.org/',
    ' \n https://www-jstor-org.proxy.example.edu/',
  ],
  [
    'query directly after the host',
    'https://www.jstor.org?a=https://www.jstor.org',
    'https://www-jstor-org.proxy.example.edu?a=https://www.jstor.org',
  ],
  [
    'a tab within the host is dropped as parsers do',
    'https://www.js\ttor.org/',
    'https://www-jstor-org.proxy.example.edu/',
  ],
  ['default port of https', '//www.jstor.org:443/', '//www-jstor-org.proxy.example.edu/'],
  ['default port of https is another under http', 'http://www.jstor.org:443/', undefined],
  [
    'a listed port',
    'https://e.lanbook.com:8443/',
    'https://e-lanbook-com---p8443.proxy.example.edu/',
  ],
  [
    'userinfo stays before a known host',
    'https://a:b@www.jstor.org/',
    'https://a:b@www-jstor-org.proxy.example.edu/',
  ],
  ['userinfo ends at the last sign', 'https://www.jstor.org@evil.example@x.org/', undefined],
  ['a relative URL', '/www.jstor.org/', undefined],
  ['one slash is relative to a page of the same scheme', 'https:/www.jstor.org/', undefined],
  ['another scheme', 'ftp://www.jstor.org/', undefined],
  ['script', 'javascript://www.jstor.org/%0aalert(1)', undefined],
  ['a bare host', 'www.jstor.org', undefined],
  ['a longer name', 'https://www.jstor.org.evil.example/', undefined],
  ['the apex of a rule for what is below', 'https://els-cdn.com/', undefined],
  ['an address', 'https://127.0.0.1/', undefined],
]
for (const [rule, url, expected] of mapped) {
  test(`URL mapping: ${rule}`, (t) => {
    t.is(suite.hosts.mapUrl(url), expected)
    if (!url.includes('@')) t.is(suite.hosts.resourceOf(url)?.id, expected && 'conformance')
  })
}

test('the zone lends its scheme and port', (t) => {
  const hosts = createHostMap({
    resources: suite.resources,
    zoneOrigin: 'http://proxy.localhost:8080',
  })
  const url = 'http://www-jstor-org.proxy.localhost:8080/a'
  t.is(hosts.mapUrl('https://www.jstor.org/a'), url)
  t.is(hosts.mapUrl('wss://www.jstor.org/a'), url.replace('http', 'ws'))
  t.is(hosts.unmapUrl(url), 'https://www.jstor.org/a')
  t.is(hosts.upstreamOf('www-jstor-org.proxy.localhost'), undefined)
  t.is(hosts.upstreamOf('www-jstor-org.proxy.localhost:80'), undefined)
})

test('a host reached by http is unmapped to http', (t) => {
  const hosts = mapOf({ host: 'old.example.org', match: 'exact', scheme: 'http' })
  t.is(hosts.unmapUrl('wss://old-example-org.proxy.example.edu/'), 'ws://old.example.org/')
  t.like(hosts.upstreamOf('OLD-example-org.proxy.example.edu:443'), {
    port: 80,
    origin: 'http://old.example.org',
  })
})

test('exact hosts come before domains, longer domains before shorter', (t) => {
  const resources = [
    resourceWith([ruleOf('example.org', 'domain')], 'short'),
    resourceWith([ruleOf('a.example.org', 'subdomains')], 'long'),
    resourceWith([ruleOf('x.a.example.org', 'exact')], 'exact'),
  ]
  const hosts = createHostMap({ resources, zoneOrigin })
  const ids = [
    'example.org',
    'b.example.org',
    'a.example.org',
    'y.a.example.org',
    'x.a.example.org',
  ]
  t.deepEqual(
    ids.map((host) => hosts.resourceOf(`https://${host}/`)?.id),
    ['short', 'short', 'short', 'long', 'exact'],
  )
})

const refusals: readonly [rule: string, rules: readonly HostRule[][], message: RegExp][] = [
  ['a name of one label', [[ruleOf('localhost', 'exact')]], /"localhost" found/],
  ['capitals', [[ruleOf('WWW.example.org', 'exact')]], /lower case/],
  ['an address', [[ruleOf('127.0.0.1', 'exact')]], /"127.0.0.1" found/],
  ['a hyphen at the end of a label', [[ruleOf('a-.example.org', 'exact')]], /"a-.example.org"/],
  ['a host of the zone', [[ruleOf('www.proxy.example.edu', 'exact')]], /own zone/],
  ['the default port of the other scheme', [[ruleOf('www.example.org:80', 'exact')]], /port 80/],
  ['a port out of range', [[ruleOf('www.example.org:70000', 'exact')]], /port 70000/],
  [
    'a host in two resources',
    [[ruleOf('a.example.org', 'exact')], [ruleOf('a.example.org', 'exact')]],
    /claimed by "r0".*"r1"/,
  ],
  [
    'a domain in two resources',
    [[ruleOf('example.org', 'domain')], [ruleOf('example.org', 'subdomains')]],
    /claimed by/,
  ],
  [
    'a host by two schemes',
    [[ruleOf('a.example.org', 'exact'), { host: 'a.example.org', match: 'exact', scheme: 'http' }]],
    /\(https\).*\(http\)/,
  ],
]
for (const [rule, hosts, message] of refusals) {
  test(`rules are refused at load: ${rule}`, (t) => {
    const resources = hosts.map((rules, index) => resourceWith(rules, `r${index}`))
    t.throws(() => createHostMap({ resources, zoneOrigin }), { code: 'ERR_HOST', message })
    t.throws(() => createHostMap({ resources, zoneOrigin }), { message: /^rules\/r\d\.yaml: / })
  })
}

test('a domain that the zone is below does not make the zone an upstream', (t) => {
  const hosts = mapOf(ruleOf('example.edu', 'domain'))
  t.is(hosts.proxiedAuthority('https', 'lib.example.edu'), 'lib-example-edu.proxy.example.edu')
  t.is(hosts.proxiedAuthority('https', 'x.proxy.example.edu'), undefined)
  t.is(hosts.upstreamOf('proxy-example-edu.proxy.example.edu'), undefined)
})

test('a long host below a domain is read by its hash once it was written', (t) => {
  const hosts = mapOf(ruleOf('example.org', 'domain'))
  const long = `${'a'.repeat(40)}.${'b'.repeat(30)}.example.org`
  const proxied = hosts.proxiedAuthority('https', long) ?? ''
  t.regex(proxied, /^h---[0-9a-f]{32}\.proxy/)
  t.is(hosts.upstreamOf(proxied)?.host, long)
  t.is(mapOf(ruleOf('example.org', 'domain')).upstreamOf(proxied), undefined)
})

const legacy: readonly [spelling: string, expected: string | undefined][] = [
  ['my-site-cdn-host-com', 'my--site-cdn--host-com'],
  ['my-site.cdn-host.com', 'my--site-cdn--host-com'],
  ['www.jstor.org', 'www-jstor-org'],
  ['DAILY.jstor.org', 'daily-jstor-org'],
  ['ars-els-cdn-com', 'ars-els--cdn-com'],
  ['a-b-els-cdn-com', undefined], // a.b or a-b
  ['els-cdn-com', undefined],
  ['p8443-e-lanbook-com', 'e-lanbook-com---p8443'],
  ['p8443-e.lanbook.com', 'e-lanbook-com---p8443'],
  ['p9999-e.lanbook.com', undefined],
  ['www-jstor-org', undefined], // canonical already
  ['www.google.com', undefined],
  ['www-google-com', undefined],
  ['127.0.0.1', undefined],
  ['', undefined],
]
for (const [spelling, expected] of legacy) {
  test(`old spelling "${spelling}" leads to ${expected ?? 'nothing'}`, (t) => {
    const full = expected && `${expected}.proxy.example.edu`
    t.is(suite.hosts.legacyAuthority(`${spelling}.proxy.example.edu`), full)
  })
}

test('an old spelling that two hosts share leads to neither', (t) => {
  const hosts = mapOf(ruleOf('a-b.c-d.com', 'exact'), ruleOf('a.b-c.d.com', 'exact'))
  t.is(hosts.legacyAuthority('a-b-c-d-com.proxy.example.edu'), undefined)
})

test('mapping takes no longer with ten thousand hosts than with ten', (t) => {
  const many = mapOf(
    ...Array.from({ length: 10_000 }, (_, n) => ruleOf(`h${n}.example.org`, 'exact')),
  )
  const few = mapOf(...Array.from({ length: 10 }, (_, n) => ruleOf(`h${n}.example.org`, 'exact')))
  const timed = (hosts: typeof many) => {
    const startMs = performance.now()
    for (let n = 0; n < 100_000; n++) hosts.mapUrl(`https://h${n % 10}.example.org/a/b`)
    return performance.now() - startMs
  }
  timed(many)
  timed(few)
  const ratio = Math.min(timed(many), timed(many)) / Math.min(timed(few), timed(few))
  // Far above what a shared machine's noise makes of 1, far below what a scan would.
  t.true(ratio < 5, `ratio ${ratio}`)
})

test('a host that a rule leaves direct has no place in the zone, whoever asks for it and how', (t) => {
  const shop = {
    ...resourceWith([ruleOf('jstor.org', 'domain'), ruleOf('api.static.jstor.org', 'exact')], 'a'),
    rewriting: {
      neverProxy: [
        { host: 'static.jstor.org', match: 'domain' },
        { host: 'img.jstor.org', match: 'exact' },
        { host: 'cdn.jstor.org', match: 'subdomains' },
      ],
    },
  } as const
  const other = resourceWith([ruleOf('lib.static.jstor.org', 'domain')], 'b')
  const hosts = createHostMap({ resources: [shop, other], zoneOrigin })
  /** [host, the resource that serves it] */
  const cases = [
    ['www.jstor.org', 'a'],
    ['static.jstor.org', undefined],
    ['x.static.jstor.org', undefined],
    ['astatic.jstor.org', 'a'],
    ['img.jstor.org', undefined],
    ['x.img.jstor.org', 'a'],
    ['cdn.jstor.org', 'a'],
    ['x.cdn.jstor.org', undefined],
    // Named by a rule: of it alone may it be taken.
    ['api.static.jstor.org', 'a'],
    ['x.lib.static.jstor.org', 'b'],
  ] as const
  for (const [host, id] of cases) {
    const label = host.replaceAll('.', '-')
    // Twice: what was found once is remembered.
    for (let time = 1; time <= 2; time += 1) {
      t.is(hosts.upstreamOf(`${label}.proxy.example.edu`)?.resource.id, id, host)
      t.is(hosts.resourceOf(`https://${host}/`)?.id, id, host)
      t.is(hosts.mapUrl(`https://${host}/a`) !== undefined, id !== undefined, host)
      t.is(hosts.legacyAuthority(`${host}.proxy.example.edu`) !== undefined, id !== undefined, host)
    }
  }
})
