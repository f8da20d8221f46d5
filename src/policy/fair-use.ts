/**
 * Fair use: how much one reader takes of a resource, against the quota of its licence.
 *
 * Counted from what was delivered, as the bus tells it, so that an exchange costs no more than a look
 * into a map. A full text goes to the store at once, in the background; bytes of pages and pictures
 * gather until they are worth a call. So the count may be late by the answers under way, by
 * `limits.policy.gatheredBytes` for each process, and by what other processes counted in the last
 * `limits.policy.fairUseTrustMs`; a killed process forgets what it had gathered. While the store is
 * away readers are judged by what this process knows. A text that is read by ranges counts once in
 * a window, whichever part comes first and whichever process serves it.
 *
 * Source: OCLC EZproxy help, UsageLimit, whose forms watch or enforce as here.
 * @module
 */
import { hash } from 'node:crypto'

import { timeOrderedId, type Clock } from '../core/clock.ts'
import { GatewayError, isStoreAway } from '../core/errors.ts'
import type { EventBus, ExchangeEvent } from '../core/events.ts'
import type { FairUse } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import { RecentMap } from '../core/recent-map.ts'
import { formatOf } from '../core/media.ts'
import type { Resource } from '../core/resource.ts'
import { patronKey, type Patron } from '../core/types.ts'
import type { UseFormat } from '../core/use.ts'
import type { RecordStore } from '../store/contract.ts'
import type { Verdict } from './criteria.ts'

/** What the keeper needs. */
export interface FairUseParts {
  readonly records: RecordStore
  readonly clock: Clock
  readonly bus: EventBus
  /** The resource in force with this id. */
  readonly resourceOf: (id: string) => Resource | undefined
}

/** Judges readers by what they took. */
export interface FairUseKeeper {
  /** Whether the quota of a resource lets the reader go on; asks the store when it does not know. */
  judge(resource: Resource, quota: FairUse, patron: Patron): Promise<Verdict>
  /** Brings what is gathered to the store. */
  stop(): Promise<void>
}

interface Amounts {
  readonly items: number
  readonly bytes: number
}

/** What is known of one reader and resource in the window that runs. */
interface Tally {
  /** As the store told last. */
  counted: Amounts
  /** Since then, by this process. */
  gathered: Amounts
  /** When the store told it and when the window ends, in milliseconds of the steady clock. */
  toldAt: number
  endsAt: number
  /** A call that is under way. */
  asking?: Promise<void> | undefined
  /** Staff were told that the quota is used up. */
  isTold: boolean
  /** Digests of texts of which a part was delivered. */
  readonly parts: Set<string>
}

const nothing: Amounts = { items: 0, bytes: 0 }

