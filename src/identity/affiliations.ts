/**
 * Affiliations and the entitlement of library contracts: which categories they make.
 *
 * Source: eduPerson 202208 (the list of affiliations; eduPersonScopedAffiliation splits at the first
 * `@`, and the receiver decides which scopes an issuer may assert); MACE-Dir entitlement registry,
 * common-lib-terms (regular members, and whoever is in the library).
 * @module
 */
import type { ClaimsConfig } from '../config/config.ts'
import type { ClaimFinding, ClaimRejection } from '../core/claims.ts'
import type { Category } from '../core/types.ts'
import { claimValues, firstText, folded } from './claim-values.ts'
import type { Claims, ClaimValue } from './claim-values.ts'

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

const commonLibTerms = 'urn:mace:dir:entitlement:common-lib-terms'

/** Adds what affiliations and entitlements give to the findings, which have those of groups. */
export function readAffiliations(
  claims: Claims,
  config: ClaimsConfig,
  findings: ClaimFinding[],
): void {
  const judge = createJudge(claims, config)
  for (const found of claimValues(claims, { names: config.affiliation, text: 'split' }, findings)) {
    const verdict = judge(found.value)
    findings.push(
      'reason' in verdict
        ? { kind: 'rejected', ...found, ...verdict }
        : { kind: 'category', ...found, ...verdict, setting: ['affiliation'] },
    )
  }
  readEntitlement(claims, config, findings)
}

type Verdict = { readonly category: Category } | { readonly reason: ClaimRejection }

function createJudge(claims: Claims, config: ClaimsConfig): (value: string) => Verdict {
  const allowedScopes = new Set(config.allowedScopes.map(folded))
  // Where the provider names the home organisation, an unscoped value is of that one.
  const organisation = firstText(claims, config.organisation)
  const isElsewhere =
    allowedScopes.size > 0 && organisation !== undefined && !allowedScopes.has(folded(organisation))

  return function judge(value) {
    const text = folded(value)
    const at = text.indexOf('@')
    if (at === -1 && !config.isUnscopedAllowed) return { reason: 'unscoped' }
    const isForeign = at === -1 ? isElsewhere : !allowedScopes.has(text.slice(at + 1))
    const category = affiliations.get(at === -1 ? text : text.slice(0, at))
    // An unknown word is told as such whosesoever it is: `a@b@example.edu` is one.
    if (category === undefined) return { reason: 'unknown_value' }
    return isForeign ? { reason: 'foreign_scope' } : { category }
  }
}

/**
 * common-lib-terms takes in people who are merely present, so it makes a member only of somebody who
 * is something else than a walk-in as well; of anybody else it makes what the configuration says.
 */
function readEntitlement(claims: Claims, config: ClaimsConfig, findings: ClaimFinding[]): void {
  const query = { names: config.entitlement, text: 'split' } as const
  const entitled = claimValues(claims, query, findings).find(isCommonLibTerms)
  if (entitled === undefined) return
  const isAffiliated = findings.some(
    (finding) => finding.kind === 'category' && finding.category !== 'walk-in',
  )
  const category = isAffiliated ? 'member' : config.commonLibTerms
  const setting = [isAffiliated ? 'entitlement' : 'commonLibTerms']
  findings.push({ kind: 'category', ...entitled, category, setting })
}

function isCommonLibTerms({ value }: ClaimValue): boolean {
  return folded(value) === commonLibTerms
}
