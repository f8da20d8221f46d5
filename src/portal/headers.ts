/**
 * The response headers of every page of the portal. No script runs on any of them.
 *
 * Source: CSP Level 3; the HTML standard, "Cross-origin opener policies".
 * @module
 */
import type { GatewayContext } from '../core/context.ts'

/** What the policy depends on. */
export interface HeaderOptions {
  /** OpenID issuer: the sign-out form is redirected there, which `form-action` judges too. */
  readonly issuer: string
  readonly zoneOrigin: string
}

/** Sets the headers; `setSignedOut` lets the page load pictures of the zone, which clear its hosts. */
export interface PortalHeaders {
  set(context: GatewayContext): void
  setSignedOut(context: GatewayContext): void
}

/** Composes the policies once. */
export function createPortalHeaders({ issuer, zoneOrigin }: HeaderOptions): PortalHeaders {
  const policy = (pictures: string): string =>
    [
      "default-src 'none'",
      "style-src 'self'",
      `img-src ${pictures}`,
      `form-action 'self' ${new URL(issuer).origin}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; ')
  const usual = policy("'self'")
  const signedOut = policy(`'self' ${zoneOrigin.replace('://', '://*.')}`)

  const set = (context: GatewayContext): void => {
    context.set('Content-Security-Policy', usual)
    context.set('X-Content-Type-Options', 'nosniff')
    context.set('Referrer-Policy', 'same-origin')
    context.set('Cross-Origin-Opener-Policy', 'same-origin')
    context.set('Cross-Origin-Resource-Policy', 'same-origin')
    // Each page shows who is signed in and what is open to them now.
    context.set('Cache-Control', 'no-store')
  }
  return {
    set,
    setSignedOut(context) {
      set(context)
      context.set('Content-Security-Policy', signedOut)
    },
  }
}
