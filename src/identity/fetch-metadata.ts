/**
 * What kind of request it is, as the browser says and no script can change.
 *
 * Source: W3C Fetch Metadata Request Headers.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'

/** Whether the answer will be shown as a document; browsers that do not tell say it by `Accept`. */
export function isNavigation(context: GatewayContext): boolean {
  if (context.method !== 'GET' && context.method !== 'HEAD') return false
  const { headers } = context.req
  const mode = headers['sec-fetch-mode'] ?? ''
  const destination = headers['sec-fetch-dest'] ?? ''
  if (mode === '' && destination === '') return (headers.accept ?? '').includes('text/html')
  if (destination === '') return mode === 'navigate'
  return destinations.has(destination)
}

/** What becomes a document. */
const destinations: ReadonlySet<unknown> = new Set(['document', 'iframe', 'frame'])

/**
 * Refuses pages that only a reader may open, not a script or a picture (login CSRF).
 *
 * @throws {GatewayError} `ERR_FORGERY`
 */
export function requireNavigation(context: GatewayContext): void {
  const mode = context.get('Sec-Fetch-Mode')
  if (mode === '' || mode === 'navigate') return
  throw new GatewayError('ERR_FORGERY', `a page was asked for by a request of mode "${mode}"`)
}
