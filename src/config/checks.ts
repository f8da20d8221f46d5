/**
 * What no single setting shows: contradictions between settings, and settings that are allowed but
 * dangerous.
 * @module
 */
import { getDomain } from 'tldts'

import type { DocumentPath } from '../core/documents.ts'
import { rangeOf } from '../core/ranges.ts'
import { issuerText } from '../core/types.ts'
import { isWholeInternet, wideRanges, wideWords } from '../core/wide-ranges.ts'
import { isLoopback, publicOrigin } from './addresses.ts'
import type { ConfigFindingNumber } from './findings.ts'
import { overlapDoubts } from './network-doubts.ts'
import type { ConfigInput } from './schema.ts'

/** A finding before its file and line are known. */
interface Doubt {
  readonly number: ConfigFindingNumber
  readonly path: DocumentPath
  readonly message: string
}

/** Every doubt about settings that are right one by one. */
export function doubtsAbout(input: ConfigInput): Doubt[] {
  return [
    ...nameDoubts(input),
    ...listenDoubts(input),
    ...networkDoubts(input),
    ...overlapDoubts(input.networks),
    ...proxyDoubts(input),
    ...providerDoubts(input),
    ...unitDoubts(input),
    ...sessionDoubts(input),
    ...consoleDoubts(input),
    ...requestorDoubts(input),
  ]
}

function nameDoubts({ portal, zone, listen }: ConfigInput): Doubt[] {
  const portalUrl = publicOrigin(portal.url)
  const zoneUrl = publicOrigin(zone.url)
  if (portalUrl === undefined || zoneUrl === undefined) return []
  const path = ['portal', 'url']
  const { hostname, protocol } = portalUrl
  const doubts: Doubt[] = []
  if (hostname === zoneUrl.hostname || hostname.endsWith(`.${zoneUrl.hostname}`)) {
    const message = `found "${hostname}" inside the zone "${zoneUrl.hostname}", expected it outside: names there are publishers`
    doubts.push({ number: 'C009', path, message })
  } else if (sharedDomain(hostname, zoneUrl.hostname) !== undefined) {
    const domain = sharedDomain(hostname, zoneUrl.hostname)
    const message = `shares the domain "${domain}" with zone.url, where pages of publishers can set cookies for it; expected another domain`
    doubts.push({ number: 'C010', path, message })
  }
  if (listen.tls !== undefined) {
    for (const [name, url] of Object.entries({ portal: portalUrl, zone: zoneUrl })) {
      if (url.protocol === 'https:') continue
      const message = 'found http, expected https, because listen.tls serves TLS alone'
      doubts.push({ number: 'C014', path: [name, 'url'], message })
    }
  }
  if (protocol !== zoneUrl.protocol) {
    const message = `found ${zoneUrl.protocol}//, expected ${protocol}// as in portal.url`
    doubts.push({ number: 'C014', path: ['zone', 'url'], message })
  }
  return doubts
}

/** The registrable domain of both; private suffixes such as github.io keep their tenants apart. */
function sharedDomain(left: string, right: string): string | undefined {
  const options = { allowPrivateDomains: true }
  const domain = getDomain(left, options)
  return domain !== null && domain === getDomain(right, options) ? domain : undefined
}

function listenDoubts({ listen, management }: ConfigInput): Doubt[] {
  const doubts: Doubt[] = []
  if (!isLoopback(management.address)) {
    const message = `found "${management.address}", which other machines can reach; expected 127.0.0.1, or a firewall before it`
    doubts.push({ number: 'C011', path: ['management', 'address'], message })
  }
  const isSamePort = listen.port !== 0 && listen.port === management.port
  if (isSamePort && listen.address === management.address) {
    const message = `found ${management.port}, expected another port than listen.port`
    doubts.push({ number: 'C014', path: ['management', 'port'], message })
  }
  return doubts
}

function networkDoubts({ listen, networks, upstream }: ConfigInput): Doubt[] {
  const names = networks.map(({ name }) => name)
  const doubles = names.flatMap((name, index): Doubt[] => {
    if (names.indexOf(name) === index) return []
    const message = `found ${JSON.stringify(name)}, which is the name of another network`
    return [{ number: 'C012', path: ['networks', index, 'name'], message }]
  })
  const admitting = networks.map(({ treatment, ranges }, index) =>
    treatment === 'auto-login' || treatment === 'direct'
      ? tooWide(ranges, ['networks', index, 'ranges'])
      : [],
  )
  return [
    ...doubles,
    ...admitting.flat(),
    ...tooWide(listen.trustedProxies, ['listen', 'trustedProxies']),
    ...tooWide(upstream.allow, ['upstream', 'allow']),
  ]
}

