/**
 * The way from a form, or from a page that is not for this reader now, to the page that is.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'

/** Sends the browser to a page with a GET of its own (RFC 9110, section 15.4.4); kept by nobody. */
export function goTo(context: GatewayContext, url: string): void {
  context.status = 303
  context.set('Location', url)
  context.set('Cache-Control', 'no-store')
}
