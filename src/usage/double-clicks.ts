/**
 * Double clicks: of the same address asked for by the same reader within 30 seconds only the last
 * counts, and in a chain each stands against the next alone. Source: COUNTER 5.1, section 7.2; that
 * exactly 30 seconds are one action follows from its "maximum of 30 seconds".
 *
 * So whether something counts is known from what comes after it, never from what came before.
 * @module
 */
import { limits } from '../core/limits.ts'

/** Takes what was done, in order of time, and tells what of it counts. */
export class DoubleClicks<Act extends { readonly at: number }> {
  readonly #last = new Map<string, Act>()
  readonly #counted: Act[] = []
  /** How many were left out, of those before an instant. */
  readonly #leftOut: number[] = []

  /** `key`: who asked for what. */
  add(key: string, act: Act): void {
    const before = this.#last.get(key)
    this.#last.set(key, act)
    if (before === undefined) return
    if (act.at - before.at <= limits.usage.doubleClickMs) this.#leftOut.push(before.at)
    else this.#counted.push(before)
  }

  /** What counts of the time before an instant, in order, and how many were left out of it. */
  before(endAt: number): { readonly counted: readonly Act[]; readonly leftOut: number } {
    const counted = [...this.#counted, ...this.#last.values()]
    return {
      counted: counted.filter(({ at }) => at < endAt).toSorted((one, other) => one.at - other.at),
      leftOut: this.#leftOut.filter((at) => at < endAt).length,
    }
  }
}
