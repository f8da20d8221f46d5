/**
 * Logout tokens: whether one is what the provider sends when it ends a session.
 *
 * Source: OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6. Stricter than those: a token
 * of another declared type is refused, and so is one that is older than two minutes.
 * @module
 */
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import type { JWSAlgorithm, RemoteJWKSet } from 'jose'
import type { ServerMetadata } from 'openid-client'
import { z } from 'zod'

import type { Clock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { issuerText } from '../core/types.ts'

/** Whose session ended: one of the provider's sessions, all of a person's, or a person's one. */
export interface LogoutNotice {
  readonly issuer: string
  /** Names the token, for it counts once. */
  readonly tokenId: string
  readonly providerSession?: string
  readonly subject?: string
}

/** Verifies a token by the metadata of the provider. */
export type LogoutVerifier = (token: string, server: ServerMetadata) => Promise<LogoutNotice>

const backchannelEvent = 'http://schemas.openid.net/event/backchannel-logout'

/** Section 2.4; `nonce` is forbidden so that no ID token passes for a logout token. */
const payloadSchema = z
  .object({
    iss: z.string(),
    jti: z.string().min(1).max(255),
    exp: z.number(),
    iat: z.number(),
    sid: z.string().min(1).max(limits.identity.claimChars).exactOptional(),
    sub: z.string().min(1).max(255).exactOptional(),
    events: z.object({ [backchannelEvent]: z.looseObject({}) }),
    nonce: z.undefined().optional(),
  })
  .refine(({ sid, sub }) => sid !== undefined || sub !== undefined)

/** Asymmetric only: a shared secret would let the client sign its own. */
const signingAlgorithms: readonly JWSAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

/** A verifier for tokens meant for this client. */
export function createLogoutVerifier(clientId: string, clock: Clock): LogoutVerifier {
  const keySets = new Map<string, RemoteJWKSet>()

  function keysOf(server: ServerMetadata): RemoteJWKSet {
    const { issuer, jwks_uri: address = '' } = server
    const known = keySets.get(address)
    if (known !== undefined) return known
    const url = URL.parse(address)
    // Keys travel as safely as everything else of this provider: https unless the issuer is local.
    if (url === null || (url.protocol !== 'https:' && url.protocol !== new URL(issuer).protocol)) {
      throw refused('the provider publishes no keys')
    }
    const keySet = createRemoteJWKSet(url, { timeoutDuration: limits.identity.providerMs })
    keySets.clear() // One provider has one key set: if there was another, its address has changed.
    keySets.set(address, keySet)
    return keySet
  }

  return async function verify(token, server) {
    const verified = await jwtVerify(token, keysOf(server), {
      issuer: server.issuer,
      audience: clientId,
      algorithms: [...signingAlgorithms],
      currentDate: new Date(clock.now()),
      clockTolerance: limits.identity.clockToleranceMs / 1000,
      maxTokenAge: limits.identity.logoutTokenMs / 1000,
    }).catch((thrown: unknown) => {
      throw asLogoutError(thrown)
    })
    const type = verified.protectedHeader.typ?.toLowerCase() ?? 'jwt'
    const isLogoutType = ['jwt', 'logout+jwt', 'application/logout+jwt'].includes(type)
    const payload = payloadSchema.safeParse(verified.payload)
    if (!isLogoutType || !payload.success) throw refused('it is not a logout token')
    const { iss, jti: tokenId, sid, sub } = payload.data
    return {
      issuer: issuerText(iss),
      tokenId,
      ...(sid !== undefined && { providerSession: sid }),
      ...(sub !== undefined && { subject: sub }),
    }
  }
}

/** What the library found wrong with the token, or that the keys could not be fetched. */
function asLogoutError(thrown: unknown): GatewayError {
  const isAboutKeys =
    !(thrown instanceof errors.JOSEError) ||
    thrown instanceof errors.JWKSTimeout ||
    thrown.constructor === errors.JOSEError
  if (!isAboutKeys) return refused(thrown.code)
  return new GatewayError('ERR_PROVIDER_AWAY', "the provider's keys cannot be fetched")
}

function refused(found: string): GatewayError {
  return new GatewayError('ERR_SIGN_IN', `the logout token is refused: ${found}`)
}
