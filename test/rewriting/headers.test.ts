import test from 'ava'

import type { HeaderLines } from '../../src/core/context.ts'
import { requestLines } from '../../src/rewriting/header-lines.ts'
import { headersForPublisher } from '../../src/rewriting/request-headers.ts'
import { headersForBrowser } from '../../src/rewriting/response-headers.ts'
import { initiatorOf } from '../../src/rewriting/site.ts'
import { rewrittenTag } from '../../src/rewriting/validators.ts'
import { secureHosts as hosts, upstreamOf } from './hosts.ts'

const upstream = upstreamOf(hosts, 'https://www.jstor.org/')
const zone = 'https://www-jstor-org.proxy.example.edu'

function toPublisher(lines: HeaderLines, cookie?: string): HeaderLines {
  const names = { hosts, portalOrigin: 'https://library.example.edu' }
  const initiator = initiatorOf(lines, names)
  const facts = { ...names, upstream, initiator, version: '1', cookie, isWebSocket: false }
  return headersForPublisher(lines, facts).filter(([name]) => name !== 'Host')
}

function toBrowser(lines: HeaderLines, isRewritten = false): HeaderLines {
  const added = new Set(['X-Robots-Tag', 'Cache-Control'])
  const facts = { hosts, upstream, version: '1', isRewritten, isOfRules: isRewritten }
  return headersForBrowser(lines, facts).filter(([name]) => !added.has(name))
}

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}

const dropped = words(`
  Host Connection Keep-Alive Proxy-Connection Proxy-Authorization TE Trailer
  Transfer-Encoding Upgrade HTTP2-Settings Expect Forwarded Via X-Real-IP X-Forwarded-For
  X_Forwarded_For x-forwarded_proto X_Real_IP X-Original-URL Available-Dictionary
  Dictionary-ID Early-Data Client-IP Accept_Encoding
`)

test('a publisher gets no header of the hop, of proxies, or an underscored twin of one', (t) => {
  for (const name of dropped) t.deepEqual(toPublisher([[name, 'x']]), [], name)
  t.deepEqual(toPublisher([['C_ookie_', 'x']]), [['C_ookie_', 'x']])
})

const requestRows: readonly (readonly [
  name: string,
  value: string,
  expected: string | undefined,
])[] = [
  ['Origin', zone, 'https://www.jstor.org'],
  ['Origin', 'null', 'null'],
  ['Origin', 'https://evil.example', 'https://evil.example'],
  ['Origin', 'https://library.example.edu', 'null'],
  ['Origin', 'https://login.proxy.example.edu', 'null'],
  ['Referer', `${zone}/a?u=${zone}/b`, 'https://www.jstor.org/a?u=https://www.jstor.org/b'],
  ['Referer', 'https://library.example.edu/db/1', undefined],
  ['Referer', 'https://login.proxy.example.edu/menu', undefined],
  ['Referer', `${zone}/.darbaza/ticket?t=secret`, undefined],
  ['Referer', 'https://www.google.com/', 'https://www.google.com/'],
  ['Referer', 'not a URL', undefined],
  ['HX-Current-URL', `${zone}/a`, 'https://www.jstor.org/a'],
  ['Next-Url', '/en/a', '/en/a'],
  ['X-CSRF-Token', 't', 't'],
  ['Authorization', 'Bearer x', 'Bearer x'],
  ['Sec-Fetch-Site', 'none', 'none'],
  ['If-None-Match', rewrittenTag('1', '"a"'), '"a"'],
  ['If-None-Match', rewrittenTag('0', '"a"'), undefined],
  ['If-None-Match', '"a"', '"a"'],
  ['If-Match', rewrittenTag('1', 'W/"a"'), 'W/"a"'],
  ['If-Range', '"a"', '"a"'],
  ['If-Range', rewrittenTag('1', '"a"'), undefined],
  ['__proto__', 'x', 'x'],
]

for (const [name, value, expected] of requestRows) {
  test(`to the publisher, ${name}: ${value}`, (t) => {
    t.deepEqual(toPublisher([[name, value]]), expected === undefined ? [] : [[name, expected]])
  })
}

test('after a change of the rules neither tag nor date is asked with', (t) => {
  const date = ['If-Modified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT'] as const
  t.deepEqual(toPublisher([['If-None-Match', rewrittenTag('0', undefined)], date]), [])
  t.deepEqual(toPublisher([['If-None-Match', rewrittenTag('1', undefined)], date]), [date])
})

test('a range of a rewritten body is not asked for', (t) => {
  const range = ['Range', 'bytes=0-9'] as const
  t.deepEqual(toPublisher([range, ['If-Range', rewrittenTag('1', '"a"')]]), [])
  t.deepEqual(toPublisher([range, ['If-Range', '"a"']]), [range, ['If-Range', '"a"']])
})

test("Connection names away what is nobody else's, never what the gateway needs", (t) => {
  const lines: HeaderLines = [
    ['Connection', 'close, Cookie, Origin, Authorization, X-Page'],
    ['Cookie', 'a=1'],
    ['Origin', zone],
    ['Authorization', 'x'],
    ['X-Page', '1'],
  ]
  const names = toPublisher(lines, 'a=1').map(([name]) => name)
  t.deepEqual(names, ['Cookie', 'Origin', 'Authorization'])
})

