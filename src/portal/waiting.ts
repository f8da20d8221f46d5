/**
 * The waiting room: the page of the portal where a reader waits for a seat, and from which the very
 * page opens that they wanted, once a seat is kept for them. Works without script by refreshing
 * itself; with script the place comes by server-sent events (`waiting-events.ts`).
 *
 * Nothing here lets anybody in: that is decided where the page leads to.
 * @module
 */
import type { Decision, GatewayContext, Stage } from '../core/context.ts'
import { seatCount } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { Session } from '../core/types.ts'
import { requireNavigation } from '../identity/fetch-metadata.ts'
import { formTokenField } from '../identity/forms.ts'
import { queryValue } from '../identity/return-url.ts'
import { spanText } from '../pages/formats.ts'
import { goTo } from '../pages/go-to.ts'
import type { Term } from '../pages/models.ts'
import { signInUrl } from '../pages/shell.ts'
import type { WaitAnswer } from '../store/contract.ts'
import type { EntryModel, WaitingModel } from './models.ts'
import { unlessStoreAway } from './seats.ts'
import { waitingEvents, type WaitingEventsParts } from './waiting-events.ts'
import { sentences } from './waiting-words.ts'
import { wantedPage, type WantedPage } from './wanted-page.ts'

/** What the waiting room needs. */
export interface WaitingParts extends WaitingEventsParts {
  readonly portalOrigin: string
  readonly decideFor: (context: GatewayContext, resource: Resource) => Decision
  /** Joins the queue, or with `stay` says that one is still there. */
  readonly wait: (context: GatewayContext, resource: Resource, only?: 'stay') => Promise<WaitAnswer>
  readonly leave: (context: GatewayContext, resource: Resource) => Promise<void>
  /** Databases that are open to the reader instead. */
  readonly others: (context: GatewayContext, resource: Resource) => Promise<readonly EntryModel[]>
  readonly formToken: (session: Session) => string
  readonly checkForm: (context: GatewayContext) => Promise<URLSearchParams>
  readonly show: (context: GatewayContext, model: WaitingModel) => void
}

/** `GET /wait`, `GET /wait/events` and `POST /wait/leave`. */
export function waitingRoutes(
  parts: WaitingParts,
  get: (path: string, handle: Stage) => PortalRoute,
): PortalRoute[] {
  return [
    get('/wait', (context) => showWaiting(context, parts)),
    { method: 'GET', path: '/wait/events', handle: waitingEvents(parts) },
    { method: 'POST', path: '/wait/leave', handle: (context) => leaveQueue(context, parts) },
  ]
}

async function showWaiting(context: GatewayContext, parts: WaitingParts): Promise<void> {
  requireNavigation(context)
  const wanted = wantedPage(context, queryValue(context, 'to'))
  const { session } = context.state
  if (session === undefined) return goTo(context, signInUrl(parts.portalOrigin, context.url))
  const { resource, url } = wanted
  const isCounted = seatCount(resource.licence) !== undefined
  if (!isCounted || !parts.decideFor(context, resource).isAllowed) return goTo(context, url)
  // A page that refreshes itself does not bring back who has left in another window.
  const only = queryValue(context, 'again') === undefined ? undefined : 'stay'
  const answer = await unlessStoreAway(parts.wait(context, resource, only))
  // A queue that is full is told by the refusal, where the page would be.
  if (answer?.kind === 'held' || answer?.kind === 'crowded') return goTo(context, url)
  allowScript(context)
  parts.show(context, await waitingModel(context, session, { parts, wanted, answer }))
}

async function leaveQueue(context: GatewayContext, parts: WaitingParts): Promise<void> {
  const fields = await parts.checkForm(context)
  const { resource } = wantedPage(context, fields.get('to') ?? undefined)
  await parts.leave(context, resource)
  goTo(context, `${parts.portalOrigin}/db/${resource.id}`)
}

/** The one page of the portal with a script, which is the gateway's own. */
function allowScript(context: GatewayContext): void {
  const policy = String(context.res.getHeader('Content-Security-Policy') ?? '')
  context.set('Content-Security-Policy', `${policy}; script-src 'self'; connect-src 'self'`)
}

async function waitingModel(
  context: GatewayContext,
  session: Session,
  facts: { parts: WaitingParts; wanted: WantedPage; answer: WaitAnswer | undefined },
): Promise<WaitingModel> {
  const { parts, answer } = facts
  const { resource, to } = facts.wanted
  const { words, portalOrigin } = parts
  const { language } = context.state
  const query = `to=${encodeURIComponent(to)}`
  const { holdMs } = limits.policy.queue
  const line = (key: 'wait.idle' | 'wait.hold', seconds: number): Term => ({
    name: words.say(language, key),
    value: spanText(seconds, language),
  })
  return {
    kind: answer?.kind === 'gone' ? 'gone' : 'waiting',
    resource: words.textOf(resource.title, language),
    ...sentences(answer, context, words),
    terms: [line('wait.idle', resource.licence.seatIdleSeconds), line('wait.hold', holdMs / 1000)],
    refreshText: words.say(language, 'wait.refresh', { seconds: limits.portal.waitRefreshSeconds }),
    refreshSeconds: limits.portal.waitRefreshSeconds,
    pageUrl: `${portalOrigin}/wait?${query}`,
    refreshUrl: `${portalOrigin}/wait?${query}&again`,
    eventsUrl: `/wait/events?${query}`,
    to,
    form: { field: formTokenField, token: parts.formToken(session) },
    others: await parts.others(context, resource),
  }
}
