/**
 * The next place of a mark in a text that is read forwards. It is looked for once and again only
 * when it has been passed: engines find one mark sixteen characters at a time, and a dozen such
 * searches cost less than looking at each character.
 * @module
 */
import type { Window } from './scanner.ts'

/** Behind the end of every text, and a small integer to the engine. */
const nowhere = 2 ** 30 - 1

/** Finds one mark. */
export class NextPlace {
  readonly #mark: string
  /** The window that was searched: comparing texts would read them whole. */
  #window: Window | undefined
  /** No mark stands in `[from, at)`. */
  #from = 0
  #at = -1

  constructor(mark: string) {
    this.#mark = mark
  }

  /** Index of the first mark from `from` on; behind the end of the text when there is none. */
  after(window: Window, from: number): number {
    if (from <= this.#at && from >= this.#from && window === this.#window) return this.#at
    const at = window.text.indexOf(this.#mark, from)
    this.#window = window
    this.#from = from
    this.#at = at === -1 ? nowhere : at
    return this.#at
  }
}
