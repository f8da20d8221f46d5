/**
 * Long work in steps, between which readers are served: done at once by who may hold everything up,
 * or in turns with everybody else.
 * @module
 */
import { setImmediate as othersFirst } from 'node:timers/promises'

import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'

/** Work that can be left for a moment wherever it yields. */
export type Steps<Result> = Generator<undefined, Result, undefined>

/** Does the work without a pause. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** Does the work for `limits.usage.turnMs` at a time. */
export async function inTurns<Result>(
  steps: Steps<Result>,
  clock: Pick<Clock, 'steady'>,
): Promise<Result> {
  for (;;) {
    const turnEndsMs = clock.steady() + limits.usage.turnMs
    do {
      const { done, value } = steps.next()
      if (done === true) return value
    } while (clock.steady() < turnEndsMs)
    await othersFirst()
  }
}
