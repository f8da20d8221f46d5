/**
 * The morning look at licences: which of them begin, end soon, have ended, or must be renewed. What is
 * found is said on the bus, each day anew, until somebody has acted.
 * @module
 */
import { dayIn } from '../core/calendar.ts'
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { Resource } from '../core/resource.ts'
import { deadlinesOf } from '../policy/deadlines.ts'
import type { Job } from './scheduler.ts'

/** What the job needs. */
export interface LicenceNoticesParts {
  readonly bus: EventBus
  readonly clock: Clock
  readonly timeZone: string
  /** The resources in force. */
  readonly resources: () => Iterable<Resource>
}

/** Tells of every open resource's licence, each morning at seven. */
export function licenceNoticesJob({ bus, clock, timeZone, resources }: LicenceNoticesParts): Job {
  return {
    name: 'licence-notices',
    schedule: '0 7 * * *',
    run() {
      const at = clock.now()
      const todayOn = dayIn(timeZone, at)
      for (const { id: resourceId, isOpen, licence } of resources()) {
        for (const { state, on } of isOpen ? deadlinesOf(licence, todayOn) : []) {
          const id = timeOrderedId(at)
          bus.emit({ kind: 'licence', id, at, reference: id, resourceId, state, on })
        }
      }
      return Promise.resolve()
    },
  }
}
