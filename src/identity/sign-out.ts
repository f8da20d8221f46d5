/**
 * Sign-out: by the reader on the portal, by the provider behind it, and the clearing of what visited
 * proxied hosts left in the browser.
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0; OpenID Connect Back-Channel Logout 1.0; W3C Clear
 * Site Data. Cookies are not named in Clear-Site-Data, for it would clear those of the whole
 * registrable domain.
 * @module
 */
import { z } from 'zod'

import { randomToken } from '../core/clock.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { asGatewayError, GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { reservedPrefix } from '../core/pages.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { Session } from '../core/types.ts'
import { readForm } from './forms.ts'
import type { Forms } from './forms.ts'
import type { LogoutNotice } from './logout-token.ts'
import { redirect } from './parts.ts'
import type { Parts } from './parts.ts'
import { digest } from './secrets.ts'
import { endSession } from './session-end.ts'
import { readRow } from './session-row.ts'

const farewellSchema = z.array(z.string())

const farewellKey = (token: string): string => `farewell:${digest(token)}`

/** Path on a proxied host that clears its cache and storage in the asking browser. */
export const clearingPath = `${reservedPrefix}sign-out`

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
  if (hosts.length > 0) {
    const token = randomToken()
    await parts.records.write(farewellKey(token), JSON.stringify(hosts), limits.identity.farewellMs)
    parts.cookies.set(context, 'farewell', token, limits.identity.farewellMs)
  }
  const { idToken } = session
  const providerUrl = idToken === undefined ? undefined : parts.provider.signOutUrl(idToken)
  redirect(context, providerUrl?.href ?? signedOut)
}

/**
 * Origins of the proxied hosts that the session just ended had visited, for the page after sign-out.
 * The list stays readable until it expires: clearing twice does no harm, and the page may be reloaded.
 */
export async function visitedHosts(
  context: GatewayContext,
  { cookies, records }: Pick<Parts, 'cookies' | 'records'>,
): Promise<readonly string[]> {
  const token = cookies.read(context, 'farewell')
  const text = token === undefined ? undefined : await records.read(farewellKey(token))
  return text === undefined ? [] : readRow(farewellSchema, text, 'farewell')
}

/** `/.darbaza/sign-out` on a proxied host: usable as a picture, a fetch, a frame or a hop. */
export function clearingStage(parts: Parts): Stage {
  return async (context, next) => {
    if (context.path !== clearingPath) return next()
    context.set('Clear-Site-Data', '"cache", "storage"')
    context.set('Cache-Control', 'no-store')
    context.set('Cross-Origin-Resource-Policy', 'cross-origin')
    parts.cookies.clear(context, 'zone')
    parts.cookies.clear(context, 'ask')
    if (context.get('Sec-Fetch-Dest') === 'document') {
      redirect(context, `${parts.portalOrigin}/signed-out`)
      return
    }
    context.type = 'image/gif'
    context.body = emptyPicture
  }
}

/** One transparent pixel: GIF89a, section 20 onwards. */
const emptyPicture = Buffer.from(
  'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  'base64',
)

/** Answers the provider, which is a program: section 2.8 of Back-Channel Logout fixes the form. */
async function backchannelLogout(context: GatewayContext, parts: Parts): Promise<void> {
  context.set('Cache-Control', 'no-store')
  try {
    const [token = '', ...more] = (await readForm(context)).getAll('logout_token')
    if (more.length > 0) throw new GatewayError('ERR_BAD_REQUEST', 'two logout tokens came at once')
    await endNotified(context, await parts.provider.verifyLogout(token), parts)
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
