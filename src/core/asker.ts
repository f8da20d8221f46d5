/**
 * Who asks and from where, as events tell it.
 * @module
 */
import type { GatewayState } from './context.ts'
import type { Asker } from './events.ts'
import type { Place, Session } from './types.ts'

/** Who asked lately, of one session from one place. */
const latest = new WeakMap<Session, { readonly place: Place; readonly asker: Asker }>()

/** The asker of a request, as far as its stages have found out. */
export function askerOf({ session, place }: Pick<GatewayState, 'session' | 'place'>): Asker {
  const known = session && latest.get(session)
  if (known?.place === place) return known.asker
  const { address, network, site, channel } = place
  const asker = {
    ...(session && { sessionId: session.id, patron: session.patron }),
    address,
    ...(network !== undefined && { network }),
    ...(site !== undefined && { site }),
    channel,
  }
  if (session !== undefined) latest.set(session, { place, asker })
  return asker
}
