/**
 * Which addresses of a resource are checked, and what is expected at each.
 * @module
 */
import { hash } from 'node:crypto'

import type { LinkedResource, LinkKind, LinkProbe } from '../core/links.ts'

/** An address to be checked. */
export interface LinkAddress {
  readonly kind: LinkKind
  readonly url: string
  /** Changes when staff have changed the address or what is expected there. */
  readonly source: string
  readonly probe?: LinkProbe
}

/**
 * The addresses of a resource, each once: the starting point, those of its `check:`, the probe. None
 * where the rule says that no program may visit.
 */
export function addressesOf({ startUrl, check }: LinkedResource): readonly LinkAddress[] {
  const { isOn = true, entries = [], probe } = check ?? {}
  if (!isOn) return []
  const kinds = new Map<string, LinkKind>([[startUrl, 'start']])
  for (const url of entries) if (!kinds.has(url)) kinds.set(url, 'entry')
  if (probe !== undefined && !kinds.has(probe.url)) kinds.set(probe.url, 'probe')
  return [...kinds].map(([url, kind]) => {
    const expected = probe?.url === url ? probe : undefined
    const source = hash('sha256', JSON.stringify([url, expected?.written]), 'base64url')
    return { kind, url, source: source.slice(0, 12), ...(expected && { probe: expected }) }
  })
}

/** Origin and path: a query, or a parameter in the path, may carry what is nobody else's business. */
export function shownAddress(url: URL): string {
  return `${url.origin}${url.pathname.replace(/;[^/]*/g, '')}`
}
