/**
 * A change by staff: an entry of the audit log and what it does, both or neither, whoever else
 * changes something at the same time.
 * @module
 */
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { ControlEffect, ControlState, ControlStore, LogRow } from '../store/contract.ts'
import { rowAfter, type AuditAct } from './audit.ts'

/** What is to be done in this state; asked again when somebody else was first. */
type Plan = (
  state: ControlState,
) => Promise<{ readonly act: AuditAct; readonly effect: ControlEffect }>

/**
 * Commits what is planned. When the answer of the store is lost, the store is asked whether the entry
 * stands, so that an error means that nothing was changed, or says that it is not known.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY`, or what the plan throws.
 */
export async function commitPlan(control: ControlStore, plan: Plan): Promise<LogRow> {
  for (let attempt = 0; attempt < limits.control.commitTries; attempt++) {
    const state = await control.state()
    const { act, effect } = await plan(state)
    const row = rowAfter(state.log, act)
    if (await commitOnce(control, row, state, effect)) return row
  }
  throw new GatewayError('ERR_STORE_AWAY', 'too many others write to the audit log; nothing done')
}

async function commitOnce(
  control: ControlStore,
  row: LogRow,
  { log }: ControlState,
  effect: ControlEffect,
): Promise<boolean> {
  try {
    return await control.commit(row, log, effect)
  } catch (cause) {
    const found = await control.rows(row.sequence, 1).catch(() => undefined)
    if (found?.[0]?.hash === row.hash) return true
    // An entry that stands elsewhere, or none: this one can come to stand no more.
    if (found !== undefined && found.length > 0) throw cause
    const message = 'the store broke off; look whether it was done before doing it again'
    throw new GatewayError('ERR_STORE_AWAY', message, { cause })
  }
}
