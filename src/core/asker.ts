/**
 * Who asks and from where, as events tell it.
 * @module
 */
import type { GatewayState } from './context.ts'
import type { Asker } from './events.ts'

/** The asker of a request, as far as its stages have found out. */
export function askerOf({ session, place }: Pick<GatewayState, 'session' | 'place'>): Asker {
  const { address, network, site, channel } = place
  return {
    ...(session && { sessionId: session.id, patron: session.patron }),
    address,
    ...(network !== undefined && { network }),
    ...(site !== undefined && { site }),
    channel,
  }
}
