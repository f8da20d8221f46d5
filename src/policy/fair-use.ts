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
import type { Resource } from '../core/resource.ts'
import { patronKey, type Patron } from '../core/types.ts'
import type { RecordStore } from '../store/contract.ts'
import type { Verdict } from './criteria.ts'
import { createTallies, totalOf, type Amounts, type Tally } from './fair-use-tallies.ts'
import { isFullText } from './full-text.ts'

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

/** Makes the keeper of a process, and begins to listen. */
export function createFairUse(parts: FairUseParts): FairUseKeeper {
  const { records, clock, bus, resourceOf } = parts
  const tallies = createTallies({ records, clock })
  /** Questions under way whether a part is the first of its text. */
  const asked = new Set<Promise<void>>()

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
    const tally = tallies.of(key)
    const items = tally.gathered.items + more.items
    tally.gathered = { items, bytes: tally.gathered.bytes + more.bytes }
    tellOnce(event, quota, tally)
    if (items === 0 && tally.gathered.bytes < limits.policy.gatheredBytes) return
    tallies.settle(key, tally, quota.windowMs).then(
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
    const tally = tallies.of(key)
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
      const tally = tallies.of(key)
      try {
        const isOld = clock.steady() - tally.toldAt >= limits.policy.fairUseTrustMs
        if (isOld) await tallies.settle(key, tally, quota.windowMs)
      } catch (error) {
        if (!isStoreAway(error)) throw error
        return { detail: 'the store cannot tell' }
      }
      return verdictOf(quota, tally, clock)
    },
    async stop() {
      await Promise.allSettled(asked)
      // The window is there already, or begins now: its length is that of the licence.
      await Promise.allSettled(
        tallies.gathered().map(async ([key, tally]) => {
          const quota = resourceOf(key.slice(0, key.indexOf(' ')))?.licence.fairUse
          await tally.asking?.catch(() => undefined)
          if (quota !== undefined) await tallies.settle(key, tally, quota.windowMs)
        }),
      )
    },
  }
}

/** Neither of the two has a blank in it: a slug and a digest. */
function keyOf(resourceId: string, patron: Patron): string {
  return `${resourceId} ${patronKey(patron)}`
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
