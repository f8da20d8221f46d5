/**
 * Sign-in at the portal: to an identity provider, of the reader's choice where there are several, and
 * back.
 *
 * A sign-in is a record that is taken once, under the digest of its `state`, and bound to the provider
 * that was chosen and to a cookie of the browser that began it: an answer of another provider (mix-up,
 * RFC 9700 section 4.4), one that was replayed, changed, or begun in another browser (login
 * CSRF, RFC 9700 section 4.7) finds nothing and ends with `ERR_SIGN_IN`. Success always makes a new
 * session with new secrets; a session that the browser had before ends (fixation).
 * @module
 */
import { z } from 'zod'

import type { ClaimFinding } from '../core/claims.ts'
import { randomToken } from '../core/clock.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { PortalRoute } from '../core/routes.ts'
import { addressIssuer, patronKey } from '../core/types.ts'
import type { Session } from '../core/types.ts'
import { patronFromClaims, requireClaims, withoutOwnNames } from './claims.ts'
import { requireNavigation } from './fetch-metadata.ts'
import { redirect } from './parts.ts'
import type { Parts } from './parts.ts'
import type { Provider } from './provider.ts'
import type { ProviderChoice } from './providers.ts'
import { afterSignIn, queryValue } from './return-url.ts'
import { areEqual, digest } from './secrets.ts'
import { announceSignIn, endSession, replaceSession } from './session-end.ts'
import { readRow } from './session-row.ts'

const attemptSchema = z.strictObject({
  /** Id of the provider. */
  provider: z.string(),
  /** Digest of the cookie of the browser that began it. */
  browser: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  /** Absolute, judged when the sign-in began. */
  returnUrl: z.string(),
})

type Attempt = z.infer<typeof attemptSchema>

const attemptKey = (state: string): string => `sign-in:${digest(state)}`

/** The answers of the providers: `GET /callback/<id>` for each of them. */
export function callbackRoutes(parts: Parts): PortalRoute[] {
  return parts.providers.all.map((provider) => ({
    method: 'GET',
    path: provider.callbackPath,
    handle: (context) => finishSignIn(context, provider, parts),
  }))
}

/**
 * `GET /sign-in?to=&provider=`: goes to the provider, or on to the page on which the reader chooses
 * one. A choice is remembered in the browser, and only ever shown first.
 */
export function signInStage(parts: Parts): Stage {
  return async (context, next) => {
    requireNavigation(context)
    const { session, rulebook } = context.state
    const returnUrl = afterSignIn(queryValue(context, 'to'), parts.portalOrigin, rulebook.hosts)
    if (session !== undefined && session.patron.issuer !== addressIssuer) {
      return redirect(context, returnUrl)
    }
    const [only, ...others] = parts.providers.all
    const chosen =
      others.length === 0 ? only : parts.providers.named(queryValue(context, 'provider'))
    if (chosen === undefined) return await next()
    if (others.length > 0) {
      parts.cookies.set(context, 'provider', chosen.config.id, limits.identity.choiceMs)
    }
    await leaveFor(chosen, returnUrl, context, parts)
  }
}

/** The providers as a reader of this browser chooses between them, the usual one first. */
export function providerChoices(context: GatewayContext, parts: Parts): ProviderChoice[] {
  const usual = parts.cookies.read(context, 'provider')
  return parts.providers.all
    .map(({ config: { id, name }, status }) => ({
      id,
      name,
      isReady: status() === 'ready',
      isUsual: id === usual,
    }))
    .toSorted((left, right) => Number(right.isUsual) - Number(left.isUsual))
}

/**
 * Sends the browser to sign-in, to come back to an absolute URL that was found to be safe.
 *
 * @throws {GatewayError} `ERR_PROVIDER_AWAY`, `ERR_STORE_AWAY`
 */
