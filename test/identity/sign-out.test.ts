import test from 'ava'
import type { ExecutionContext } from 'ava'
import { SignJWT, UnsecuredJWT, exportSPKI, generateKeyPair } from 'jose'

import type { Browser, World } from './world.ts'
import { exchange, libraryPlace, startWorld } from './world.ts'

let world: World

test.before(async () => {
  world = await startWorld()
})

test.after.always(async () => {
  await world.stop()
})

const portal = 'https://library.example.edu'
const event = 'http://schemas.openid.net/event/backchannel-logout'
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

async function subjectAt(browser: Browser, url: string): Promise<string | null> {
  const { status, body } = await browser.visit(url)
  return status === 200 ? JSON.parse(body).subject : null
}

async function signOut(browser: Browser, headers: Record<string, string> = {}) {
  const token = (await browser.visit(`${portal}/form`)).body
  return browser.visit(`${portal}/sign-out`, {
    method: 'POST',
    headers: { ...form, 'Sec-Fetch-Site': 'same-origin', ...headers },
    body: `form_token=${token}`,
  })
}

/** A reader on portal and publisher. */
async function reader(own = world): Promise<Browser> {
  const browser = own.browser()
  await browser.follow(own.proxied('https://www.journal.test/'))
  return browser
}

test('sign-out ends the session on portal and zone, frees seats, and says so once', async (t) => {
  const own = await startWorld()
  const browser = await reader(own)
  const stolen = await browser.jar.getCookieString(own.proxied('https://www.journal.test/'))
  const { id } = JSON.parse((await browser.visit(`${portal}/account`)).body)
  const answer = await signOut(browser)
  t.is(answer.status, 303)
  t.deepEqual(
    own.ended.map((session) => session.id),
    [id],
  )
  t.deepEqual(
    own.events.filter(({ kind }) => kind === 'sign-out').map((one) => 'by' in one && one.by),
    ['reader'],
  )
  t.is(await subjectAt(browser, `${portal}/account`), null)
  t.is(await subjectAt(browser, own.proxied('https://static.journal.test/')), null)
  const replayed = await own.browser().visit(own.proxied('https://www.journal.test/'), {
    headers: { Cookie: stolen },
  })
  t.is(replayed.status, 303)
  await own.stop()
})

test('sign-out goes on to the provider, with hint and return address, and ends its session', async (t) => {
  const browser = await reader()
  const { location } = await signOut(browser)
  const url = new URL(location)
  t.is(url.origin, world.provider.issuer)
  t.is(url.searchParams.get('post_logout_redirect_uri'), `${portal}/signed-out`)
  t.truthy(url.searchParams.get('id_token_hint'))
  t.is(await world.provider.signOut(location, browser.providerJar), `${portal}/signed-out`)
})

const forgeries: [title: string, headers: Record<string, string>, token?: string][] = [
  ['from another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ['from a proxied host', { 'Sec-Fetch-Site': 'same-site' }],
  ['typed into the address bar', { 'Sec-Fetch-Site': 'none' }],
  ['without origin', { 'Sec-Fetch-Site': '' }],
  ['of a foreign origin', { 'Sec-Fetch-Site': '', Origin: 'https://evil.example' }],
  ['of no origin', { 'Sec-Fetch-Site': '', Origin: 'null' }],
  ['without token', {}, ''],
  ['with a token of another form', {}, 'x.y'],
]

for (const [title, headers, token] of forgeries) {
  test(`a forged form changes nothing: ${title}`, async (t) => {
    const browser = await reader()
    const body = token ?? (await browser.visit(`${portal}/form`)).body
    const answer = await browser.visit(`${portal}/sign-out`, {
      method: 'POST',
      headers: { ...form, 'Sec-Fetch-Site': 'same-origin', ...headers },
      body: `form_token=${body}`,
    })
    t.is(answer.status, 403)
    t.is(answer.body, 'failed: ERR_FORGERY')
    t.is(await subjectAt(browser, `${portal}/account`), 'aida')
  })
}

test('a form token is of one session, and differs on each page', async (t) => {
  const [one, other] = [await reader(), await reader()]
  const token = (await one.visit(`${portal}/form`)).body
  t.not(token, (await one.visit(`${portal}/form`)).body)
  const save = (browser: Browser) =>
    browser.visit(`${portal}/save`, {
      method: 'POST',
      headers: { ...form, 'Sec-Fetch-Site': 'same-origin' },
      body: `form_token=${token}&a=%C3%A9&a=2`,
    })
  t.is(new URLSearchParams((await save(one)).body).getAll('a').join(), 'é,2')
  t.is((await save(other)).status, 403)
})

test('browsers without Fetch Metadata are judged by Origin', async (t) => {
  const browser = await reader()
  t.is((await signOut(browser, { 'Sec-Fetch-Site': '', Origin: portal })).status, 303)
})

test('a body that is no form, or too long, is refused', async (t) => {
  const browser = await reader()
  const post = (headers: Record<string, string>, body: string) =>
    browser.visit(`${portal}/save`, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'same-origin', ...headers },
      body,
    })
  t.is((await post({ 'Content-Type': 'text/plain' }, 'form_token=x')).status, 400)
  t.is((await post({ 'Content-Type': 'application/json' }, '{}')).status, 400)
  t.is((await post(form, 'a'.repeat(70_000))).status, 413)
})

