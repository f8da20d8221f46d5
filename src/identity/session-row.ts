/**
 * A session as the store holds it: the session itself and the key of its forms. Rows are parsed like
 * any outside data; a row that this gateway did not write is `ERR_STORE_DATA`, never half a session.
 * @module
 */
import { z } from 'zod'

import { jsonOf } from '../core/decoding.ts'
import { GatewayError } from '../core/errors.ts'
import { categories } from '../core/types.ts'
import type { Session } from '../core/types.ts'

const rowSchema = z.strictObject({
  session: z.strictObject({
    id: z.string(),
    patron: z.strictObject({
      issuer: z.string(),
      subject: z.string(),
      displayName: z.string().exactOptional(),
      categories: z.array(z.enum(categories)),
      unit: z.string().exactOptional(),
      groups: z.array(z.string()),
      hasTooManyGroups: z.boolean().exactOptional(),
    }),
    startedAt: z.number(),
    endsAt: z.number(),
    idToken: z.string().exactOptional(),
    providerSession: z.string().exactOptional(),
  }),
  formKey: z.string(),
})

/** One row. */
export interface SessionRow {
  readonly session: Session
  /** Secret of the session's form tokens. */
  readonly formKey: string
}

/** The row as text. */
export function writeSessionRow(row: SessionRow): string {
  return JSON.stringify(row)
}

/**
 * The text as a row.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function readSessionRow(text: string): SessionRow {
  return readRow(rowSchema, text, 'session')
}

/**
 * A stored JSON text as what its schema says; the cause is left out, for it may quote the row.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function readRow<Row>(schema: z.ZodType<Row>, text: string, what: string): Row {
  const parsed = schema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new GatewayError('ERR_STORE_DATA', `the store holds a ${what} of another form`)
}
