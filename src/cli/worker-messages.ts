/**
 * What supervisor and workers say to each other, over the channel that Node opens between them.
 * @module
 */
import cluster from 'node:cluster'

import type { Snapshot } from '../metrics/meters.ts'

/** What a supervisor asks; each question is answered once, under its number. */
export interface Question {
  readonly ask: 'metrics' | 'unready' | 'reload' | 'stop'
  readonly number: number
}

/** What a worker says. */
export type Word =
  | { readonly say: 'serving' }
  | { readonly say: 'failed'; readonly number: number; readonly lines: readonly string[] }
  | { readonly say: 'metrics'; readonly number: number; readonly snapshot: Snapshot }
  | { readonly say: 'unready'; readonly number: number; readonly reasons: readonly string[] }
  /** The version of the rule set that was read again; 0 for the files. */
  | { readonly say: 'reloaded'; readonly number: number; readonly version: number }
  | { readonly say: 'done'; readonly number: number }

/** The worker's end of the channel. */
export interface Supervision {
  /** Resolves when the word is on its way, so that a process may end after it. */
  say(word: Word): Promise<void>
  /** Hears every question, in order. */
  listen(answer: (question: Question) => void): void
}

/** The channel to the supervisor; undefined in a process that has none. */
export function supervision(): Supervision | undefined {
  if (!cluster.isWorker) return undefined
  return {
    say(word) {
      const { promise, resolve } = Promise.withResolvers<void>()
      // Nobody to tell it to: the supervisor is gone, and this process ends.
      process.send?.(word, undefined, undefined, () => {
        resolve()
      })
      return promise
    },
    listen(answer) {
      process.on('message', (message: Partial<Question>) => {
        const { ask, number } = message
        // The channel is the cluster module's as well.
        if (ask !== undefined && number !== undefined) answer({ ask, number })
      })
    },
  }
}
