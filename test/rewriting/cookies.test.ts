import test from 'ava'
import { assert, property, string } from 'fast-check'

import {
  browserLine,
  ownNameTest,
  parseCookies,
  parseSetCookie,
} from '../../src/rewriting/cookies.ts'

const secure = 'https://proxy.example.edu'
const plain = 'http://proxy.localhost:8080'

function lineFor(line: string, zone: string): string | undefined {
  const cookie = parseSetCookie(line)
  return cookie && browserLine(cookie, zone)
}

const lines: readonly (readonly [given: string, inSecureZone: string, inPlainZone: string])[] = [
  ['a=1; Path=/; HttpOnly', 'a=1; Path=/; HttpOnly; Secure', 'a=1; Path=/; HttpOnly'],
  ['a=1; Secure; SameSite=None', 'a=1; Secure; SameSite=None', 'a=1'],
  ['a=1;secure;samesite=Lax', 'a=1;secure;samesite=Lax', 'a=1;samesite=Lax'],
  ['__Host-a=1; Secure; Path=/', '__Host-a=1; Secure; Path=/', '__Host-a=1; Secure; Path=/'],
  ['b="x,y;z"; Domain=jstor.org', 'b="x,y;z"; Secure', 'b="x,y;z"'],
  ['a=%0d%0aX:1; domain = .Jstor.org ;Path=/', 'a=%0d%0aX:1;Path=/; Secure', 'a=%0d%0aX:1;Path=/'],
  ['a=1; Secure; Partitioned', 'a=1; Secure; Partitioned', 'a=1'],
]

for (const [given, inSecureZone, inPlainZone] of lines) {
  test(`attributes are cut, all other bytes stay: ${given}`, (t) => {
    t.is(lineFor(given, secure), inSecureZone)
    t.is(lineFor(given, plain), inPlainZone)
  })
}

test('what a browser would not store is no cookie', (t) => {
  const long = 'x'.repeat(5000)
  for (const line of ['', ';Path=/', 'a=\u0000', 'a=1\r\nX: 1', `a=${long}`]) {
    t.is(parseSetCookie(line), undefined)
  }
})

test("the gateway's own names are known in any disguise", (t) => {
  const isOwn = ownNameTest(['__Host-gw', 'gw_sess'])
  const own = [
    '__Host-gw=1',
    '__host-GW=1',
    '%5F_Host-gw=1',
    '%255f_Host-gw=1',
    'gw_sess',
    'gw_sess=',
  ]
  for (const text of own) t.true(parseCookies(text).every(isOwn), text)
  t.true(parseCookies('=__Host-gw=1').every(isOwn))
  for (const text of ['gw=1', 'a__Host-gw=1', 'gw_session=1', 'x=__Host-gw']) {
    t.false(parseCookies(text).some(isOwn), text)
  }
})

test('no value is ever changed', (t) => {
  const value = string({ unit: 'grapheme-ascii' }).filter((text) => !/[;\r\n\0]/.test(text))
  assert(
    property(value, (text) => {
      const line = lineFor(`n=${text}; Domain=jstor.org; Path=/`, secure)
      t.is(line, `n=${text}; Path=/; Secure`)
    }),
  )
})
