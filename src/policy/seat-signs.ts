/**
 * What pages of resources with seats tell of themselves: that they have gone, or that one is still
 * there. After the first the seat is free within a grace, unless an exchange or the second keeps it;
 * neither ever takes a seat.
 *
 * A document without the page's script, such as a PDF, cannot say that it has come in place of a page
 * that has gone: it is said here for it.
 * @module
 */
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { poolsOf } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import { seatSignsPath } from '../core/pages.ts'
import type { SeatKeeper } from './seat-keeper.ts'
import { seatAskOf } from './seating.ts'

/** What the signs are taken with. */
export interface SeatSignsParts {
  readonly keeper: SeatKeeper
  /** Sets `state.session` or ends the request. */
  readonly session: Stage
}

/**
 * The stage that takes them, below `seatSignsPath`; it hands on what is asked anywhere else. Only a
 * page of the host itself is believed, as the browser says; no body is read.
 *
 * It throws `ERR_METHOD` and `ERR_FORGERY`.
 */
export function createSeatSigns({ keeper, session }: SeatSignsParts): Stage {
  return async (context, next) => {
    const sign = signOf(context)
    if (sign === undefined) return await next()
    if (context.method !== 'POST') throw new GatewayError('ERR_METHOD', 'pages tell by POST')
    if (context.get('Sec-Fetch-Site') !== 'same-origin') {
      throw new GatewayError('ERR_FORGERY', 'a page was said to be here or gone by another')
    }
    await session(context, async () => {
      await hear(context, keeper, sign)
      context.status = 204
    })
  }
}

type Sign = 'gone' | 'here'

function signOf({ path }: GatewayContext): Sign | undefined {
  if (path === `${seatSignsPath}gone`) return 'gone'
  return path === `${seatSignsPath}here` ? 'here' : undefined
}

async function hear(context: GatewayContext, keeper: SeatKeeper, sign: Sign): Promise<void> {
  const { route, session } = context.state
  if (route.kind !== 'reserved' || session === undefined) return
  const { licence } = route.upstream.resource
  if (poolsOf(licence).length === 0) return
  const ask = seatAskOf(context, route.upstream.resource)
  if (sign === 'here') return keeper.stay(ask)
  const { seatGraceSeconds } = licence
  const graceMs =
    seatGraceSeconds === undefined ? limits.policy.seatGraceMs : seatGraceSeconds * 1000
  await keeper.leaveSoon(ask, graceMs)
}

/** Says for documents that carry no script that they are here; called when their answer goes out. */
export function createArrivals(keeper: SeatKeeper): (context: GatewayContext) => void {
  let pending = 0
  return (context) => {
    const { resource } = context.state
    if (resource === undefined || !isMutePage(context)) return
    const isCounted = poolsOf(resource.licence).length > 0
    if (!isCounted || pending >= limits.policy.arrivals.most) return
    const ask = seatAskOf(context, resource)
    pending += 1
    const timer = setTimeout(() => {
      pending -= 1
      // With the store away the seat ends by the grace, and the next exchange asks for another.
      keeper.stay(ask, 'if-in-doubt').catch(() => undefined)
    }, limits.policy.arrivals.afterMs)
    timer.unref()
  }
}

/** Whether what goes out takes the place of a page, and is none that speaks for itself. */
function isMutePage({ req, state: { reply } }: GatewayContext): boolean {
  if (req.headers['sec-fetch-dest'] !== 'document' || reply === undefined) return false
  const { lines } = reply
  const at = lines.findIndex((text, index) => index % 2 === 0 && /^content-type$/i.test(text))
  return at === -1 || !/^(?:text\/html|application\/xhtml\+xml)\b/i.test(lines[at + 1] ?? '')
}
