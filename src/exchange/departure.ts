/**
 * The reader's leaving, as the steps of one exchange hear of it: one step at a time is under way,
 * and it alone has something to give up. An AbortSignal does the same for ten times the price, which
 * counts where every request has one.
 * @module
 */

/** Whether a reader has left. */
export class Departure {
  #hasLeft = false
  #act: (() => void) | undefined

  get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** Says what to do when the reader leaves, instead of what was said before; at once if gone. */
  watch(act: (() => void) | undefined): void {
    this.#act = act
    if (this.#hasLeft) act?.()
  }

  /** The reader has left; heard once. */
  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#act?.()
  }
}
