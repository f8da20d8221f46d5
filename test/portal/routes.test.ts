/** The portal's pages as a program sees them: what is found, where links lead, what is inert. */
import test from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { denialFacts } from '../../src/core/denials.ts'
import { languages } from '../../src/core/languages.ts'
import { addressesOf } from '../../src/links/addresses.ts'
import { collection, resourceOf } from './collection.ts'
import { startPortal, type PortalTestOptions } from './gateway.ts'

const student = { cookie: 'reader=student; darbaza-language=en' }
const english = { cookie: 'darbaza-language=en' }

async function portalOf(
  t: { teardown(fn: () => Promise<void>): void },
  options?: PortalTestOptions,
) {
  const portal = await startPortal(options)
  t.teardown(() => portal.close())
  return portal
}

function titlesOf(html: string): string[] {
  return [...html.matchAll(/<h3><a [^>]*>([^<]*)</g)].map(([, title = '']) => title)
}

/** Every URL of a page that leads to another origin, but for the library's mail address. */
function foreignLinks(html: string, origin: string): string[] {
  return [...html.matchAll(/(?:href|src|action)="([^"]*)"/g)]
    .map(([, url = '']) => url)
    .filter((url) => url !== 'mailto:library@example.edu' && new URL(url, origin).origin !== origin)
}

test('every page carries the strict headers', async (t) => {
  const portal = await portalOf(t)
  const pages = [
    '/',
    '/db/jstor',
    '/account',
    '/help',
    '/signed-out',
    '/login?url=https://x.example/',
  ]
  for (const path of pages) {
    const { headers } = await portal.ask(path, { headers: student })
    const policy = String(headers['content-security-policy'])
    t.regex(policy, /^default-src 'none'; style-src 'self'; img-src 'self'/, path)
    t.regex(policy, /base-uri 'none'; frame-ancestors 'none'$/, path)
    t.notRegex(policy, /unsafe|script/, path)
    t.is(headers['cache-control'], 'no-store', path)
    t.is(headers['x-content-type-options'], 'nosniff', path)
    t.is(headers['referrer-policy'], 'same-origin', path)
    t.is(headers['cross-origin-opener-policy'], 'same-origin', path)
  }
})

test('the page after sign-out is shown while the browser is sent over the visited hosts', async (t) => {
  const portal = await portalOf(t)
  const { headers, text } = await portal.ask('/signed-out', { headers: { cookie: 'farewell=1' } })
  t.is(headers['refresh'], '0; url=/after')
  t.regex(text, /<h1/)
})

test('a database says since when its link is broken, not what failed once or long ago', async (t) => {
  const portal = await portalOf(t)
  const [resource] = collection
  const [address] = addressesOf(resource ?? resourceOf('none', {}))
  const failingSinceAt = Date.UTC(2026, 10, 3, 4)
  for (const [failures, daysAgo, isTold] of [
    [1, 0, false],
    [2, 0, true],
    // Nobody looks any more.
    [2, 9, false],
  ] as const) {
    // It fails in another way since its last look.
    const at = systemClock.now() - daysAgo * 86_400_000
    const last = { state: 'gone', at, sinceAt: at } as const
    const links = [{ source: address?.source ?? '', last, failures, failingSinceAt }]
    await portal.linkRecords.setRecord('jstor', { nextAt: at, links })
    const { text } = await portal.ask('/db/jstor', { headers: english })
    t.is(text.includes('since 3 November 2026 at 10:00'), isTold, `${failures} ${daysAgo}`)
  }
  const away = await portalOf(t, { isStoreAway: true })
  t.is((await away.ask('/db/jstor', { headers: english })).status, 200)
})

