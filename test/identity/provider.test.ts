import { createServer } from 'node:net'

import test from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { createProvider } from '../../src/identity/provider.ts'
import { startProvider } from '../support/provider.ts'
import { startEvilProvider } from './evil-provider.ts'
import type { EvilProvider, Misconduct } from './evil-provider.ts'
import { accounts, isFound, providerConfig, startWorld, until } from './world.ts'
import type { World } from './world.ts'

let evil: EvilProvider
let world: World

test.before(async () => {
  evil = await startEvilProvider()
  world = await startWorld({ issuer: evil.issuer })
})

test.after.always(async () => {
  await world.stop()
  await evil.stop()
})

const portal = 'https://library.example.edu'

async function signIn(misconduct: Misconduct, at = world) {
  const browser = at.browser()
  const { location } = await browser.visit(`${portal}/sign-in?to=/account`)
  evil.setMisconduct(misconduct)
  const answer = await browser.visit(`${portal}/callback/uni${evil.callbackFor(location)}`)
  const { subject, id } = JSON.parse((await browser.visit(`${portal}/account`)).body)
  return { ...answer, subject, id }
}

test.serial('the same provider, behaving well, signs a reader in', async (t) => {
  t.is((await signIn({})).subject, 'mallory')
})

const now = () => Math.floor(Date.now() / 1000)

const misconducts: [title: string, misconduct: Misconduct][] = [
  ['another issuer', { claims: { iss: 'https://evil.example' } }],
  ['another audience', { claims: { aud: 'other' } }],
  ['two audiences without azp', { claims: { aud: ['darbaza', 'other'] } }],
  ['another authorized party', { claims: { aud: ['darbaza', 'other'], azp: 'other' } }],
  ['expired', { claims: { exp: now() - 600, iat: now() - 1200 } }],
  ['no expiry', { claims: { exp: undefined } }],
  ['no time of issue', { claims: { iat: undefined } }],
  ['another nonce', { claims: { nonce: 'A'.repeat(43) } }],
  ['no nonce', { claims: { nonce: undefined } }],
  ['no subject', { claims: { sub: undefined } }],
  [
    'a subject that is no subject',
    { claims: { sub: 'x'.repeat(300) }, userinfo: { sub: 'x'.repeat(300) } },
  ],
  ['unsigned', { signature: 'none' }],
  ["a stranger's signature", { signature: 'stranger' }],
  ['an unknown key', { header: { kid: "' OR 1=1" } }],
  ['userinfo of another subject', { userinfo: { sub: 'aida' } }],
  ['userinfo without subject', { userinfo: { sub: undefined } }],
  ['no ID token', { token: { status: 200, body: '{"access_token":"a","token_type":"bearer"}' } }],
  ['invalid_grant', { token: { status: 400, body: '{"error":"invalid_grant"}' } }],
]

for (const [title, misconduct] of misconducts) {
  test.serial(`an answer of the provider is refused: ${title}`, async (t) => {
    const { status, body, subject } = await signIn(misconduct)
    t.is(status, 400)
    t.is(body, 'failed: ERR_SIGN_IN')
    t.is(subject, null)
  })
}

for (const [status, body] of [
  [500, 'oops'],
  [502, '<html>'],
  [503, '{"error":"temporarily_unavailable"}'],
  [200, '{'],
] as const) {
  test.serial(`a provider that answers ${status} "${body}" is away`, async (t) => {
    await until(() => isFound(world.identity))
    const answer = await signIn({ token: { status, body } })
    t.is(answer.status, 503)
    t.is(answer.body, 'failed: ERR_PROVIDER_AWAY')
    t.is(answer.subject, null)
    await until(() => isFound(world.identity))
  })
}

test.serial('the signed token wins over userinfo, which adds what it lacks', async (t) => {
  await until(() => isFound(world.identity))
  const browser = world.browser()
  const { location } = await browser.visit(`${portal}/sign-in?to=/account`)
  evil.setMisconduct({
    claims: { affiliation: 'student@uni.kg' },
    userinfo: { affiliation: 'faculty@uni.kg', name: 'M' },
  })
  await browser.visit(`${portal}/callback/uni${evil.callbackFor(location)}`)
  const shown = JSON.parse((await browser.visit(`${portal}/account`)).body)
  t.deepEqual(shown.categories, ['student'])
  const row = await world.records.read(`session:${shown.id}`)
  t.is(JSON.parse(row!).session.patron.displayName, 'M')
})

test.serial('groups that the provider left out are remembered as left out', async (t) => {
  const { id } = await signIn({ claims: { _claim_names: { groups: 'src1' } } })
  const row = await world.records.read(`session:${id}`)
  t.true(JSON.parse(row!).session.patron.hasTooManyGroups)
})

test.serial(
  'an account without the required claim is turned away, whatever userinfo is',
  async (t) => {
    const own = await startWorld({ issuer: evil.issuer, claims: { required: { hd: ['uni.kg'] } } })
    const refused = await signIn({ claims: { email: 'm@uni.kg', email_verified: true } }, own)
    t.is(refused.status, 403)
    t.is(refused.body, 'failed: ERR_FOREIGN_ACCOUNT')
    t.is(refused.subject, null)
    // The signed token counts where it speaks at all.
    const claims = { hd: 'evil.kg' }
    t.is((await signIn({ claims, userinfo: { hd: 'uni.kg' } }, own)).subject, null)
    t.is((await signIn({ claims: { hd: 'uni.kg' } }, own)).subject, 'mallory')
    await own.stop()
  },
)

