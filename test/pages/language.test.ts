/** Which language, and where the switch may lead. */
import test from 'ava'
import * as fc from 'fast-check'

import { languageSwitchUrl, localPath } from '../../src/pages/language.ts'
import { startPortal } from '../portal/gateway.ts'

for (const [cookie, accept, expected] of [
  ['', '', 'ky'],
  ['', '*', 'ky'],
  ['', 'de', 'ky'],
  ['', 'ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
  ['', 'en-GB,en;q=0.9', 'en'],
  ['', 'de,en;q=0.5,ky;q=0.7', 'ky'],
  ['', ';;;q=', 'ky'],
  ['en', 'ru', 'en'],
  ['xx', 'ru', 'ru'],
  ['__proto__', '', 'ky'],
] as const) {
  test(`cookie "${cookie}", Accept-Language "${accept}" give ${expected}`, async (t) => {
    const portal = await startPortal()
    t.teardown(() => portal.close())
    const { text } = await portal.ask('/help', {
      headers: { cookie: `darbaza-language=${cookie}`, 'accept-language': accept },
    })
    t.regex(text, new RegExp(`<html lang="${expected}">`))
  })
}

const paths: readonly (readonly [string | null, string])[] = [
  ['/db/jstor?x=1', '/db/jstor?x=1'],
  ['/?q=%D3%A9', '/?q=%D3%A9'],
  ['/a/../b', '/b'],
  [null, '/'],
  ['', '/'],
  ['db', '/'],
  ['//evil.example/', '/'],
  ['///evil.example/', '/'],
  ['/\\evil.example/', '/'],
  ['\\/evil.example/', '/'],
  ['/\t/evil.example/', '/'],
  ['/\n/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/a/..//evil.example', '/'],
  ['/%2e//evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/ok\r\nSet-Cookie: x=1', '/'],
]

for (const [to, expected] of paths) {
  test(`the switch to ${JSON.stringify(to)} leads to ${expected}`, (t) => {
    t.is(localPath(to), expected)
  })
}

test('whatever it is given, the switch stays on its host', (t) => {
  const hostile = fc.string({ unit: fc.constantFrom(...Array.from('/\\.:@%2eaef?#\t \n[')) })
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string()), (text) => {
      const landed = new URL(localPath(`/${text}`), 'https://library.example.edu/account')
      t.is(landed.origin, 'https://library.example.edu')
    }),
    { numRuns: 2000 },
  )
})

test('the switch works on the portal and on a proxied host, and remembers', async (t) => {
  const portal = await startPortal()
  t.teardown(() => portal.close())
  for (const host of ['library.localhost', 'www-jstor-org.proxy.localhost']) {
    const answer = await portal.ask(languageSwitchUrl('ru', '/db/jstor?a=1&b=2'), { host })
    t.is(answer.status, 303)
    t.is(answer.headers['location'], '/db/jstor?a=1&b=2')
    t.regex(
      String(answer.headers['set-cookie']),
      /^darbaza-language=ru; Path=\/; Max-Age=\d+; Http/,
    )
  }
})

test('an unknown language sets no cookie, and the switch takes GET alone', async (t) => {
  const portal = await startPortal()
  t.teardown(() => portal.close())
  const odd = await portal.ask('/.darbaza/language?set=ky%0d%0aX:1&to=//evil.example')
  t.is(odd.headers['location'], '/')
  t.is(odd.headers['set-cookie'], undefined)
  t.is((await portal.ask('/.darbaza/language?set=ky', { method: 'POST' })).status, 405)
})
