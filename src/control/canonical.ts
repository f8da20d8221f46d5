/**
 * One text for one value, so that a hash of it means the value: JSON with the keys of every object
 * in order and nothing between tokens (as RFC 8785, for what stands here: text, whole numbers,
 * lists and maps).
 * @module
 */
import { hash } from 'node:crypto'

/** The canonical text of a value that JSON can hold. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    const isMap = typeof part === 'object' && part !== null && !Array.isArray(part)
    if (!isMap) return part
    return Object.fromEntries(
      Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)),
    )
  })
}

/** SHA-256 of a text, in hexadecimal. */
export function digestOf(text: string): string {
  return hash('sha256', text, 'hex')
}
