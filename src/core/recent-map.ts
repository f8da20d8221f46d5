/**
 * A map that remembers what was put into it last: at least so many entries, and at most twice as many.
 *
 * There are two generations: when the younger one is full, it becomes the older, and what was the older is
 * forgotten as a whole. To take out the oldest entry of one map each time costs far more, since V8 keeps
 * the places of entries that were taken out, and walks over them to the oldest one.
 * @module
 */

/** A bounded map. */
export class RecentMap<Value> {
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  readonly #entries: number

  /** @param entries How many are remembered at least. */
  constructor(entries: number) {
    this.#entries = entries
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key)
  }

  /** Reading keeps nothing longer. */
  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  /** Puts an entry in, or in again. */
  set(key: string, value: Value): void {
    if (this.#young.size >= this.#entries && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
