import test from 'ava'
import * as fc from 'fast-check'

import { createHostMap } from '../../src/hosts/map.ts'
import { afterSignIn, proxiedTarget } from '../../src/identity/return-url.ts'
import { journal, startWorld } from './world.ts'
import type { World } from './world.ts'

const portal = 'https://library.example.edu'
const zoneOrigin = 'https://proxy.example.org'
const proxiedHost = 'www-journal-test.proxy.example.org'
const hosts = createHostMap({ resources: [journal], zoneOrigin })

let world: World

test.before(async () => {
  world = await startWorld()
})

test.after.always(async () => {
  await world.stop()
})

/** Ways in which a link has led from a trusted name to an attacker's (security row 10). */
const payloads = [
  '//evil.test',
  '///evil.test',
  '////evil.test/%2f..',
  '/\\evil.test',
  '\\/evil.test',
  '\\\\evil.test',
  '/\t/evil.test',
  '\t//evil.test',
  '/\n/evil.test',
  '/\r\n/evil.test',
  '/%0d%0aLocation:%20https://evil.test',
  ' //evil.test',
  '/ /evil.test',
  '\u0000//evil.test',
  '\u00a0//evil.test',
  '\u2028//evil.test',
  '/.//evil.test',
  '/..//evil.test',
  '/./\\evil.test',
  '/%2e%2e//evil.test',
  '/%5cevil.test',
  '/%2f/evil.test',
  '/%2fevil.test',
  '%2f%2fevil.test',
  'https:evil.test',
  'https:/evil.test',
  'https:///evil.test',
  'https:\\\\evil.test',
  'http://evil.test',
  'https://evil.test/',
  'HTTPS://EVIL.TEST',
  'https://evil.test?https://www.journal.test/',
  'https://evil.test#https://www.journal.test/',
  'https://evil.test/https://www.journal.test/',
  'https://evil.test\\@www.journal.test/',
  'https://evil.test\\.www.journal.test/',
  'https://www.journal.test@evil.test/',
  'https://www.journal.test:443@evil.test/',
  'https://user:pass@www.journal.test/',
  'https://www.journal.test%40evil.test/',
  'https://www.journal.test%2eevil.test/',
  'https://www.journal.test.evil.test/',
  'https://evil.test/.journal.test',
  'https://evilwww.journal.test/',
  'https://www.journal.test:8443/',
  'https://www.journal.test:99999/',
  'https://[::1]/',
  'https://2130706433/',
  'https://library.example.edu.evil.test/',
  'https://library.example.edu@evil.test/',
  'https://library.example.eduevil.test/',
  `https://${proxiedHost}.evil.test/`,
  `https://${proxiedHost}@evil.test/`,
  'https://evil-test.proxy.example.org/',
  'https://evil。test/',
  'https://evil%E3%80%82test/',
  'ftp://www.journal.test/',
  'javascript:alert(1)',
  'JaVaScRiPt://www.journal.test/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://www.journal.test/1',
  'view-source:https://www.journal.test/',
  'about:blank',
  '.evil.test',
  '@evil.test',
  ':@evil.test',
  ';@evil.test',
  '?next=//evil.test',
  '#//evil.test',
  'evil.test',
  `/${'a'.repeat(9000)}`,
]

/** Hosts to which a Location may lead. */
const isOurs = (location: string) =>
  location.startsWith(`${portal}/`) ||
  ['www-journal-test', 'static-journal-test'].some((label) =>
    location.startsWith(`https://${label}.proxy.example.org/`),
  )

for (const [index, payload] of payloads.entries()) {
  test(`no link leads away: ${index} ${JSON.stringify(payload).slice(0, 60)}`, async (t) => {
    t.true(isOurs(afterSignIn(payload, portal, hosts)))
    t.is(proxiedTarget(payload, hosts), undefined)

    const browser = world.browser()
    const to = encodeURIComponent(payload)
    const entered = await browser.visit(`${portal}/enter?to=${to}&ask=${'A'.repeat(43)}`)
    t.is(entered.status, 421)
    t.is(entered.location, '')
    const { location } = await browser.visit(`${portal}/sign-in?to=${to}`)
    t.is(new URL(location).origin, world.provider.issuer)
    const callback = await world.provider.signIn(location, 'aida', browser.providerJar)
    t.true(isOurs((await browser.visit(callback)).location))
  })
}

const kept: [to: string | undefined, expected: string][] = [
  [undefined, `${portal}/`],
  ['', `${portal}/`],
  ['/', `${portal}/`],
  ['/account?tab=1#top', `${portal}/account?tab=1#top`],
  ['/db/журнал', `${portal}/db/%D0%B6%D1%83%D1%80%D0%BD%D0%B0%D0%BB`],
  [`${portal}/account`, `${portal}/account`],
  ['/search?q=https://evil.test/', `${portal}/search?q=https://evil.test/`],
  [
    'https://www.journal.test/a?b=c',
    `${portal}/enter?to=https%3A%2F%2Fwww.journal.test%2Fa%3Fb%3Dc`,
  ],
  [`https://${proxiedHost}/a`, `${portal}/enter?to=https%3A%2F%2F${proxiedHost}%2Fa`],
]

for (const [to, expected] of kept) {
  test(`an honest link is kept: ${to}`, (t) => {
    t.is(afterSignIn(to, portal, hosts), expected)
  })
}

test('a repeated parameter counts as none', async (t) => {
  const url = `${portal}/enter?to=https%3A%2F%2Fwww.journal.test%2F&to=https%3A%2F%2Fevil.test%2F`
  t.is((await world.browser().visit(url)).status, 421)
})

test('what is judged is what is used, for any text', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc
      .array(
        fc.constantFrom('/', '\\', '//', 'evil.test', '@', ':', '.', 'https:', '%2f', '\t', '?'),
      )
      .map((parts) => parts.join('')),
  )
  t.notThrows(() =>
    fc.assert(
      fc.property(text, (to) => new URL(afterSignIn(to, portal, hosts)).origin === portal),
      { numRuns: 2000 },
    ),
  )
})