test('a second line of what servers take once is dropped, lists keep all lines', (t) => {
  const lines: HeaderLines = [
    ['Referer', 'https://a.example/'],
    ['referer', 'https://b.example/'],
    ['Accept', 'a'],
    ['Accept', 'b'],
  ]
  t.deepEqual(toPublisher(lines), lines.toSpliced(1, 1))
})

test("the jar's cookies go out where the browser sent none; a line that could split is left out", (t) => {
  t.deepEqual(toPublisher([], 'a=1'), [['Cookie', 'a=1']])
  t.deepEqual(toPublisher([['Cookie', 'x']], undefined), [])
  t.deepEqual(toPublisher([], 'a=1\r\nX: 1'), [])
})

test('HTTP/2 cookie crumbs are one line, and pseudo headers none', (t) => {
  const raw = [':authority', 'x', 'cookie', 'a=1', 'accept', '*', 'cookie', 'b=2']
  t.deepEqual(requestLines(raw), [
    ['cookie', 'a=1; b=2'],
    ['accept', '*'],
  ])
})

const neverToBrowser = words(`
  Connection Keep-Alive Transfer-Encoding Trailer Upgrade Proxy-Authenticate
  Strict-Transport-Security Public-Key-Pins Expect-CT Alt-Svc NEL Report-To
  Reporting-Endpoints Content-Security-Policy-Report-Only Service-Worker-Allowed
  Use-As-Dictionary Integrity-Policy Surrogate-Control CDN-Cache-Control
  Cloudflare-CDN-Cache-Control X-Accel-Redirect X-Sendfile Set-Cookie2 X-Robots-Tag
`)

test('a browser gets nothing that a publisher may not decide for the zone', (t) => {
  for (const name of neverToBrowser) t.deepEqual(toBrowser([[name, 'x']]), [], name)
})

const responseRows: readonly (readonly [name: string, value: string, expected: string])[] = [
  ['Location', 'https://www.jstor.org/a?x=1#f', `${zone}/a?x=1#f`],
  ['Location', 'http://www.jstor.org/a', `${zone}/a`],
  ['Location', '/a', '/a'],
  [
    'Location',
    'https://evil.example/?u=https://www.jstor.org/',
    'https://evil.example/?u=https://www.jstor.org/',
  ],
  ['Content-Location', 'https://www.jstor.org/a', `${zone}/a`],
  ['SourceMap', 'https://www.jstor.org/a.map', `${zone}/a.map`],
  ['Access-Control-Allow-Origin', 'https://www.jstor.org', zone],
  ['Access-Control-Allow-Origin', '*', '*'],
  ['Access-Control-Allow-Origin', 'https://evil.example', 'https://evil.example'],
  ['X-Frame-Options', 'SAMEORIGIN', 'SAMEORIGIN'],
  ['Cross-Origin-Opener-Policy', 'same-origin', 'same-origin'],
  ['HX-Redirect', 'https://www.jstor.org/a', `${zone}/a`],
  ['X-Note', 'see https://www.jstor.org/', 'see https://www.jstor.org/'],
  [
    'Content-Disposition',
    "attachment; filename*=UTF-8''%D0%B0.ris",
    "attachment; filename*=UTF-8''%D0%B0.ris",
  ],
]

for (const [name, value, expected] of responseRows) {
  test(`to the browser, ${name}: ${value}`, (t) => {
    t.deepEqual(toBrowser([[name, value]]), [[name, expected]])
  })
}

const ofBytes = words('Content-Length Accept-Ranges Content-Range Digest Repr-Digest Content-MD5')

test('what tells of bytes stays on an untouched body and goes with a rewritten one', (t) => {
  for (const name of [...ofBytes, 'Content-Encoding', 'ETag']) {
    t.deepEqual(toBrowser([[name, '"x"']]), [[name, '"x"']])
  }
  for (const name of ofBytes) t.deepEqual(toBrowser([[name, '5']], true), [])
  t.deepEqual(toBrowser([['ETag', '"x"']], true), [['ETag', rewrittenTag('1', '"x"')]])
})

test('a rewritten body with only a date gets a tag, so that new rules make it stale', (t) => {
  const date = ['Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'] as const
  t.deepEqual(toBrowser([date], true), [date, ['ETag', rewrittenTag('1', undefined)]])
  t.deepEqual(toBrowser([date]), [date])
})

test('every answer is private and kept from robots; broken lines do not pass', (t) => {
  const facts = { hosts, upstream, version: '1', isRewritten: false, isOfRules: false }
  t.deepEqual(headersForBrowser([], facts), [
    ['X-Robots-Tag', 'noindex, nofollow'],
    ['Cache-Control', 'private'],
  ])
  t.deepEqual(
    toBrowser([
      ['X', 'a\r\nSet-Cookie: b'],
      ['X Y', '1'],
      ['X', 'a\u0000'],
      ['X', '\u0436'],
    ]),
    [],
  )
})
