/**
 * What came of a job, said on the bus.
 * @module
 */
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { JobOutcome } from './scheduler.ts'

/** Says of each job that was run whether it is done. */
export function sayOutcomes(bus: EventBus, clock: Clock): (outcome: JobOutcome) => void {
  return ({ name, error }) => {
    const at = clock.now()
    const id = timeOrderedId(at)
    const outcome = error === undefined ? 'done' : 'failed'
    bus.emit({ kind: 'job', id, at, reference: id, name, outcome, cause: error })
  }
}