test('sign-out without a session goes to the farewell page', async (t) => {
  const answer = await world.browser().visit(`${portal}/sign-out`, { method: 'POST' })
  t.is(answer.location, `${portal}/signed-out`)
})

test('sign-out by GET does not exist', async (t) => {
  const browser = await reader()
  await browser.visit(`${portal}/sign-out`)
  t.is(await subjectAt(browser, `${portal}/account`), 'aida')
})

test('a reader admitted by address signs out without the provider', async (t) => {
  const own = await startWorld()
  own.setPlace(libraryPlace)
  const browser = await reader(own)
  t.is((await signOut(browser)).location, `${portal}/signed-out`)
  t.is(own.ended.length, 1)
  await own.stop()
})

test('sign-out stays here while the provider is away', async (t) => {
  const own = await startWorld()
  const browser = await reader(own)
  const other = await reader(own)
  const third = own.browser()
  const { location } = await third.visit(`${portal}/sign-in`)
  const callback = await own.provider.signIn(location, 'aida', third.providerJar)
  await own.provider.stop()
  t.is((await third.visit(callback)).status, 503)
  t.is((await signOut(browser)).location, `${portal}/signed-out`)
  t.is(await subjectAt(browser, `${portal}/account`), null)
  t.is(await subjectAt(other, `${portal}/account`), 'aida')
  await own.stop()
})

test('the provider ends the session behind the reader, with its own token', async (t) => {
  const own = await startWorld()
  const browser = await reader(own)
  const other = await reader(own)
  // Signing out at the provider from elsewhere: the gateway is told by the back channel alone.
  const location = `${own.provider.issuer}/session/end?client_id=darbaza`
  const told = own.provider.nextBackchannel()
  await own.provider.signOut(location, browser.providerJar)
  t.is(await told, 'success')
  t.is(await subjectAt(browser, `${portal}/account`), null)
  t.is(await subjectAt(browser, own.proxied('https://www.journal.test/')), null)
  t.is(await subjectAt(other, `${portal}/account`), 'aida')
  t.is(own.ended.length, 1)
  t.deepEqual(
    own.events.filter(({ kind }) => kind === 'sign-out').map((one) => 'by' in one && one.by),
    ['provider'],
  )
  await own.stop()
})

const seconds = () => Math.floor(Date.now() / 1000)

let tokenCount = 0
const claimsOf = (changes: Record<string, unknown> = {}) => ({
  iss: world.provider.issuer,
  aud: 'darbaza',
  sub: 'aida',
  iat: seconds(),
  exp: seconds() + 120,
  jti: `token-${(tokenCount += 1)}`,
  events: { [event]: {} },
  ...changes,
})

const post = (logoutToken: string, own = world) =>
  exchange(own.port, '/backchannel-logout', {
    method: 'POST',
    headers: { ...form, Host: 'library.example.edu' },
    body: new URLSearchParams({ logout_token: logoutToken }).toString(),
  })

async function assertRefused(t: ExecutionContext, token: string): Promise<void> {
  const answer = await post(token)
  t.is(answer.status, 400)
  t.is(answer.headers['cache-control'], 'no-store')
  t.deepEqual(JSON.parse(answer.body), { error: 'invalid_request' })
}

