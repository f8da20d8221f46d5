/**
 * Events as they are kept: the person as a pseudonym, the address cut to its network.
 * @module
 */
import { createHmac } from 'node:crypto'

import { truncatedAddress } from '../core/address.ts'
import type { Asker, ExchangeEvent, GatewayEvent } from '../core/events.ts'
import { limits } from '../core/limits.ts'
import type { Patron } from '../core/types.ts'
import type { StoredEvent } from '../store/contract.ts'

/**
 * An event as it is kept: the person as a pseudonym, the address cut to its network, no display
 * name, issuer or subject, no session id that a log would also show.
 */
export function storedEventOf(event: GatewayEvent, pseudonymKey: string): StoredEvent {
  const { id, at } = event
  const facts = JSON.stringify(
    event.kind === 'exchange' ? exchangeFacts(event) : { ...event, ...hidden },
  )
  // Both are objects, the second perhaps an empty one.
  const asker = askerText(event, pseudonymKey)
  return { id, at, body: asker === '{}' ? facts : `${facts.slice(0, -1)},${asker.slice(1)}` }
}

/** Next to all events are of this kind: named one by one, its fields cost a tenth. */
function exchangeFacts(event: ExchangeEvent) {
  const { kind, reference, resourceId, method, host, path, status, contentType } = event
  const { bytes, durationMs, isComplete, userAgent, isWebSocket, isPrefetch, use } = event
  const told = { kind, reference, resourceId, method, host, path, status, contentType }
  return { ...told, bytes, durationMs, isComplete, userAgent, isWebSocket, isPrefetch, use }
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

/** Who asked as kept, and what of: a reader's hundred exchanges tell the same. */
interface KnownAsker {
  readonly key: string
  readonly asker: Partial<Asker>
  readonly text: string
}

const askersLately = new WeakMap<Patron, KnownAsker>()

function askerText(asker: Partial<Asker> & Pick<GatewayEvent, 'kind'>, key: string): string {
  const { patron } = asker
  const known = patron && askersLately.get(patron)
  if (known?.key === key && isSame(known.asker, asker)) return known.text
  const text = JSON.stringify(askerFacts(asker, key))
  if (patron !== undefined) askersLately.set(patron, { key, asker, text })
  return text
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

function askerFacts(asker: Partial<Asker>, key: string) {
  const { address, network, site, channel, patron, sessionId } = asker
  return {
    network,
    site,
    channel,
    network24: address === undefined ? undefined : truncatedAddress(address),
    session: sessionId === undefined ? undefined : pseudonymOf(sessionId, key),
    person: patron && pseudonymOf(`${patron.issuer}\n${patron.subject}`, key),
    categories: patron?.categories,
    unit: patron?.unit,
  }
}

/** Pseudonyms made lately, by key and text: a reader's hundred exchanges have the same two. */
const madeLately = new Map<string, string>()

function pseudonymOf(text: string, key: string): string {
  const mark = `${key}\n${text}`
  const known = madeLately.get(mark)
  if (known !== undefined) return known
  const made = createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)
  if (madeLately.size >= limits.usage.pseudonyms) madeLately.clear()
  madeLately.set(mark, made)
  return made
}
