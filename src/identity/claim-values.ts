/**
 * The values of a claim as text, however a provider sends them: as a list, as one text, as one text
 * with several values, within an object.
 *
 * Never throws. What is not text of a sensible length is told as rejected, with the claim's name.
 * @module
 */
import type { ClaimFinding, ClaimRejection } from '../core/claims.ts'
import { limits } from '../core/limits.ts'

/** Claims as received: of ID token and userinfo together. */
export type Claims = Readonly<Record<string, unknown>>

/** One value and the claim that it stands in. */
export interface ClaimValue {
  readonly claim: string
  readonly value: string
}

/** What to look for. */
export interface ClaimQuery {
  readonly names: readonly string[]
  /** `split`: a text with spaces or semicolons is several values; `whole`: it is one. */
  readonly text: 'split' | 'whole'
}

/** All values under all the names; those that cannot be read are added to the findings. */
export function claimValues(
  claims: Claims,
  { names, text }: ClaimQuery,
  findings: ClaimFinding[],
): ClaimValue[] {
  return names.flatMap((claim) => {
    const reject = (reason: ClaimRejection) => findings.push({ kind: 'rejected', claim, reason })
    const listed = listOf(claimAt(claims, claim), text)
    if (listed === undefined) {
      reject('unreadable')
      return []
    }
    if (listed.length > limits.identity.claimValues) reject('too_many')
    return listed.slice(0, limits.identity.claimValues).flatMap((item) => {
      const value = readable(item)
      if (value === undefined) reject('unreadable')
      return value === undefined || value === '' ? [] : [{ claim, value }]
    })
  })
}

/** The first text under the names, on one line. */
export function firstText(claims: Claims, names: readonly string[]): string | undefined {
  return names
    .map((name) => claimAt(claims, name))
    .map((value): unknown => (Array.isArray(value) ? value[0] : value))
    .filter((value) => typeof value === 'string')
    .map((value) => value.toWellFormed().replaceAll(unseenPattern, ' ').trim())
    .find((value) => value !== '' && value.length <= limits.identity.claimChars)
}

/** Text as it is compared: neither case nor the way an accent is written makes a difference. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Control characters and line ends, which no name of a group or an affiliation has. */
const unseenPattern = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

/** An absent claim has no values; undefined for one that is neither text nor a list. */
function listOf(value: unknown, text: ClaimQuery['text']): readonly unknown[] | undefined {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  if (typeof value !== 'string') return undefined
  return text === 'split' ? value.split(/[ ;]+/) : [value]
}

function readable(item: unknown): string | undefined {
  if (typeof item !== 'string' || item.length > limits.identity.claimChars) return undefined
  const isPlain = item.isWellFormed() && item.search(unseenPattern) === -1
  return isPlain ? item.trim() : undefined
}

/**
 * A claim by its name or, as in Keycloak's `realm_access.roles`, by its path. Names on the way may
 * have dots themselves, as client ids do: the longest that is there counts.
 */
function claimAt(claims: Claims, name: string): unknown {
  let value: unknown = claims
  let rest = name.split('.')
  while (rest.length > 0) {
    if (!isRecord(value)) return undefined
    const length = longestKey(value, rest)
    if (length === 0) return undefined
    value = value[rest.slice(0, length).join('.')]
    rest = rest.slice(length)
  }
  return value
}

/** How many of the steps, joined, are a key of the object; 0 for none. */
function longestKey(object: Readonly<Record<string, unknown>>, steps: readonly string[]): number {
  for (let length = steps.length; length > 0; length -= 1) {
    if (Object.hasOwn(object, steps.slice(0, length).join('.'))) return length
  }
  return 0
}
