import test from 'ava'

import {
  knownCodings,
  mapFrameOptions,
  mapLinks,
  mapList,
  mapQuoted,
  mapRefresh,
  narrowClearing,
  privateCaching,
} from '../../src/rewriting/header-values.ts'
import { rewrittenTag, translateTags } from '../../src/rewriting/validators.ts'
import { secureHosts } from './hosts.ts'

const mapUrl = (url: string) => secureHosts.mapUrl(url)
const jstor = 'https://www-jstor-org.proxy.example.edu'

const mapped: readonly {
  readonly name: string
  readonly map: (value: string) => string | undefined
  readonly rows: readonly (readonly [given: string, expected: string | undefined])[]
}[] = [
  {
    name: 'Refresh',
    map: (value) => mapRefresh(value, mapUrl),
    rows: [
      ['0; url=https://www.jstor.org/a', `0; url=${jstor}/a`],
      ['5;URL="https://www.jstor.org/a"; x', `5;URL="${jstor}/a"; x`],
      ["1, url='https://www.jstor.org/a'", `1, url='${jstor}/a'`],
      ['3 https://www.jstor.org/', `3 ${jstor}/`],
      ['5', '5'],
      ['5; url=/a', '5; url=/a'],
      [
        '0; url=https://evil.example/?u=https://www.jstor.org/',
        '0; url=https://evil.example/?u=https://www.jstor.org/',
      ],
    ],
  },
  {
    name: 'Link',
    map: (value) => mapLinks(value, mapUrl),
    rows: [
      ['<https://www.jstor.org/a,b>; rel=next', `<${jstor}/a,b>; rel=next`],
      ['<https://www.jstor.org/a>; rel="canonical"', '<https://www.jstor.org/a>; rel="canonical"'],
      [
        '<https://www.jstor.org/a>; REL="next Canonical"',
        '<https://www.jstor.org/a>; REL="next Canonical"',
      ],
      ['<https://www.jstor.org/a>; rel=cite-as', '<https://www.jstor.org/a>; rel=cite-as'],
      [
        '<https://www.jstor.org/a>; rel=preload; title="x, y"; integrity="sha256-A", </b>; rel=next',
        `<${jstor}/a>; rel=preload; title="x, y", </b>; rel=next`,
      ],
      [
        '<https://cdn.example/a>; rel=preload; integrity=sha256-A',
        '<https://cdn.example/a>; rel=preload; integrity=sha256-A',
      ],
      [
        '<a.png>; rel=preload; imagesrcset="https://www.jstor.org/1.png 1x, /2.png 2x"',
        `<a.png>; rel=preload; imagesrcset="${jstor}/1.png 1x, /2.png 2x"`,
      ],
    ],
  },
  {
    name: 'Timing-Allow-Origin',
    map: (value) => mapList(value, mapUrl),
    rows: [
      ['https://www.jstor.org, *,https://www.google.com', `${jstor}, *,https://www.google.com`],
    ],
  },
  {
    name: 'Permissions-Policy',
    map: (value) => mapQuoted(value, mapUrl),
    rows: [
      [
        'geolocation=(self "https://www.jstor.org"), camera=()',
        `geolocation=(self "${jstor}"), camera=()`,
      ],
    ],
  },
  {
    name: 'X-Frame-Options',
    map: (value) => mapFrameOptions(value, mapUrl),
    rows: [
      ['ALLOW-FROM https://www.jstor.org/', `ALLOW-FROM ${jstor}/`],
      ['SAMEORIGIN', 'SAMEORIGIN'],
    ],
  },
  {
    name: 'Cache-Control',
    map: privateCaching,
    rows: [
      ['public, max-age=60, s-maxage=600', 'private, max-age=60'],
      ['private="set-cookie, x", no-transform', 'private, no-transform'],
      ['no-store', 'private, no-store'],
      ['', 'private'],
    ],
  },
  {
    name: 'Clear-Site-Data',
    map: narrowClearing,
    rows: [
      ['"cookies", "storage", "cache"', '"storage", "cache"'],
      ['"*"', '"cache", "storage"'],
      ['"cookies"', undefined],
    ],
  },
  {
    name: 'Accept-Encoding',
    map: knownCodings,
    rows: [
      ['gzip, deflate, br;q=0.5, zstd, dcb, dcz, sdch, *', 'gzip, deflate, br;q=0.5, zstd'],
      ['GZIP;q=1.0, identity;q=0', 'GZIP;q=1.0, identity;q=0'],
      ['gzippy, *', 'identity'],
    ],
  },
]

for (const { name, map, rows } of mapped) {
  test(`${name}: known hosts and rules of the gateway change, other bytes stay`, (t) => {
    for (const [given, expected] of rows) t.is(map(given), expected)
  })
}

test('a Link header of nothing but openings is read in a time that grows with its length', (t) => {
  const before = process.threadCpuUsage()
  mapLinks('<'.repeat(60_000), mapUrl)
  // Of this thread alone: what else the machine does is not counted.
  t.true(process.threadCpuUsage(before).user < 1_000_000)
})

test('an entity tag of a rewritten body comes back as the publisher wrote it', (t) => {
  for (const tag of ['"abc"', 'W/"a:b:c"', '""', '"\u00e9"']) {
    const own = rewrittenTag('v 1', tag)
    t.regex(own, /^W\/"/)
    t.deepEqual(translateTags('v 1', own), { value: tag, isRewritten: true, isStale: false })
    t.deepEqual(translateTags('v 2', own), { isRewritten: true, isStale: true })
  }
})

test('a list of tags keeps the foreign ones and loses those of other rules', (t) => {
  const list = `${rewrittenTag('1', '"a"')}, "b", ${rewrittenTag('0', '"c"')}`
  t.deepEqual(translateTags('1', list), { value: '"a", "b"', isRewritten: true, isStale: true })
  for (const value of ['*', '"b"', 'W/"b", "c"', 'not a tag']) {
    t.deepEqual(translateTags('1', value), { value, isRewritten: false, isStale: false })
  }
})

test('a tag that is none, or is missing, leaves a tag with nothing to ask the publisher', (t) => {
  for (const tag of [undefined, 'abc', '"a"b"']) {
    const own = rewrittenTag('1', tag)
    t.deepEqual(translateTags('1', own), { isRewritten: true, isStale: false })
  }
})
