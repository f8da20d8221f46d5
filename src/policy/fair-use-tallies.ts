/**
 * What readers took in the windows that run: as the store told last of all processes, and what this one
 * has gathered since.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import { RecentMap } from '../core/recent-map.ts'
import type { RecordStore } from '../store/contract.ts'

/** What was taken. */
export interface Amounts {
  readonly items: number
  readonly bytes: number
}

/** What is known of one reader and resource in the window that runs. */
export interface Tally {
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

/** The tallies of a process, each under a key of reader and resource. */
export interface Tallies {
  /** That of the window that runs; a fresh one when nothing is known. */
  of(key: string): Tally
  /**
   * Brings what is gathered to the store and learns what all processes have counted; a call that is under
   * way does for all who ask meanwhile. Rejects with `ERR_STORE_AWAY`.
   */
  settle(key: string, tally: Tally, windowMs: number): Promise<void>
  /** Those with something that the store does not know. */
  gathered(): (readonly [key: string, tally: Tally])[]
}

const nothing: Amounts = { items: 0, bytes: 0 }

/** Makes an empty memory of tallies. */
export function createTallies({
  records,
  clock,
}: {
  readonly records: Pick<RecordStore, 'count'>
  readonly clock: Clock
}): Tallies {
  const tallies = new RecentMap<Tally>(limits.policy.fairUseTallies)

  function of(key: string): Tally {
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

  function settle(key: string, tally: Tally, windowMs: number): Promise<void> {
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

  return {
    of,
    settle,
    gathered: () => [...tallies].filter(([, { gathered }]) => gathered.bytes + gathered.items > 0),
  }
}

/** All that was taken in the window, as far as this process knows. */
export function totalOf({ counted, gathered }: Tally): Amounts {
  return { items: counted.items + gathered.items, bytes: counted.bytes + gathered.bytes }
}
