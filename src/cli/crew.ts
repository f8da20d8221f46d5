/**
 * The workers of a supervisor: hired, asked, dismissed.
 * @module
 */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'

import { limits } from '../core/limits.ts'
import type { Question, Word } from './worker-messages.ts'

/** How a worker ended. */
export interface Ending {
  readonly worker: Worker
  readonly code: number | null
  readonly signal: string | null
}

/** Workers that serve now, and those that will. */
export class Crew {
  readonly #serving = new Set<Worker>()
  /** Who waits for an answer, by the number of the question. */
  readonly #asked = new Map<number, (word: Word) => void>()
  #questions = 0

  /** Workers that serve readers. */
  get serving(): readonly Worker[] {
    return [...this.#serving]
  }

  /** Starts a worker, tells when it serves, and resolves when it has ended. */
  async employ(onServing: () => void): Promise<Ending> {
    const worker = cluster.fork()
    worker.on('message', (word: Word) => {
      if (word.say !== 'serving') {
        this.#asked.get(word.number)?.(word)
        return
      }
      this.#serving.add(worker)
      onServing()
    })
    const { promise, resolve } = Promise.withResolvers<Ending>()
    worker.once('exit', (code, signal) => {
      this.#serving.delete(worker)
      resolve({ worker, code, signal })
    })
    return await promise
  }

  /** The answers of those that serve; who does not answer in time, or has ended since, is left out. */
  async askAll(ask: Question['ask']): Promise<ReadonlyMap<Worker, Word>> {
    const said = await Promise.all(
      this.serving.map(async (worker) => [worker, await this.#ask(worker, ask)] as const),
    )
    const isThere = (worker: Worker) => this.#serving.has(worker)
    return new Map(
      said.flatMap(([worker, word]) =>
        word !== undefined && isThere(worker) ? [[worker, word] as const] : [],
      ),
    )
  }

  /** Lets every worker end its exchanges, and ends the one that does not. */
  async dismiss(): Promise<void> {
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    await Promise.all(
      workers.map(async (worker) => {
        if (worker.isDead()) return
        const ended = once(worker, 'exit')
        const timer = setTimeout(() => worker.process.kill('SIGKILL'), limits.workers.stopMs)
        this.#send(worker, { ask: 'stop', number: (this.#questions += 1) })
        await ended
        clearTimeout(timer)
      }),
    )
  }

  #ask(worker: Worker, ask: Question['ask']): Promise<Word | undefined> {
    const { promise, resolve } = Promise.withResolvers<Word | undefined>()
    const number = (this.#questions += 1)
    const settle = (word?: Word) => {
      clearTimeout(timer)
      this.#asked.delete(number)
      worker.off('exit', onExit)
      resolve(word)
    }
    const onExit = () => settle()
    const timer = setTimeout(settle, limits.workers.answerMs)
    this.#asked.set(number, settle)
    worker.once('exit', onExit)
    this.#send(worker, { ask, number })
    return promise
  }

  /** A worker that is gone does not hear it; its end is seen by those who wait. */
  #send(worker: Worker, question: Question): void {
    if (worker.isConnected()) worker.process.send(question, undefined, undefined, () => undefined)
  }
}