export async function beginSignIn(
  context: GatewayContext,
  parts: Parts,
  returnUrl: string,
): Promise<void> {
  const [only, ...others] = parts.providers.all
  if (only !== undefined && others.length === 0) {
    await leaveFor(only, returnUrl, context, parts)
  } else {
    redirect(context, `${parts.portalOrigin}/sign-in?to=${encodeURIComponent(returnUrl)}`)
  }
}

async function leaveFor(
  provider: Provider,
  returnUrl: string,
  context: GatewayContext,
  parts: Parts,
): Promise<void> {
  const state = randomToken()
  const checks = { state, nonce: randomToken(), codeVerifier: randomToken() }
  const providerUrl = await provider.signInUrl(checks)
  // The cookie of a sign-in in another tab is kept, so that both tabs may come back.
  const browser = parts.cookies.read(context, 'sign-in') ?? randomToken()
  const attempt: Attempt = {
    provider: provider.config.id,
    browser: digest(browser),
    nonce: checks.nonce,
    codeVerifier: checks.codeVerifier,
    returnUrl,
  }
  await parts.records.write(attemptKey(state), JSON.stringify(attempt), limits.identity.signInMs)
  parts.cookies.set(context, 'sign-in', browser, limits.identity.signInMs)
  redirect(context, providerUrl.href)
}

async function finishSignIn(
  context: GatewayContext,
  provider: Provider,
  parts: Parts,
): Promise<void> {
  context.set('Cache-Control', 'no-store')
  const { id } = provider.config
  try {
    const { returnUrl, ...news } = await acceptAnswer(context, provider, parts)
    announceSignIn(parts, context, { outcome: 'success', provider: id, ...news })
    redirect(context, returnUrl)
  } catch (thrown) {
    announceSignIn(parts, context, { outcome: 'failure', provider: id })
    throw thrown
  }
}

async function acceptAnswer(
  context: GatewayContext,
  provider: Provider,
  parts: Parts,
): Promise<{ session: Session; findings: readonly ClaimFinding[]; returnUrl: string }> {
  const state = queryValue(context, 'state') ?? ''
  const attempt = await takeAttempt(context, state, parts)
  if (attempt.provider !== provider.config.id) {
    throw new GatewayError('ERR_SIGN_IN', 'the sign-in was begun at another provider')
  }
  const { nonce, codeVerifier, returnUrl } = attempt
  const callback = new URL(parts.portalOrigin + provider.callbackPath)
  callback.search = context.search
  const identified = await provider.identify(callback, { state, nonce, codeVerifier })
  const { issuer, claims, idToken, providerSession } = identified
  requireClaims(claims, provider.config.claims.required)
  const { patron, findings } = patronFromClaims(claims, provider.config.claims, issuer)
  const { session, surplus } = await parts.sessions.begin({
    patron,
    idToken,
    ...(providerSession !== undefined && { providerSession }),
  })
  for (const oldest of surplus) await replaceSession(parts, oldest)
  await leaveFormerSession(context, session, parts)
  parts.cookies.set(context, 'portal', await parts.sessions.issue(session, 'portal'))
  return { session, findings: withoutOwnNames(findings, claims), returnUrl }
}

async function takeAttempt(context: GatewayContext, state: string, parts: Parts): Promise<Attempt> {
  const browser = parts.cookies.read(context, 'sign-in')
  const text = state === '' ? undefined : await parts.records.take(attemptKey(state))
  const attempt = text === undefined ? undefined : readRow(attemptSchema, text, 'sign-in')
  if (
    browser === undefined ||
    attempt === undefined ||
    !areEqual(digest(browser), attempt.browser)
  ) {
    throw new GatewayError('ERR_SIGN_IN', 'no sign-in of this browser waits for this answer')
  }
  return attempt
}

/** The same person keeps the seats; somebody else's are freed. */
async function leaveFormerSession(
  context: GatewayContext,
  session: Session,
  parts: Parts,
): Promise<void> {
  const former = context.state.session
  if (former === undefined) return
  if (patronKey(former.patron) === patronKey(session.patron)) {
    await replaceSession(parts, former)
  } else {
    await endSession(parts, context, former, 'reader')
  }
}
