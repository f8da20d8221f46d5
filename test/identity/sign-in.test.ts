import test from 'ava'

import { startWorld } from './world.ts'
import type { Browser, World } from './world.ts'

let world: World

test.before(async () => {
  world = await startWorld()
})

test.after.always(async () => {
  await world.stop()
})

const portal = 'https://library.example.edu'

/** Goes to the provider and back, but not into the callback: answers its URL. */
async function callbackOf(browser: Browser, change: (url: URL) => void = () => {}) {
  const { location } = await browser.visit(`${portal}/sign-in?to=/account`)
  const url = new URL(location)
  change(url)
  return new URL(await world.provider.signIn(url.href, 'aida', browser.providerJar))
}

async function subjectAt(browser: Browser): Promise<string | null> {
  return JSON.parse((await browser.visit(`${portal}/account`)).body).subject
}

async function hasSession(browser: Browser): Promise<boolean> {
  return (await subjectAt(browser)) !== null
}

test('a reader signs in and comes back to the page', async (t) => {
  const browser = world.browser()
  const page = await browser.follow(`${portal}/sign-in?to=/account?tab=2`)
  t.is(page.url, `${portal}/account?tab=2`)
  const shown = JSON.parse(page.body)
  t.is(shown.subject, 'aida')
  t.deepEqual(shown.categories, ['student', 'member'])
})

test('the request to the provider has PKCE, state, nonce and the exact redirect URI', async (t) => {
  const { location, headers } = await world.browser().visit(`${portal}/sign-in`)
  const query = new URL(location).searchParams
  t.is(query.get('response_type'), 'code')
  t.is(query.get('code_challenge_method'), 'S256')
  t.is(query.get('redirect_uri'), `${portal}/callback/uni`)
  for (const name of ['code_challenge', 'state', 'nonce']) t.regex(query.get(name)!, /^[\w-]{43}$/)
  t.is(headers['cache-control'], 'no-store')
})

test('who is signed in is not sent to the provider again', async (t) => {
  const browser = world.browser()
  await browser.signIn()
  const { location } = await browser.visit(`${portal}/sign-in?to=/help`)
  t.is(location, `${portal}/help`)
})

const forgeries: [title: string, change: (callback: URL) => void][] = [
  ['another state', ({ searchParams }) => searchParams.set('state', 'A'.repeat(43))],
  ['no state', ({ searchParams }) => searchParams.delete('state')],
  ['state twice', ({ searchParams }) => searchParams.append('state', searchParams.get('state')!)],
  ['another issuer', ({ searchParams }) => searchParams.set('iss', 'https://evil.example')],
  ['no issuer though the provider sends one', ({ searchParams }) => searchParams.delete('iss')],
  ['another code', ({ searchParams }) => searchParams.set('code', 'A'.repeat(43))],
  ['no code', ({ searchParams }) => searchParams.delete('code')],
  ['an error beside the code', ({ searchParams }) => searchParams.set('error', 'access_denied')],
]

for (const [title, change] of forgeries) {
  test(`a callback is refused: ${title}`, async (t) => {
    const browser = world.browser()
    const callback = await callbackOf(browser)
    change(callback)
    const answer = await browser.visit(callback.href)
    t.is(answer.status, 400)
    t.is(answer.body, 'failed: ERR_SIGN_IN')
    t.false(await hasSession(browser))
  })
}

const altered: [title: string, name: string][] = [
  ['the nonce was changed on the way', 'nonce'],
  ['the code challenge was changed on the way', 'code_challenge'],
]

for (const [title, name] of altered) {
  test(`a callback is refused: ${title}`, async (t) => {
    const browser = world.browser()
    const callback = await callbackOf(browser, ({ searchParams }) =>
      searchParams.set(name, 'A'.repeat(43)),
    )
    t.is((await browser.visit(callback.href)).status, 400)
    t.false(await hasSession(browser))
  })
}

test('a callback counts once', async (t) => {
  const browser = world.browser()
  const callback = await callbackOf(browser)
  t.is((await browser.visit(callback.href)).status, 303)
  t.is((await browser.visit(callback.href)).status, 400)
})

test('of many callbacks at once one succeeds', async (t) => {
  const browser = world.browser()
  const callback = await callbackOf(browser)
  const answers = await Promise.all(Array.from({ length: 8 }, () => browser.visit(callback.href)))
  t.is(answers.filter(({ status }) => status === 303).length, 1)
})

test('the code of another sign-in is refused although the state is right', async (t) => {
  const [thief, victim] = [world.browser(), world.browser()]
  const stolen = await callbackOf(victim)
  const own = await callbackOf(thief)
  own.searchParams.set('code', stolen.searchParams.get('code')!)
  t.is((await thief.visit(own.href)).status, 400)
  t.false(await hasSession(thief))
})

test("another browser's callback signs nobody in (login CSRF)", async (t) => {
  const [attacker, victim, stranger] = [world.browser(), world.browser(), world.browser()]
  await callbackOf(victim)
  const callback = await callbackOf(attacker)
  for (const browser of [victim, stranger]) {
    t.is((await browser.visit(callback.href)).status, 400)
    t.false(await hasSession(browser))
  }
})

