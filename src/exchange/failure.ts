/**
 * What went wrong with a publisher, as one of the gateway's codes.
 * @module
 */
import { GatewayError, type ErrorCode, systemCodeOf } from '../core/errors.ts'

/** Codes of Node, OpenSSL and undici; what is not listed is `ERR_UPSTREAM_BROKEN`. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'ERR_UPSTREAM_AWAY',
  ENODATA: 'ERR_UPSTREAM_AWAY',
  EAI_AGAIN: 'ERR_UPSTREAM_AWAY',
  ECONNREFUSED: 'ERR_UPSTREAM_AWAY',
  EHOSTUNREACH: 'ERR_UPSTREAM_AWAY',
  ENETUNREACH: 'ERR_UPSTREAM_AWAY',
  EADDRNOTAVAIL: 'ERR_UPSTREAM_AWAY',
  ETIMEDOUT: 'ERR_UPSTREAM_SLOW',
  UND_ERR_HEADERS_TIMEOUT: 'ERR_UPSTREAM_SLOW',
  UND_ERR_BODY_TIMEOUT: 'ERR_UPSTREAM_SLOW',
  UND_ERR_HEADERS_OVERFLOW: 'ERR_UPSTREAM_EXCESS',
  UND_ERR_MAX_ORIGINS_REACHED: 'ERR_OVERLOAD',
  UND_ERR_DESTROYED: 'ERR_OVERLOAD',
  UND_ERR_CLOSED: 'ERR_OVERLOAD',
  // What the gateway sends is what the reader sent; undici refuses what HTTP does not allow.
  UND_ERR_INVALID_ARG: 'ERR_BAD_REQUEST',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'ERR_BAD_REQUEST',
  ERR_TLS_CERT_ALTNAME_INVALID: 'ERR_UPSTREAM_CERTIFICATE',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'ERR_UPSTREAM_CERTIFICATE',
  SELF_SIGNED_CERT_IN_CHAIN: 'ERR_UPSTREAM_CERTIFICATE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'ERR_UPSTREAM_CERTIFICATE',
  UNABLE_TO_GET_ISSUER_CERT: 'ERR_UPSTREAM_CERTIFICATE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'ERR_UPSTREAM_CERTIFICATE',
  INVALID_CA: 'ERR_UPSTREAM_CERTIFICATE',
  INVALID_PURPOSE: 'ERR_UPSTREAM_CERTIFICATE',
  HOSTNAME_MISMATCH: 'ERR_UPSTREAM_CERTIFICATE',
}

/** The error itself when it is the gateway's own, else one with the publisher's host and the cause. */
export function upstreamError(thrown: unknown, authority: string): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const found = systemCodeOf(thrown) ?? ''
  const isCertificate = /^(?:CERT|CRL)_/.test(found)
  const code = isCertificate ? 'ERR_UPSTREAM_CERTIFICATE' : codes[found]
  const message = `${authority}: ${found || 'connection broken'}`
  return new GatewayError(code ?? 'ERR_UPSTREAM_BROKEN', message, { cause: thrown })
}
