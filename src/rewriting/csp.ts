/**
 * Content security policies, mapped rather than dropped: what a publisher's page may not do
 * directly it may not do through the gateway.
 *
 * Host sources of known hosts become those of the zone. A wildcard becomes the hosts that it means;
 * where a rule opens a whole domain, only the whole zone can stand for it, since a proxied host is
 * a single label. Reports would carry proxied URLs to third parties and are left out. A policy with
 * hashes, or one that asks for trusted types, cannot survive rewritten inline scripts and the shim:
 * it goes as a whole.
 *
 * Source: W3C Content Security Policy 3, sections 2.2, 2.3 and 6.7.
 * @module
 */
import { reservedPrefix } from '../core/pages.ts'
import type { HostMap, HostRule, Upstream } from '../core/resource.ts'

/** The page that a policy belongs to. */
export interface PolicyPage {
  readonly hosts: HostMap
  readonly upstream: Upstream
  /** Whether the shim is put into its head, and has to be let run and tell of cookies. */
  readonly hasShim?: boolean
}

interface Directive {
  /** In lower case. */
  readonly name: string
  /** As it stands between semicolons. */
  readonly text: string
  readonly sources: readonly string[]
}

/** Directives whose values are not sources; they stay as they are. */
const unsourced = new Set(['sandbox', 'trusted-types', 'plugin-types', 'require-sri-for'])
const reports = new Set(['report-uri', 'report-to'])

const hashSource = /^'sha(?:256|384|512)-/i
const nonceSource = /^'nonce-([A-Za-z0-9+/_=-]+)'$/i
const schemeSource = /^(https?|wss?):$/i
const hostSource = /^(?:(https?|wss?):\/\/)?((?:\*\.)?[a-z0-9_.-]+)(?::(\d+|\*))?(\/.*)?$/i

/** The directives that can govern a script element, the most specific first. */
const scriptDirectives = ['script-src-elem', 'script-src', 'default-src']
/** The same for what a script asks for. */
const connectDirectives = ['connect-src', 'default-src']

/** Maps a header's list of policies; undefined when none is left. */
export function mapPolicies(value: string, page: PolicyPage): string | undefined {
  const mapped = value.split(',').flatMap((policy) => mapPolicy(policy, page) ?? [])
  return mapped.length === 0 ? undefined : mapped.join(',').trim()
}

/** Maps one policy, as a meta element holds it; undefined drops it. */
export function mapPolicy(policy: string, page: PolicyPage): string | undefined {
  const directives = parse(policy)
  const isHopeless = directives.some(
    ({ name, sources }) =>
      name === 'require-trusted-types-for' || sources.some((source) => hashSource.test(source)),
  )
  if (isHopeless) return undefined
  const isZoneSecure = page.hosts.zoneOrigin.startsWith('https:')
  const governors = page.hasShim === true ? shimGovernors(directives) : []
  const kept = policy.split(';').filter((text) => {
    const name = nameOf(text)
    // It would turn the zone's own plain URLs into ones that nobody serves.
    return !reports.has(name) && (isZoneSecure || name !== 'upgrade-insecure-requests')
  })
  const texts = kept.map((text) => mapDirective(text, page, governors))
  return texts.every((text) => text.trim() === '') ? undefined : texts.join(';')
}

/** The nonce that lets a script element run under these header values, if they ask for one. */
export function scriptNonce(values: readonly string[]): string | undefined {
  const policies = values.flatMap((value) => value.split(',')).map(parse)
  const sources = policies.flatMap(
    (directives) => governing(directives, scriptDirectives)?.sources ?? [],
  )
  for (const source of sources) {
    const nonce = nonceSource.exec(source)?.[1]
    if (nonce !== undefined) return nonce
  }
  return undefined
}

function parse(policy: string): Directive[] {
  const found = new Map<string, Directive>()
  for (const text of policy.split(';')) {
    const [, ...sources] = text.trim().split(/\s+/)
    const name = nameOf(text)
    // The first of a name counts, later ones are ignored (CSP 3 section 2.2.1).
    if (name !== '' && !found.has(name)) found.set(name, { name, text, sources })
  }
  return [...found.values()]
}

