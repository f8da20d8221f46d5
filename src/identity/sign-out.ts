/**
 * Sign-out: by the reader on the portal, and by the provider behind it.
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0; OpenID Connect Back-Channel Logout 1.0.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { asGatewayError, GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { Session } from '../core/types.ts'
import { keepFarewell } from './farewell.ts'
import { readForm } from './forms.ts'
import type { Forms } from './forms.ts'
import type { LogoutNotice } from './logout-token.ts'
import { redirect } from './parts.ts'
import type { Parts } from './parts.ts'
import { digest } from './secrets.ts'
import { endSession } from './session-end.ts'

/** `POST /sign-out` and `POST /backchannel-logout`. */
export function signOutRoutes(parts: Parts, forms: Forms): PortalRoute[] {
  return [
    { method: 'POST', path: '/sign-out', handle: (context) => signOut(context, parts, forms) },
    {
      method: 'POST',
      path: '/backchannel-logout',
      handle: (context) => backchannelLogout(context, parts),
    },
  ]
}

async function signOut(context: GatewayContext, parts: Parts, forms: Forms): Promise<void> {
  const signedOut = `${parts.portalOrigin}/signed-out`
  const { session } = context.state
  if (session === undefined) {
    redirect(context, signedOut)
    return
  }
  await forms.check(context)
  const hosts = await parts.sessions.visitedHosts(session)
  await endSession(parts, context, session, 'reader')
  parts.cookies.clear(context, 'portal')
  await keepFarewell(context, parts, hosts)
  const { idToken } = session
  const providerUrl =
    idToken === undefined
      ? undefined
      : parts.providers.ofIssuer(session.patron.issuer)?.signOutUrl(idToken)
  redirect(context, providerUrl?.href ?? signedOut)
}

/** Answers the provider, which is a program: section 2.8 of Back-Channel Logout fixes the form. */
async function backchannelLogout(context: GatewayContext, parts: Parts): Promise<void> {
  context.set('Cache-Control', 'no-store')
  try {
    const [token = '', ...more] = (await readForm(context)).getAll('logout_token')
    if (more.length > 0) throw new GatewayError('ERR_BAD_REQUEST', 'two logout tokens came at once')
    await endNotified(context, await parts.providers.verifyLogout(token), parts)
    context.status = 200
    context.body = ''
  } catch (thrown) {
    const error = asGatewayError(thrown)
    if (error.status !== 400) throw error
    context.status = 400
    context.body = { error: 'invalid_request' }
  }
}

async function endNotified(
  context: GatewayContext,
  notice: LogoutNotice,
  parts: Parts,
): Promise<void> {
  const key = `logout-token:${digest(`${notice.issuer}\n${notice.tokenId}`)}`
  const { logoutTokenMs, clockToleranceMs } = limits.identity
  if (!(await parts.records.create(key, '1', logoutTokenMs + 2 * clockToleranceMs))) {
    throw new GatewayError('ERR_SIGN_IN', 'the logout token is refused: it was used before')
  }
  try {
    for (const session of await notifiedSessions(notice, parts)) {
      await endSession(parts, context, session, 'provider')
    }
  } catch (thrown) {
    // The provider may try again with the same token: nothing was promised yet.
    await parts.records.remove([key]).catch(() => undefined)
    throw thrown
  }
}

async function notifiedSessions(
  { issuer, providerSession, subject }: LogoutNotice,
  { sessions }: Parts,
): Promise<Session[]> {
  if (providerSession === undefined) {
    return subject === undefined ? [] : sessions.ofPatron({ issuer, subject })
  }
  const found = await sessions.ofProviderSession(issuer, providerSession)
  return found.filter(({ patron }) => subject === undefined || patron.subject === subject)
}
