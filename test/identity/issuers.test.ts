import test from 'ava'

import { startEvilProvider } from './evil-provider.ts'
import { exchange, startWorld, until } from './world.ts'
import type { Browser, World } from './world.ts'

let world: World

test.before(async () => {
  world = await startWorld({ hasAcademy: true })
})

test.after.always(async () => {
  await world.stop()
})

const portal = 'https://library.example.edu'

async function shown(browser: Browser): Promise<{ id: string; subject: string | null } & object> {
  return JSON.parse((await browser.visit(`${portal}/account`)).body)
}

/** Leaves for a provider; answers its authorization URL. */
async function begin(browser: Browser, provider: string): Promise<URL> {
  const { location } = await browser.visit(`${portal}/sign-in?to=/account&provider=${provider}`)
  return new URL(location)
}

/** The callback of a sign-in at either provider. */
async function callbackOf(browser: Browser, provider: 'uni' | 'academy'): Promise<URL> {
  const at = provider === 'uni' ? world.provider : world.academy!
  return new URL(
    await at.signIn((await begin(browser, provider)).href, 'aida', browser.providerJar),
  )
}

async function signInAt(browser: Browser, provider: string, account = 'aida') {
  const url = `${portal}/sign-in?to=/account&provider=${provider}`
  const { body, url: end } = await browser.follow(url, account)
  if (end !== `${portal}/account`) throw new Error(`ended at ${end}`)
  return JSON.parse(body)
}

test('where there are several providers, the reader chooses, and comes back to the very page', async (t) => {
  const browser = world.browser()
  const page = world.proxied('https://www.journal.test/article?id=1&x=%2F')
  const choice = await browser.follow(page)
  t.true(choice.url.startsWith(`${portal}/sign-in?to=`), choice.url)
  const choices = JSON.parse(choice.body)
  t.deepEqual(
    choices.map(({ id, isReady, isUsual }: Record<string, unknown>) => [id, isReady, isUsual]),
    [
      ['uni', true, false],
      ['academy', true, false],
    ],
  )
  const end = await browser.follow(`${choice.url}&provider=academy`)
  t.is(end.url, page)
  t.is(JSON.parse(end.body).subject, 'aida')
})

test('the choice is remembered without a word about the reader, and is only ever shown first', async (t) => {
  const browser = world.browser()
  const { cookies } = await browser.visit(`${portal}/sign-in?provider=academy`)
  t.true(
    cookies.includes(
      '__Host-darbaza-provider=academy; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000',
    ),
    cookies.join('\n'),
  )
  const { status, body } = await browser.visit(`${portal}/sign-in`)
  t.is(status, 200)
  t.is(JSON.parse(body)[0].id, 'academy')
  t.true(JSON.parse(body)[0].isUsual)
})

for (const query of ['', '?provider=', '?provider=other', '?provider=uni&provider=academy']) {
  test(`nobody is sent anywhere by a choice that is none: "${query}"`, async (t) => {
    const { status, location } = await world.browser().visit(`${portal}/sign-in${query}`)
    t.is(status, 200)
    t.is(location, '')
  })
}

for (const value of ['other', 'a b', '<script>', '']) {
  test(`a remembered choice that is none is no choice: "${value}"`, async (t) => {
    const headers = { Cookie: `__Host-darbaza-provider=${value}` }
    const { body } = await world.browser().visit(`${portal}/sign-in`, { headers })
    t.false(JSON.parse(body).some(({ isUsual }: { isUsual: boolean }) => isUsual))
  })
}

test('one subject at two providers is two persons, each with the rights of theirs', async (t) => {
  const own = await startWorld({ hasAcademy: true })
  const [one, other] = [own.browser(), own.browser()]
  t.deepEqual((await signInAt(one, 'uni')).categories, ['student', 'member'])
  t.deepEqual((await signInAt(other, 'academy')).categories, ['faculty'])
  t.deepEqual(
    own.events.map((event) => event.kind === 'sign-in' && [event.provider, event.category]),
    [
      ['uni', 'student'],
      ['academy', 'faculty'],
    ],
  )
  await own.stop()
})

test('a provider speaks for its own domains alone', async (t) => {
  const { categories } = await signInAt(world.browser(), 'academy', 'damir')
  t.deepEqual(categories, ['staff'])
})

test('each provider has a redirect URI of its own', async (t) => {
  const browser = world.browser()
  for (const id of ['uni', 'academy']) {
    const { searchParams } = await begin(browser, id)
    t.is(searchParams.get('redirect_uri'), `${portal}/callback/${id}`)
  }
})

const mixUps: [title: string, mixed: (own: URL, other: URL) => URL][] = [
  [
    'the code of another provider, with the state of this one',
    (own, other) => changed(own, { code: other.searchParams.get('code')! }),
  ],
  [
    'the code and issuer of another provider, with the state of this one',
    (own, other) =>
      changed(own, {
        code: other.searchParams.get('code')!,
        iss: other.searchParams.get('iss')!,
      }),
  ],
  [
    'the issuer of another provider',
    (own, other) => changed(own, { iss: other.searchParams.get('iss')! }),
  ],
  ['no issuer', (own) => changed(own, { iss: '' })],
  [
    'this answer at the place of another provider',
    (own, other) => new URL(other.pathname + own.search, portal),
  ],
  [
    'the state of this one at the place of another provider, with the code of that',
    (own, other) => changed(other, { state: own.searchParams.get('state')! }),
  ],
]

