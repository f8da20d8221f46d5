/**
 * The page that somebody waits for, as a link names it.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import type { Resource } from '../core/resource.ts'
import { proxiedTarget } from '../identity/return-url.ts'

/** A page that somebody waits for. */
export interface WantedPage {
  readonly resource: Resource
  /** Where it is served, in full. */
  readonly url: string
  /** The `to` that names it. */
  readonly to: string
}

/**
 * The page that a link names, on a host of the table or nowhere.
 *
 * @throws {GatewayError} `ERR_UNKNOWN_HOST`
 */
export function wantedPage(context: GatewayContext, to: string | undefined): WantedPage {
  const { hosts } = context.state.rulebook
  const target = proxiedTarget(to, hosts)
  const url = target && target.origin + target.path
  const resource = url === undefined ? undefined : hosts.resourceOf(hosts.unmapUrl(url) ?? url)
  if (to !== undefined && url !== undefined && resource !== undefined) return { resource, url, to }
  throw new GatewayError('ERR_UNKNOWN_HOST', 'the waiting room was asked for no host of a resource')
}
