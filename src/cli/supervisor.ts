/**
 * The supervisor: one process that serves nobody itself, starts workers that share the public
 * socket, replaces one that ends, and is for operators what a single gateway is: one management
 * address with the sum of all metrics, one signal to stop or reload.
 *
 * Everything that outlives an exchange is in Redis, so that any worker may serve any request.
 * @module
 */
import cluster from 'node:cluster'
import { setTimeout as pause } from 'node:timers/promises'

import type { GatewayConfig } from '../config/config.ts'
import { systemClock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { listenForManagement } from '../listener/management.ts'
import { createMetricsSum } from '../metrics/sum.ts'
import { createLog } from '../usage/log.ts'
import { Crew } from './crew.ts'

/** A gateway of several processes. */
export interface Supervisor {
  /** Starts the workers; rejects, and leaves nothing running, when one of them does not start. */
  start(): Promise<void>
  /** Lets every worker end its exchanges, then resolves. */
  stop(): Promise<void>
  /**
   * Every worker reads again what is in force; rejects with the first that could not, and answers
   * the version of the rule set, 0 for the files.
   */
  reload(): Promise<number>
}

/**
 * Prepares so many workers.
 *
 * @throws {GatewayError} `ERR_CONFIG` for a store that only one process may use.
 */
export function createSupervisor(
  config: GatewayConfig,
  { count }: { readonly count: number },
): Supervisor {
  if (config.store.kind === 'embedded') {
    const message = 'found the embedded store, which is for one process; --workers needs Redis'
    throw new GatewayError('ERR_CONFIG', message, { at: `${config.file} store` })
  }
  const log = createLog(config.logLevel)
  const sum = createMetricsSum()
  const crew = new Crew()
  const opened = new AsyncDisposableStack()
  let isStopping = false

  /** Keeps one place filled to the end; what comes of its first worker settles `first`. */
  async function keepFilled(first: PromiseWithResolvers<void>): Promise<void> {
    let delayMs: number = limits.workers.restartMs
    let hasServed = false
    for (;;) {
      const startedAt = systemClock.now()
      const { worker, ...ending } = await crew.employ(() => {
        hasServed = true
        first.resolve()
      })
      sum.retire(worker.id)
      if (!hasServed) first.reject(new Error('the worker ended before it served'))
      if (isStopping || !hasServed) return
      if (systemClock.now() - startedAt > limits.workers.settledMs) {
        delayMs = limits.workers.restartMs
      }
      log.error({ ...ending, delayMs }, 'a worker ended; another takes its place')
      await pause(delayMs)
      if (isStopping) return
      delayMs = Math.min(delayMs * 2, limits.workers.restartMaxMs)
    }
  }

  return {
    async start() {
      cluster.setupPrimary({ serialization: 'advanced' })
      const management = await listenForManagement({
        ...config.management,
        async metrics() {
          const said = await crew.askAll('metrics')
          for (const [worker, word] of said) {
            if (word.say === 'metrics') sum.tell(worker.id, word.snapshot)
          }
          return await sum.expose({ serving: crew.serving.length })
        },
        unready: () => unready(crew),
      })
      opened.defer(() => management.stop())
      opened.defer(() => crew.dismiss())
      const firsts = Array.from({ length: count }, () => Promise.withResolvers<void>())
      for (const first of firsts) void keepFilled(first)
      const started = await Promise.allSettled(firsts.map(({ promise }) => promise))
      if (started.every(({ status }) => status === 'fulfilled')) return
      await this.stop()
      throw new GatewayError('ERR_CONFIG', 'a worker did not start: its own words stand above')
    },
    async stop() {
      isStopping = true
      await opened.disposeAsync()
    },
    async reload() {
      let version = 0
      for (const [, word] of await crew.askAll('reload')) {
        if (word.say === 'failed') throw new Error(word.lines.join('\n'))
        if (word.say === 'reloaded') version = Math.max(version, word.version)
      }
      return version
    },
  }
}

/** What keeps all of the workers from serving; a single one that can serve is enough. */
async function unready(crew: Crew): Promise<readonly string[]> {
  const said = await crew.askAll('unready')
  const reasons = [...said.values()].flatMap((word) =>
    word.say === 'unready' ? [word.reasons] : [],
  )
  if (reasons.length === 0) return ['no worker serves']
  return reasons.some((found) => found.length === 0) ? [] : [...new Set(reasons.flat())]
}
