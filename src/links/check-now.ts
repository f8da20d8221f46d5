/**
 * "Check now": staff have one resource looked at before its time. Of all processes one looks, and not
 * again for a while, so that no publisher is asked more often than by a patient reader.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises'

import type { LinkCheckAnswer } from '../core/links.ts'
import { limits } from '../core/limits.ts'
import type { RecordStore } from '../store/contract.ts'
import type { CheckedLinks } from './check.ts'

/** What looks. */
export interface CheckNowParts {
  readonly records: Pick<RecordStore, 'create'>
  /** False: the settings say that this gateway looks at nothing. */
  readonly isOn: boolean
  /** Looks at the links of these resources, due or not, as far as they are checked at all. */
  readonly look: (
    ids: ReadonlySet<string>,
    onChecked: (checked: CheckedLinks) => void,
  ) => Promise<void>
  /** Hears of each that was looked at. */
  readonly onChecked: (checked: CheckedLinks) => void
  /** Hears of a look that failed after it was answered that it goes on. */
  readonly onTrouble: (error: unknown) => void
}

/** Makes it. It may reject with `ERR_STORE_AWAY`. */
export function createCheckNow(
  parts: CheckNowParts,
): (resourceId: string) => Promise<LinkCheckAnswer> {
  const { records, isOn, onTrouble } = parts
  const { askedMs, askedAtOnce, answeredMs } = limits.links.now
  let underWay = 0

  async function look(id: string): Promise<LinkCheckAnswer> {
    if (!(await records.create(`links:asked:${id}`, '', askedMs))) return 'busy'
    return (await lookAt(id, parts)) ? 'checked' : 'unchecked'
  }

  return async (resourceId) => {
    if (!isOn) return 'unchecked'
    if (underWay >= askedAtOnce) return 'busy'
    underWay += 1
    const looking = look(resourceId).finally(() => {
      underWay -= 1
    })
    const waiting = new AbortController()
    const first = await Promise.race([
      looking,
      pause(answeredMs, 'begun' as const, { signal: waiting.signal, ref: false }),
    ]).finally(() => waiting.abort())
    if (first === 'begun') looking.catch(onTrouble)
    return first
  }
}

/** Whether it has links that are checked. */
async function lookAt(id: string, { look, onChecked }: CheckNowParts): Promise<boolean> {
  let isChecked = false
  await look(new Set([id]), (checked) => {
    isChecked = true
    onChecked(checked)
  })
  return isChecked
}