/** Makes the keeper of a process, and begins to listen. */
export function createFairUse(parts: FairUseParts): FairUseKeeper {
  const { records, clock, bus, resourceOf } = parts
  const tallies = new RecentMap<Tally>(limits.policy.fairUseTallies)
  /** Questions under way whether a part is the first of its text. */
  const asked = new Set<Promise<void>>()

  function tallyOf(key: string): Tally {
    const known = tallies.use(key)
    const now = clock.steady()
    if (known !== undefined && now < known.endsAt) return known
    const fresh: Tally = {
      counted: nothing,
      gathered: nothing,
      toldAt: Number.NEGATIVE_INFINITY,
      endsAt: Number.POSITIVE_INFINITY,
      isTold: false,
      parts: new Set(),
    }
    tallies.set(key, fresh)
    return fresh
  }

  /** Brings what is gathered to the store and learns what all processes have counted. */
  function exchangeWithStore(key: string, tally: Tally, windowMs: number): Promise<void> {
    tally.asking ??= ask(key, tally, windowMs).finally(() => {
      tally.asking = undefined
    })
    return tally.asking
  }

  async function ask(key: string, tally: Tally, windowMs: number): Promise<void> {
    do {
      const { items, bytes } = tally.gathered
      // Counted here already, whatever becomes of the call: nobody gains by a slow or lost one.
      tally.counted = totalOf(tally)
      tally.gathered = nothing
      const askedAt = clock.steady()
      const retryMs = limits.policy.fairUseTrustMs - limits.policy.seatRetryMs
      tally.toldAt = askedAt - retryMs
      const added = new Map([['items', items] as const, ['bytes', bytes] as const])
      const { counts, leftMs } = await records.count(`fair-use:${key}`, added, windowMs)
      tally.counted = { items: counts.get('items') ?? 0, bytes: counts.get('bytes') ?? 0 }
      tally.toldAt = askedAt
      tally.endsAt = leftMs === undefined ? Number.POSITIVE_INFINITY : askedAt + leftMs
    } while (tally.gathered.items > 0)
  }

  function hear(event: ExchangeEvent): void {
    const quota = resourceOf(event.resourceId)?.licence.fairUse
    if (quota === undefined || event.patron === undefined) return
    const key = keyOf(event.resourceId, event.patron)
    const isItem = isFullText(event)
    add(event, { key, quota, items: isItem && event.status !== 206 ? 1 : 0, bytes: event.bytes })
    if (!isItem || event.status !== 206) return
    const part = countPart(event, key, quota)
    asked.add(part)
    void part.finally(() => asked.delete(part))
  }

  async function countPart(event: ExchangeEvent, key: string, quota: FairUse): Promise<void> {
    const isFirst = await isFirstPart(event, key, quota)
    if (isFirst) add(event, { key, quota, items: 1, bytes: 0 })
  }

  function add(
    event: ExchangeEvent,
    { key, quota, ...more }: Amounts & { readonly key: string; readonly quota: FairUse },
  ): void {
    const tally = tallyOf(key)
    const items = tally.gathered.items + more.items
    tally.gathered = { items, bytes: tally.gathered.bytes + more.bytes }
    tellOnce(event, quota, tally)
    if (items === 0 && tally.gathered.bytes < limits.policy.gatheredBytes) return
    exchangeWithStore(key, tally, quota.windowMs).then(
      () => tellOnce(event, quota, tally),
      (error: unknown) => {
        // What is lost is lost; a reader who goes on meets the fault where it can be told.
        if (!(error instanceof GatewayError)) throw error
      },
    )
  }

  /** Whether no part of this text was delivered to this reader in the window that runs. */
  async function isFirstPart(
    { host, path }: ExchangeEvent,
    key: string,
    { windowMs }: FairUse,
  ): Promise<boolean> {
    const tally = tallyOf(key)
    const digest = hash('sha256', host + path, 'base64url')
    if (tally.parts.has(digest)) return false
    if (tally.parts.size >= limits.policy.fairUseParts) tally.parts.clear()
    tally.parts.add(digest)
    const leftMs = Math.max(1, Math.min(windowMs, tally.endsAt - clock.steady()))
    // A store that cannot tell is no way around the quota.
    return await records.create(`fair-use-part:${key} ${digest}`, '', leftMs).catch(() => true)
  }

  function tellOnce(event: ExchangeEvent, quota: FairUse, tally: Tally): void {
    const measure = usedUp(quota, tally)
    if (measure === undefined || tally.isTold) return
    tally.isTold = true
    const at = clock.now()
    const { resourceId, reference, sessionId, patron, address, network, site, channel } = event
    bus.emit({
      kind: 'fair-use',
      id: timeOrderedId(at),
      at,
      reference,
      resourceId,
      measure,
      mode: quota.mode,
      address,
      channel,
      ...(sessionId !== undefined && { sessionId }),
      ...(patron && { patron }),
      ...(network !== undefined && { network }),
      ...(site !== undefined && { site }),
    })
  }

  bus.listen((event) => {
    if (event.kind === 'exchange') hear(event)
  })

  return {
    async judge({ id }, quota, patron) {
      if (quota.mode === 'watch') return { detail: 'a quota that is watched' }
      const key = keyOf(id, patron)
      const tally = tallyOf(key)
      try {
        const isOld = clock.steady() - tally.toldAt >= limits.policy.fairUseTrustMs
        if (isOld) await exchangeWithStore(key, tally, quota.windowMs)
      } catch (error) {
        if (!isStoreAway(error)) throw error
        return { detail: 'the store cannot tell' }
      }
      return verdictOf(quota, tally, clock)
    },
    async stop() {
      await Promise.allSettled(asked)
      const waiting = [...tallies].filter(([, { gathered }]) => gathered.bytes + gathered.items > 0)
      // The window is there already, or begins now: its length is that of the licence.
      await Promise.allSettled(
        waiting.map(async ([key, tally]) => {
          const quota = resourceOf(key.slice(0, key.indexOf(' ')))?.licence.fairUse
          await tally.asking?.catch(() => undefined)
          if (quota !== undefined) await exchangeWithStore(key, tally, quota.windowMs)
        }),
      )
    },
  }
}

/** Neither of the two has a blank in it: a slug and a digest. */
function keyOf(resourceId: string, patron: Patron): string {
  return `${resourceId} ${patronKey(patron)}`
}

function totalOf({ counted, gathered }: Tally): Amounts {
  return { items: counted.items + gathered.items, bytes: counted.bytes + gathered.bytes }
}

/** Which part of the quota is used up. */
function usedUp({ items, bytes }: FairUse, tally: Tally): 'items' | 'bytes' | undefined {
  const total = totalOf(tally)
  if (items !== undefined && total.items >= items) return 'items'
  return bytes !== undefined && total.bytes >= bytes ? 'bytes' : undefined
}

function verdictOf(quota: FairUse, tally: Tally, clock: Clock): Verdict {
  const { items, bytes } = totalOf(tally)
  const parts = [
    quota.items !== undefined && `${items} of ${quota.items} items`,
    quota.bytes !== undefined && `${Math.floor(bytes / 1e6)} of ${quota.bytes / 1e6} megabytes`,
  ]
  const detail = `${parts.filter(Boolean).join(', ')} in this ${quota.per}`
  if (usedUp(quota, tally) === undefined) return { detail }
  const leftMs = Math.min(tally.endsAt - clock.steady(), quota.windowMs)
  const waitSeconds = Math.max(1, Math.ceil(leftMs / 1000))
  const resetsAt = clock.now() + waitSeconds * 1000
  return { detail, refusal: { reason: 'quota', facts: { resetsAt, waitSeconds } } }
}

/** Files of these forms are full texts whatever a browser says that it wants them for. */
const fileForms: ReadonlySet<UseFormat> = new Set(['pdf', 'epub', 'document', 'data'])
const archive = /^application\/zip(?:;|$)/i

/**
 * Whether an exchange delivered a full text or a part of one: what usage counts as a request, a file
 * even where the request says that it is for no reader (who asks can say anything), or a download of
 * some size that says no more of itself. Several ranges at once have a type of their own (RFC 9110, 14.6).
 */
function isFullText({ status, method, contentType, bytes, use }: ExchangeEvent): boolean {
  if ((status !== 200 && status !== 206) || method === 'HEAD' || bytes === 0) return false
  if (use?.kind === 'request') return true
  if (fileForms.has(formatOf(contentType, '', '')) || archive.test(contentType)) return true
  if (status === 206 && /^multipart\/byteranges(?:;|$)/i.test(contentType)) return true
  const isDownload = /^application\/octet-stream(?:;|$)/i.test(contentType)
  return isDownload && bytes >= limits.policy.downloadBytes
}
