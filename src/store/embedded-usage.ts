/**
 * Usage events in SQLite.
 * @module
 */
import assert from 'node:assert/strict'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { UsageStore } from './contract.ts'
import { integerOf, textOf, type EmbeddedDatabase } from './embedded-database.ts'

/** The events of the file. */
export function createEmbeddedUsage(database: EmbeddedDatabase): UsageStore {
  const add = database.prepare(
    'INSERT INTO events (id, at, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  )
  const find = database.prepare('SELECT at FROM events WHERE id = ?')
  const list = database.prepare(`
    SELECT id, at, body FROM events
    WHERE at >= ? AND at < ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?`)

  /** What the page comes after, as `at` and id; every id comes after the empty one. */
  function startAfter(fromAt: number, afterId: string | undefined): [number, string] {
    if (afterId === undefined) return [fromAt, '']
    const row = find.get(afterId)
    if (row === undefined) throw new GatewayError('ERR_STORE_DATA', 'afterId is not stored')
    return [integerOf(row, 'at'), afterId]
  }

  return {
    async append(events) {
      if (events.length === 0) return
      await database.transact(() => {
        for (const { id, at, body } of events) add.run(id, at, body)
      })
    },
    read: ({ fromAt, toAt, count, afterId }) =>
      database.attempt(() => {
        assert(count >= 1 && count <= limits.store.eventsPerRead, 'a page is within its bound')
        const rows = list.all(fromAt, toAt, ...startAfter(fromAt, afterId), count)
        return rows.map((row) => ({
          id: textOf(row, 'id'),
          at: integerOf(row, 'at'),
          body: textOf(row, 'body'),
        }))
      }),
  }
}
