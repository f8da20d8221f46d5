/**
 * A real OpenID provider (oidc-provider) for tests, on loopback, with back-channel and RP-initiated
 * logout. Sign-in is by plain HTTP: the interaction page takes the account's name from a form.
 * @module
 */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, GenerateKeyPairResult, JWK, JWTHeaderParameters, JWTPayload } from 'jose'
import { Provider } from 'oidc-provider'
import type { ClientMetadata, Configuration, KoaContextWithOIDC } from 'oidc-provider'

import { ownPort } from './ports.ts'

/** Claims of each account by its name, which is also its `sub`. */
export type Accounts = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What the provider is made of. */
export interface ProviderOptions {
  readonly accounts: Accounts
  readonly clients: readonly ClientMetadata[]
  /** The port of a former one, to come back at the same issuer. */
  readonly port?: number
  /** Its keys; shared with the other providers of the test file unless they matter. */
  readonly keys?: 'shared' | 'own'
}

/** A running provider. */
export interface TestProvider {
  readonly issuer: string
  readonly port: number
  /**
   * Does what a reader's browser does: follows an authorization URL, signs in as the account, and
   * answers the URL of the client's callback. The jar keeps the provider's own session.
   */
  signIn(authorizationUrl: string, account: string, jar: ProviderJar): Promise<string>
  /** Confirms sign-out at an end-session URL; answers where the browser is sent then. */
  signOut(endSessionUrl: string, jar: ProviderJar): Promise<string>
  /** Signs any claims with the provider's own key, for forged tokens. */
  sign(claims: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>
  /** Waits for the next outcome of a back-channel logout call. */
  nextBackchannel(): Promise<'success' | 'error'>
  stop(): Promise<void>
}

/** Cookies of one browser at the provider, by name. */
export type ProviderJar = Map<string, string>

const keyId = 'test-key'

/** One pair for all providers of a test file: making one takes longer than a sign-in. */
let keyPair: Promise<GenerateKeyPairResult> | undefined

function newKeys(): Promise<GenerateKeyPairResult> {
  return generateKeyPair('RS256', { extractable: true })
}

/** Starts a provider. */
export async function startProvider(options: ProviderOptions): Promise<TestProvider> {
  const { privateKey } = await (options.keys === 'own' ? newKeys() : (keyPair ??= newKeys()))
  const port = options.port ?? (await ownPort())
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${port}`
  const jwk = { ...(await exportJWK(privateKey)), kid: keyId, alg: 'RS256', use: 'sig' }
  const provider = new Provider(issuer, configurationOf(options, jwk))
  provider.use(signInPage(provider))
  const handle = provider.callback()
  server.on('request', (request, response) => void handle(request, response))
  return {
    issuer,
    port,
    signIn: (url, account, jar) => signIn(url, account, jar, issuer),
    signOut,
    sign: (claims, header) => sign(claims, privateKey, header),
    nextBackchannel: () =>
      new Promise((resolve) => {
        provider.once('backchannel.success', () => resolve('success'))
        provider.once('backchannel.error', () => resolve('error'))
      }),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function configurationOf({ accounts, clients }: ProviderOptions, jwk: JWK): Configuration {
  const names = new Set(Object.values(accounts).flatMap((claims) => Object.keys(claims)))
  return {
    clients: [...clients],
    jwks: { keys: [jwk] },
    cookies: { keys: ['test cookie key'] },
    claims: { openid: ['sub'], profile: [...names] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(context, form) {
          context.body = form
        },
      },
    },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ ...accounts[id], sub: id }),
    }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: grantEverything,
    renderError(context, out) {
      context.body = out
    },
    // The provider refuses loopback addresses unless it is given another fetch.
    fetch: (url, init) => {
      const { method, headers, body, redirect, signal } = init ?? {}
      return fetch(url, {
        ...(method && { method }),
        ...(headers && { headers }),
        ...(redirect && { redirect }),
        ...(signal && { signal }),
        body: body ?? null,
      })
    },
    ttl: { Session: 3600, Interaction: 3600, Grant: 3600, IdToken: 3600, AccessToken: 3600 },
  }
}

async function grantEverything(context: KoaContextWithOIDC) {
  const { client, session, provider } = context.oidc
  const former = session?.grantIdFor(client?.clientId ?? '')
  if (former !== undefined) return provider.Grant.find(former)
  const grant = new provider.Grant({
    clientId: client?.clientId ?? '',
    accountId: session?.accountId ?? '',
  })
  grant.addOIDCScope('openid profile')
  await grant.save()
  return grant
}

function signInPage(provider: Provider) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    const path = /^\/interaction\/[\w-]+$/
    if (!path.test(context.path)) return next()
    const account = new URL(context.href).searchParams.get('account')
    if (context.method !== 'POST' || account === null) {
      context.body = 'who are you?'
      return
    }
    const result =
      account === 'cancel'
        ? { error: 'access_denied', error_description: 'the reader left' }
        : { login: { accountId: account } }
    await provider.interactionFinished(context.req, context.res, result)
    context.respond = false
  }
}

async function signIn(
  authorizationUrl: string,
  account: string,
  jar: ProviderJar,
  issuer: string,
): Promise<string> {
  let url = authorizationUrl
  for (let step = 0; step < 10; step += 1) {
    const isInteraction = new URL(url).pathname.startsWith('/interaction/')
    const answer = await visit(
      isInteraction ? `${url}?account=${account}` : url,
      isInteraction ? 'POST' : 'GET',
      jar,
    )
    const location = answer.headers.get('location')
    const text = await answer.text()
    if (location === null) throw new Error(`the provider answered ${answer.status}: ${text}`)
    url = new URL(location, url).href
    if (!url.startsWith(issuer)) return url
  }
  throw new Error('the provider sent the browser in circles')
}

async function signOut(endSessionUrl: string, jar: ProviderJar): Promise<string> {
  const page = await visit(endSessionUrl, 'GET', jar)
  const html = await page.text()
  const action = /action="([^"]+)"/.exec(html)?.[1]
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)?.[1]
  if (action === undefined || xsrf === undefined) throw new Error(`no logout form: ${html}`)
  const answer = await visit(action, 'POST', jar, new URLSearchParams({ xsrf, logout: 'yes' }))
  await answer.text()
  return answer.headers.get('location') ?? ''
}

async function visit(
  url: string,
  method: string,
  jar: ProviderJar,
  body: URLSearchParams | null = null,
): Promise<Response> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const answer = await fetch(url, { method, redirect: 'manual', body, headers: { cookie } })
  for (const line of answer.headers.getSetCookie()) {
    const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s)
    if (value === '') jar.delete(name)
    else jar.set(name, value)
  }
  return answer
}

async function sign(
  claims: JWTPayload,
  key: CryptoKey,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: keyId, typ: 'logout+jwt', ...header })
    .sign(key)
}