const variants: [
  title: string,
  changes: Record<string, unknown>,
  header?: Record<string, string>,
][] = [
  ['no events', { events: undefined }],
  ['another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
  ['an event that is no object', { events: { [event]: true } }],
  ['with nonce', { nonce: 'x' }],
  ['issued three minutes ago', { iat: seconds() - 180 }],
  ['issued in ten minutes', { iat: seconds() + 600, exp: seconds() + 700 }],
  ['no time of issue', { iat: undefined }],
  ['expired', { exp: seconds() - 60 }],
  ['no expiry', { exp: undefined }],
  ['another audience', { aud: 'other' }],
  ['no audience', { aud: undefined }],
  ['another issuer', { iss: 'https://evil.example' }],
  ['neither session nor subject', { sub: undefined }],
  ['a session that is no text', { sid: 7 }],
  ['no id', { jti: undefined }],
  ['the type of an access token', {}, { typ: 'at+jwt' }],
  ['an unknown key', {}, { kid: '../../etc/passwd' }],
]

for (const [title, changes, header] of variants) {
  test(`a logout token is refused: ${title}`, async (t) => {
    const browser = await reader()
    await assertRefused(t, await world.provider.sign(claimsOf(changes), header))
    t.is(await subjectAt(browser, `${portal}/account`), 'aida')
  })
}

test('a logout token is refused: unsigned, or signed by a stranger', async (t) => {
  const stranger = await generateKeyPair('RS256', { extractable: true })
  const jwks: unknown = await (await fetch(`${world.provider.issuer}/jwks`)).json()
  const secret = new TextEncoder().encode(
    JSON.stringify(jwks) + (await exportSPKI(stranger.publicKey)),
  )
  await assertRefused(t, new UnsecuredJWT(claimsOf()).encode())
  const header = { kid: 'test-key', typ: 'logout+jwt' }
  await assertRefused(
    t,
    await new SignJWT(claimsOf())
      .setProtectedHeader({ ...header, alg: 'RS256' })
      .sign(stranger.privateKey),
  )
  await assertRefused(
    t,
    await new SignJWT(claimsOf()).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret),
  )
})

for (const body of ['', 'x', 'a.b.c', '.', 'é'.repeat(100)]) {
  test(`a logout token is refused: "${body.slice(0, 5)}"`, async (t) => {
    await assertRefused(t, body)
  })
}

test('an ID token is no logout token', async (t) => {
  const browser = await reader()
  const { location } = await signOut(browser)
  const idToken = new URL(location).searchParams.get('id_token_hint')!
  await assertRefused(t, idToken)
})

test('two logout tokens at once are refused, and so is one outside a form', async (t) => {
  const [one, two] = [
    await world.provider.sign(claimsOf({ sub: 'nobody' })),
    await world.provider.sign(claimsOf({ sub: 'nobody' })),
  ]
  const send = (body: string, type: string) =>
    exchange(world.port, '/backchannel-logout', {
      method: 'POST',
      headers: { Host: 'library.example.edu', 'Content-Type': type },
      body,
    })
  t.is((await send(`logout_token=${one}&logout_token=${two}`, form['Content-Type'])).status, 400)
  t.is((await send(JSON.stringify({ logout_token: one }), 'application/json')).status, 400)
})

test('a logout token counts once, and ends all sessions of its subject', async (t) => {
  const own = await startWorld()
  const claims = { ...claimsOf(), iss: own.provider.issuer }
  const token = await own.provider.sign(claims)
  const browsers = [await reader(own), await reader(own)]
  const stranger = own.browser()
  await stranger.signIn('bolot')
  t.is((await post(token, own)).status, 200)
  for (const browser of browsers) t.is(await subjectAt(browser, `${portal}/account`), null)
  t.is(await subjectAt(stranger, `${portal}/account`), 'bolot')
  t.is(own.ended.length, 2)

  const again = await reader(own)
  t.is((await post(token, own)).status, 400)
  t.is(await subjectAt(again, `${portal}/account`), 'aida')
  await own.stop()
})

test('a logout token for a session that is gone has succeeded already', async (t) => {
  const token = await world.provider.sign(claimsOf({ sub: undefined, sid: 'unknown' }))
  t.is((await post(token)).status, 200)
})

test('a logout token whose session and subject disagree ends nothing', async (t) => {
  const own = await startWorld()
  const browser = await reader(own)
  const { id } = JSON.parse((await browser.visit(`${portal}/account`)).body)
  const { session } = JSON.parse((await own.records.read(`session:${id}`))!)
  const claims = { ...claimsOf(), iss: own.provider.issuer, sid: session.providerSession }
  t.is((await post(await own.provider.sign({ ...claims, sub: 'bolot' }), own)).status, 200)
  t.is(await subjectAt(browser, `${portal}/account`), 'aida')
  const right = { ...claims, jti: 'another', sub: 'aida' }
  t.is((await post(await own.provider.sign(right), own)).status, 200)
  t.is(await subjectAt(browser, `${portal}/account`), null)
  await own.stop()
})

test('while the store is away a logout token is not used up', async (t) => {
  const own = await startWorld()
  const browser = await reader(own)
  const token = await own.provider.sign({ ...claimsOf(), iss: own.provider.issuer })
  own.setStoreAway(true)
  t.is((await post(token, own)).status, 503)
  own.setStoreAway(false)
  t.is((await post(token, own)).status, 200)
  t.is(await subjectAt(browser, `${portal}/account`), null)
  await own.stop()
})
