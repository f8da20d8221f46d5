/**
 * Bearer secrets: what the store knows of them, and how they are compared.
 * @module
 */
import { createHash, hash, timingSafeEqual } from 'node:crypto'

/** Form of every token of `randomToken` and of every digest: 256 bits in base64url. */
const secretPattern = /^[\w-]{43}$/

/** Whether a text from outside has the form of a token or digest; anything else is not looked up. */
export function isSecret(text: string | undefined): text is string {
  return text !== undefined && secretPattern.test(text)
}

/** SHA-256 in base64url: tokens have 256 random bits, so neither salt nor stretching is needed. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** Compares in a time that tells nothing of where two texts differ. */
export function areEqual(left: string, right: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(left).digest(),
    createHash('sha256').update(right).digest(),
  )
}
