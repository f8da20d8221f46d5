/**
 * What is said on the bus of who may and who may not: refusals, waiting, and readers sent to the
 * publisher unproxied.
 * @module
 */
import { askerOf } from '../core/asker.ts'
import { classify } from '../core/classify.ts'
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { GatewayContext } from '../core/context.ts'
import type { DenialReason } from '../core/denials.ts'
import type { EventBus, WaitEvent } from '../core/events.ts'
import { intentOf, isPrefetch, splitTarget } from '../core/intent.ts'
import { poolsOf } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import type { Resource, Upstream } from '../core/resource.ts'

/** Says each outcome once. */
export interface Announcer {
  /** `resource` is undefined where none is entered: a refusal of the address alone. */
  denial(context: GatewayContext, resource: Resource | undefined, reason: DenialReason): void
  direct(context: GatewayContext, upstream: Upstream): void
  wait(
    context: GatewayContext,
    resource: Resource,
    news: Pick<WaitEvent, 'outcome' | 'pool' | 'waitedMs'>,
  ): void
}

/** Makes the announcer of a bus. */
export function createAnnouncer({ bus, clock }: { bus: EventBus; clock: Clock }): Announcer {
  function outcomeOf({ state }: GatewayContext) {
    const at = clock.now()
    const { reference } = state
    return { id: timeOrderedId(at), at, reference, ...askerOf(state) }
  }
  return {
    denial(context, resource, reason) {
      const entered = resource && { resourceId: resource.id }
      bus.emit({ kind: 'denial', reason, ...entered, ...askedFor(context), ...outcomeOf(context) })
    },
    wait(context, { id, licence }, news) {
      const pools = poolsOf(licence).map(({ pool }) => pool)
      bus.emit({ kind: 'wait', resourceId: id, pools, ...news, ...outcomeOf(context) })
    },
    direct(context, { resource, host }) {
      const { req } = context
      const [path, query] = splitTarget(req.url)
      const use = classify({
        ...intentOf(req),
        patterns: resource.usage ?? [],
        method: context.method,
        host,
        path,
        query,
        // What the publisher will answer nobody sees: it is told as what it was asked for.
        status: 200,
        contentType: '',
        disposition: '',
      })
      bus.emit({
        kind: 'direct',
        resourceId: resource.id,
        ...(isPrefetch(req) && { isPrefetch: true }),
        ...(use && { use }),
        ...askedFor(context),
        ...outcomeOf(context),
      })
    },
  }
}

/** What tells a second click from another wish. */
function askedFor({ host, req }: GatewayContext) {
  const userAgent = (req.headers['user-agent'] ?? '').slice(0, limits.usage.userAgentChars)
  return { url: `${host}${req.url ?? '/'}`, userAgent }
}
