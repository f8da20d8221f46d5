/**
 * Time and chance, as parameters: the only module that reads the system clock or the random source,
 * so that a test can hand in its own and a decision can be repeated.
 * @module
 */
import { randomBytes, randomFillSync } from 'node:crypto'

/** Tells the time: `now()` is the wall clock in epoch milliseconds, `steady()` never steps back. */
export interface Clock {
  now(): number
  /** Milliseconds from an arbitrary start, for durations only. */
  steady(): number
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
}

/** Random bytes for names that are no secrets, drawn from the system some hundreds at a time. */
const pool = Buffer.alloc(4096)
let poolAt = pool.length

/** Where so many bytes of the pool begin that nobody else gets. */
function takeFromPool(count: number): number {
  if (poolAt + count > pool.length) {
    randomFillSync(pool)
    poolAt = 0
  }
  poolAt += count
  return poolAt - count
}

/** A bearer secret: 256 random bits as 43 characters of base64url. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** A reference that a reader can read out on the telephone: 60 random bits as `7K3M-QX2P-9DTF`. */
export function randomReference(): string {
  // Crockford's alphabet: no I, L, O, U, so that nothing is misread. 32 letters: no modulo bias.
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const from = takeFromPool(12)
  let letters = ''
  for (let at = from; at < from + 12; at++) letters += alphabet.charAt((pool[at] ?? 0) & 31)
  return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`
}

/** An id that sorts by the time it was made: 48 bits of milliseconds, 80 random bits, hexadecimal. */
export function timeOrderedId(nowMs: number): string {
  const from = takeFromPool(10)
  return nowMs.toString(16).padStart(12, '0') + pool.toString('hex', from, from + 10)
}
