/**
 * What no single rule file shows: rules that contradict each other or the gateway's own settings.
 * @module
 */
import { shownPath } from '../core/findings.ts'
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
  return [
    ...idDoubts(resources),
    ...hostDoubts(resources),
    ...readerDoubts(resources),
    ...poolDoubts(resources),
    ...idlePoolDoubts(resources),
  ]
}

function idDoubts(resources: readonly Resource[]): RuleDoubt[] {
  const first = new Map<string, Resource>()
  return resources.flatMap((resource): RuleDoubt[] => {
    const other = first.get(resource.id)
    if (other === undefined) {
      first.set(resource.id, resource)
      return []
    }
    const message = `has the id "${resource.id}", which is that of ${shownPath(other.file)}`
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
    const message = `${found}, which stands in ${shownPath(other.resource.file)} too; expected each host in one resource`
    return { number: 'F011', message }
  }
  if (other.rule.scheme === rule.scheme)
    return { number: 'F012', message: `${found} a second time` }
  const message = `${found} with http and with https, which share one name in the zone; expected one of them`
  return { number: 'F011', message }
}

/** A host is served under the narrower rule: readers of the wider one may find it closed, or open. */
function readerDoubts(resources: readonly Resource[]): RuleDoubt[] {
  const domains = new Map<string, Resource>()
  for (const resource of resources) {
    for (const { host, match } of resource.hosts) if (match !== 'exact') domains.set(host, resource)
  }
  return resources.flatMap((resource) =>
    resource.hosts.flatMap(({ host }, index): RuleDoubt[] => {
      const wider = nearestDomain(host, domains)
      if (wider === undefined || readersOf(wider.resource) === readersOf(resource)) return []
      const message = `found "${host}", which is below "${wider.domain}" of ${shownPath(wider.resource.file)} but is for other readers; expected the same, or a look at both`
      return [{ number: 'F039', resource, path: ['hosts', index], message }]
    }),
  )
}

function nearestDomain(
  host: string,
  domains: ReadonlyMap<string, Resource>,
): { readonly domain: string; readonly resource: Resource } | undefined {
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const domain = host.slice(dot + 1)
    const resource = domains.get(domain)
    if (resource !== undefined) return { domain, resource }
  }
  return undefined
}

/** Who may read, and where, as text that is the same for the same terms. */
function readersOf({ licence }: Resource): string {
  const { categories, groups, units = [], remote, sites, networks = [] } = licence
  const lists = [categories, groups, units, sites, networks].map((list) => list.toSorted())
  return JSON.stringify([remote, ...lists])
}

/** Every resource counts a pool's seats alike, whether it is its own or one more. */
function poolDoubts(resources: readonly Resource[]): RuleDoubt[] {
  const first = new Map<string, { readonly resource: Resource; readonly count: string }>()
  return resources.flatMap((resource) =>
    countsOf(resource).flatMap(({ pool, count, path }): RuleDoubt[] => {
      const other = first.get(pool) ?? { resource, count }
      first.set(pool, other)
      if (other.count === count) return []
      const message = `found ${count} in the pool "${pool}", which has ${other.count} in ${shownPath(other.resource.file)}; expected the same number`
      return [{ number: 'F017', resource, path: ['licence', ...path], message }]
    }),
  )
}

function countsOf({ licence }: Resource) {
  const { seats, pool, reserved, morePools = [] } = licence
  const kept = reserved === undefined ? '' : `, ${reserved.seats} of them reserved`
  const own = { pool, count: `${seats ?? 'no'} seats${kept}`, path: ['seats'] as PropertyKey[] }
  const more = morePools.map((each, index) => ({
    pool: each.pool,
    count: `${each.seats} seats`,
    path: ['morePools', index, 'seats'] as PropertyKey[],
  }))
  return [own, ...more]
}

/** Seats that are bought for several resources, none of which is served. */
function idlePoolDoubts(resources: readonly Resource[]): RuleDoubt[] {
  const pools = Map.groupBy(resources, ({ licence }) => licence.pool)
  return [...pools].flatMap(([pool, members]): RuleDoubt[] => {
    const [resource] = members
    const isIdle = members.every(({ isOpen }) => !isOpen)
    if (!isIdle || resource === undefined || pool === resource.id) return []
    const message = `found the pool "${pool}", all of whose resources are closed; nobody can take its seats`
    return [{ number: 'F037', resource, path: ['licence', 'pool'], message }]
  })
}
