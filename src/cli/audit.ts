/**
 * `audit list` and `audit verify`: what staff did, and whether the log of it is whole.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { entryOf, rowsOf } from '../control/audit.ts'
import { verifyAudit } from '../control/verify.ts'
import { GatewayError } from '../core/errors.ts'
import type { LogHead } from '../store/contract.ts'
import { shownInstant, withControl } from './control.ts'

/** Which entries, as typed. */
export interface AuditListOptions {
  readonly config: string
  /** First entry. */
  readonly from?: string
  readonly json?: true
}

/** Prints the entries in order, one line each. */
export async function listAudit(options: AuditListOptions, env: Environment): Promise<void> {
  await withControl(options.config, env, async ({ control }) => {
    for await (const row of rowsOf(control, sequenceOf(options.from ?? '1'))) {
      const entry = entryOf(row)
      if (options.json === true) console.log(JSON.stringify({ ...row, body: undefined, entry }))
      else if (entry === undefined) console.log(`${row.sequence}  cannot be read`)
      else {
        const { at, by, action, target, why, details } = entry
        const told = typeof details['summary'] === 'string' ? `  ${details['summary']}` : ''
        console.log(
          `${row.sequence}  ${shownInstant(at)}  ${by}  ${action}  ${target}: ${why}${told}`,
        )
      }
    }
  })
}

/** Walks the chain; the exit code is 1 when it is broken. */
export async function verifyAuditLog(
  { config, head }: { readonly config: string; readonly head?: string },
  env: Environment,
): Promise<void> {
  await withControl(config, env, async (parts) => {
    const known = head === undefined ? undefined : headOf(head)
    const { entries, head: end, broken } = await verifyAudit(parts, known)
    if (broken === undefined) {
      console.log(
        `${entries} entries, none changed, none missing. Head: ${end.sequence}:${end.hash}`,
      )
      return
    }
    const place = broken.sequence === undefined ? '' : `entry ${broken.sequence}: `
    console.error(`The audit log is broken: ${place}${broken.message}`)
    process.exitCode = 1
  })
}

function headOf(text: string): LogHead {
  const { sequence, hash } =
    /^(?<sequence>\d{1,12}):(?<hash>[0-9a-f]{64})$/.exec(text)?.groups ?? {}
  if (sequence !== undefined && hash !== undefined) return { sequence: Number(sequence), hash }
  const expected = 'NUMBER:HASH as "audit verify" or the log of a gateway told it'
  throw new GatewayError(
    'ERR_BAD_REQUEST',
    `--head ${text.slice(0, 80)} found, ${expected} expected`,
  )
}

function sequenceOf(text: string): number {
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text)
  throw new GatewayError('ERR_BAD_REQUEST', `--from ${text.slice(0, 80)} found, a number expected`)
}