function nameOf(text: string): string {
  return (/\S+/.exec(text)?.[0] ?? '').toLowerCase()
}

/** Changes the sources that have to; every other byte stays. */
function mapDirective(text: string, page: PolicyPage, governors: readonly Directive[]): string {
  if (unsourced.has(nameOf(text))) return text
  const [, start = '', sources = ''] = /^(\s*\S+)([^]*)$/.exec(text) ?? []
  const governor = governors.find((directive) => directive.text === text)
  const shim = governor && shimSource(governor, page)
  const mapped = sources.replace(/\S+/g, (source) => {
    // What admits something is no longer nothing.
    if (shim !== undefined && /^'none'$/i.test(source)) return shim
    return mapSource(source, page).join(' ')
  })
  return start + (shim === undefined || mapped.includes(shim) ? mapped : `${mapped} ${shim}`)
}

function mapSource(source: string, page: PolicyPage): readonly string[] {
  const zone = new URL(page.hosts.zoneOrigin)
  const scheme = schemeSource.exec(source)?.[1]
  if (scheme !== undefined) {
    const own = zoneScheme(scheme, zone)
    // `https:` does not admit the hosts of a plain zone.
    return own === scheme.toLowerCase() ? [source] : [source, `${own}://*.${zone.host}`]
  }
  const [, written, host = '', port, path = ''] = hostSource.exec(source) ?? []
  if (host === '') return [source]
  const origin = written === undefined ? '' : `${zoneScheme(written, zone)}://`
  const reach = written ?? page.upstream.scheme
  if (!host.startsWith('*.')) {
    const authority = port === undefined || port === '*' ? host : `${host}:${port}`
    const proxied = page.hosts.proxiedAuthority(reach, authority)
    return [proxied === undefined ? source : origin + proxied + path]
  }
  // What is below the wildcard and in no rule is loaded directly: the source stays beside the rest.
  return [...wildcardHosts(host.slice(2).toLowerCase(), page, zone)]
    .map((proxied) => origin + proxied + path)
    .concat(source)
}

/** The proxied hosts that a wildcard reaches, by the rules of the page's own resource. */
function wildcardHosts(domain: string, { hosts, upstream }: PolicyPage, zone: URL): Set<string> {
  const rules = upstream.resource.hosts.filter((rule) => isBelow(rule, domain))
  if (rules.some(({ match }) => match !== 'exact')) return new Set([`*.${zone.host}`])
  return new Set(
    rules.flatMap(({ scheme, host, port }) => {
      return hosts.proxiedAuthority(scheme, port === undefined ? host : `${host}:${port}`) ?? []
    }),
  )
}

function isBelow({ host, match }: HostRule, domain: string): boolean {
  if (host.endsWith(`.${domain}`)) return true
  return match !== 'exact' && (host === domain || domain.endsWith(`.${host}`))
}

/** The shim's path, where the policy would not let it run; undefined where it does. */
function shimSource({ sources }: Directive, { hosts, upstream }: PolicyPage): string | undefined {
  const authority = hosts.proxiedAuthority(upstream.scheme, upstream.authority)
  if (authority === undefined || sources.some((source) => /^'self'$/i.test(source)))
    return undefined
  return `${new URL(hosts.zoneOrigin).protocol}//${authority}${reservedPrefix}`
}

/** What has to let the shim run, and let it ask. */
function shimGovernors(directives: readonly Directive[]): Directive[] {
  return [scriptDirectives, connectDirectives].flatMap(
    (names) => governing(directives, names) ?? [],
  )
}

function governing(
  directives: readonly Directive[],
  names: readonly string[],
): Directive | undefined {
  return names
    .map((wanted) => directives.find(({ name }) => name === wanted))
    .find((directive) => directive !== undefined)
}

function zoneScheme(written: string, zone: URL): string {
  const base = written.toLowerCase().startsWith('ws') ? 'ws' : 'http'
  return zone.protocol === 'https:' ? `${base}s` : base
}