/**
 * A hop that is trusted is passed over when the client is looked for, from the right: a reader whose own
 * address is trusted may write another one before it. One proxy among readers is as usual as it is safe.
 */
function proxyDoubts({ listen, networks }: ConfigInput): Doubt[] {
  return listen.trustedProxies.flatMap((text, index): Doubt[] => {
    const trusted = rangeOf(text)
    if (trusted === undefined || trusted.low === trusted.high || isWholeInternet(text)) return []
    const isAmong = (range: string) => {
      const readers = rangeOf(range)
      return readers !== undefined && readers.low <= trusted.high && trusted.low <= readers.high
    }
    const network = networks.find(({ ranges }) => ranges.some(isAmong))
    if (network === undefined) return []
    const message = `found "${text}", which holds addresses of ${JSON.stringify(network.name)}: readers there could claim any other address; expected the proxies alone`
    return [{ number: 'C021', path: ['listen', 'trustedProxies', index], message }]
  })
}

function tooWide(ranges: readonly string[], path: DocumentPath): Doubt[] {
  return wideRanges(ranges).map((wide) => ({
    number: 'C013',
    path: [...path, wide.index],
    message: wideWords(ranges, wide),
  }))
}

/** A reader could not tell two apart, or the gateway could not tell whose an answer is. */
function providerDoubts({ identity, institution }: ConfigInput): Doubt[] {
  const marks = identity.providers.map(({ id, issuer, name = institution.name }) => ({
    id,
    issuer: issuerText(issuer),
    name: JSON.stringify(name),
  }))
  return marks.flatMap((mark, index) =>
    (['id', 'issuer', 'name'] as const).flatMap((key): Doubt[] => {
      if (marks.findIndex((other) => other[key] === mark[key]) === index) return []
      const message = `found the ${key} of another provider, expected one of its own`
      return [{ number: 'C019', path: ['identity', 'providers', index, key], message }]
    }),
  )
}

function unitDoubts({ identity: { providers, units } }: ConfigInput): Doubt[] {
  if (Object.keys(units).length === 0) return []
  return providers.flatMap(({ claims }, index) =>
    Object.entries(claims.values).flatMap(([value, meaning]): Doubt[] => {
      const unit = typeof meaning === 'string' ? undefined : meaning.unit
      if (unit === undefined || Object.hasOwn(units, unit)) return []
      const message = `found "${unit}", which has no name in identity.units`
      const path = ['identity', 'providers', index, 'claims', 'values', value, 'unit']
      return [{ number: 'C020', path, message }]
    }),
  )
}

function sessionDoubts({ identity }: ConfigInput): Doubt[] {
  const { idleMinutes, maxHours } = identity.session
  if (idleMinutes <= maxHours * 60) return []
  const message = `found ${idleMinutes} minutes, expected at most maxHours (${maxHours} hours)`
  return [{ number: 'C014', path: ['identity', 'session', 'idleMinutes'], message }]
}

function consoleDoubts({ console: staffConsole, networks, identity }: ConfigInput): Doubt[] {
  const { provider, networks: named = [] } = staffConsole ?? {}
  const known = networks.map(({ name }) => name)
  const doubts = named.flatMap((name, index): Doubt[] => {
    if (known.includes(name)) return []
    const message = `found ${JSON.stringify(name)}, which is the name of no network; expected ${known.join(', ') || 'none'}`
    return [{ number: 'C014', path: ['console', 'networks', index], message }]
  })
  const ids = identity.providers.map(({ id }) => id)
  if (provider === undefined || ids.includes(provider)) return doubts
  const message = `found ${JSON.stringify(provider)}, which is the id of no provider; expected ${ids.join(', ')}`
  return [...doubts, { number: 'C014', path: ['console', 'provider'], message }]
}

/** Who asks is told by the name: two of one name could not be told apart. */
function requestorDoubts({ counter: { requestors } }: ConfigInput): Doubt[] {
  const names = requestors.map(({ name }) => name)
  return names.flatMap((name, index): Doubt[] => {
    if (names.indexOf(name) === index) return []
    const message = `found ${JSON.stringify(name)}, which is the name of another requestor`
    return [{ number: 'C014', path: ['counter', 'requestors', index, 'name'], message }]
  })
}
