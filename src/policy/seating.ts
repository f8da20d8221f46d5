/**
 * The last step of a decision: a seat, where the licence counts them. Who finds none is led to the
 * waiting room if they look at a page, and refused otherwise.
 * @module
 */
import type { Decision, GatewayContext } from '../core/context.ts'
import { poolsOf, type LicenceTerms, type SeatPool } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import { overrideText } from '../core/overrides.ts'
import type { Resource, Upstream } from '../core/resource.ts'
import { addressIssuer, patronKey, type Session } from '../core/types.ts'
import type { Announcer } from './announcer.ts'
import type { Verdict } from './criteria.ts'
import { decideSeat } from './decide.ts'
import type { SeatAsk, SeatKeeper, SeatStanding } from './seat-keeper.ts'

/** What it takes to give seats. */
export interface SeatingParts {
  readonly keeper: SeatKeeper
  readonly announcer: Announcer
  readonly portalOrigin: string
}

/** Completes a decision that let somebody in. */
export type Seating = (
  decision: Decision,
  context: GatewayContext,
  upstream: Upstream,
) => Promise<Decision>

/** Makes the step. */
export function createSeating({ keeper, announcer, portalOrigin }: SeatingParts): Seating {
  // A page of a hundred files is told the same of one seat.
  const latest = new WeakMap<SeatAsk, { decision: Decision; pool: string; told: Decision }>()
  return async function withSeat(decision, context, upstream) {
    const { resource } = upstream
    if (resource.licence.seats === undefined) return decideSeat(decision, { detail: 'no limit' })
    const ask = seatAskOf(context, resource)
    const standing = await keeper.hold(ask, () => (canWait(context) ? 'wait' : 'refuse'))
    if (standing.kind === 'held' && standing.waitedMs !== undefined) {
      const { pool, waitedMs } = standing
      announcer.wait(context, resource, { outcome: 'granted', pool, waitedMs })
    }
    const known = latest.get(ask)
    const isSame = known?.decision === decision && known.pool === poolOf(standing)
    if (isSame) return known.told
    const told = decideSeat(decision, noted(seatVerdict(standing, ask.pools), resource))
    if (standing.kind === 'held') latest.set(ask, { decision, pool: standing.pool, told })
    const wait = standing.kind === 'full' ? standing.wait : undefined
    if (told.isAllowed || wait?.kind !== 'waiting') return told
    if (wait.isNew) announcer.wait(context, resource, { outcome: 'joined' })
    const to = encodeURIComponent(publisherUrl(context, upstream))
    return { ...told, isTold: !wait.isNew, leadsTo: `${portalOrigin}/wait?to=${to}` }
  }
}

function publisherUrl(context: GatewayContext, { origin }: Upstream): string {
  const url = origin + (context.req.url ?? '/')
  // What is too long to come back to leads to the host's first page, not to an error.
  return url.length <= limits.identity.returnUrlChars ? url : `${origin}/`
}

function poolOf(standing: SeatStanding): string | undefined {
  return standing.kind === 'held' ? standing.pool : undefined
}

/** What each session asked last: a page of a hundred files asks the same. */
const asks = new WeakMap<Session, SeatAsk & { readonly licence: LicenceTerms }>()

/** Who asks for a seat of this resource; the same value as long as it is asked of the same. */
export function seatAskOf({ state }: GatewayContext, { licence }: Resource): SeatAsk {
  const { session, place } = state
  const known = session && asks.get(session)
  if (known?.licence === licence && known.place === place) return known
  const ask = {
    licence,
    pools: poolsOf(licence),
    holder: patronKey(session?.patron ?? { issuer: addressIssuer, subject: place.address }),
    place,
    sessionId: session?.id ?? '',
    idleMs: licence.seatIdleSeconds * 1000,
  }
  if (session !== undefined) asks.set(session, ask)
  return ask
}

/**
 * Whether somebody looks at the answer and can be led to the waiting room: a page in a window of its
 * own, not a part of another page, nor what a browser fetches in case it is wanted.
 */
function canWait(context: GatewayContext): boolean {
  if (context.method !== 'GET' || context.state.upgrade !== undefined) return false
  const { headers } = context.req
  const destination = headers['sec-fetch-dest']
  const purposes = [headers['sec-purpose'], headers['purpose']].flat()
  if (purposes.some((purpose) => purpose?.includes('prefetch'))) return false
  if (destination !== undefined) return destination === 'document'
  return (headers.accept ?? '').includes('text/html')
}

/** Names the override behind the number of seats. */
function noted(verdict: Verdict, { seatChange }: Resource): Verdict {
  if (seatChange === undefined) return verdict
  return { ...verdict, detail: `${verdict.detail}, by ${overrideText(seatChange)}` }
}

function seatVerdict(standing: SeatStanding, pools: readonly SeatPool[]): Verdict {
  const seats = pools.reduce((sum, each) => sum + each.seats, 0)
  const names = pools.map(({ pool }) => pool).join(', ')
  if (standing.kind === 'held') return { detail: `holds one of ${seats} in pool ${standing.pool}` }
  if (standing.kind === 'unknown') {
    return {
      detail: `the store cannot tell about pool ${names}`,
      refusal: { reason: 'seats_unknown', facts: { seats } },
    }
  }
  const { used, wait } = standing
  const isQueueing = wait?.kind === 'waiting'
  return {
    detail: `${used} of ${seats} in pool ${names} are taken${isQueueing ? `, place ${wait.place} in the queue` : ''}`,
    refusal: { reason: 'seats_full', facts: { seats, used } },
  }
}
