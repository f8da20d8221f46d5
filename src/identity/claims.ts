/**
 * From claims to patron: what the sign-in service says, in the gateway's own words.
 *
 * Deny by default: a claim that cannot be read, a scope that the issuer may not assert and a value
 * outside the vocabulary give nothing, and are told in the findings. Never throws but for a missing
 * subject, for without one there is no person. Whether a category suffices, and whether a walk-in is
 * on site, is for policy.
 *
 * Source: OpenID Connect Core 1.0 section 5.7 (a person is iss and sub); `affiliations.ts` and
 * `groups.ts` name theirs.
 * @module
 */
import type { ClaimsConfig } from '../config/config.ts'
import type { ClaimFinding } from '../core/claims.ts'
import { GatewayError } from '../core/errors.ts'
import { categories } from '../core/types.ts'
import type { Patron } from '../core/types.ts'
import { readAffiliations } from './affiliations.ts'
import { claimValues, firstText, folded } from './claim-values.ts'
import type { Claims } from './claim-values.ts'
import { readGroups } from './groups.ts'

/** A person, and how each value of their claims was taken. */
export interface ClaimsReading {
  readonly patron: Patron
  readonly findings: readonly ClaimFinding[]
}

/** OpenID Connect Core 1.0 section 2: a subject has at most 255 ASCII characters. */
const subjectPattern = /^[\x21-\x7e]{1,255}$/

/**
 * Describes a person from verified claims.
 *
 * @param issuer The issuer whose signature the claims bear.
 * @throws {GatewayError} `ERR_SIGN_IN` when there is no usable `sub`.
 */
export function patronFromClaims(
  claims: Claims,
  config: ClaimsConfig,
  issuer: string,
): ClaimsReading {
  const subject = claims['sub']
  if (typeof subject !== 'string' || !subjectPattern.test(subject)) {
    throw new GatewayError('ERR_SIGN_IN', 'the claims have no "sub" of 1 to 255 ASCII characters')
  }
  const findings: ClaimFinding[] = []
  const { groups, unit, hasTooManyGroups } = readGroups(claims, config, findings)
  readAffiliations(claims, config, findings)
  const { defaultCategory: category } = config
  // Whose groups are not all known is not somebody of whom nothing is known.
  if (category !== undefined && !hasTooManyGroups && !findings.some(isOfCategory)) {
    findings.push({ kind: 'category', category, setting: ['defaultCategory'] })
  }
  const found = new Set(findings.filter(isOfCategory).map((finding) => finding.category))
  const displayName = firstText(claims, config.displayName)
  const patron: Patron = {
    issuer,
    subject,
    categories: categories.filter((each) => found.has(each)),
    groups,
    ...(hasTooManyGroups && { hasTooManyGroups }),
    ...(unit !== undefined && { unit }),
    ...(displayName !== undefined && { displayName }),
  }
  return { patron, findings }
}

/** Where providers put what names the person; a group of that name is somebody's own. */
const ownNames = [
  'sub',
  'email',
  'preferred_username',
  'upn',
  'unique_name',
  'eduperson_principal_name',
  'name',
] as const

/**
 * The findings, those of values that name the person themselves without the value, such as the private group that some
 * directories make for each account: what is left may be told without telling of anybody.
 */
export function withoutOwnNames(
  findings: readonly ClaimFinding[],
  claims: Claims,
): readonly ClaimFinding[] {
  const own = ownNames
    .flatMap((name) => firstText(claims, [name]) ?? [])
    .flatMap((text) => [folded(text), folded(text.split('@')[0] ?? '')])
    .filter((text) => text !== '')
  const isOwn = (value: string): boolean =>
    own.some((name) => value === name || (name.length >= ownChars && value.includes(name)))
  return findings.map((finding) => {
    if (finding.kind !== 'rejected' || finding.value === undefined) return finding
    const { value, ...rest } = finding
    return isOwn(folded(value)) ? rest : finding
  })
}

/** A shorter name may be part of any word. */
const ownChars = 4

function isOfCategory(finding: ClaimFinding): finding is ClaimFinding & { kind: 'category' } {
  return finding.kind === 'category'
}

/**
 * Lets in only accounts whose claims have one of the values that the configuration asks for, such as
 * Google's `hd`, without which anybody with an account there is somebody.
 *
 * @throws {GatewayError} `ERR_FOREIGN_ACCOUNT`
 */
export function requireClaims(claims: Claims, required: ClaimsConfig['required']): void {
  for (const [name, accepted] of Object.entries(required)) {
    const found = claimValues(claims, { names: [name], text: 'whole' }, [])
    const isAccepted = found.some(({ value }) =>
      accepted.some((each) => folded(each) === folded(value)),
    )
    if (isAccepted) continue
    const what = found.length === 0 ? 'is missing' : 'has another value'
    const message = `the claim "${name}" ${what}, expected one that identity requires`
    throw new GatewayError('ERR_FOREIGN_ACCOUNT', message)
  }
}
