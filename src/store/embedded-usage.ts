/**
 * Usage events in SQLite, and how many there are of each hour.
 * @module
 */
import assert from 'node:assert/strict'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { StoredEvent, UsageStore } from './contract.ts'
import {
  changesOf,
  integerOf,
  textOf,
  type EmbeddedDatabase,
  type Row,
} from './embedded-database.ts'

/** The events of the file. */
export function createEmbeddedUsage(database: EmbeddedDatabase): UsageStore {
  const find = database.prepare('SELECT at FROM events WHERE id = ?')
  const list = database.prepare(`
    SELECT id, at, body FROM events
    WHERE at >= ? AND at < ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?`)
  const listHours = database.prepare(
    'SELECT hour, events FROM event_hours WHERE hour >= ? AND hour < ?',
  )
  const change = database.prepare('UPDATE events SET body = ? WHERE id = ?')
  const findKept = database.prepare('SELECT from_at FROM events_kept')
  const keptFromAt = () => integerOf(findKept.get(), 'from_at')
  const append = appender(database, keptFromAt)
  const forget = forgetter(database)

  /** What the page comes after, as `at` and id; every id comes after the empty one. */
  function startAfter(fromAt: number, afterId: string | undefined): [number, string] {
    if (afterId === undefined) return [fromAt, '']
    const row = find.get(afterId)
    if (row === undefined) throw new GatewayError('ERR_STORE_DATA', 'afterId is not stored')
    return [integerOf(row, 'at'), afterId]
  }

  return {
    append: async (events) =>
      events.length === 0 ? 0 : await database.transact(() => append(events)),
    read: ({ fromAt, toAt, count, afterId }) =>
      database.attempt(() => {
        assert(count >= 1 && count <= limits.store.eventsPerRead, 'a page is within its bound')
        return list.all(fromAt, toAt, ...startAfter(fromAt, afterId), count).map(eventOf)
      }),
    hours: (fromHour, toHour) =>
      database.attempt(
        () =>
          new Map(
            listHours
              .all(fromHour, toHour)
              .map((row) => [integerOf(row, 'hour'), integerOf(row, 'events')] as const),
          ),
      ),
    async replace(events) {
      await database.transact(() => {
        for (const { id, body } of events) change.run(body, id)
      })
    },
    forget: (beforeAt) => database.transact(() => forget(beforeAt)),
    keptFrom: () => database.attempt(keptFromAt),
  }
}

/** Adds events within a transaction. */
function appender(database: EmbeddedDatabase, keptFromAt: () => number) {
  const add = database.prepare(
    'INSERT INTO events (id, at, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  )
  const addHour = database.prepare(`
    INSERT INTO event_hours (hour, events) VALUES (?, ?)
    ON CONFLICT (hour) DO UPDATE SET events = events + excluded.events`)
  return (events: readonly StoredEvent[]): number => {
    const fromAt = keptFromAt()
    const taken = events.filter(({ at }) => at >= fromAt)
    const hours = new Map<number, number>()
    for (const { id, at, body } of taken) {
      const hour = Math.floor(at / 3_600_000)
      hours.set(hour, (hours.get(hour) ?? 0) + changesOf(add, id, at, body))
    }
    for (const [hour, count] of hours) if (count > 0) addHour.run(hour, count)
    return events.length - taken.length
  }
}

/** Removes events within a transaction. */
function forgetter(database: EmbeddedDatabase) {
  const keep = database.prepare('UPDATE events_kept SET from_at = max(from_at, ?)')
  const oldest = `SELECT id FROM events WHERE at < ? ORDER BY at, id LIMIT ${limits.store.forgottenAtOnce}`
  const countHours = database.prepare(`
    SELECT at / 3600000 AS hour, count(*) AS events FROM events
    WHERE id IN (${oldest}) GROUP BY 1`)
  const takeHour = database.prepare('UPDATE event_hours SET events = events - ? WHERE hour = ?')
  const dropHours = database.prepare('DELETE FROM event_hours WHERE events <= 0')
  const drop = database.prepare(`DELETE FROM events WHERE id IN (${oldest})`)
  return (beforeAt: number): number => {
    keep.run(beforeAt)
    for (const row of countHours.all(beforeAt)) {
      takeHour.run(integerOf(row, 'events'), integerOf(row, 'hour'))
    }
    dropHours.run()
    return changesOf(drop, beforeAt)
  }
}

function eventOf(row: Row): StoredEvent {
  return { id: textOf(row, 'id'), at: integerOf(row, 'at'), body: textOf(row, 'body') }
}
