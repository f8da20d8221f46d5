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

/** Events in one statement: a call for each would cost a third more. */
const eventsAtOnce = 20

/** Adds events within a transaction. */
function appender(database: EmbeddedDatabase, keptFromAt: () => number) {
  const adding = (count: number) => {
    const rows = Array.from({ length: count }, () => '(?, ?, ?)').join(', ')
    return database.prepare(
      `INSERT INTO events (id, at, body) VALUES ${rows} ON CONFLICT (id) DO NOTHING`,
    )
  }
  const [addOne, addMany] = [adding(1), adding(eventsAtOnce)]
  const addHour = database.prepare(`
    INSERT INTO event_hours (hour, events) VALUES (?, ?)
    ON CONFLICT (hour) DO UPDATE SET events = events + excluded.events`)
  return (events: readonly StoredEvent[]): number => {
    const fromAt = keptFromAt()
    const taken = events.filter(({ at }) => at >= fromAt)
    for (const [hour, values] of valuesByHour(taken)) {
      const width = eventsAtOnce * 3
      let from = 0
      let count = 0
      for (; from + width <= values.length; from += width) {
        count += changesOf(addMany, ...values.slice(from, from + width))
      }
      for (; from < values.length; from += 3) {
        count += changesOf(addOne, ...values.slice(from, from + 3))
      }
      if (count > 0) addHour.run(hour, count)
    }
    return events.length - taken.length
  }
}

/** Id, time and body by turns. */
function valuesByHour(events: readonly StoredEvent[]): Map<number, (string | number)[]> {
  const hours = new Map<number, (string | number)[]>()
  for (const { id, at, body } of events) {
    const hour = Math.floor(at / 3_600_000)
    const values = hours.get(hour)
    if (values === undefined) hours.set(hour, [id, at, body])
    else values.push(id, at, body)
  }
  return hours
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
