import { request } from 'node:http'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { exchange, plainOrigins, startWorld } from './world.ts'
import type { World } from './world.ts'

let world: World
let page: string

test.before(async () => {
  world = await startWorld()
  page = world.proxied('https://www.journal.test/article?id=1')
})

test.after.always(async () => {
  await world.stop()
})

const portal = 'https://library.example.edu'
const landing = 'https://login.proxy.example.org'
const zoneCookie = '__Secure-darbaza-zone'

/** One exchange without any header that a browser would add. */
const bare = (method: string, headers: Record<string, string>) =>
  exchange(world.port, '/article?id=1', {
    method,
    headers: { Host: new URL(page).host, ...headers },
  })

const html = { Accept: 'text/html,*/*' }

const redirected: [title: string, method: string, headers: Record<string, string>][] = [
  ['a document', 'GET', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }],
  ['a frame', 'GET', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }],
  [
    'the head of a document',
    'HEAD',
    { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
  ],
  ['HTML, from a browser without Fetch Metadata', 'GET', html],
]

for (const [title, method, headers] of redirected) {
  test(`without a session, a navigation goes to the landing: ${title}`, async (t) => {
    const answer = await bare(method, headers)
    t.is(answer.status, 303)
    const location = new URL(answer.location)
    t.is(location.origin + location.pathname, `${landing}/.darbaza/hop`)
    t.is(location.searchParams.get('to'), 'https://www.journal.test/article?id=1')
    t.deepEqual(answer.cookies, [])
    t.is(answer.headers['cache-control'], 'no-store')
  })
}

test('a URL too long to come back to leads to the first page of its host', async (t) => {
  const reach = async (length: number) => {
    const browser = world.browser()
    const url = `${page}&${'x'.repeat(length)}`
    return { wanted: url, got: (await browser.follow(url)).url }
  }
  const long = await reach(7500)
  t.true(long.got === long.wanted)
  t.is((await reach(9000)).got, world.proxied('https://www.journal.test/'))
})

const refused: [title: string, method: string, headers: Record<string, string>][] = [
  ['fetch', 'GET', { ...html, 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }],
  ['a picture', 'GET', { ...html, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }],
  ['a plug-in', 'GET', { ...html, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'object' }],
  ['a form', 'POST', { ...html, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }],
  ['a program', 'GET', { Accept: '*/*' }],
  ['a program that deletes', 'DELETE', html],
  ['OPTIONS that is no preflight', 'OPTIONS', { Origin: 'https://x.test' }],
  [
    'a preflight with a body',
    'OPTIONS',
    { Origin: 'https://x.test', 'Access-Control-Request-Method': 'PUT', 'Content-Length': '1' },
  ],
]

for (const [title, method, headers] of refused) {
  test(`without a session, anything else is 401 and no redirect: ${title}`, async (t) => {
    const answer = await exchange(world.port, '/article', {
      method,
      headers: { Host: new URL(page).host, ...headers },
      ...(headers['Content-Length'] && { body: 'x' }),
    })
    t.is(answer.status, 401)
    t.is(answer.location, '')
    t.is(answer.headers['cache-control'], 'no-store')
    t.deepEqual(
      Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
      [],
    )
    t.deepEqual(answer.cookies, [])
  })
}

test('a preflight passes without a session, and brings nothing back but the permission', async (t) => {
  const answer = await bare('OPTIONS', {
    Origin: 'https://x.test',
    'Access-Control-Request-Method': 'PUT',
  })
  t.is(answer.status, 200)
  t.is(answer.body, '')
  t.is(answer.headers['content-type'], undefined)
  t.deepEqual(answer.cookies, [])
  t.is(answer.headers['access-control-allow-origin'], '*')
})

const font = {
  Origin: 'https://www-journal-test.proxy.example.org',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Dest': 'font',
}

