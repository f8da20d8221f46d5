/**
 * Threads that rewrite long bodies, each with coders and a host map of its own, so that a long page
 * holds up nobody's short one.
 *
 * A thread is started when all others are at work. Bodies go to the one with the fewest, under the
 * rules that their exchange began with. A thread that does not come to an end with a body is ended;
 * when one ends before its time its exchanges fail and another takes its place.
 * @module
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { Rulebook } from '../core/resource.ts'
import {
  bodyJob,
  RecentRules,
  threadRules,
  type ThreadAnswer,
  type ThreadQuestion,
} from './body-job.ts'
import type { Elsewhere, WholeBody, WholeBodyOptions } from './whole-body.ts'

/** The threads of a gateway. */
export interface BodyThreads {
  /** Has bodies rewritten under a rulebook; rejects with `ERR_INTERNAL` when a thread ends. */
  under(rulebook: Rulebook): Elsewhere
  close(): Promise<void>
}

/**
 * Starts no thread yet: that takes a fifth of a second, which the first long body waits for.
 *
 * @param script What a thread runs.
 */
export function createBodyThreads(script: URL): BodyThreads {
  // One core stays for everything else; on a machine with a single one they take turns.
  const most = Math.max(1, Math.min(limits.rewriting.bodyThreads, availableParallelism() - 1))
  const threads = new Set<BodyThread>()
  const numbers = new WeakMap<Rulebook, number>()
  let rulebooks = 0

  function start(): BodyThread {
    const thread = new BodyThread(script, () => threads.delete(thread))
    threads.add(thread)
    return thread
  }

  function numberOf(rulebook: Rulebook): number {
    const number = numbers.get(rulebook) ?? (rulebooks += 1)
    numbers.set(rulebook, number)
    return number
  }

  function leastBusy(): BodyThread {
    const [first, ...others] = threads
    if (first === undefined) return start()
    const idlest = others.reduce((best, each) => (each.bodies < best.bodies ? each : best), first)
    return idlest.bodies > 0 && threads.size < most ? start() : idlest
  }

  return {
    under: (rulebook) => (coded, options) =>
      leastBusy().rewrite(coded, options, { rulebook, number: numberOf(rulebook) }),
    async close() {
      await Promise.all(Array.from(threads, (thread) => thread.end()))
    },
  }
}

interface Waiting {
  readonly resolve: (body: WholeBody) => void
  readonly reject: (error: Error) => void
}

class BodyThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  /** Numbers of the rulebooks that it has, as it counts them itself. */
  readonly #rules = new RecentRules<true>()
  #asked = 0
  /** Runs while somebody waits. */
  #timer: NodeJS.Timeout | undefined

  constructor(script: URL, onEnd: () => void) {
    this.#worker = new Worker(script)
    // Whoever waits for an answer has a socket open; a thread alone holds up no end.
    this.#worker.unref()
    this.#worker.on('message', (answer: ThreadAnswer) => this.#take(answer))
    let cause: unknown
    this.#worker.on('error', (error) => (cause = error))
    this.#worker.on('exit', () => {
      onEnd()
      clearTimeout(this.#timer)
      for (const { reject } of this.#waiting.values()) {
        reject(new GatewayError('ERR_INTERNAL', 'a thread that rewrites bodies ended', { cause }))
      }
    })
  }

  /** How many wait for it. */
  get bodies(): number {
    return this.#waiting.size
  }

  rewrite(
    coded: Buffer,
    options: WholeBodyOptions,
    { rulebook, number }: { rulebook: Rulebook; number: number },
  ): Promise<WholeBody> {
    if (this.#rules.get(number) === undefined) {
      this.#rules.put(number, true)
      this.#say({ kind: 'rules', number, rules: threadRules(rulebook) })
    }
    const id = (this.#asked += 1)
    const job = bodyJob(coded, options, number)
    const { promise, resolve, reject } = Promise.withResolvers<WholeBody>()
    this.#waiting.set(id, { resolve, reject })
    this.#timer ??= setTimeout(() => void this.end(), limits.rewriting.threadMs).unref()
    this.#say({ kind: 'body', id, job }, [job.coded.buffer])
    return promise
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #say(question: ThreadQuestion, memory: ArrayBuffer[] = []): void {
    this.#worker.postMessage(question, memory)
  }

  #take(answer: ThreadAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (this.#waiting.size > 0) this.#timer?.refresh()
    else {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
    if (answer.kind === 'failed') {
      waiting?.reject(new GatewayError(answer.code, answer.message))
      return
    }
    const { kind, citation } = answer
    const { buffer, byteOffset, byteLength } = answer.bytes
    const bytes = Buffer.from(buffer, byteOffset, byteLength)
    waiting?.resolve({ kind, bytes, ...(citation && { citation }) })
  }
}
