/**
 * What never reaches a publisher, whoever asks: methods that echo or tunnel, service workers, and
 * the question of robots, which the gateway answers for all its hosts.
 * @module
 */
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'

/** TRACE and TRACK echo cookies to scripts, CONNECT opens a tunnel (RFC 9110 section 9.3). */
const refusedMethods = new Set(['TRACE', 'TRACK', 'CONNECT'])

/**
 * The stage that answers what is not for a publisher. It needs no session: a crawler has none, and
 * shall be told before it is sent to sign-in.
 *
 * It throws `ERR_METHOD` for a method that no publisher gets.
 */
export const gateStage: Stage = async (context, next) => {
  if (!answerHere(context)) await next()
}

function answerHere(context: GatewayContext): boolean {
  if (refusedMethods.has(context.method)) {
    throw new GatewayError('ERR_METHOD', `method ${context.method} is refused`)
  }
  if (context.path === '/robots.txt') {
    answer(context, 200, 'User-agent: *\nDisallow: /\n')
    return true
  }
  if (isWorkerScript(context)) {
    answer(context, 403, 'Service workers are refused: one would outlive the session.\n')
    return true
  }
  return false
}

/** A service worker's script is asked for with this header (Service Workers section 4.2). */
function isWorkerScript(context: GatewayContext): boolean {
  return context.get('Service-Worker') !== '' || context.get('Sec-Fetch-Dest') === 'serviceworker'
}

function answer(context: GatewayContext, status: number, text: string): void {
  context.status = status
  context.set('Cache-Control', 'no-store')
  context.set('X-Robots-Tag', 'noindex, nofollow')
  context.type = 'text/plain; charset=utf-8'
  context.body = text
}