function changed(url: URL, fields: Readonly<Record<string, string>>): URL {
  const copy = new URL(url)
  for (const [name, value] of Object.entries(fields)) {
    if (value === '') copy.searchParams.delete(name)
    else copy.searchParams.set(name, value)
  }
  return copy
}

for (const [title, mixed] of mixUps) {
  test(`an answer of a mixed-up provider is refused: ${title}`, async (t) => {
    const browser = world.browser()
    const [own, other] = [await callbackOf(browser, 'uni'), await callbackOf(browser, 'academy')]
    const answer = await browser.visit(mixed(own, other).href)
    t.is(answer.status, 400)
    t.is(answer.body, 'failed: ERR_SIGN_IN')
    t.is((await shown(browser)).subject, null)
  })
}

test('a provider that sends readers on to another one gets neither code nor session', async (t) => {
  const evil = await startEvilProvider()
  const own = await startWorld({ issuer: evil.issuer, hasAcademy: true })
  const browser = own.browser()
  const atEvil = await begin(browser, 'uni')
  const atAcademy = await begin(own.browser(), 'academy')
  atAcademy.searchParams.set('state', atEvil.searchParams.get('state')!)
  const callback = await own.academy!.signIn(atAcademy.href, 'aida', browser.providerJar)
  t.is((await browser.visit(callback)).status, 400)
  const failure = own.events.find(({ kind }) => kind === 'failure')
  t.like(failure, { message: 'the sign-in was begun at another provider' })
  t.deepEqual(evil.asked(), ['/.well-known/openid-configuration'])
  t.is((await shown(browser)).subject, null)
  await own.stop()
  await evil.stop()
})

test('a token that one provider signs in the name of another is refused', async (t) => {
  const evil = await startEvilProvider()
  const own = await startWorld({ issuer: evil.issuer, hasAcademy: true })
  const browser = own.browser()
  const { href } = await begin(browser, 'uni')
  evil.setMisconduct({ claims: { iss: own.academy!.issuer, sub: 'aida' } })
  const answer = await browser.visit(`${portal}/callback/uni${evil.callbackFor(href)}`)
  t.is(answer.body, 'failed: ERR_SIGN_IN')
  t.is((await shown(browser)).subject, null)
  await own.stop()
  await evil.stop()
})

test('sign-out leads to the provider that signed the reader in', async (t) => {
  const browser = world.browser()
  await signInAt(browser, 'academy')
  const token = (await browser.visit(`${portal}/form`)).body
  const { location } = await browser.visit(`${portal}/sign-out`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Sec-Fetch-Site': 'same-origin',
    },
    body: `form_token=${token}`,
  })
  t.is(new URL(location).origin, world.academy!.issuer)
})

function logoutClaims(issuer: string, changes: object = {}) {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: issuer,
    aud: 'darbaza',
    iat: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    sub: 'aida',
    ...changes,
  }
}

async function post(token: string, own: World): Promise<number> {
  const { status } = await exchange(own.port, '/backchannel-logout', {
    method: 'POST',
    headers: {
      Host: 'library.example.edu',
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: `logout_token=${token}`,
  })
  return status
}

test('a logout token ends sessions of its own provider alone', async (t) => {
  const own = await startWorld({ hasAcademy: true })
  const { provider: uni, academy } = own
  const [atUni, atAcademy] = [own.browser(), own.browser()]
  await signInAt(atUni, 'uni')
  await signInAt(atAcademy, 'academy')
  const { id } = await shown(atAcademy)
  const { session } = JSON.parse((await own.records.read(`session:${id}`))!)

  t.is(await post(await uni.sign(logoutClaims(academy!.issuer)), own), 400, 'signed by another')
  t.is(await post(await uni.sign(logoutClaims('https://evil.example')), own), 400, 'of a stranger')
  // The other provider's session and person mean nothing in a token of this one.
  const sid = session.providerSession
  t.is(await post(await uni.sign(logoutClaims(uni.issuer, { sid, sub: undefined })), own), 200)
  t.is((await shown(atAcademy)).subject, 'aida')
  t.is(await post(await uni.sign(logoutClaims(uni.issuer)), own), 200)
  t.is((await shown(atUni)).subject, null)
  t.is((await shown(atAcademy)).subject, 'aida')
  t.is(await post(await academy!.sign(logoutClaims(academy!.issuer, { sid })), own), 200)
  t.is((await shown(atAcademy)).subject, null)
  await own.stop()
})

test('a provider that is away takes no other with it, and is shown as away', async (t) => {
  const issuer = 'http://127.0.0.1:9'
  const own = await startWorld({ issuer, hasAcademy: true, isProviderAwaited: false })
  await until(() => own.identity.providers().some(({ isReady }) => isReady))
  const browser = own.browser()
  const { body } = await browser.visit(`${portal}/sign-in`)
  t.deepEqual(
    JSON.parse(body).map(({ id, isReady }: Record<string, unknown>) => [id, isReady]),
    [
      ['uni', false],
      ['academy', true],
    ],
  )
  const refused = await browser.visit(`${portal}/sign-in?provider=uni`)
  t.is(refused.body, 'failed: ERR_PROVIDER_AWAY')
  t.deepEqual((await signInAt(browser, 'academy')).categories, ['faculty'])
  await own.stop()
})
