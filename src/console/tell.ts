/**
 * What staff did in the console, said once on the bus.
 * @module
 */
import { timeOrderedId } from '../core/clock.ts'
import type { GatewayContext } from '../core/context.ts'
import type { StaffEvent } from '../core/events.ts'
import type { ConsoleParts } from './parts.ts'

/** Says it, with the session of whoever did it. */
export function tellStaff(
  { state }: GatewayContext,
  { bus, clock }: Pick<ConsoleParts, 'bus' | 'clock'>,
  what: Omit<StaffEvent, 'kind' | 'id' | 'at' | 'reference' | 'sessionId'>,
): void {
  const at = clock.now()
  const { reference, session } = state
  const base = { kind: 'staff', id: timeOrderedId(at), at, reference } as const
  bus.emit({ ...base, ...what, ...(session && { sessionId: session.id }) })
}