test('a sign-in that took longer than its time is refused', async (t) => {
  const slow = await startWorld()
  const browser = slow.browser()
  const { location } = await browser.visit(`${portal}/sign-in`)
  const callback = await slow.provider.signIn(location, 'aida', browser.providerJar)
  slow.pass(15 * 60_000 + 1000)
  t.is((await browser.visit(callback)).status, 400)
  await slow.stop()
})

test('a reader who leaves at the provider gets an error page and no session', async (t) => {
  const browser = world.browser()
  const { location } = await browser.visit(`${portal}/sign-in`)
  const callback = await world.provider.signIn(location, 'cancel', browser.providerJar)
  const answer = await browser.visit(callback)
  t.is(answer.body, 'failed: ERR_SIGN_IN')
  t.false(await hasSession(browser))
})

test('two tabs of one browser may sign in at the same time', async (t) => {
  const browser = world.browser()
  const first = await callbackOf(browser)
  const second = await callbackOf(browser)
  t.is((await browser.visit(first.href)).status, 303)
  t.is((await browser.visit(second.href)).status, 303)
})

test('sign-in makes a new session with new secrets, and the former ones lead nowhere', async (t) => {
  const browser = world.browser()
  await browser.signIn()
  const planted = await browser.cookie(portal, '__Host-darbaza')
  const former = JSON.parse((await browser.visit(`${portal}/account`)).body).id
  // A second sign-in, begun in a tab that did not know of the first.
  const fresh = world.browser()
  const callback = await callbackOf(fresh)
  const secret = await fresh.cookie(portal, '__Host-darbaza-sign-in')
  const answer = await browser.visit(callback.href, {
    headers: { Cookie: `__Host-darbaza=${planted}; __Host-darbaza-sign-in=${secret}` },
  })
  t.is(answer.status, 303)
  t.not(await browser.cookie(portal, '__Host-darbaza'), planted)
  t.not(JSON.parse((await browser.visit(`${portal}/account`)).body).id, former)
  const reused = await world
    .browser()
    .visit(`${portal}/account`, { headers: { Cookie: `__Host-darbaza=${planted}` } })
  t.is(JSON.parse(reused.body).subject, null)
})

test('a session id is not derivable from the cookie, and the store knows no cookie', async (t) => {
  const browser = world.browser()
  await browser.signIn()
  const cookie = (await browser.cookie(portal, '__Host-darbaza'))!
  t.is(await world.records.read(`session-portal:${cookie}`), undefined)
  const { id } = JSON.parse((await browser.visit(`${portal}/account`)).body)
  const row = (await world.records.read(`session:${id}`))!
  t.false(row.includes(cookie))
  t.regex(id, /^[0-9a-f]{32}$/)
})

test('the session cookie is __Host-, HttpOnly, Secure, SameSite=Lax and ends with the browser', async (t) => {
  const browser = world.browser()
  const callback = await callbackOf(browser)
  const { cookies } = await browser.visit(callback.href)
  t.regex(
    cookies.find((line) => line.startsWith('__Host-darbaza='))!,
    /^__Host-darbaza=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
})

test('a page script cannot begin a sign-in', async (t) => {
  const answer = await world.browser().visit(`${portal}/sign-in`, {
    headers: { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
  })
  t.is(answer.status, 403)
})

test('each sign-in is one event without a name', async (t) => {
  const own = await startWorld()
  const browser = own.browser()
  await browser.signIn('bolot')
  await browser.visit(`${portal}/callback/uni?state=${'A'.repeat(43)}&code=x`)
  const events = own.events.filter(({ kind }) => kind === 'sign-in')
  t.deepEqual(
    events.map((event) => event.kind === 'sign-in' && [event.outcome, event.category]),
    [
      ['success', 'faculty'],
      ['failure', undefined],
    ],
  )
  t.false(JSON.stringify(own.events).includes('bolot'))
  await own.stop()
})

test('a sign-in tells how many values counted for nothing, and which the table lacks', async (t) => {
  const own = await startWorld({ claims: { values: { law: { unit: 'law' } } } })
  await own.browser().signIn('chynara')
  const [event] = own.events.filter(({ kind }) => kind === 'sign-in')
  t.like(event, {
    outcome: 'success',
    category: 'alum',
    rejections: { foreign_scope: 1, unscoped: 1, unmatched_value: 1 },
    unmatched: ['/chess'],
  })
  await own.stop()
})

test('a person keeps a bounded number of sessions; the oldest ends', async (t) => {
  const own = await startWorld()
  const first = own.browser()
  await first.signIn()
  for (let count = 0; count < 30; count += 1) await own.browser().signIn()
  t.is(JSON.parse((await first.visit(`${portal}/account`)).body).subject, null)
  // What belongs to the session goes; the seats are the person's, who reads on elsewhere.
  t.is(own.ended.length, 1)
  t.is(own.freed.length, 0)
  await own.stop()
})

test('a session ends when idle, and at its absolute limit however busy it is', async (t) => {
  const own = await startWorld()
  const [idle, busy] = [own.browser(), own.browser()]
  await idle.signIn()
  await busy.signIn()
  for (let minutes = 0; minutes < 8 * 60 - 30; minutes += 30) {
    t.is(await subjectAt(busy), 'aida')
    own.pass(30 * 60_000)
  }
  t.is(await subjectAt(idle), null)
  t.is(await subjectAt(busy), 'aida')
  own.pass(31 * 60_000)
  t.is(await subjectAt(busy), null)
  await own.stop()
})
