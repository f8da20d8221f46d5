/**
 * EZproxy's spellings of proxied hosts, which live on in bookmarks, catalogues and courses: single
 * hyphens (`my-site-com` for my-site.com), dots (`www.jstor.org.<zone>`) and ports before the name
 * (`p8443-e-lanbook-com`).
 *
 * They are found in the host table, never undone by rule: where two hosts could be meant, none is.
 * Source: OCLC EZproxy help, "Option HttpsHyphens", "Option ProxyByHostname".
 * @module
 */
import { canonicalHost } from './codec.ts'
import type { HostEntry, HostTable } from './table.ts'

/** Finds the host that an old spelling (everything before `.<zone>`, lower case) means. */
export type LegacyFinder = (spelling: string) => HostEntry | undefined

/** Prepares the look-up of old spellings. */
export function createLegacyFinder(table: HostTable): LegacyFinder {
  const byHyphens = new Map<string, HostEntry | 'ambiguous'>()
  for (const entry of table.exact) {
    const { host, authority } = entry.upstream
    const port = authority === host ? '' : `:${entry.upstream.port}`
    addUnlessTaken(byHyphens, hyphened(host) + port, entry)
  }
  const domainByHyphens = new Map<string, { readonly host: string } | 'ambiguous'>()
  for (const domain of table.domains)
    addUnlessTaken(domainByHyphens, hyphened(domain), { host: domain })

  function findBelowDomain(spelling: string): HostEntry | undefined {
    // What stands before the domain is one label: in a longer one a hyphen could be a dot.
    const dash = spelling.indexOf('-')
    const whole = domainByHyphens.get(spelling)
    const below = domainByHyphens.get(spelling.slice(dash + 1))
    if (whole === 'ambiguous' || below === 'ambiguous') return undefined
    const apex = whole === undefined ? undefined : table.find(whole)
    if (dash < 1 || below === undefined) return apex
    const found = table.find({ host: `${spelling.slice(0, dash)}.${below.host}` })
    return apex === undefined || found === undefined ? (apex ?? found) : undefined
  }

  return function find(spelling) {
    const [, portText, rest = spelling] = /^p([1-9]\d{0,4})-(.+)$/.exec(spelling) ?? []
    const port = portText === undefined ? undefined : Number(portText)
    if (rest.includes('.')) {
      const host = canonicalHost(rest)
      return host === undefined
        ? undefined
        : table.find(port === undefined ? { host } : { host, port })
    }
    const exact = byHyphens.get(port === undefined ? rest : `${rest}:${port}`)
    if (exact === 'ambiguous') return undefined
    const below = port === undefined ? findBelowDomain(rest) : undefined
    if (exact !== undefined && below !== undefined && exact !== below) return undefined
    return exact ?? below
  }
}

function hyphened(host: string): string {
  return host.replaceAll('.', '-')
}

function addUnlessTaken<T>(map: Map<string, T | 'ambiguous'>, key: string, value: T): void {
  map.set(key, map.has(key) ? 'ambiguous' : value)
}
