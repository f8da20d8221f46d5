/**
 * The closed table of upstream hosts: exact hosts and domain rules of every resource, found by host
 * or by label in a time that does not grow with their number.
 *
 * Whatever cannot be told apart is refused at load: a host that two resources claim, a host that no
 * label can carry, two hosts with one label, a host of the zone itself.
 * @module
 */
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { HostRule, Resource, Upstream } from '../core/resource.ts'
import { canonicalHost, decodeLabel, encodeHost, hostKey, isHashLabel } from './codec.ts'
import type { HostAndPort } from './codec.ts'

/** A host of the table with the label that stands for it. */
export interface HostEntry {
  readonly upstream: Upstream
  readonly label: string
}

/** Finds hosts; keys are those of `hostKey`. */
export interface HostTable {
  /** Without looking at domain rules that were not asked before: one or two lookups. */
  recall(key: string): HostEntry | undefined
  find(name: HostAndPort): HostEntry | undefined
  findLabel(label: string): HostEntry | undefined
  readonly exact: readonly HostEntry[]
  /** Names of domain rules without a port. */
  readonly domains: readonly string[]
}

interface DomainRule {
  readonly rule: HostRule
  readonly resource: Resource
}

/**
 * Compiles the table.
 *
 * @param zoneHost Host of the zone; neither it nor a host below it is ever an upstream.
 * @throws {GatewayError} `ERR_HOST` with the rule file.
 */
export function createHostTable(resources: readonly Resource[], zoneHost: string): HostTable {
  const isOfZone = (host: string) => host === zoneHost || host.endsWith(`.${zoneHost}`)
  const exact = new Map<string, HostEntry>()
  const domains = new Map<string, DomainRule>()
  for (const resource of resources) {
    for (const rule of resource.hosts) {
      checkRule(rule, resource, isOfZone)
      if (rule.match === 'exact') addExact(exact, rule, resource)
      else addDomain(domains, rule, resource)
    }
  }
  const byLabel = new Map([...exact.values()].map((entry) => [entry.label, entry]))
  if (byLabel.size !== exact.size) throw new GatewayError('ERR_HOST', sharedLabel(exact, byLabel))

  const met = new Map<string, HostEntry>()
  const metByHash = new Map<string, HostEntry>()

  function find(name: HostAndPort): HostEntry | undefined {
    const key = hostKey(name)
    const known = exact.get(key) ?? met.get(key)
    if (known !== undefined || domains.size === 0 || isOfZone(name.host)) return known
    const domain = domainOf(domains, name)
    if (domain !== undefined && staysDirect(name.host, domain.resource)) return undefined
    const entry = domain && entryOf(name, domain.rule, domain.resource)
    if (entry === undefined || byLabel.has(entry.label)) return undefined
    remember(met, key, entry)
    if (isHashLabel(entry.label)) remember(metByHash, entry.label, entry)
    return entry
  }

  return {
    recall: (key) => exact.get(key) ?? met.get(key),
    find,
    findLabel(label) {
      const known = byLabel.get(label) ?? metByHash.get(label)
      if (known !== undefined || domains.size === 0) return known
      const name = decodeLabel(label)
      return name && find(name)
    },
    exact: [...exact.values()],
    domains: [...domains.values()].flatMap(({ rule }) =>
      namedPort(rule) === undefined ? rule.host : [],
    ),
  }
}

/** The longest domain that the host is of; a domain's own name counts only where the rule says so. */
function domainOf(domains: ReadonlyMap<string, DomainRule>, name: HostAndPort) {
  let { host } = name
  while (host !== '') {
    const domain = domains.get(hostKey({ ...name, host }))
    const isBelow = host !== name.host
    if (domain !== undefined && (isBelow || domain.rule.match === 'domain')) return domain
    const dot = host.indexOf('.')
    host = dot < 0 ? '' : host.slice(dot + 1)
  }
  return undefined
}

