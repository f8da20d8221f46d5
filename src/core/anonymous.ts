/**
 * What is asked for nobody: preflights and fonts that a page takes from a sister host, which browsers
 * ask without cookies, so that nobody can tell who asks; and paths that a rule leaves open. Identity
 * lets them in, policy asks what it may ask of nobody; of a preflight only the permission leaves, and
 * rewriting brings back a font or nothing.
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
import type { Resource } from './resource.ts'

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

/**
 * What cannot be read in two ways: no dot segment, no parameter, nothing in disguise that begins a
 * segment, a query or a fragment, no control character.
 */
const plainPath =
  /^(?:\/(?!\.{0,2}(?:\/|$))(?:[\w\-.~!$&'()*+,=:@]|%(?![01]|2[35ef]|3[bf]|5c|7f|c[01])[\da-f]{2})+)*\/?$/i

/**
 * Whether nobody asks for a path that the rule of its resource leaves open. Here the rule decides
 * how much comes back; a path that a server might read as another one is never open.
 */
export function isAnonymousPath(context: GatewayContext): boolean {
  const { route, session, upgrade } = context.state
  if (session !== undefined || upgrade !== undefined || route.kind !== 'proxied') return false
  const { host, resource } = route.upstream
  if (resource.rewriting?.anonymousPaths === undefined || !isBodiless(context)) return false
  return openPath(resource, { host, target: context.req.url ?? '', method: context.method }) !== -1
}

/** Index of the rule's entry that leaves a request open to everybody; -1 when none does. */
export function openPath(
  { rewriting }: Resource,
  { host, target, method }: { host: string; target: string; method: string },
): number {
  const [path = ''] = target.split('?', 1)
  const open = rewriting?.anonymousPaths
  if (open === undefined || !plainPath.test(path)) return -1
  return open.findIndex(
    ({ scope, methods }) => methods.includes(method) && scope.covers(host, path),
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
