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

/** A bearer secret: 256 random bits as 43 characters of base64url. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Random bytes for names that are no secrets, drawn from the system some hundreds at a time. */
const pool = Buffer.alloc(4080)
let poolAt = pool.length

/** A reference that a reader can read out on the telephone: 60 random bits as `7K3M-QX2P-9DTF`. */
export function randomReference(): string {
  // Crockford's alphabet: no I, L, O, U, so that nothing is misread. 32 letters: no modulo bias.
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  if (poolAt >= pool.length) {
    randomFillSync(pool)
    poolAt = 0
  }
  let letters = ''
  for (const end = poolAt + 12; poolAt < end; poolAt++) {
    letters += alphabet.charAt((pool[poolAt] ?? 0) & 31)
  }
  return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`
}

/** Of this process: no other one has the same. */
const ownMark = randomBytes(6).toString('hex')
const twoDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
/** The upper digits of both numbers, which stay the same for a while: numbers are written out slowly. */
let minute = { of: Number.NaN, digits: '' }
let block = { of: Number.NaN, digits: '' }
let idsMade = 0

/**
 * An id that sorts by the time it was made, and of one process by its order within a millisecond: 48 bits of
 * milliseconds, 48 that are the process's own, and a number of 32 bits, hexadecimal.
 */
export function timeOrderedId(nowMs: number): string {
  const asked = Math.floor(nowMs / 65_536)
  if (minute.of !== asked) minute = { of: asked, digits: asked.toString(16).padStart(8, '0') }
  const within = nowMs - asked * 65_536
  idsMade = (idsMade + 1) >>> 0
  const upper = idsMade >>> 8
  if (block.of !== upper)
    block = { of: upper, digits: ownMark + upper.toString(16).padStart(6, '0') }
  const time = `${minute.digits}${twoDigits[within >> 8]}${twoDigits[within & 255]}`
  return `${time}${block.digits}${twoDigits[idsMade & 255]}`
}
