/**
 * The two stages of policy: what the address alone decides, before anyone is asked to sign in; and
 * whether this reader may enter this resource, with a seat if the licence counts them.
 *
 * A refusal is no error: it is left in `state.decision` for the listener, which says it on the bus and
 * shows a page, and nothing after it runs.
 * @module
 */
import { isAnonymousFont, isAnonymousPath, isPreflight } from '../core/anonymous.ts'
import { createCalendar } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import type { Decision, GatewayContext, Stage } from '../core/context.ts'
import type { EventBus } from '../core/events.ts'
import type { Resource, Upstream } from '../core/resource.ts'
import type { Place, Session } from '../core/types.ts'
import { createAnnouncer } from './announcer.ts'
import type { Question } from './criteria.ts'
import { decide, decideFairUse } from './decide.ts'
import type { FairUseKeeper } from './fair-use.ts'
import type { SeatKeeper } from './seat-keeper.ts'
import { createArrivals } from './seat-signs.ts'
import { createSeating } from './seating.ts'

/** What both stages need. */
export interface TreatmentParts {
  readonly clock: Clock
  readonly bus: EventBus
  /** The institution's time zone, by whose days licences begin and end. */
  readonly timeZone: string
}

/** What the policy stage needs. */
export interface PolicyParts extends TreatmentParts {
  readonly keeper: SeatKeeper
  readonly fairUse: FairUseKeeper
  readonly portalOrigin: string
}

/**
 * Sets `state.place`, and ends what needs no sign-in: a rejected address is refused on every name,
 * and on a proxied host a reader of treatment `direct` is sent to the publisher's own URL.
 */
export function createTreatmentStage(parts: TreatmentParts): Stage {
  const decideFor = createDecider(parts)
  const announcer = createAnnouncer(parts)
  return async function treatment(context, next) {
    const { state } = context
    const { route, rulebook } = state
    const entered = route.kind === 'proxied' ? route.upstream.resource : undefined
    state.place = rulebook.placeOf(state.clientAddress, entered)
    const isAsked =
      state.place.treatment === 'authenticate' || state.place.treatment === 'auto-login'
    if (isAsked) return await next()

    if (route.kind !== 'proxied') {
      if (state.place.treatment === 'direct') return await next()
      state.decision = rejected(state.place)
      return
    }
    const { resource } = route.upstream
    state.resource = resource
    const decision = decideFor(context, resource)
    state.decision = decision
    if (!decision.isAllowed) return
    announcer.direct(context, route.upstream)
    sendDirect(context, route.upstream)
  }
}

/** What a rejected address meets where no resource is entered. */
function rejected({ block }: Place) {
  const refusal = { isAllowed: false, trace: [] } as const
  return block === undefined
    ? ({ ...refusal, reason: 'address_rejected', facts: {} } as const)
    : ({ ...refusal, reason: 'address_blocked', facts: { until: block.untilOn } } as const)
}

/** Sets `state.resource` and `state.decision` on proxied hosts; goes on only when allowed. */
export function createPolicyStage(parts: PolicyParts): Stage {
  const decideFor = createDecider(parts)
  const announcer = createAnnouncer(parts)
  const withSeat = createSeating({ ...parts, announcer })
  const arrive = createArrivals(parts.keeper)
  return async function policy(context, next) {
    const { state } = context
    if (state.route.kind !== 'proxied') return await next()
    const { upstream } = state.route
    const { resource } = upstream
    state.resource = resource

    const decided = await withFairUse(decideFor(context, resource), context, resource, parts)
    const isSeated = decided.isAllowed && !isAnonymous(context)
    const decision = isSeated ? await withSeat(decided, context, upstream) : decided
    state.decision = decision
    if (!decision.isAllowed) return
    await next()
    if (isSeated) arrive(context)
  }
}

function createDecider({ clock, timeZone }: TreatmentParts) {
  const dayOf = createCalendar(timeZone)
  // A page of a hundred files asks one question: the same objects, the same answer.
  const latest = new WeakMap<Session, Question & { readonly decision: Decision }>()
  return function decideFor(context: GatewayContext, resource: Resource): Decision {
    const { place, session, rulebook } = context.state
    const { suspensions } = rulebook
    const todayOn = dayOf(clock.now())
    const known = session && latest.get(session)
    const isSame =
      known?.resource === resource &&
      known.place === place &&
      known.todayOn === todayOn &&
      known.suspensions === suspensions
    if (isSame) return known.decision
    const question: Question = {
      resource,
      place,
      patron: session?.patron,
      suspensions,
      todayOn,
      isAnonymous: isAnonymous(context),
    }
    const decision = decide(question)
    // Nobody who has a session is anonymous.
    if (session !== undefined) latest.set(session, { ...question, decision })
    return decision
  }
}

/** Whether nobody is asked about: browsers ask this without cookies, or a rule leaves it open. */
function isAnonymous(context: GatewayContext): boolean {
  return isAnonymousPreflight(context) || isAnonymousFont(context) || isAnonymousPath(context)
}

/**
 * Preflights carry no cookies, and a refused one breaks the exchange that it precedes; they reach
 * nothing but the publisher's CORS rules. Source: Fetch standard, "CORS-preflight fetch".
 */
function isAnonymousPreflight(context: GatewayContext): boolean {
  return context.state.session === undefined && isPreflight(context)
}

async function withFairUse(
  decision: Decision,
  { state }: GatewayContext,
  resource: Resource,
  { fairUse }: PolicyParts,
): Promise<Decision> {
  const quota = resource.licence.fairUse
  // Without a session nobody is asked about: nothing is counted then, either.
  if (quota === undefined || !decision.isAllowed || state.session === undefined) return decision
  return decideFairUse(decision, await fairUse.judge(resource, quota, state.session.patron))
}

/** Not Koa's own redirect, which would encode the target anew: it is sent on byte for byte. */
function sendDirect(context: GatewayContext, { origin }: Upstream): void {
  // The same reader at home must not be sent the unproxied way by a cache.
  context.set('Cache-Control', 'no-store')
  context.set('Location', origin + (context.req.url ?? '/'))
  context.body = null
  context.status = 302
}
