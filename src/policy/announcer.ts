/**
 * What policy says on the bus: refusals, and readers sent to the publisher unproxied.
 * @module
 */
import { askerOf } from '../core/asker.ts'
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { GatewayContext } from '../core/context.ts'
import type { DenialReason } from '../core/denials.ts'
import type { EventBus } from '../core/events.ts'
import type { Resource } from '../core/resource.ts'

/** Says each outcome once. */
export interface Announcer {
  denial(context: GatewayContext, resource: Resource, reason: DenialReason): void
  direct(context: GatewayContext, resource: Resource): void
}

/** Makes the announcer of a bus; the portal uses it as well, for its own ways out. */
export function createAnnouncer({ bus, clock }: { bus: EventBus; clock: Clock }): Announcer {
  function outcomeOf({ state }: GatewayContext, resource: Resource) {
    const at = clock.now()
    const { reference } = state
    return { id: timeOrderedId(at), at, reference, resourceId: resource.id, ...askerOf(state) }
  }
  return {
    denial(context, resource, reason) {
      bus.emit({ kind: 'denial', reason, ...outcomeOf(context, resource) })
    },
    direct(context, resource) {
      bus.emit({ kind: 'direct', ...outcomeOf(context, resource) })
    },
  }
}
