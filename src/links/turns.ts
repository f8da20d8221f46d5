/**
 * Turns at publishers' hosts: one question at a time to each, some time apart, whoever asks.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises'

import type { Clock } from '../core/clock.ts'

/** Gives a turn back. */
export type EndTurn = () => void

/** Turns at hosts. */
export class HostTurns {
  readonly #clock: Clock
  readonly #pauseMs: number
  /** By host: resolves when the last who asked for a turn has given it back. */
  readonly #last = new Map<string, Promise<number>>()

  constructor(clock: Clock, pauseMs: number) {
    this.#clock = clock
    this.#pauseMs = pauseMs
  }

  /** Resolves when it is the asker's turn; rejects when the signal is aborted meanwhile. */
  async take(host: string, signal: AbortSignal): Promise<EndTurn> {
    const before = this.#last.get(host)
    const { promise, resolve } = Promise.withResolvers<number>()
    this.#last.set(host, promise)
    const end = () => resolve(this.#clock.steady())
    try {
      const endedAt = await before
      const leftMs = endedAt === undefined ? 0 : endedAt + this.#pauseMs - this.#clock.steady()
      if (leftMs > 0) await pause(leftMs, undefined, { signal })
      signal.throwIfAborted()
    } catch (error) {
      end()
      throw error
    }
    return end
  }
}
