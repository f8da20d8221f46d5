/**
 * What is done with usage by itself: figures follow events within a minute or so, seats in use are
 * looked at each minute, and what is too old is forgotten each night.
 * @module
 */
import { hash } from 'node:crypto'

import type { Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { Resource } from '../core/resource.ts'
import { allPools, type Pools } from '../policy/pools.ts'
import type { UsageFigures } from '../usage/figures.ts'
import type { Job } from './scheduler.ts'

/** Counts what has changed, and forgets what is too old after having counted it. */
export function figuresJobs(figures: Pick<UsageFigures, 'refresh' | 'forgetOld'>): Job[] {
  return [
    { name: 'usage-figures', schedule: '* * * * *', run: () => figures.refresh('due') },
    { name: 'usage-forget', schedule: '30 3 * * *', run: () => figures.forgetOld() },
  ]
}

/** What the look at seats needs. */
export interface SeatLookParts {
  readonly bus: EventBus
  readonly clock: Clock
  readonly pools: Pick<Pools, 'useOf'>
  /** The resources in force. */
  readonly resources: () => Iterable<Resource>
}

const minuteMs = 60_000

/**
 * Says of each pool in use how its seats stand. A minute has one such event for each pool, whoever
 * looks and however often: its id follows from both.
 */
export function seatLookJob({ bus, clock, pools, resources }: SeatLookParts): Job {
  return {
    name: 'seat-look',
    schedule: '* * * * *',
    async run() {
      const at = Math.floor(clock.now() / minuteMs) * minuteMs
      for (const pool of allPools(resources())) {
        const { name, seats, leases = [], waiting = 0 } = await pools.useOf(pool)
        if (leases.length === 0 && waiting === 0) continue
        const id = at.toString(16).padStart(12, '0') + hash('sha256', name).slice(0, 20)
        bus.emit({
          kind: 'seats',
          id,
          at,
          reference: id,
          pool: name,
          seats,
          used: leases.length,
          waiting,
        })
      }
    },
  }
}
