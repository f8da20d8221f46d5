/**
 * The hourly look at the links that are due. What has changed is said on the bus.
 * @module
 */
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { ResourceLinks } from '../core/links.ts'
import type { Job } from './scheduler.ts'

interface Checked {
  readonly before: ResourceLinks
  readonly after: ResourceLinks
}

/** What the job needs. */
export interface LinkCheckParts {
  readonly bus: EventBus
  readonly clock: Clock
  /** Looks at the links that are due. */
  readonly check: (onChecked: (checked: Checked) => void) => Promise<void>
}

/** Checks links, each hour those that are due. */
export function linkCheckJob({ bus, clock, check }: LinkCheckParts): Job {
  return {
    name: 'link-check',
    schedule: '40 * * * *',
    run: () => check(sayChanges({ bus, clock })),
  }
}

/** Says what has changed, whoever had it looked at. */
export function sayChanges({
  bus,
  clock,
}: Pick<LinkCheckParts, 'bus' | 'clock'>): (checked: Checked) => void {
  return ({ before, after }) => {
    if (before.standing === after.standing) return
    const { resourceId, standing, links } = after
    const last = links[0]?.last
    const at = clock.now()
    const id = timeOrderedId(at)
    bus.emit({
      kind: 'link',
      id,
      at,
      reference: id,
      resourceId,
      standing,
      state: last?.state,
      status: last?.status,
      detail: last?.detail,
    })
  }
}
