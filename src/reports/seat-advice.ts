/**
 * How many seats the figures of a pool speak for. A rule that staff can check by hand, and that says
 * nothing where there is too little to go by.
 *
 * Looked at once a minute, a pool shows the share of its time in use in which no seat was free. Erlang's
 * loss formula (A. K. Erlang, 1917) ties that share to the demand behind it: readers who come
 * independently of each other. From the demand follows how many seats would have kept the share to
 * `limits.reports.seats.fullShare`. The times of day are not told apart, so a rush is not seen as one.
 * @module
 */
import { limits } from '../core/limits.ts'

/** What is known of a pool in a span. */
export interface SeatEvidence {
  readonly seats: number
  /** The number of seats was another one in some of the months. */
  readonly isChanged: boolean
  readonly peak: number
  readonly minutesAtLimit: number
  readonly minutesUsed: number
  /** Readers who waited, and who were refused for want of a seat. */
  readonly waits: number
  readonly refusals: number
  /** Months with figures of the pool. */
  readonly months: number
}

/** What the evidence supports. */
export type SeatAdvice =
  /** Too little to go by; what is missing. */
  | { readonly kind: 'unknown'; readonly why: 'months' | 'hours' | 'changed' }
  | { readonly kind: 'enough' }
  /** So many would have sufficed; `isLeast` where demand was too great to tell. */
  | { readonly kind: 'more'; readonly seats: number; readonly isLeast: boolean }
  /** So many would have sufficed for all that was observed, with one in reserve. */
  | { readonly kind: 'fewer'; readonly seats: number }

/** The advice. */
export function seatAdvice(evidence: SeatEvidence): SeatAdvice {
  const { seats, isChanged, peak, minutesAtLimit, minutesUsed, waits, refusals, months } = evidence
  const { leastMonths, leastHours, leastWaits, fewerMonths, fullShare } = limits.reports.seats
  if (isChanged) return { kind: 'unknown', why: 'changed' }
  if (months < leastMonths) return { kind: 'unknown', why: 'months' }
  if (minutesUsed < leastHours * 60) return { kind: 'unknown', why: 'hours' }
  const share = minutesAtLimit / minutesUsed
  const isMissed = waits >= leastWaits || refusals >= leastWaits
  if (isMissed && share > fullShare) return seatsFor(seats, share, fullShare)
  const isIdle = months >= fewerMonths && minutesAtLimit === 0 && waits + refusals === 0
  if (isIdle && peak + 1 < seats) return { kind: 'fewer', seats: peak + 1 }
  return { kind: 'enough' }
}

/** Not more than twice as many: beyond that the figures of a full pool tell nothing. */
function seatsFor(seats: number, share: number, fullShare: number): SeatAdvice {
  const most = seats * 2
  const load = loadBehind(seats, share)
  for (let more = seats + 1; more <= most; more++) {
    // One seat is full whenever it is used: its share says nothing, and one more is a first step.
    if (load === undefined || fullShareOf(more, load) <= fullShare) {
      return { kind: 'more', seats: more, isLeast: load === undefined }
    }
  }
  return { kind: 'more', seats: most, isLeast: true }
}

/** The load with which so many seats are full for that share; undefined where there is no telling. */
function loadBehind(seats: number, share: number): number | undefined {
  if (seats < 2) return undefined
  let low = 0
  let high = seats * 20
  if (share >= fullShareOf(seats, high)) return high
  // Halving forty times leaves nothing that matters of any interval.
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (fullShareOf(seats, middle) < share) low = middle
    else high = middle
  }
  return high
}

/**
 * Of the time in which at least one seat is used, the share in which all are. With load a and n seats
 * k are used with weight a^k / k!; computed from the back so that nothing overflows.
 */
export function fullShareOf(seats: number, load: number): number {
  let used = 1
  let weight = 1
  for (let k = seats; k > 1; k--) {
    weight *= k / load
    used += weight
  }
  return 1 / used
}