const fonts: [title: string, status: number, path: string, headers: Record<string, string>][] = [
  ['as a browser asks', 200, '/a/serif.woff2?v=1', {}],
  ['of another format', 200, '/serif.OTF', {}],
  ['on a path of no font', 401, '/article.pdf', {}],
  ['named in the query alone', 401, '/article?f=a.woff2', {}],
  ['for a script', 401, '/serif.woff2', { 'Sec-Fetch-Dest': 'script' }],
  ['without CORS', 401, '/serif.woff2', { 'Sec-Fetch-Mode': 'no-cors' }],
  ['of no origin', 401, '/serif.woff2', { Origin: 'null' }],
  ['of the portal', 401, '/serif.woff2', { Origin: portal }],
  ['of a foreign page', 401, '/serif.woff2', { Origin: 'https://www.journal.test' }],
  ['with a body', 401, '/serif.woff2', { 'Content-Length': '1' }],
]

for (const [title, status, path, headers] of fonts) {
  test(`without a session, a sister's font is ${status} ${title}`, async (t) => {
    const answer = await exchange(world.port, path, {
      headers: { Host: 'static-journal-test.proxy.example.org', ...font, ...headers },
      ...(status === 401 && 'Content-Length' in headers && { body: 'x' }),
    })
    t.is(answer.status, status)
    if (status === 200) t.is(JSON.parse(answer.body).subject, null)
    else t.is(answer.location, '')
  })
}

test('a font is no way in by another method or a socket', async (t) => {
  const headers = { Host: 'static-journal-test.proxy.example.org', ...font }
  for (const method of ['HEAD', 'POST', 'DELETE']) {
    t.is((await exchange(world.port, '/serif.woff2', { method, headers })).status, 401, method)
  }
})

test('a WebSocket handshake without a session is 401', async (t) => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port: world.port,
      path: '/socket',
      headers: {
        Host: new URL(page).host,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version': '13',
        ...html,
      },
    })
    asked.once('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asked.once('upgrade', () => resolve(101))
    asked.once('error', reject)
    asked.end()
  })
  t.is(status, 401)
})

for (const [title, pair] of [
  ['two different values', [`${zoneCookie}=${'A'.repeat(43)}`, `${zoneCookie}=${'B'.repeat(43)}`]],
  ['a genuine value and an empty one', [`${zoneCookie}=`, undefined]],
  ['one value twice', [undefined, undefined]],
] as const) {
  test(`two session cookies in one request are 400, and cleared: ${title}`, async (t) => {
    const browser = world.browser()
    await browser.follow(page)
    const genuine = `${zoneCookie}=${await browser.cookie(page, zoneCookie)}`
    const answer = await browser.visit(page, {
      headers: { Cookie: pair.map((one) => one ?? genuine).join('; ') },
    })
    t.is(answer.status, 400)
    t.is(answer.body, 'failed: ERR_BAD_REQUEST')
    for (const scope of [
      'Path=/; HttpOnly',
      'Path=/; Domain=proxy.example.org;',
      'Path=/; Domain=example.org;',
      'Path=/article; Domain=proxy.example.org;',
    ]) {
      t.true(
        answer.cookies.some(
          (line) => line.startsWith(`${zoneCookie}=; ${scope}`) && line.endsWith('Max-Age=0'),
        ),
        scope,
      )
    }
    t.is(await browser.cookie(page, zoneCookie), undefined)
  })
}

test('a name that only decodes to ours is another cookie', async (t) => {
  const browser = world.browser()
  await browser.follow(page)
  const cookie = await browser.cookie(page, zoneCookie)
  const answer = await browser.visit(page, {
    headers: {
      Cookie: `%5F_Secure-darbaza-zone=x; darbaza-zone=y; __secure-darbaza-zone=z; ${zoneCookie}=${cookie}`,
    },
  })
  t.is(JSON.parse(answer.body).subject, 'aida')
})

for (const value of ['', 'x', '%00', '"', `${'A'.repeat(43)}B`, '../session']) {
  test(`what is no cookie of ours counts as none: "${value}"`, async (t) => {
    const answer = await bare('GET', { ...html, Cookie: `${zoneCookie}=${value}` })
    t.is(answer.status, 303)
  })
}

test('without TLS the names have no prefix and the cookies no Secure', async (t) => {
  const plain = await startWorld({ origins: plainOrigins })
  t.deepEqual(plain.identity.cookieNames.toSorted(), [
    'darbaza',
    'darbaza-ask',
    'darbaza-farewell',
    'darbaza-provider',
    'darbaza-sign-in',
    'darbaza-zone',
  ])
  const browser = plain.browser()
  const wanted = plain.proxied('https://www.journal.test/')
  const { url, trail } = await browser.follow(wanted)
  t.is(url, wanted)
  t.true(trail.every((step) => step.startsWith('http:')))
  await plain.stop()
})

