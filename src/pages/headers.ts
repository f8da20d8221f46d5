/**
 * The response headers of every page of the portal and the console. No script runs on any of them.
 *
 * Source: CSP Level 3; the HTML standard, "Cross-origin opener policies".
 * @module
 */
import type { GatewayContext } from '../core/context.ts'

/**
 * Composes the policy once; what it gives sets the headers.
 *
 * @param issuers The sign-out form is redirected there, which `form-action` judges too.
 */
export function createPageHeaders(issuers: readonly string[]): (context: GatewayContext) => void {
  const origins = new Set(issuers.map((issuer) => new URL(issuer).origin))
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action 'self' ${[...origins].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return function setHeaders(context) {
    context.set('Content-Security-Policy', policy)
    context.set('X-Content-Type-Options', 'nosniff')
    context.set('Referrer-Policy', 'same-origin')
    context.set('Cross-Origin-Opener-Policy', 'same-origin')
    context.set('Cross-Origin-Resource-Policy', 'same-origin')
    // Each page shows who is signed in and what is open to them now.
    context.set('Cache-Control', 'no-store')
  }
}
