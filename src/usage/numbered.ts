/**
 * Texts by number: what is told apart by a text a million times is told apart by a small number.
 * @module
 */

/** Texts that each have a number, from 0 in the order in which they came. */
export class Numbered {
  /** Texts by number. */
  readonly texts: string[] = []
  readonly #numbers = new Map<string, number>()

  /** The number of a text, its own from now on. */
  numberOf(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }

  /** Likewise, of a text that need not become known. */
  knownNumberOf(text: string): number | undefined {
    return this.#numbers.get(text)
  }
}

/** Pairs of such numbers that each have a number likewise; no pair is written as a text. */
export class NumberedPairs {
  readonly pairs: (readonly [number, number])[] = []
  readonly #numbers = new Map<number, Map<number, number>>()

  numberOf(one: number, other: number): number {
    const numbers = ownOf(this.#numbers, one, () => new Map<number, number>())
    const known = numbers.get(other)
    if (known !== undefined) return known
    numbers.set(other, this.pairs.length)
    return this.pairs.push([one, other]) - 1
  }
}

/** What a key has; made where it has nothing yet. */
export function ownOf<Key, Value>(values: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = values.get(key)
  if (value === undefined) values.set(key, (value = make()))
  return value
}
