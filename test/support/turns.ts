/**
 * Turns: so many at once, the others in the order they came.
 * @module
 */

/** Gives turns. */
export interface Turns {
  /** Runs the work when its turn has come; settles as the work does. */
  take<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Lets `most` works run at once. */
export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async take(work) {
      if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
      else running += 1
      try {
        return await work()
      } finally {
        // The turn is handed on, so that nobody who comes now overtakes who waits.
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next()
      }
    },
  }
}
