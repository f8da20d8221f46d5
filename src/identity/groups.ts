/**
 * Groups, roles, faculties and departments: what the table of meanings makes of them.
 *
 * A provider that has more groups to tell than fit into a token leaves them all out and says where
 * they could be asked for. The gateway does not ask: such a reader has too many groups, which policy
 * tells apart from having no rights.
 *
 * Source: Microsoft identity platform, "Groups overage claim" (`_claim_names`, `hasgroups`); OpenID
 * Connect Core 1.0 section 5.6.2 (distributed claims); Keycloak, group membership mapper (full path).
 * @module
 */
import type { ClaimsConfig, ValueMeaning } from '../config/config.ts'
import type { ClaimFinding } from '../core/claims.ts'
import { limits } from '../core/limits.ts'
import { claimValues, firstText, folded, isRecord } from './claim-values.ts'
import type { Claims, ClaimValue } from './claim-values.ts'

/** What groups and units say of a reader, besides categories, which go to the findings. */
export interface GroupsReading {
  /** Without Keycloak's leading slash, parents included. */
  readonly groups: readonly string[]
  readonly unit?: string
  /** Not all groups are known. */
  readonly hasTooManyGroups: boolean
}

/** Meanings by folded value, with the value as it is written in the table. */
type Meanings = ReadonlyMap<string, ValueMeaning & { readonly written: string }>

/** Reads groups and units; what becomes of each value is added to the findings. */
export function readGroups(
  claims: Claims,
  config: ClaimsConfig,
  findings: ClaimFinding[],
): GroupsReading {
  const meanings = meaningsOf(config)
  const text = config.isTextSplit ? 'split' : 'whole'
  const units = claimValues(claims, { names: config.unit, text: 'whole' }, findings)
  const sent = claimValues(claims, { names: config.groups, text }, findings)
  const entitlements = claimValues(claims, { names: config.entitlement, text: 'split' }, [])
  for (const found of [...units, ...sent]) note(found, meanings, findings, 'told')
  for (const found of entitlements) note(found, meanings, findings, 'untold')

  const names = [...new Set(sent.flatMap(({ value }) => pathNames(value).toReversed()))]
  const groups = withinBounds(names)
  const isCut = hasOverage(claims, config.groups) || groups.length < names.length
  if (isCut) findings.push({ kind: 'rejected', claim: 'groups', reason: 'too_many' })
  const hasTooManyGroups = findings.some(isTooMany)
  const unit = unitOf(findings, claims, config)
  return { groups, hasTooManyGroups, ...(unit !== undefined && { unit }) }
}

/** Whether the table of meanings has a value, or a group that it is in. */
export function hasMeaning(value: string, config: Pick<ClaimsConfig, 'values'>): boolean {
  const meanings = meaningsOf(config)
  return pathNames(value).some((name) => meanings.has(keyOf(name)))
}

function meaningsOf({ values }: Pick<ClaimsConfig, 'values'>): Meanings {
  return new Map(
    Object.entries(values).map(([written, meaning]) => [keyOf(written), { ...meaning, written }]),
  )
}

/**
 * A full path such as `/students/2025` and its parents, the longest first, because a member of a
 * subgroup is a member of the group; any other name as it is.
 */
function pathNames(value: string): string[] {
  if (!value.startsWith('/')) return [value]
  const segments = value
    .split('/')
    .filter((segment) => segment !== '')
    .slice(0, limits.identity.groupDepth)
  return segments.map((_, index) => segments.slice(0, segments.length - index).join('/'))
}

function keyOf(value: string): string {
  return folded(value.replace(/^\//, ''))
}

/** Finds what a value means; one that means nothing is told where all of them should mean something. */
function note(
  found: ClaimValue,
  meanings: Meanings,
  findings: ClaimFinding[],
  unmatched: 'told' | 'untold',
): void {
  const known = pathNames(found.value).flatMap((name) => meanings.get(keyOf(name)) ?? [])
  for (const { category, written } of known) {
    if (category === undefined) continue
    findings.push({ kind: 'category', ...found, category, setting: ['values', written] })
  }
  for (const { unit, written } of known) {
    if (unit === undefined) continue
    findings.push({ kind: 'unit', ...found, unit, setting: ['values', written] })
    break // The narrowest group comes first.
  }
  if (known.length > 0 || meanings.size === 0 || unmatched === 'untold') return
  findings.push({ kind: 'rejected', ...found, reason: 'unmatched_value' })
}

function isTooMany(finding: ClaimFinding): boolean {
  return finding.kind === 'rejected' && finding.reason === 'too_many'
}

function withinBounds(names: readonly string[]): string[] {
  let chars = 0
  return names.slice(0, limits.identity.groups).filter((name) => {
    chars += name.length
    return chars <= limits.identity.groupChars
  })
}

function hasOverage(claims: Claims, names: readonly string[]): boolean {
  const distributed = claims['_claim_names'] ?? {}
  const isElsewhere = isRecord(distributed)
    ? names.some((name) => Object.hasOwn(distributed, name))
    : true // It is there and cannot be read: whatever it says may be about groups.
  return isElsewhere || ['true', true].some((told) => told === claims['hasgroups'])
}

/** By the table where it has units at all; otherwise as the provider says. */
function unitOf(
  findings: readonly ClaimFinding[],
  claims: Claims,
  { unit, values }: ClaimsConfig,
): string | undefined {
  const found = findings.find((finding) => finding.kind === 'unit')
  const hasUnits = Object.values(values).some((meaning) => meaning.unit !== undefined)
  return hasUnits ? found?.unit : firstText(claims, unit)
}
