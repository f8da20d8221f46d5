/**
 * A store of its own for each test of links, with the records of the checker.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock, type Clock } from '../../src/core/clock.ts'
import { createLinkRecords } from '../../src/links/books.ts'
import { createLinkHealth } from '../../src/links/health.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'

/** A store and what is in it. */
export type LinkStore = ReturnType<typeof openLinkStore>

/** Opens it; its clock decides what is forgotten. */
export function openLinkStore(clock: Clock = systemClock) {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-links-'))
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock })
  const records = createLinkRecords(store.records)
  return {
    store,
    records,
    books: createLinkHealth(records),
    async [Symbol.asyncDispose]() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
