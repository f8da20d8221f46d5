/**
 * Text from outside, decoded where it can be: what cannot be is undefined, and never an error.
 * @module
 */
import type { z } from 'zod'

/** The value that a text says in JSON, which knows no `undefined`. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** That value as a schema reads it; undefined as well where it does not fit. */
export function jsonAs<Output>(schema: z.ZodType<Output>, text: string): Output | undefined {
  return schema.safeParse(jsonOf(text)).data
}

/** A text without its percent signs (RFC 3986, section 2.1). */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
