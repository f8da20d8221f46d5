/**
 * From claims to patron: what the sign-in service says, in the gateway's own words.
 *
 * Deny by default: a claim that cannot be read, a scope that the issuer may not assert and a value
 * outside the vocabulary give nothing. Never throws but for a missing subject, for without one there
 * is no person. Whether a category suffices, and whether a walk-in is on site, is for policy.
 *
 * Source: eduPerson 202208 (eduPersonScopedAffiliation splits at the first `@`; the receiver decides
 * which scopes an issuer may assert); OpenID Connect Core 1.0 section 5.7 (a person is iss and sub).
 * @module
 */
import type { ClaimsConfig } from '../config/config.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { categories } from '../core/types.ts'
import type { Category, Patron } from '../core/types.ts'

/** Claims as received: of ID token and userinfo together. */
export type Claims = Readonly<Record<string, unknown>>

/** eduPerson's closed list; countries disagree on `employee` and `staff`, so they are one. */
const affiliations: ReadonlyMap<string, Category> = new Map([
  ['faculty', 'faculty'],
  ['staff', 'staff'],
  ['employee', 'staff'],
  ['student', 'student'],
  ['member', 'member'],
  ['alum', 'alum'],
  ['affiliate', 'affiliate'],
  ['library-walk-in', 'walk-in'],
])

/** OpenID Connect Core 1.0 section 2: a subject has at most 255 ASCII characters. */
const subjectPattern = /^[\x21-\x7e]{1,255}$/

/**
 * Describes a person from verified claims.
 *
 * @param issuer The issuer whose signature the claims bear.
 * @throws {GatewayError} `ERR_SIGN_IN` when there is no usable `sub`.
 */
export function patronFromClaims(claims: Claims, config: ClaimsConfig, issuer: string): Patron {
  const subject = claims['sub']
  if (typeof subject !== 'string' || !subjectPattern.test(subject)) {
    throw new GatewayError('ERR_SIGN_IN', 'the claims have no "sub" of 1 to 255 ASCII characters')
  }
  const groups = groupsFrom(claims, config)
  const found = new Set([...affiliationsFrom(claims, config), ...categoriesOf(groups, config)])
  const unit = firstText(claims, config.unit)
  const displayName = firstText(claims, config.displayName)
  return {
    issuer,
    subject,
    categories: categories.filter((category) => found.has(category)),
    groups,
    ...(unit !== undefined && { unit }),
    ...(displayName !== undefined && { displayName }),
  }
}

function affiliationsFrom(claims: Claims, config: ClaimsConfig): Category[] {
  const allowedScopes = new Set(config.allowedScopes.map((scope) => scope.toLowerCase()))
  return valuesOf(claims, config.affiliation).flatMap((text) => {
    const lowerCased = text.toLowerCase()
    const at = lowerCased.indexOf('@')
    const isAsserted =
      at === -1 ? config.isUnscopedAllowed : allowedScopes.has(lowerCased.slice(at + 1))
    const category = affiliations.get(at === -1 ? lowerCased : lowerCased.slice(0, at))
    return isAsserted && category !== undefined ? [category] : []
  })
}

/**
 * Group names without Keycloak's leading slash. A full path such as `/students/2025` stands for its
 * parents too, because a member of a subgroup is a member of the group.
 */
function groupsFrom(claims: Claims, config: ClaimsConfig): string[] {
  const names = valuesOf(claims, config.groups).flatMap((text) => {
    if (!text.startsWith('/')) return [text]
    const segments = text.slice(1).split('/')
    return segments.map((_, index) => segments.slice(0, index + 1).join('/'))
  })
  return [...new Set(names)].filter((name) => name !== '').slice(0, limits.identity.claimValues)
}

function categoriesOf(groups: readonly string[], config: ClaimsConfig): Category[] {
  const table = new Map(
    Object.entries(config.groupCategories).map(([group, category]) => [
      group.replace(/^\//, '').toLowerCase(),
      category,
    ]),
  )
  return groups.flatMap((group) => table.get(group.toLowerCase()) ?? [])
}

/** All values under all the names, whether sent as an array or as one separated string. */
function valuesOf(claims: Claims, names: readonly string[]): string[] {
  return names
    .map((name) => claimAt(claims, name))
    .flatMap((value) => {
      if (typeof value === 'string') return value.split(/[\s;]+/u)
      return Array.isArray(value) ? value.slice(0, limits.identity.claimValues) : []
    })
    .filter((value) => typeof value === 'string')
    .map((value) => value.trim())
    .filter((value) => value !== '' && value.length <= limits.identity.claimChars)
    .slice(0, limits.identity.claimValues)
}

function firstText(claims: Claims, names: readonly string[]): string | undefined {
  return names
    .map((name) => claimAt(claims, name))
    .map((value): unknown => (Array.isArray(value) ? value[0] : value))
    .filter((value) => typeof value === 'string')
    .map((value) => value.replaceAll(/\p{Cc}+/gu, ' ').trim())
    .find((value) => value !== '' && value.length <= limits.identity.claimChars)
}

/** A claim by its name or, as in Keycloak's `realm_access.roles`, by its path. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const key of name.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
