/**
 * What browsers ask without cookies, so that nobody can tell who asks: preflights, and fonts that a
 * page takes from a sister host. Identity lets them in, policy asks what it may ask of nobody; of a
 * preflight only the permission leaves, and rewriting brings back a font or nothing.
 *
 * All that is judged here can be forged outside a browser. It keeps honest requests apart; what
 * keeps the others from reading is how little comes back.
 *
 * Source: CSS Fonts 4 section 4.8.2 "Font fetching requirements" (mode `cors`, credentials
 * `same-origin`); Fetch standard, "HTTP-network-or-cache fetch" step 8
 * and "CORS-preflight fetch".
 * @module
 */
import type { GatewayContext } from './context.ts'

/** Preflights never carry cookies, and never a body. */
export function isPreflight(context: GatewayContext): boolean {
  return (
    context.method === 'OPTIONS' &&
    context.get('Origin') !== '' &&
    context.get('Access-Control-Request-Method') !== '' &&
    isBodiless(context)
  )
}

const fontPath = /\.(?:woff2?|ttf|otf)$/i

/** Whether nobody asks for a font, from a page of the resource that the font belongs to. */
export function isAnonymousFont(context: GatewayContext): boolean {
  return (
    context.state.session === undefined &&
    context.state.upgrade === undefined &&
    context.method === 'GET' &&
    context.get('Sec-Fetch-Dest') === 'font' &&
    context.get('Sec-Fetch-Mode') === 'cors' &&
    isBodiless(context) &&
    fontPath.test(context.path) &&
    isOfSister(context)
  )
}

function isBodiless(context: GatewayContext): boolean {
  return (
    context.get('Transfer-Encoding') === '' && ['', '0'].includes(context.get('Content-Length'))
  )
}

function isOfSister(context: GatewayContext): boolean {
  const { route, rulebook } = context.state
  if (route.kind !== 'proxied') return false
  const asker = rulebook.hosts.unmapUrl(context.get('Origin'))
  const { resource } = route.upstream
  return asker !== undefined && rulebook.hosts.resourceOf(asker)?.id === resource.id
}
