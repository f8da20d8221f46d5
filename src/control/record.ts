/**
 * Acts of staff that change neither rules nor overrides: an entry of the audit log and nothing else.
 * @module
 */
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { ControlStore } from '../store/contract.ts'
import type { AuditAct } from './audit.ts'
import { commitPlan } from './commit.ts'

/**
 * Writes the entry.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY`, and then the act must not be done.
 */
export async function recordAct(
  { control, clock }: { readonly control: ControlStore; readonly clock: Clock },
  said: Omit<AuditAct, 'id' | 'at'>,
): Promise<void> {
  const at = clock.now()
  const act: AuditAct = { ...said, id: timeOrderedId(at), at }
  await commitPlan(control, async () => ({ act, effect: { kind: 'none' } }))
}