test('the names of all cookies are told, for rewriting to strip', (t) => {
  t.deepEqual(world.identity.cookieNames.toSorted(), [
    '__Host-darbaza',
    '__Host-darbaza-ask',
    '__Host-darbaza-farewell',
    '__Host-darbaza-provider',
    '__Host-darbaza-sign-in',
    '__Secure-darbaza-zone',
  ])
})

test('while the store is away: a session seen lately goes on, for a minute; nobody else enters', async (t) => {
  const own = await startWorld()
  const browser = own.browser()
  await browser.follow(page)
  await browser.visit(page)
  const cookie = `${zoneCookie}=${await browser.cookie(page, zoneCookie)}`
  own.setStoreAway(true)
  const ask = { headers: { Cookie: cookie } }
  for (const url of [page, own.proxied('https://static.journal.test/')]) {
    t.is(JSON.parse((await browser.visit(url, ask)).body).subject, 'aida')
  }
  const stranger = await own
    .browser()
    .visit(page, { headers: { Cookie: `${zoneCookie}=${'A'.repeat(43)}` } })
  t.is(stranger.status, 503)
  t.is(stranger.body, 'failed: ERR_STORE_AWAY')
  t.is((await own.browser().visit(`${portal}/sign-in`)).body, 'failed: ERR_STORE_AWAY')
  own.pass(61_000)
  t.is((await browser.visit(page, ask)).status, 503)
  own.setStoreAway(false)
  t.is((await browser.visit(page)).status, 200)
  await own.stop()
})

test('the cookie of one door opens no other, even when it was used and its session is known', async (t) => {
  const browser = world.browser()
  await browser.follow(page)
  t.is((await browser.visit(page)).status, 200)
  const token = await browser.cookie(page, zoneCookie)
  const asPortal = { Host: new URL(portal).host, Cookie: `__Host-darbaza=${token}` }
  const answer = await exchange(world.port, '/account', { method: 'GET', headers: asPortal })
  t.notRegex(answer.body, /aida/)
  const portalToken = await browser.cookie(portal, '__Host-darbaza')
  t.is((await bare('GET', { ...html, Cookie: `${zoneCookie}=${portalToken}` })).status, 303)
})

test('a session that another process has ended or changed is so a moment later', async (t) => {
  const own = await startWorld()
  const browser = own.browser()
  await browser.follow(page)
  const { id } = JSON.parse((await browser.visit(page)).body)
  const row = JSON.parse((await own.records.read(`session:${id}`)) ?? '')
  row.session.patron.subject = 'bolot'
  await own.records.write(`session:${id}`, JSON.stringify(row), 60_000)
  own.pass(limits.identity.trustMs)
  t.is(JSON.parse((await browser.visit(page)).body).subject, 'bolot')
  await own.records.remove([`session:${id}`])
  own.pass(limits.identity.trustMs)
  t.is((await browser.visit(page)).status, 303)
  await own.stop()
})

test('the store is asked about a session once in a moment, however much is read', async (t) => {
  const own = await startWorld()
  const browser = own.browser()
  await browser.follow(page)
  const { id } = JSON.parse((await browser.visit(page)).body)
  await own.records.remove([`session:${id}`])
  t.is((await browser.visit(page)).status, 200)
  own.pass(-10_000)
  t.is((await browser.visit(page)).status, 303, 'a clock set back makes nothing younger')
  await own.stop()
})

test('a stored session that is not of our form admits nobody', async (t) => {
  const own = await startWorld()
  const browser = own.browser()
  await browser.follow(page)
  const { id } = JSON.parse((await browser.visit(page)).body)
  for (const row of ['', 'x', '{}', '{"session":{"id":"1"},"formKey":"x"}']) {
    await own.records.write(`session:${id}`, row, 60_000)
    own.pass(limits.identity.trustMs)
    t.is((await browser.visit(page)).status, 500)
  }
  await own.stop()
})