for (const [query, expected] of [
  ['q=jstor', ['JSTOR']],
  ['q=ITHAKA', ['JSTOR']],
  ['q=онор', ['Архив искусства и культуры']],
  ['q=editions', ['Éditions d’études orientales']],
  ['q=архив журналов', ['JSTOR']],
  ['q=архив  ИСКУССТВА', ['Архив искусства и культуры']],
  ['subject=Филология', ['Электронная библиотека «Ала-Тоо»', 'JSTOR']],
  ['q=тоо&subject=Тарых', ['Электронная библиотека «Ала-Тоо»']],
  ['q=nothing-like-it', []],
  [`q=${'x'.repeat(5000)}`, []],
] as const) {
  test(`the list for "${query.slice(0, 40)}" holds ${expected.length}`, async (t) => {
    const portal = await portalOf(t)
    const { text } = await portal.ask(`/?${encodeURI(query)}`, {
      headers: { cookie: 'darbaza-language=ru' },
    })
    t.deepEqual(titlesOf(text), [...expected])
  })
}

test('badges follow the decision and the seats, and shut databases have no button', async (t) => {
  const portal = await portalOf(t)
  const { text } = await portal.ask('/', { headers: student })
  const rows = text.split('<li class="entry">').slice(1)
  const row = (title: string): string => rows.find((html) => html.includes(title)) ?? ''
  t.regex(row('JSTOR'), /badge ready">Available to you<[\s\S]*2 of 3 seats[\s\S]*\/go\/jstor/)
  t.regex(row('IEEE'), /badge wait">All seats in use<[\s\S]*3 of 3 seats[\s\S]*\/go\/full/)
  t.regex(row('Nature'), /badge shut">Opens 15 January 2027</)
  t.notRegex(row('Nature'), /\/go\//)
  const signedOut = await portal.ask('/', { headers: english })
  t.is(signedOut.text.match(/badge sign-in">Sign in to read</g)?.length, 6)
})

test('the list stands without a store: no numbers, no failure', async (t) => {
  const portal = await portalOf(t, { isStoreAway: true })
  const { status, text } = await portal.ask('/', { headers: student })
  t.is(status, 200)
  t.notRegex(text, /class="seats"/)
  const account = await portal.ask('/account', { headers: student })
  t.regex(account.text, /cannot tell at the moment which seats/)
})

test('the provider away is told on every page while it is so', async (t) => {
  const away = await portalOf(t, { identityStatus: 'away' })
  const ready = await portalOf(t)
  t.regex((await away.ask('/', { headers: english })).text, /sign-in service does not answer/)
  t.notRegex((await ready.ask('/', { headers: english })).text, /sign-in service does not answer/)
})

for (const [path, expected] of [
  ['/go/jstor', /^http:\/\/www-jstor-org\.proxy\.localhost:\d+\/start\?from=library$/],
  [
    '/login?url=https://www.jstor.org/a?b=1&c=2',
    /^http:\/\/www-jstor-org\.proxy\.localhost:\d+\/a\?b=1&c=2$/,
  ],
  [
    '/login?qurl=https%3A%2F%2Fwww.jstor.org%2Fa%3Fb%3D1',
    /^http:\/\/www-jstor-org\.proxy\.localhost:\d+\/a\?b=1$/,
  ],
  ['/login', /^http:\/\/library\.localhost:\d+\/$/],
] as const) {
  test(`${path} enters the database`, async (t) => {
    const portal = await portalOf(t)
    const { status, headers } = await portal.ask(path)
    t.is(status, 302)
    t.regex(String(headers['location']), expected)
  })
}

for (const target of [
  'https://evil.example/',
  'https://evil.example\\@www.jstor.org/',
  'https://www.jstor.org@evil.example/',
  'https://www.jstor.org.evil.example/',
  '//evil.example/',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'https://www.jstor.org%2eevil.example/',
  'https://evil.example/"><script>alert(1)</script>',
  '',
]) {
  for (const parameter of ['url', 'qurl']) {
    test(`/login?${parameter}=${target} redirects nowhere`, async (t) => {
      const portal = await portalOf(t)
      const value = parameter === 'qurl' ? encodeURIComponent(target) : encodeURI(target)
      const { status, headers, text } = await portal.ask(`/login?${parameter}=${value}`)
      t.true([400, 404].includes(status), String(status))
      t.is(headers['location'], undefined)
      t.deepEqual(foreignLinks(text, portal.portalOrigin), [])
      t.notRegex(text, /<script/)
    })
  }
}

test('a link to a host of no database shows the address as text', async (t) => {
  const portal = await portalOf(t)
  const { status, text } = await portal.ask('/login?url=https://free.example/a?b=1', {
    headers: english,
  })
  t.is(status, 404)
  t.regex(text, /Not in our collection/)
  t.regex(text, /<code class="copy">https:\/\/free\.example\/a\?b=1<\/code>/)
})

test('signing in leads back to the page, but never to the one after sign-out', async (t) => {
  const portal = await portalOf(t)
  const leadsTo = async (path: string): Promise<string | undefined> =>
    /class="sign-in" href="[^"]*\/sign-in\?to=([^"]*)"/.exec((await portal.ask(path)).text)?.[1]
  t.is(await leadsTo('/db/jstor?x=1'), '%2Fdb%2Fjstor%3Fx%3D1')
  t.is(await leadsTo('/signed-out'), '%2F')
})

test('the page of the choice has a link for each provider that answers, and comes back', async (t) => {
  const portal = await portalOf(t)
  const headers = { 'accept-language': 'ru', cookie: 'usual=medical' }
  const { status, text } = await portal.ask('/sign-in?to=%2Fdb%2Fjstor%3Fa%3D1%26b', { headers })
  t.is(status, 200)
  const begin = `${portal.portalOrigin}/sign-in?to=%2Fdb%2Fjstor%3Fa%3D1%26b`
  for (const id of ['alatoo', 'medical']) {
    t.true(text.includes(`href="${begin}&amp;provider=${id}"`), id)
  }
  t.false(text.includes('provider=polytechnic'))
  t.regex(text, /<span lang="ky">Ала-Тоо университети<\/span>/)
  t.regex(text, /Medical Academy<\/span> <span class="note">выбрано в прошлый раз/)
  t.regex(text, /<strong lang="ru">Политехнический университет<\/strong><br>сейчас не отвечает/)
  // "Sign in" of the menu does not wrap the page into itself.
  t.true(text.includes(`class="sign-in" href="${begin}"`))
})

test('the account page asks for sign-in and comes back', async (t) => {
  const portal = await portalOf(t)
  const { status, headers } = await portal.ask('/account')
  t.is(status, 303)
  t.is(headers['location'], `${portal.portalOrigin}/sign-in?to=%2Faccount`)
})

test('the account page tells who, until when, and which seats', async (t) => {
  const portal = await portalOf(t)
  const { text } = await portal.ask('/account', { headers: student })
  for (const expected of [
    'Айгүл Өмүрова',
    'Students and members of the university',
    'Faculty of Philology',
    '1 September 2026 at 18:05',
    '30 minutes',
    'Free again at 10:45',
    `action="${portal.portalOrigin}/sign-out"`,
  ]) {
    t.true(text.includes(expected), expected)
  }
})

test('a seat is released by a form with its token, and by nothing else', async (t) => {
  const portal = await portalOf(t)
  const send = (body: string) =>
    portal.ask('/account/release', { method: 'POST', headers: student, body })
  t.is((await send('resource=jstor')).status, 403)
  t.is((await send('form_token=guessed&resource=jstor')).status, 403)
  t.is((await portal.ask('/account/release', { headers: student })).status, 405)
  t.deepEqual(portal.released, [])
  const token = 'form_token=token-of-this-session'
  t.is((await send(`${token}&resource=__proto__`)).status, 404)
  const { status, headers } = await send(`${token}&resource=jstor`)
  t.is(status, 303)
  t.is(headers['location'], `${portal.portalOrigin}/account?released`)
  t.deepEqual(portal.released, ['jstor'])
})

for (const [path, method, expected] of [
  ['/nothing', 'GET', 404],
  ['/db/nothing', 'GET', 404],
  ['/db/__proto__', 'GET', 404],
  ['/go/nothing', 'GET', 404],
  ['/db/%E0%A4%A', 'GET', 404],
  ['/.darbaza/assets/nothing-000000000000.css', 'GET', 404],
  ['/.darbaza/assets/..%2f..%2froutes.ts', 'GET', 404],
  ['/', 'POST', 405],
  ['/help', 'DELETE', 405],
  ['/', 'HEAD', 200],
  ['/robots.txt', 'GET', 200],
] as const) {
  test(`${method} ${path} is answered with ${expected}`, async (t) => {
    const portal = await portalOf(t)
    t.is((await portal.ask(path, { method })).status, expected)
  })
}

test('style and pictures are served on every host, to be kept for ever', async (t) => {
  const portal = await portalOf(t)
  const page = await portal.ask('/')
  const style = /href="(\/\.darbaza\/assets\/style-[0-9a-f]{12}\.css)"/.exec(page.text)?.[1] ?? ''
  for (const host of ['library.localhost', 'www-jstor-org.proxy.localhost', 'odd.example']) {
    const { status, headers, text } = await portal.ask(style, { host })
    t.is(status, 200)
    t.is(headers['content-type'], 'text/css; charset=utf-8')
    t.is(headers['cache-control'], 'public, max-age=31536000, immutable')
    const pictures = [...text.matchAll(/url\(([^)]+)\)/g)].map(([, url = '']) => url)
    t.is(pictures.length, 2)
    for (const url of pictures) t.is((await portal.ask(url, { host })).status, 200)
  }
  const older = await portal.ask(style.replace(/[0-9a-f]{12}/, '0123456789ab'))
  t.is(older.headers['cache-control'], 'no-cache')
})

/** "Try again" leads to the page itself, and a mail to the library names the reference. */
const wanted =
  /^(http:\/\/www-jstor-org\.proxy\.localhost\/refuse\/|mailto:library@example\.edu\?subject=[\dA-Z-]{14}$)/

for (const language of languages) {
  for (const [reason, facts] of Object.entries(denialFacts)) {
    test(`the refusal ${reason} in ${language} says why, what next, and its reference`, async (t) => {
      const portal = await portalOf(t)
      const { status, text } = await portal.ask(`/refuse/${reason}`, {
        host: 'www-jstor-org.proxy.localhost',
        headers: { 'accept-language': language },
      })
      t.is(status, facts.status)
      t.regex(text, new RegExp(`<html lang="${language}">`))
      t.regex(text, /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}<\/code>/)
      t.notRegex(text, /\{\{|undefined|denial\.|error\.|\[object/)
      const foreign = foreignLinks(text, portal.portalOrigin)
      t.deepEqual(
        foreign.filter((url) => !wanted.test(url)),
        [],
      )
    })
  }
}

test('a refusal for want of sign-in leads to it and back to the very page', async (t) => {
  const portal = await portalOf(t)
  const host = 'www-jstor-org.proxy.localhost'
  const { text } = await portal.ask('/refuse/not_signed_in?a=1&b=%2F', { host, headers: english })
  const to = encodeURIComponent(`http://${host}/refuse/not_signed_in?a=1&b=%2F`)
  t.true(text.includes(`href="${portal.portalOrigin}/sign-in?to=${to}"`))
})

const payload = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{x}}<%= 1 %>$t(x)`

test('what readers, rules and providers say is text on every page', async (t) => {
  const title = { ky: payload, ru: payload, en: payload }
  const hostile = resourceOf('jstor', {
    title,
    description: title,
    provider: payload,
    subjects: [payload],
    licence: { seats: 3, remote: 'listed_sites', sites: [payload] },
  })
  const portal = await portalOf(t, {
    resources: [hostile],
    displayName: payload,
    contact: payload,
  })
  const query = encodeURIComponent(payload)
  const headers = student
  for (const [path, host] of [
    [`/?q=${query}&subject=${query}`],
    [`/?subject=${query}`],
    ['/db/jstor'],
    ['/account'],
    ['/help'],
    [`/help?${query}`],
    [`/login?qurl=${query}`],
    [`/login?qurl=https://x.example/${query}`],
    [`/nothing/${query}`],
    [`/refuse/place_not_entitled?${query}`, 'www-jstor-org.proxy.localhost'],
  ] as const) {
    const { text } = await portal.ask(path, { headers, ...(host && { host }) })
    t.notRegex(text, /<script|<img src=x|\son\w+=\w*[^;]*>.*alert\(1\)"/, path)
    t.is(text.match(/<(script|img)\b/g), null, path)
    t.regex(text, /<\/html>\s*$/, path)
  }
})
