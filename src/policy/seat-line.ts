/**
 * The queue for the seats of a licence. With several pools one waits in the queue of each, and the
 * first that has a seat ends the waiting in all.
 * @module
 */
import { isReservedFor, type SeatPool } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import type { Place } from '../core/types.ts'
import type { SeatQuestion, SeatStore, WaitAnswer } from '../store/contract.ts'

/** Who waits for what. */
export interface WaitAsk {
  readonly pools: readonly SeatPool[]
  readonly holder: string
  readonly place: Place
  /** Says only that one is still there. */
  readonly only?: 'stay'
}

/** Joins the queues, or says that one is still there. */
export async function waitIn(seats: SeatStore, ask: WaitAsk): Promise<WaitAnswer> {
  const { pools, holder, place, only } = ask
  const answers = await Promise.all(
    pools.map((each) =>
      seats.wait({
        ...questionOf(each, holder, place),
        queue: limits.policy.queue,
        ...(only && { only }),
      }),
    ),
  )
  const heldAt = answers.findIndex(({ kind }) => kind === 'held')
  const others = pools.flatMap(({ pool }, index) => (index === heldAt ? [] : [pool]))
  if (heldAt !== -1 && others.length > 0) await seats.leave(others, holder)
  return joined(answers)
}

/** The best of what the queues answer: a seat, then the place nearest to one. */
function joined(answers: readonly WaitAnswer[]): WaitAnswer {
  const held = answers.find(({ kind }) => kind === 'held')
  if (held !== undefined) return held
  const waiting = answers
    .filter((answer) => answer.kind === 'waiting')
    .toSorted((one, other) => one.place - other.place)
  const [first] = waiting
  if (first !== undefined) return { ...first, isNew: waiting.every(({ isNew }) => isNew) }
  return answers.find(({ kind }) => kind === 'crowded') ?? { kind: 'gone' }
}

/** What the store is asked about one pool. */
export function questionOf(each: SeatPool, holder: string, place: Place): SeatQuestion {
  const { pool, seats, reserved } = each
  return {
    pool,
    holder,
    seats,
    reserved: reserved?.seats ?? 0,
    isOnSite: isReservedFor(each, place),
  }
}
