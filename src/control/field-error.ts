/**
 * Something that staff typed and that does not do, by the field that it was typed into: the command line
 * tells it by the name of its option, the console beside the field.
 * @module
 */
import { GatewayError } from '../core/errors.ts'

/** What the command line takes without the name of an option. */
const unnamed = ['range', 'resource', 'pool', 'seats'] as const

/** What it takes with one. */
const named = ['issuer', 'subject', 'patron', 'message', 'until', 'why', 'by'] as const

/** A field of what staff ask for. */
export type StaffField = (typeof unnamed)[number] | (typeof named)[number]

/** `ERR_BAD_REQUEST`: `--why: found "", expected one line of 1 to 500 characters`. */
export class FieldError extends GatewayError {
  /** Where to type something else. */
  readonly field: StaffField

  constructor(field: StaffField, found: string, expected: string) {
    const isNamed = named.some((name) => name === field)
    super('ERR_BAD_REQUEST', `found ${found}, expected ${expected}`, {
      ...(isNamed && { at: `--${field}` }),
    })
    this.field = field
  }
}
