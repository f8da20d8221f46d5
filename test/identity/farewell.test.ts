import test from 'ava'

import { randomToken } from '../../src/core/clock.ts'
import { digest } from '../../src/identity/secrets.ts'
import type { Answer, Browser, World } from './world.ts'
import { secureOrigins, startWorld } from './world.ts'

let world: World
let www: string
let files: string

test.before(async () => {
  world = await startWorld()
  www = new URL(world.proxied('https://www.journal.test/')).origin
  files = new URL(world.proxied('https://static.journal.test/')).origin
})

test.after.always(async () => {
  await world.stop()
})

const signedOut = `${secureOrigins.portal}/signed-out`

/** Signs a reader in who visits both hosts, and out again. */
async function leave(own = world): Promise<Browser> {
  const browser = own.browser()
  const { portal } = own.origins
  await browser.follow(own.proxied('https://www.journal.test/'))
  await browser.visit(own.proxied('https://static.journal.test/page'))
  const token = (await browser.visit(`${portal}/form`)).body
  await browser.visit(`${portal}/sign-out`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Sec-Fetch-Site': 'same-origin',
    },
    body: `form_token=${token}`,
  })
  return browser
}

const refreshOf = ({ headers }: Answer): string | undefined =>
  /^0; url=(.+)$/.exec(String(headers['refresh'] ?? ''))?.[1]

/** Follows Refresh and Location to the end; every answer on the way, with its address. */
async function walk(browser: Browser, from: string): Promise<(Answer & { url: string })[]> {
  const way: (Answer & { url: string })[] = []
  let url: string | undefined = from
  while (url !== undefined && way.length < 100) {
    const answer: Answer = await browser.visit(url)
    way.push({ ...answer, url })
    url = answer.location === '' ? refreshOf(answer) : answer.location
  }
  return way
}

/** A hop's address, for a way that the store knows. */
async function hopTo(origins: readonly string[], first = origins[0]): Promise<string> {
  const id = randomToken()
  await world.records.write(`farewell:${digest(id)}`, JSON.stringify(origins), 60_000)
  return `${first}/.darbaza/sign-out?hop=${id}`
}

test('after sign-out the browser goes over the visited hosts, once, and back to the page', async (t) => {
  const browser = await leave()
  await browser.jar.setCookie('login=me; Secure; HttpOnly; Path=/', www)
  const way = await walk(browser, signedOut)
  t.deepEqual(
    way.map(({ url }) => new URL(url).origin),
    [secureOrigins.portal, ...[www, files].toSorted().toReversed(), secureOrigins.portal],
  )
  t.deepEqual([way[0]?.body, way[0]?.status, way.at(-1)?.body], ['signed out', 200, 'signed out'])
  for (const { headers, status } of way.slice(1, -1)) {
    t.is(status, 303)
    t.is(headers['clear-site-data'], '"cache", "storage"')
    t.is(headers['cache-control'], 'no-store')
    t.is(headers['referrer-policy'], 'no-referrer')
  }
  for (const origin of [www, files]) t.is(await browser.jar.getCookieString(origin), '')
  t.is((await walk(browser, signedOut)).length, 1)
})

test('another browser is sent nowhere', async (t) => {
  await leave()
  t.is((await walk(world.browser(), signedOut)).length, 1)
})

test('cookies are taken back one by one, host-only, of the zone and partitioned', async (t) => {
  const { cookies } = await world.browser().visit(await hopTo([www]), {
    headers: { Cookie: 'a=1; b b=2=3; nameless; =x; __Host-c=4' },
  })
  for (const name of ['a', 'b b', '__Host-c']) {
    const line = `${name}=; Path=/; Max-Age=0; Secure`
    t.true(cookies.includes(line), line)
    t.true(cookies.includes(`${line}; Partitioned`), line)
    t.is(cookies.includes(`${line}; Domain=proxy.example.org`), name !== '__Host-c')
  }
  t.is(cookies.length, 3 * 3 - 1 + 2)
  const many = Array.from({ length: 500 }, (_, index) => `c${index}=1`).join('; ')
  const bounded = await world.browser().visit(await hopTo([www]), { headers: { Cookie: many } })
  t.is(bounded.cookies.length, 3 * 50 + 2)
})

test('where the zone is a domain of its own, all its cookies are cleared at once', async (t) => {
  const own = await startWorld({
    origins: { portal: 'https://library.campus.test', zone: 'https://reading.test' },
  })
  const way = await walk(await leave(own), 'https://library.campus.test/signed-out')
  t.is(way.length, 4)
  t.is(way[1]?.headers['clear-site-data'], '"cache", "storage", "cookies"')
  await own.stop()
})

const strangers: [title: string, url: () => Promise<string> | string][] = [
  ['without an id', () => `${www}/.darbaza/sign-out`],
  ['with an id that was never given', () => `${www}/.darbaza/sign-out?hop=${randomToken()}`],
  ['with an id of another form', () => `${www}/.darbaza/sign-out?hop=https://evil.example/`],
  ['with the id of another host', () => hopTo([files], www)],
  [
    'with two ids',
    async () => {
      const url = await hopTo([www])
      return `${url}&${new URL(url).search.slice(1)}`
    },
  ],
  [
    'with an id that was used',
    async () => {
      const url = await hopTo([www])
      await world.browser().visit(url)
      return url
    },
  ],
]

for (const [title, url] of strangers) {
  test(`a host clears nothing ${title}`, async (t) => {
    const asked = await url()
    for (const destination of ['document', 'image', 'iframe']) {
      const headers = { 'Sec-Fetch-Dest': destination, Cookie: 'login=me' }
      const answer = await world.browser().visit(asked, { headers })
      t.is(answer.location, signedOut)
      t.is(answer.headers['clear-site-data'], undefined)
      t.deepEqual(answer.cookies, [])
    }
  })
}

test('a host that has left the rules is passed over', async (t) => {
  const gone = 'https://www-gone-test.proxy.example.org'
  const way = await walk(world.browser(), await hopTo([www, gone, files, gone]))
  t.deepEqual(
    way.map(({ url }) => new URL(url).origin),
    [www, files, secureOrigins.portal],
  )
})

test('a long way has no more redirects in a row than browsers follow', async (t) => {
  const way = await walk(world.browser(), await hopTo(Array.from({ length: 40 }, () => www)))
  t.is(way.length, 41)
  const pauses = way.flatMap((answer, index) => (refreshOf(answer) === undefined ? [] : [index]))
  t.deepEqual(pauses, [9, 19, 29])
  for (const index of pauses) {
    t.like(way[index], { status: 200, body: '' })
    t.is(way[index]?.headers['clear-site-data'], '"cache", "storage"')
  }
})
