/**
 * What never reaches a publisher, whoever asks: methods that echo or tunnel, service workers, the
 * question of robots, which the gateway answers for all its hosts, and preflights that only the
 * gateway has caused.
 * @module
 */
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { anonymousName, isPreflightOfMark } from './anonymity.ts'
import { requestLines } from './header-lines.ts'

/** TRACE and TRACK echo cookies to scripts, CONNECT opens a tunnel (RFC 9110 section 9.3). */
const refusedMethods = new Set(['TRACE', 'TRACK', 'CONNECT'])

/** It permits nothing that a page may not do anyway. */
const permissionSeconds = 600

/**
 * The stage that answers what is not for a publisher. It needs no session: a crawler has none, and
 * shall be told before it is sent to sign-in.
 *
 * It throws `ERR_METHOD` for a method that no publisher gets.
 */
export const gateStage: Stage = async (context, next) => {
  if (!answerHere(context)) await next()
}

const robots = '/robots.txt'

function answerHere(context: GatewayContext): boolean {
  if (refusedMethods.has(context.method)) {
    throw new GatewayError('ERR_METHOD', `method ${context.method} is refused`)
  }
  if (context.req.url?.startsWith(robots) && context.path === robots) {
    answer(context, 200, 'User-agent: *\nDisallow: /\n')
    return true
  }
  if (isOwnPreflight(context)) {
    permitMark(context)
    return true
  }
  if (isWorkerScript(context)) {
    answer(context, 403, 'Service workers are refused: one would outlive the session.\n')
    return true
  }
  return false
}

/** Directly there would be no preflight: the gateway's own header is all that it asks about. */
function isOwnPreflight(context: GatewayContext): boolean {
  if (context.method !== 'OPTIONS' || context.state.route.kind !== 'proxied') return false
  const { hosts } = context.state.rulebook
  return (
    hosts.unmapUrl(context.get('Origin')) !== undefined &&
    isPreflightOfMark(requestLines(context.req.rawHeaders))
  )
}

function permitMark(context: GatewayContext): void {
  context.status = 204
  context.set('Access-Control-Allow-Origin', context.get('Origin'))
  context.set('Access-Control-Allow-Credentials', 'true')
  context.set('Access-Control-Allow-Headers', anonymousName)
  context.set('Access-Control-Max-Age', String(permissionSeconds))
  context.vary('Origin')
}

/** A service worker's script is asked for with this header (Service Workers section 4.2). */
function isWorkerScript(context: GatewayContext): boolean {
  const { headers } = context.req
  const isAskedAsWorker = headers['service-worker'] !== undefined
  return isAskedAsWorker || headers['sec-fetch-dest'] === 'serviceworker'
}

function answer(context: GatewayContext, status: number, text: string): void {
  context.status = status
  context.set('Cache-Control', 'no-store')
  context.set('X-Robots-Tag', 'noindex, nofollow')
  context.type = 'text/plain; charset=utf-8'
  context.body = text
}
