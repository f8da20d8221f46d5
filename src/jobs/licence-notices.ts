/**
 * The morning look at licences: which of them have ended, end soon, or must be renewed soon. What is
 * found is said on the bus, each day anew, until somebody has acted.
 * @module
 */
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { EventBus, LicenceEvent } from '../core/events.ts'
import type { LicenceTerms } from '../core/licence.ts'
import type { Resource } from '../core/resource.ts'
import { dayIn, daysAfter } from '../resources/days.ts'
import type { Job } from './scheduler.ts'

/** A day that somebody must know of. */
export type LicenceNotice = Pick<LicenceEvent, 'state' | 'on'>

/** What a licence calls for on a day; a closed or unlimited one for nothing. */
export function licenceNotices(
  { untilOn, graceDays, contract }: LicenceTerms,
  todayOn: string,
): LicenceNotice[] {
  const { noticeOn, noticeDays = usualNoticeDays } = contract ?? {}
  const soonOn = daysAfter(todayOn, noticeDays)
  const notices: LicenceNotice[] = []
  if (noticeOn !== undefined && noticeOn >= todayOn && noticeOn <= soonOn) {
    notices.push({ state: 'notice', on: noticeOn })
  }
  if (untilOn === undefined || untilOn > soonOn) return notices
  const lastOn = daysAfter(untilOn, graceDays)
  const state = todayOn <= untilOn ? 'ends' : todayOn <= lastOn ? 'in-grace' : 'ended'
  return [...notices, { state, on: untilOn }]
}

/** A licence without a contract in its rule is told of so many days before its end. */
const usualNoticeDays = 60

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
        for (const notice of isOpen ? licenceNotices(licence, todayOn) : []) {
          const id = timeOrderedId(at)
          bus.emit({ kind: 'licence', id, at, reference: id, resourceId, ...notice })
        }
      }
      return Promise.resolve()
    },
  }
}