/** Whether the rule whose domain covers the host leaves it to the browser. */
function staysDirect(host: string, { rewriting }: Resource): boolean {
  const direct = rewriting?.neverProxy
  if (direct === undefined) return false
  return direct.some(
    (each) =>
      (each.match !== 'subdomains' && host === each.host) ||
      (each.match !== 'exact' && host.endsWith(`.${each.host}`)),
  )
}

function checkRule(rule: HostRule, resource: Resource, isOfZone: (host: string) => boolean): void {
  const { host, port } = rule
  if (canonicalHost(host) !== host) {
    const expected = 'a host name of at least two labels, in lower case, as A-labels'
    throw new GatewayError('ERR_HOST', `"${host}" found, ${expected} expected`, place(resource))
  }
  if (isOfZone(host)) {
    const message = `"${host}" is of the gateway's own zone and cannot be a publisher's host`
    throw new GatewayError('ERR_HOST', message, place(resource))
  }
  if (encodeHost(nameOf(host, rule)) === undefined) {
    const message = `port ${port} of "${host}" found, the default or one from 1 to 65535 expected`
    const hint = '; 80 belongs to http alone, 443 to https alone'
    throw new GatewayError('ERR_HOST', message + hint, place(resource))
  }
}

function addExact(exact: Map<string, HostEntry>, rule: HostRule, resource: Resource): void {
  const name = nameOf(rule.host, rule)
  const entry = entryOf(name, rule, resource)
  const other = exact.get(hostKey(name))?.upstream
  if (other !== undefined) refuseSecond(other, rule, resource)
  if (entry !== undefined) exact.set(hostKey(name), entry)
}

function addDomain(domains: Map<string, DomainRule>, rule: HostRule, resource: Resource): void {
  const key = hostKey(nameOf(rule.host, rule))
  const other = domains.get(key)
  if (other !== undefined) {
    refuseSecond({ scheme: other.rule.scheme, resource: other.resource }, rule, resource)
    if (other.rule.match === 'domain') return
  }
  domains.set(key, { rule, resource })
}

/** A host named twice in one rule file is harmless; in two, nobody could say whose licence counts. */
function refuseSecond(
  other: Pick<Upstream, 'scheme' | 'resource'>,
  rule: HostRule,
  resource: Resource,
): void {
  if (other.resource === resource && other.scheme === rule.scheme) return
  const message = `"${rule.host}" is claimed by "${other.resource.id}" (${other.scheme}) and by`
  throw new GatewayError(
    'ERR_HOST',
    `${message} "${resource.id}" (${rule.scheme}), one of them expected`,
    place(resource),
  )
}

function entryOf(name: HostAndPort, rule: HostRule, resource: Resource): HostEntry | undefined {
  const label = encodeHost(name)
  if (label === undefined) return undefined
  const { scheme } = rule
  const authority = hostKey(name)
  const port = name.port ?? (scheme === 'https' ? 443 : 80)
  const origin = `${scheme}://${authority}`
  return { label, upstream: { scheme, host: name.host, port, authority, origin, resource } }
}

function nameOf(host: string, rule: HostRule): HostAndPort {
  const port = namedPort(rule)
  return port === undefined ? { host } : { host, port }
}

function namedPort({ scheme, port }: HostRule): number | undefined {
  return port === (scheme === 'https' ? 443 : 80) ? undefined : port
}

/** Sets, and forgets what was set first when the bound is passed. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value)
  if (map.size <= limits.hosts.domainHosts) return
  const first = map.keys().next()
  if (first.done !== true) map.delete(first.value)
}

function sharedLabel(
  exact: ReadonlyMap<string, HostEntry>,
  byLabel: ReadonlyMap<string, HostEntry>,
): string {
  const shared = [...exact.values()].find((entry) => byLabel.get(entry.label) !== entry)
  return `label "${shared?.label}" stands for two hosts, one of them "${shared?.upstream.authority}"`
}

function place(resource: Resource): { at: string } {
  return { at: resource.file }
}
