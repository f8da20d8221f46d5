/**
 * The audit log: who changed what, when and why, each entry bound to the one before by its hash, so
 * that no entry can be changed, taken out or moved without the chain breaking there.
 *
 * What the chain cannot show is an end that was cut off together with the note of where it ends:
 * whoever keeps a head from elsewhere (each process logs those that it sees) can hold it against that.
 * @module
 */
import { z } from 'zod'

import { jsonAs } from '../core/decoding.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { ControlStore, LogHead, LogRow } from '../store/contract.ts'
import { canonicalJson, digestOf } from './canonical.ts'

/** What staff can do. */
const auditActions = [
  'publish',
  'rollback',
  'override-add',
  'override-end',
  'seat-release',
  'report-end',
  'usage-export',
  'usage-erase',
] as const

/** Who does it, and why. */
export interface Doer {
  readonly by: string
  readonly why: string
}

/** What is said of an act, whatever its place in the log. */
export interface AuditAct extends Doer {
  /** Random: the same act twice is two entries. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly action: (typeof auditActions)[number]
  /** Whom or what it is about; a person by `patronKey`, an address cut short. */
  readonly target: string
  readonly details: Readonly<Record<string, string | number | readonly string[]>>
}

/** An entry of the log. */
export interface AuditEntry extends AuditAct {
  readonly sequence: number
  /** Hash of the entry before; empty in the first one. */
  readonly previous: string
}

const text = z.string()
const entrySchema = z.strictObject({
  id: text,
  at: z.int(),
  by: text,
  action: z.enum(auditActions),
  target: text,
  why: text,
  details: z.record(text, z.union([text, z.number(), z.array(text)])),
  sequence: z.int(),
  previous: text,
})

/**
 * The row that stands for an act right after the head.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST` when it is longer than an entry may be.
 */
export function rowAfter(head: LogHead, act: AuditAct): LogRow {
  const sequence = head.sequence + 1
  const body = canonicalJson({ ...act, sequence, previous: head.hash } satisfies AuditEntry)
  if (Buffer.byteLength(body) > limits.control.rowBytes) {
    throw new GatewayError('ERR_BAD_REQUEST', 'the entry of the audit log would be too long')
  }
  return { sequence, hash: digestOf(body), body }
}

/** The entry that a row holds; undefined when it holds none. */
export function entryOf({ body }: Pick<LogRow, 'body'>): AuditEntry | undefined {
  return jsonAs(entrySchema, body)
}

/** Every row of the log, in order, page by page. */
export async function* rowsOf(control: ControlStore, from = 1): AsyncGenerator<LogRow> {
  const { rowsPerRead } = limits.control
  for (let next = from; ; next += rowsPerRead) {
    const rows = await control.rows(next, rowsPerRead)
    yield* rows
    if (rows.length < rowsPerRead) return
  }
}

/** What a row has to be, after the one before it; undefined when it is. */
export function rowTrouble(row: LogRow, before: LogHead): string | undefined {
  const expected = before.sequence + 1
  const entry = entryOf(row)
  if (row.sequence !== expected) return `entry ${expected} is missing`
  if (digestOf(row.body) !== row.hash) return 'its hash is not that of its text'
  if (entry === undefined) return 'it cannot be read'
  if (entry.sequence !== expected) return `it says that it is entry ${entry.sequence}`
  return entry.previous === before.hash ? undefined : 'it does not follow the entry before it'
}
