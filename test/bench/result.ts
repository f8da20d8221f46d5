/**
 * What chapters find out, and the goals that are held against it.
 * @module
 */
import type { Row, Spread } from './measure.ts'

/** What came of a chapter. */
export interface Result {
  readonly title: string
  readonly rows: readonly Row[]
  readonly waits?: readonly Wait[]
  readonly latencies?: readonly Latency[]
  readonly memories?: readonly Memory[]
  readonly costs?: readonly Cost[]
}

/** What something costs, by itself or in proportion, as `what` says. */
export interface Cost {
  readonly what: string
  readonly cost: Spread
}

/** How long a small page takes beside big ones. */
export interface Wait {
  readonly peer: string
  readonly p50Ms: Spread
  readonly p99Ms: Spread
  readonly bigPerSecond: Spread
  /** In proportion to the first peer's in the same round. */
  readonly p50Ratio: Spread
  readonly p99Ratio: Spread
}

/** How long one reader waits who is alone. */
export interface Latency {
  readonly peer: string
  readonly sample: string
  readonly p50Us: Spread
  readonly p99Us: Spread
  /** What it adds to the origin's own time, in proportion to what the second peer adds. */
  readonly addedRatio: Spread
}

/** Memory of a peer's processes. */
export interface Memory {
  readonly peer: string
  readonly startMiB: Spread
  readonly warmMiB: Spread
  /** For each of so many connections that are kept and say nothing. */
  readonly idleKiB: Spread
  /** For each of so many readers who take a long page slowly. */
  readonly slowKiB: Spread
  /** How many of them were answered. */
  readonly slowAnswered: Spread
  /** What one more reader waits meanwhile, for a short page and a long one. */
  readonly nextSmallMs: Spread
  readonly nextBigMs: Spread
  /** Growth while 500 MB pass, at full speed and when the reader stops taking them. */
  readonly downloadMiB: Spread
  readonly stalledMiB: Spread
}

/** A figure that is to be reached. */
export interface Goal {
  readonly words: string
  readonly most: number
  readonly digits: number
  figure(result: Result): Spread | undefined
}

/** A goal and what was measured. */
export interface Verdict {
  readonly words: string
  readonly most: number
  readonly digits: number
  readonly measured: Spread
}

/** The goals for which there is a figure. */
export function verdictsOf(goals: readonly Goal[], result: Result): Verdict[] {
  return goals.flatMap((goal) => {
    const measured = goal.figure(result)
    const { words, most, digits } = goal
    return measured === undefined ? [] : [{ words, most, digits, measured }]
  })
}

/** CPU of an exchange in proportion to the first peer's. */
export function cpuGoal(words: string, most: number, peer = 'darbaza'): Goal {
  return {
    words: `CPU, ${words}`,
    most,
    digits: 2,
    // To itself it would reach any goal: then what it is to be compared with was left out.
    figure: ({ rows }) => rows.slice(1).find((row) => row.peer === peer)?.ratio,
  }
}

/** A figure of the gateway's memory. */
export function memoryGoal(
  words: string,
  most: number,
  figure: Exclude<keyof Memory, 'peer'>,
): Goal {
  return { words, most, digits: 1, figure: ({ memories }) => own(memories)?.[figure] }
}

/** A figure that has a name of its own. */
export function costGoal(words: string, most: number, what: string): Goal {
  const figure: Goal['figure'] = ({ costs }) => costs?.find((each) => each.what === what)?.cost
  return { words, most, digits: 2, figure }
}

/** The time of a small page beside big ones, in proportion to the first peer's. */
export function waitGoal(words: string, most: number, figure: 'p50Ratio' | 'p99Ratio'): Goal {
  return { words, most, digits: 3, figure: ({ waits }) => own(waits)?.[figure] }
}

function own<Found extends { readonly peer: string }>(
  all: readonly Found[] = [],
): Found | undefined {
  return all.find(({ peer }) => peer === 'darbaza')
}
