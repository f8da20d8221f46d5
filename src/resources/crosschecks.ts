/**
 * What no single rule file shows: rules that contradict each other or the gateway's own settings.
 * @module
 */
import type { HostRule, Resource } from '../core/resource.ts'
import type { RuleFindingNumber } from './findings.ts'
import { hostKey } from './hosts.ts'

/** A finding before its line is known. */
interface RuleDoubt {
  readonly number: RuleFindingNumber
  readonly resource: Resource
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Every contradiction among resources; each names the file that was read first. */
export function contradictions(resources: readonly Resource[]): RuleDoubt[] {
  return [...idDoubts(resources), ...hostDoubts(resources), ...poolDoubts(resources)]
}

function idDoubts(resources: readonly Resource[]): RuleDoubt[] {
  const first = new Map<string, Resource>()
  return resources.flatMap((resource): RuleDoubt[] => {
    const other = first.get(resource.id)
    if (other === undefined) {
      first.set(resource.id, resource)
      return []
    }
    const message = `has the id "${resource.id}", which is that of ${other.file}`
    return [{ number: 'F008', resource, path: [], message }]
  })
}

function hostDoubts(resources: readonly Resource[]): RuleDoubt[] {
  const first = new Map<string, { resource: Resource; rule: HostRule }>()
  const doubts: RuleDoubt[] = []
  for (const resource of resources) {
    for (const [index, rule] of resource.hosts.entries()) {
      const key = hostKey(rule)
      const other = first.get(key)
      if (other === undefined) first.set(key, { resource, rule })
      else doubts.push({ resource, path: ['hosts', index], ...contention(rule, resource, other) })
    }
  }
  return doubts
}

function contention(
  rule: HostRule,
  resource: Resource,
  other: { readonly resource: Resource; readonly rule: HostRule },
): Pick<RuleDoubt, 'number' | 'message'> {
  const found = `found "${hostKey(rule)}"`
  if (other.resource !== resource) {
    const message = `${found}, which stands in ${other.resource.file} too; expected each host in one resource`
    return { number: 'F011', message }
  }
  if (other.rule.scheme === rule.scheme)
    return { number: 'F012', message: `${found} a second time` }
  const message = `${found} with http and with https, which share one name in the zone; expected one of them`
  return { number: 'F011', message }
}

function poolDoubts(resources: readonly Resource[]): RuleDoubt[] {
  const first = new Map<string, Resource>()
  return resources.flatMap((resource): RuleDoubt[] => {
    const { pool, seats } = resource.licence
    const other = first.get(pool) ?? resource
    first.set(pool, other)
    if (other.licence.seats === seats) return []
    const message = `found ${seats ?? 'no'} seats in the pool "${pool}", which has ${other.licence.seats ?? 'no'} seats in ${other.file}; expected the same number`
    return [{ number: 'F017', resource, path: ['licence', 'seats'], message }]
  })
}
