/**
 * Seats: how full the pools are, who holds one, and its release by staff.
 *
 * A holder is shown under a short key that is made anew for each session of staff: it tells holders
 * apart on a page, and nobody who knows a reader's account can look for it.
 * @module
 */
import { hash } from 'node:crypto'

import type { GatewayContext } from '../core/context.ts'
import type { Language } from '../core/languages.ts'
import { limits } from '../core/limits.ts'
import type { Words } from '../locales/words.ts'
import { momentText } from '../pages/formats.ts'
import type { Pool, PoolUse } from '../policy/pools.ts'
import type { Lease } from '../store/contract.ts'
import type { HolderModel, PoolModel } from './models.ts'

/** A pool as a list shows it. */
export function poolModel(use: PoolUse, language: Language, words: Words): PoolModel {
  const { name, seats, resources, leases } = use
  const used = leases?.length
  return {
    name,
    titles: resources
      .slice(0, limits.console.titlesPerPool)
      .map(({ title }) => words.textOf(title, language)),
    seats,
    ...(used !== undefined && { used }),
    kind: used !== undefined && used >= seats ? 'wait' : 'ready',
    text:
      used === undefined
        ? words.say(language, 'staff.seats_unknown', { seats })
        : words.say(language, 'seats.used', { used, seats }),
  }
}

/** The fullest pools first; those of which nothing is known last. */
export function byFullness(one: PoolModel, other: PoolModel): number {
  return fullness(other) - fullness(one)
}

function fullness({ used = -1, seats }: PoolModel): number {
  return used / Math.max(seats, 1)
}

/** A holder as the page of a pool shows it. */
export function holderModel(lease: Lease, context: GatewayContext, timeZone: string): HolderModel {
  const { language } = context.state
  return {
    key: holderKey(lease.holder, context),
    since: momentText(lease.acquiredAt, language, timeZone),
    until: momentText(lease.endsAt, language, timeZone),
    isOnHold: lease.isOnHold,
  }
}

/** The lease that a key stands for. */
export function leaseOf(use: PoolUse, key: string, context: GatewayContext): Lease | undefined {
  return use.leases?.find(({ holder }) => holderKey(holder, context) === key)
}

/** The pool of a name. */
export function poolNamed(pools: readonly Pool[], name: string): Pool | undefined {
  return pools.find((pool) => pool.name === name)
}

function holderKey(holder: string, { state: { session } }: GatewayContext): string {
  return hash('sha256', `seat\n${session?.id ?? ''}\n${holder}`, 'hex').slice(0, 8)
}
