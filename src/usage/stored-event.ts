/**
 * Events as they are kept: the person as a pseudonym, the address cut to its network, the page's own
 * address without its query.
 * @module
 */
import { truncatedAddress } from '../core/address.ts'
import type { Asker, ExchangeEvent, GatewayEvent } from '../core/events.ts'
import { addressIssuer, type Patron } from '../core/types.ts'
import type { StoredEvent } from '../store/contract.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** Turns events into what is kept of them. */
export type EventKeeping = (event: GatewayEvent) => StoredEvent

/**
 * Keeps of an event the person as a pseudonym and the address cut to its network; no display name,
 * issuer or subject, no session id that a log would also show, no query.
 */
export function createEventKeeping(pseudonyms: Pseudonyms): EventKeeping {
  /** Who asked as kept, and what of: a reader's hundred exchanges tell the same. */
  const askersLately = new WeakMap<Patron, KnownAsker>()

  function askerText(asker: Partial<Asker> & Pick<GatewayEvent, 'kind'>, period: string): string {
    const { patron } = asker
    const known = patron && askersLately.get(patron)
    if (known?.period === period && isSame(known.asker, asker)) return known.text
    const text = JSON.stringify(askerFacts(asker, period, pseudonyms))
    if (patron !== undefined) askersLately.set(patron, { period, asker, text })
    return text
  }

  return (event) => {
    const { id, at } = event
    const period = pseudonyms.periodOf(at)
    const facts = JSON.stringify(
      event.kind === 'exchange'
        ? exchangeFacts(event, period, pseudonyms)
        : { ...event, ...hidden, url: urlMark(urlOf(event), period, pseudonyms) },
    )
    // Who of the staff did what stands in the audit log; here it would tell whose reading is theirs.
    const asker = event.kind === 'staff' ? '{}' : askerText(event, period)
    // Both are objects, the second perhaps an empty one.
    return { id, at, body: asker === '{}' ? facts : `${facts.slice(0, -1)},${asker.slice(1)}` }
  }
}

/** Next to all events are of this kind: named one by one, its fields cost a tenth. */
function exchangeFacts(event: ExchangeEvent, period: string, pseudonyms: Pseudonyms) {
  const { kind, reference, resourceId, method, host, path, status, contentType } = event
  const { bytes, durationMs, isComplete, userAgent, isWebSocket, isPrefetch, isMining, use } = event
  const told = { kind, reference, resourceId, method, host, path, status, contentType }
  // What a page is made of is not told apart by its query; without one, host and path tell it all.
  const url = use && urlMark(event.url, period, pseudonyms)
  return {
    ...told,
    bytes,
    durationMs,
    isComplete,
    userAgent,
    isWebSocket,
    isPrefetch,
    isMining,
    use,
    url,
  }
}

function urlOf(event: GatewayEvent): string | undefined {
  return 'url' in event ? event.url : undefined
}

function urlMark(url: string | undefined, period: string, pseudonyms: Pseudonyms) {
  return url === undefined ? undefined : pseudonyms.url(url, period)
}

/** JSON leaves out what is undefined. */
const hidden = {
  id: undefined,
  at: undefined,
  address: undefined,
  patron: undefined,
  sessionId: undefined,
  network: undefined,
  site: undefined,
  channel: undefined,
}

interface KnownAsker {
  readonly period: string
  readonly asker: Partial<Asker>
  readonly text: string
}

/** Of the same person. */
function isSame(one: Partial<Asker>, other: Partial<Asker>): boolean {
  return (
    one.sessionId === other.sessionId &&
    one.address === other.address &&
    one.network === other.network &&
    one.site === other.site &&
    one.channel === other.channel
  )
}

function askerFacts(asker: Partial<Asker>, period: string, pseudonyms: Pseudonyms) {
  const { address, network, site, channel, patron, sessionId } = asker
  // Who is admitted by an address is nobody in particular: many readers sit at one computer.
  const isPerson = patron !== undefined && patron.issuer !== addressIssuer
  return {
    network,
    site,
    channel,
    network24: address === undefined ? undefined : truncatedAddress(address),
    session: sessionId === undefined ? undefined : pseudonyms.session(sessionId, period),
    person: isPerson ? pseudonyms.person(patron, period) : undefined,
    categories: patron?.categories,
    unit: patron?.unit,
  }
}
