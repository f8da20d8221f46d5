/**
 * Sign-in at the portal: to the identity provider and back.
 *
 * A sign-in is a record that is taken once, under the digest of its `state`, and bound to a cookie of
 * the browser that began it: an answer that was replayed, changed, or begun in another browser (login
 * CSRF, RFC 9700 section 4.7) finds nothing and ends with `ERR_SIGN_IN`. Success always makes a new
 * session with new secrets; a session that the browser had before ends (fixation).
 * @module
 */
import { z } from 'zod'

import type { ClaimFinding } from '../core/claims.ts'
import { randomToken } from '../core/clock.ts'
import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { PortalRoute } from '../core/routes.ts'
import { addressIssuer, patronKey } from '../core/types.ts'
import type { Session } from '../core/types.ts'
import { patronFromClaims, requireClaims } from './claims.ts'
import { requireNavigation } from './fetch-metadata.ts'
import { redirect } from './parts.ts'
import type { Parts } from './parts.ts'
import { afterSignIn, queryValue } from './return-url.ts'
import { areEqual, digest } from './secrets.ts'
import { announceSignIn, endSession, replaceSession } from './session-end.ts'
import { readRow } from './session-row.ts'

const attemptSchema = z.strictObject({
  /** Digest of the cookie of the browser that began it. */
  browser: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  /** Absolute, judged when the sign-in began. */
  returnUrl: z.string(),
})

type Attempt = z.infer<typeof attemptSchema>

const attemptKey = (state: string): string => `sign-in:${digest(state)}`

/** `GET /sign-in?to=` and `GET /callback`. */
export function signInRoutes(parts: Parts): PortalRoute[] {
  return [
    { method: 'GET', path: '/sign-in', handle: (context) => signIn(context, parts) },
    { method: 'GET', path: '/callback', handle: (context) => finishSignIn(context, parts) },
  ]
}

async function signIn(context: GatewayContext, parts: Parts): Promise<void> {
  requireNavigation(context)
  const { session, rulebook } = context.state
  const returnUrl = afterSignIn(queryValue(context, 'to'), parts.portalOrigin, rulebook.hosts)
  if (session !== undefined && session.patron.issuer !== addressIssuer) {
    redirect(context, returnUrl)
  } else {
    await beginSignIn(context, parts, returnUrl)
  }
}

/**
 * Sends the browser to the provider, to come back to an absolute URL that was found to be safe.
 *
 * @throws {GatewayError} `ERR_PROVIDER_AWAY`, `ERR_STORE_AWAY`
 */
export async function beginSignIn(
  context: GatewayContext,
  parts: Parts,
  returnUrl: string,
): Promise<void> {
  const state = randomToken()
  const checks = { state, nonce: randomToken(), codeVerifier: randomToken() }
  const providerUrl = await parts.provider.signInUrl(checks)
  // The cookie of a sign-in in another tab is kept, so that both tabs may come back.
  const browser = parts.cookies.read(context, 'sign-in') ?? randomToken()
  const { nonce, codeVerifier } = checks
  const attempt: Attempt = { browser: digest(browser), nonce, codeVerifier, returnUrl }
  await parts.records.write(attemptKey(state), JSON.stringify(attempt), limits.identity.signInMs)
  parts.cookies.set(context, 'sign-in', browser, limits.identity.signInMs)
  redirect(context, providerUrl.href)
}

async function finishSignIn(context: GatewayContext, parts: Parts): Promise<void> {
  context.set('Cache-Control', 'no-store')
  try {
    const { returnUrl, ...news } = await acceptAnswer(context, parts)
    announceSignIn(parts, context, { outcome: 'success', ...news })
    redirect(context, returnUrl)
  } catch (thrown) {
    announceSignIn(parts, context, { outcome: 'failure' })
    throw thrown
  }
}

async function acceptAnswer(
  context: GatewayContext,
  parts: Parts,
): Promise<{ session: Session; findings: readonly ClaimFinding[]; returnUrl: string }> {
  const state = queryValue(context, 'state') ?? ''
  const { nonce, codeVerifier, returnUrl } = await takeAttempt(context, state, parts)
  const callback = new URL(`${parts.portalOrigin}/callback`)
  callback.search = context.search
  const identified = await parts.provider.identify(callback, { state, nonce, codeVerifier })
  const { issuer, claims, idToken, providerSession } = identified
  requireClaims(claims, parts.config.claims.required)
  const { patron, findings } = patronFromClaims(claims, parts.config.claims, issuer)
  const { session, surplus } = await parts.sessions.begin({
    patron,
    idToken,
    ...(providerSession !== undefined && { providerSession }),
  })
  for (const oldest of surplus) await replaceSession(parts, oldest)
  await leaveFormerSession(context, session, parts)
  parts.cookies.set(context, 'portal', await parts.sessions.issue(session, 'portal'))
  return { session, findings, returnUrl }
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
