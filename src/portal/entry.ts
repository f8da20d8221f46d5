/**
 * The ways into a database: `/go/<id>` from the list, and `/login?url=` or `/login?qurl=` from links
 * in courses and catalogues. Both lead to a host of the table or nowhere.
 *
 * Source: OCLC EZproxy help, "Starting point URLs".
 * @module
 */
import assert from 'node:assert'

import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { HostMap, Resource } from '../core/resource.ts'
import type { StartingPoint } from '../hosts/starting-point.ts'
import type { DeadLinkModel } from './models.ts'

/** What the ways in need. */
export interface EntryParts {
  readonly portalOrigin: string
  readonly startingPoint: (rawQuery: string, hosts: HostMap) => StartingPoint
  readonly showDeadLink: (context: GatewayContext, model: DeadLinkModel) => void
}

/** `GET /go/:id`. */
export const go: Stage = async (context) => {
  enter(context, namedResource(context).startUrl)
}

/** `GET /login`. */
export function createLogin(parts: EntryParts): Stage {
  return async (context) => {
    const point = parts.startingPoint(context.querystring, context.state.rulebook.hosts)
    if ('url' in point) return enter(context, point.url)
    if (point.problem === 'missing') return redirect(context, `${parts.portalOrigin}/`)
    context.status = point.problem === 'unknown-host' ? 404 : 400
    parts.showDeadLink(context, {
      kind: point.problem === 'unknown-host' ? 'not_in_collection' : 'bad_link',
      ...(point.text !== undefined && {
        address: point.text.slice(0, limits.portal.shownUrlChars),
      }),
    })
  }
}

/**
 * The resource that the path names.
 *
 * @throws {GatewayError} `ERR_NOT_FOUND`
 */
export function namedResource(context: GatewayContext): Resource {
  // The router puts the parameters of its path onto the context, which Koa types as open.
  const id: unknown = context['params']?.id
  const resource = context.state.rulebook.resources.get(String(id))
  if (resource === undefined) throw new GatewayError('ERR_NOT_FOUND', 'no such database')
  return resource
}

/** Everyone goes to the proxied host, where it is decided who is sent on to the publisher itself. */
function enter(context: GatewayContext, url: string): void {
  const proxied = context.state.rulebook.hosts.mapUrl(url)
  assert(proxied !== undefined, 'a starting point stands on a host of the table')
  redirect(context, proxied)
}

function redirect(context: GatewayContext, url: string): void {
  context.status = 302
  context.set('Location', url)
}
