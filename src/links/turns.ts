/**
 * Turns at publishers' hosts: one question at a time to each, some time apart, whoever asks.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises'

import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'

/** Gives a turn back. */
export type EndTurn = () => void

/** The last turn at a host that anybody has asked for. */
interface Turn {
  /** Resolves when it has been given back. */
  readonly ended: Promise<void>
  /** By the steady clock; unset as long as somebody has it or waits for it. */
  endedAt?: number
}

/** Turns at hosts. */
export class HostTurns {
  readonly #clock: Clock
  readonly #pauseMs: number
  readonly #last = new Map<string, Turn>()

  constructor(clock: Clock, pauseMs: number) {
    this.#clock = clock
    this.#pauseMs = pauseMs
  }

  /** Resolves when it is the asker's turn; rejects when the signal is aborted meanwhile. */
  async take(host: string, signal: AbortSignal): Promise<EndTurn> {
    const before = this.#last.get(host)
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const turn: Turn = { ended }
    this.#forgetOld()
    this.#last.set(host, turn)
    const end = (): void => {
      turn.endedAt = this.#clock.steady()
      resolve()
    }
    try {
      await before?.ended
      const leftMs = this.#leftMs(before)
      if (leftMs > 0) await pause(leftMs, undefined, { signal })
      signal.throwIfAborted()
    } catch (error) {
      end()
      throw error
    }
    return end
  }

  #leftMs(before: Turn | undefined): number {
    if (before?.endedAt === undefined) return 0
    return before.endedAt + this.#pauseMs - this.#clock.steady()
  }

  /** A rule for a whole domain lets a publisher lead to ever new hosts. */
  #forgetOld(): void {
    if (this.#last.size < limits.links.turns) return
    for (const [host, turn] of this.#last) {
      if (turn.endedAt !== undefined && this.#leftMs(turn) <= 0) this.#last.delete(host)
    }
  }
}
