/**
 * A map that remembers what was put into it, or used, last: at most so many entries, and at least the
 * latest half of them.
 *
 * There are two generations: when the younger one is full, it becomes the older, and what was the older is
 * forgotten as a whole. To take out the oldest entry of one map each time costs far more, since V8 keeps
 * the places of entries that were taken out, and walks over them to the oldest one: with 10,000 entries
 * seven times as much.
 * @module
 */

/** A bounded map. */
export class RecentMap<Value extends object> {
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  readonly #youngMost: number

  /** @param most How many are remembered at most. */
  constructor(most: number) {
    this.#youngMost = Math.ceil(most / 2)
  }

  /** Reading keeps nothing longer. */
  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  /** Reads an entry and keeps it as if it were put in again. */
  use(key: string): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  /** Puts an entry in, or in again. */
  set(key: string, value: Value): void {
    if (this.#young.size >= this.#youngMost && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  *[Symbol.iterator](): Generator<readonly [key: string, value: Value]> {
    for (const entry of this.#old) if (!this.#young.has(entry[0])) yield entry
    yield* this.#young
  }
}
