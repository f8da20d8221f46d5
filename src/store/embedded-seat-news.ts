/**
 * What is told of leases in the embedded store: its own process by a call once the transaction is done,
 * and that another process has written to the file, which is seen by looking now and then.
 * @module
 */
import { limits } from '../core/limits.ts'
import type { LeaseName, SeatStore } from './contract.ts'
import { integerOf, type EmbeddedDatabase } from './embedded-database.ts'

/** News of one store. */
export interface SeatNews {
  /** Within a transaction: told when it is done, and never if it is not. */
  add(lease: LeaseName): void
  /** A transaction of the file. */
  transact<Result>(work: () => Result): Promise<Result>
  readonly watch: SeatStore['watch']
}

/** Nobody listens yet, and nothing is looked at. */
export function createSeatNews(database: EmbeddedDatabase): SeatNews {
  // Changes with every commit of another connection. Source: SQLite manual, `PRAGMA data_version`.
  const look = database.prepare('PRAGMA data_version')
  const versionOf = () => integerOf(look.get(), 'data_version')
  const listeners = new Set<(lease?: LeaseName) => void>()
  let added: LeaseName[] = []

  return {
    add: (lease) => void added.push(lease),
    async transact(work) {
      added = []
      const answer = await database.transact(() => {
        const result = work()
        return { result, changed: added }
      })
      for (const lease of answer.changed) for (const tell of listeners) tell(lease)
      return answer.result
    },
    watch(onChange) {
      let version = versionOf()
      async function lookAgain(): Promise<void> {
        // A file that cannot be read answers nobody, and a closed one never again.
        const found = await database.attempt(versionOf).catch(() => version)
        if (found !== version) onChange()
        version = found
      }
      listeners.add(onChange)
      const timer = setInterval(() => void lookAgain(), limits.store.otherWriterMs)
      timer.unref()
      return {
        isHearing: () => true,
        stop() {
          clearInterval(timer)
          listeners.delete(onChange)
        },
      }
    },
  }
}