test.serial('no claim of any kind or size is more than no rights', async (t) => {
  const odd = ['}{:*\n', '\r\nSet-Cookie: a=b', '{u}:x', 'x'.repeat(10_240), '\u0000']
  const claims = {
    affiliation: odd,
    groups: [...odd, '{g}:1'],
    unit: { a: [[]] },
    name: odd[0],
    sid: odd.join(''),
  }
  const { subject, id } = await signIn({ claims })
  t.is(subject, 'mallory')
  const { patron } = JSON.parse((await world.records.read(`session:${id}`))!).session
  t.deepEqual(patron.categories, [])
  t.deepEqual(patron.groups, ['{u}:x', '{g}:1'])
  t.is(patron.displayName, '}{:*')
})

test.serial('no error tells a code, a token or a state', (t) => {
  const failures = world.events.filter(({ kind }) => kind === 'failure')
  t.true(failures.length > 10)
  for (const failure of failures) {
    t.notRegex(JSON.stringify(failure), /eyJ|[\w-]{43}|mallory/)
    t.is('cause' in failure ? failure.cause : undefined, undefined)
  }
})

test('the portal serves while the provider is down at start, and sign-in works when it comes', async (t) => {
  const reserved = await startProvider({ accounts, clients: [] })
  await reserved.stop()
  const own = await startWorld({ issuer: reserved.issuer, isProviderAwaited: false })
  const browser = own.browser()
  t.false(isFound(own.identity))
  t.is((await browser.visit(`${portal}/account`)).status, 200)
  const answer = await browser.visit(`${portal}/sign-in`)
  t.is(answer.status, 503)
  t.is(answer.body, 'failed: ERR_PROVIDER_AWAY')
  const logout = await browser.visit(`${portal}/backchannel-logout`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: `logout_token=${await reserved.sign({ iss: reserved.issuer })}`,
  })
  t.is(logout.status, 503)

  const come = await startProvider({
    accounts,
    clients: [
      {
        client_id: 'darbaza',
        client_secret: 'test client secret',
        redirect_uris: [`${portal}/callback/uni`],
      },
    ],
    port: reserved.port,
  })
  await until(() => isFound(own.identity))
  const { location } = await browser.visit(`${portal}/sign-in?to=/account`)
  const callback = await come.signIn(location, 'aida', browser.providerJar)
  t.is((await browser.visit(callback)).location, `${portal}/account`)
  await own.stop()
  await come.stop()
})

test('a provider that dies during a sign-in is away, and known sessions go on', async (t) => {
  const own = await startWorld()
  const browser = own.browser()
  await browser.signIn()
  const other = own.browser()
  const { location } = await other.visit(`${portal}/sign-in`)
  const callback = await own.provider.signIn(location, 'aida', other.providerJar)
  await own.provider.stop()
  const answer = await other.visit(callback)
  t.is(answer.body, 'failed: ERR_PROVIDER_AWAY')
  t.false(isFound(own.identity))
  t.is(JSON.parse((await browser.visit(`${portal}/account`)).body).subject, 'aida')
  await own.stop()
})

const silence = () => undefined

test('a provider that is away is told once, with its reason, and again when it is found', async (t) => {
  const news: string[] = []
  const { issuer, port, stop } = await startProvider({ accounts, clients: [] })
  await stop()
  const provider = createProvider(providerConfig(issuer), portal, systemClock, (status, detail) =>
    news.push(`${status}: ${detail}`),
  )
  provider.start()
  await until(() => news.length === 1)
  // A second try fails meanwhile, and is not told.
  await new Promise((resolve) => setTimeout(resolve, 800))
  const again = await startProvider({ accounts, clients: [], port })
  await until(() => news.length === 2)
  await provider.stop()
  await again.stop()
  t.deepEqual(news, [`away: ${issuer}/ was not found: ECONNREFUSED`, `ready: ${issuer}/ was found`])
})

test('a provider that accepts and never answers holds nobody up, not even the stop', async (t) => {
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()))
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : 0
  const provider = createProvider(
    providerConfig(`http://127.0.0.1:${port}`),
    portal,
    systemClock,
    silence,
  )
  provider.start()
  const startedAt = performance.now()
  const checks = { state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) }
  await t.throwsAsync(provider.signInUrl(checks), { code: 'ERR_PROVIDER_AWAY' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  await provider.stop()
  t.true(performance.now() - startedAt < 2000)
  silent.close()
})

for (const issuer of [
  'http://id.uni.kg',
  'http://localhost.evil.test',
  'http://127.0.0.1.evil.test',
  'http://10.0.0.1',
  'ftp://id.uni.kg',
  'id.uni.kg',
  '',
]) {
  test(`tokens never cross a network in the clear: ${issuer}`, (t) => {
    t.throws(() => createProvider(providerConfig(issuer), portal, systemClock, silence), {
      code: 'ERR_CONFIG',
    })
  })
}

for (const issuer of [
  'https://id.uni.kg',
  'http://localhost:9',
  'http://id.localhost',
  'http://[::1]:9',
]) {
  test(`an issuer may be ${issuer}`, (t) => {
    t.notThrows(() => createProvider(providerConfig(issuer), portal, systemClock, silence))
  })
}
