import { createServer } from 'node:http'

import test from 'ava'
import * as oidc from 'openid-client'

import { accounts } from '../../src/demo/accounts.ts'
import { listenProvider } from '../../src/demo/provider.ts'
import { listen } from '../../src/demo/publisher.ts'

/** A browser of sorts: keeps cookies of the provider, follows redirects up to the portal. */
class Browser {
  readonly #cookies = new Map<string, string>()

  async visit(url: string, init: RequestInit = {}): Promise<{ url: string; text: string }> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/)
      this.#cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) return { url, text: await response.text() }
    const next = new URL(location, url)
    return next.pathname === '/callback/alatoo' || next.pathname === '/signed-out'
      ? { url: next.href, text: '' }
      : this.visit(next.href)
  }

  send(url: string, fields: Record<string, string>): Promise<{ url: string; text: string }> {
    return this.visit(url, { method: 'POST', body: new URLSearchParams(fields) })
  }
}

async function setting() {
  const logoutTokens: string[] = []
  const gateway = createServer((request, response) => {
    let form = ''
    request.on('data', (chunk) => (form += chunk))
    request.on('end', () => {
      if (request.url === '/backchannel-logout') {
        logoutTokens.push(new URLSearchParams(form).get('logout_token') ?? '')
      }
      response.end()
    })
  })
  const port = await listen(gateway, { address: '127.0.0.1', port: 0 })
  const portalOrigin = `http://library.localhost:${port}`
  const provider = await listenProvider(
    {
      id: 'demo',
      secret: 'a secret of thirty-two characters',
      portalOrigin,
      callbackPath: '/callback/alatoo',
    },
    { address: '127.0.0.1', port: 0 },
  )
  const client = await oidc.discovery(
    new URL(provider.issuer),
    'demo',
    'a secret of thirty-two characters',
    undefined,
    { execute: [oidc.allowInsecureRequests] },
  )
  return {
    portalOrigin,
    provider,
    client,
    logoutTokens,
    async stop() {
      await provider.stop()
      gateway.closeAllConnections()
      gateway.close()
    },
  }
}

type Setting = Awaited<ReturnType<typeof setting>>

async function signIn({ client, portalOrigin }: Setting, browser: Browser, account: string) {
  const verifier = oidc.randomPKCECodeVerifier()
  const nonce = oidc.randomNonce()
  const start = oidc.buildAuthorizationUrl(client, {
    redirect_uri: `${portalOrigin}/callback/alatoo`,
    scope: 'openid profile',
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const page = await browser.visit(start.href)
  const form = page.text === '' ? page : await browser.send(page.url, { account })
  const tokens = await oidc.authorizationCodeGrant(client, new URL(form.url), {
    pkceCodeVerifier: verifier,
    expectedNonce: nonce,
    idTokenExpected: true,
  })
  const subject = tokens.claims()?.sub ?? ''
  return { page, tokens, claims: await oidc.fetchUserInfo(client, tokens.access_token, subject) }
}

test('discovery names the issuer and everything that the gateway uses', async (t) => {
  const set = await setting()
  t.teardown(() => set.stop())
  const { provider, client } = set
  const metadata = client.serverMetadata()
  t.is(metadata.issuer, provider.issuer)
  t.truthy(metadata.end_session_endpoint)
  t.true(metadata['backchannel_logout_session_supported'])
  t.deepEqual(metadata.code_challenge_methods_supported, ['S256'])
})

test('each person signs in by the form field "account" and brings their own claims', async (t) => {
  const set = await setting()
  t.teardown(() => set.stop())
  for (const account of accounts) {
    const { page, claims } = await signIn(set, new Browser(), account.id)
    for (const { id } of accounts) t.true(page.text.includes(`name="account" value="${id}"`))
    t.like(claims, { sub: account.id, name: account.name, ...account.claims })
    t.is('eduperson_scoped_affiliation' in claims, account.id !== 'guest')
  }
})

test('a second sign-in in the same browser asks nothing', async (t) => {
  const set = await setting()
  t.teardown(() => set.stop())
  const browser = new Browser()
  await signIn(set, browser, 'student')
  const { page, claims } = await signIn(set, browser, 'teacher')
  t.is(page.text, '')
  t.is(claims.sub, 'student')
})

test('sign-out with a hint tells the gateway by back channel and returns to it', async (t) => {
  const set = await setting()
  t.teardown(() => set.stop())
  const browser = new Browser()
  const { tokens } = await signIn(set, browser, 'librarian')
  const url = oidc.buildEndSessionUrl(set.client, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: `${set.portalOrigin}/signed-out`,
  })
  const page = await browser.visit(url.href)
  t.regex(page.text, /click\(\)/)
  const action = /action="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const end = await browser.send(action, { xsrf, logout: 'yes' })
  t.is(end.url, `${set.portalOrigin}/signed-out`)
  t.is(set.logoutTokens.length, 1)
  const payload = JSON.parse(
    Buffer.from(set.logoutTokens[0]?.split('.')[1] ?? '', 'base64url').toString(),
  )
  t.is(payload.sub ?? 'librarian', 'librarian')
  t.is(payload.sid, tokens.claims()?.['sid'])
})

test('sign-out without a hint waits for the reader', async (t) => {
  const set = await setting()
  t.teardown(() => set.stop())
  const browser = new Browser()
  await signIn(set, browser, 'student')
  const page = await browser.visit(String(set.client.serverMetadata().end_session_endpoint))
  t.regex(page.text, /name="logout" value="yes"/)
  t.notRegex(page.text, /click\(\)/)
})

test('an unknown person, an ended sign-in and a request without PKCE get no further', async (t) => {
  const set = await setting()
  t.teardown(() => set.stop())
  const browser = new Browser()
  const parameters = {
    redirect_uri: `${set.portalOrigin}/callback/alatoo`,
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  }
  const page = await browser.visit(oidc.buildAuthorizationUrl(set.client, parameters).href)
  const again = await browser.send(page.url, { account: 'rector' })
  t.regex(again.text, /Who would you like to be/)

  const ended = await new Browser().visit(`${set.provider.issuer}/interaction/none`)
  t.regex(ended.text, /This sign-in has ended/)
  const bare = oidc.buildAuthorizationUrl(set.client, {
    redirect_uri: `${set.portalOrigin}/callback/alatoo`,
    scope: 'openid',
  })
  const refused = await new Browser().visit(bare.href)
  t.is(new URL(refused.url).searchParams.get('error'), 'invalid_request')
})
