/**
 * A page or action of the portal: whoever has one hands in a list of these, and the portal's router
 * mounts them all.
 * @module
 */
import type { Stage } from './context.ts'

/** One route of the portal name. */
export interface PortalRoute {
  readonly method: 'GET' | 'POST'
  /** In the router's syntax, such as `/db/:id`. */
  readonly path: string
  readonly handle: Stage
}
