/**
 * The hourly look whether a publisher is due to be asked for its own reports. What came of each that was
 * asked is said on the bus.
 * @module
 */
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { EventBus, HarvestEvent } from '../core/events.ts'
import type { Resource } from '../core/resource.ts'
import type { Job } from './scheduler.ts'

/** What the job needs. */
export interface CounterHarvestParts {
  readonly bus: EventBus
  readonly clock: Clock
  /** The resources in force. */
  readonly resources: () => Iterable<Resource>
  /** Asks those that are due. */
  readonly harvest: (
    resources: Iterable<Resource>,
  ) => Promise<readonly Pick<HarvestEvent, 'resourceId' | 'state' | 'isGood' | 'detail'>[]>
}

/** Asks publishers, each hour those that are due. */
export function counterHarvestJob({ bus, clock, resources, harvest }: CounterHarvestParts): Job {
  return {
    name: 'counter-harvest',
    schedule: '25 * * * *',
    async run() {
      for (const { resourceId, state, isGood, detail } of await harvest(resources())) {
        const at = clock.now()
        const id = timeOrderedId(at)
        bus.emit({ kind: 'harvest', id, at, reference: id, resourceId, state, isGood, detail })
      }
    },
  }
}
