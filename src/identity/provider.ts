/**
 * An identity provider as the gateway talks to it: authorization code flow with PKCE, state, nonce
 * and issuer check; userinfo; end of session; logout tokens.
 *
 * What the provider answers wrongly is `ERR_SIGN_IN`, a provider that does not answer is
 * `ERR_PROVIDER_AWAY`. The errors of the library carry codes and tokens, so they are never handed on
 * as causes: only their own code is told.
 *
 * Source: OpenID Connect Core 1.0; RFC 7636 (PKCE); RFC 9207 (iss); RFC 9700 (section 4.4.2: a
 * redirect URI for each provider, against mix-up).
 * @module
 */
import * as oidc from 'openid-client'

import type { ProviderConfig } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import { GatewayError, systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { issuerText } from '../core/types.ts'
import type { Claims } from './claim-values.ts'
import { createDiscovery, type OnProviderNews } from './discovery.ts'
import { createLogoutVerifier } from './logout-token.ts'
import type { LogoutNotice } from './logout-token.ts'

/** What a browser takes to the provider and must bring back. */
export interface SignInChecks {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** Who came back, by verified claims. */
export interface Identified {
  /** By `issuerText`. */
  readonly issuer: string
  /** Of userinfo and ID token; where both speak, the signed token counts. */
  readonly claims: Claims
  readonly idToken: string
  /** The claim `sid`, if the provider has sessions to end. */
  readonly providerSession?: string
}

/** A provider. */
export interface Provider {
  readonly config: ProviderConfig
  /** Path of its own redirect URI on the portal: an answer that comes elsewhere is not its own. */
  readonly callbackPath: string
  start(): void
  stop(): Promise<void>
  status(): 'ready' | 'away'
  /** Where to send the browser. Fails with `ERR_PROVIDER_AWAY`. */
  signInUrl(checks: SignInChecks): Promise<URL>
  /** Turns the answer in the callback's URL into claims. Fails with both codes. */
  identify(callback: URL, checks: SignInChecks): Promise<Identified>
  /** Where to end the provider's session; undefined when it has no such place or is away. */
  signOutUrl(idToken: string): URL | undefined
  /** Verifies a logout token. Fails with both codes. */
  verifyLogout(logoutToken: string): Promise<LogoutNotice>
}

/** A configured provider; see `createDiscovery` for the error that this may throw. */
export function createProvider(
  config: ProviderConfig,
  portalOrigin: string,
  clock: Clock,
  onNews: OnProviderNews,
): Provider {
  const discovery = createDiscovery(config, onNews)
  const callbackPath = `/callback/${config.id}`
  const verifyLogoutToken = createLogoutVerifier(config.clientId, clock)

  function ready(): oidc.Configuration {
    const configuration = discovery.current()
    if (configuration === undefined) throw providerAway('it has not been found')
    return configuration
  }

  /** An answer that did not come tells the discovery, too. */
  async function asked<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question()
    } catch (thrown) {
      const error = asIdentityError(thrown)
      if (error.code === 'ERR_PROVIDER_AWAY') discovery.lost()
      throw error
    }
  }

  return {
    config,
    callbackPath,
    start: () => discovery.start(),
    stop: () => discovery.stop(),
    status: () => (discovery.current() === undefined ? 'away' : 'ready'),
    async signInUrl({ state, nonce, codeVerifier }) {
      return oidc.buildAuthorizationUrl(ready(), {
        redirect_uri: portalOrigin + callbackPath,
        scope: config.scopes.join(' '),
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(config.prompt !== undefined && { prompt: config.prompt }),
      })
    },
    identify: (callback, checks) => asked(() => identify(ready(), callback, checks)),
    signOutUrl(idToken) {
      const configuration = discovery.current()
      if (configuration?.serverMetadata().end_session_endpoint === undefined) return undefined
      return oidc.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: `${portalOrigin}/signed-out`,
        ...(idToken.length <= limits.identity.idTokenHintChars && { id_token_hint: idToken }),
      })
    },
    verifyLogout: (logoutToken) =>
      asked(() => verifyLogoutToken(logoutToken, ready().serverMetadata())),
  }
}

async function identify(
  configuration: oidc.Configuration,
  callback: URL,
  { state, nonce, codeVerifier }: SignInChecks,
): Promise<Identified> {
  const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  })
  const idClaims = tokens.claims()
  if (idClaims === undefined || tokens.id_token === undefined) {
    throw new GatewayError('ERR_SIGN_IN', 'the provider sent no ID token')
  }
  const hasUserinfo = configuration.serverMetadata().userinfo_endpoint !== undefined
  // openid-client refuses userinfo of another `sub` (OpenID Connect Core 1.0 section 5.3.2).
  const userinfo = hasUserinfo
    ? await oidc.fetchUserInfo(configuration, tokens.access_token, idClaims.sub)
    : {}
  const sid = idClaims['sid']
  return {
    issuer: issuerText(idClaims.iss),
    claims: { ...userinfo, ...idClaims },
    idToken: tokens.id_token,
    ...(typeof sid === 'string' && sid !== '' && { providerSession: sid }),
  }
}

/** Errors by which the library says that nothing usable came back at all. */
const awayCodes = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
])

function asIdentityError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  if (thrown instanceof oidc.AuthorizationResponseError) {
    const isAway = ['server_error', 'temporarily_unavailable'].includes(thrown.error)
    return isAway ? providerAway(thrown.error) : signInError(thrown.error)
  }
  if (thrown instanceof oidc.ResponseBodyError) {
    return thrown.status >= 500 ? providerAway(thrown.error) : signInError(thrown.error)
  }
  const code = systemCodeOf(thrown)
  // Node's fetch rejects with a bare TypeError when there is no connection.
  const isUnreachable = thrown instanceof TypeError && code === undefined
  if (isUnreachable) return providerAway('no connection')
  return awayCodes.has(code ?? '') ? providerAway(code ?? '') : signInError(code ?? 'unknown')
}

function providerAway(found: string): GatewayError {
  return new GatewayError('ERR_PROVIDER_AWAY', `the identity provider is away: ${clean(found)}`)
}

function signInError(found: string): GatewayError {
  return new GatewayError('ERR_SIGN_IN', `the provider's answer is refused: ${clean(found)}`)
}

/** An error word may come from the URL of the callback, that is from anybody. */
function clean(word: string): string {
  return word.replaceAll(/[^\w ]/g, '').slice(0, 60)
}
