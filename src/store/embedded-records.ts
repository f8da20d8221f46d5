/**
 * Records in SQLite: one row for a key, fields as one JSON object. Expired rows are invisible at
 * once and removed by the sweep.
 * @module
 */
import { z } from 'zod'

import type { Clock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import type { RecordStore } from './contract.ts'
import {
  changesOf,
  integerOf,
  textOf,
  type EmbeddedDatabase,
  type Row,
} from './embedded-database.ts'
import { wholeLifetimeMs, wholeNumberOf } from './lifetime.ts'

type Kind = 'value' | 'fields'

const fieldList = z.array(z.tuple([z.string(), z.string()]))

/** The records of the file. */
export function createEmbeddedRecords(database: EmbeddedDatabase, clock: Clock): RecordStore {
  const find = database.prepare('SELECT kind, value FROM records WHERE key = ? AND ends_at > ?')
  const findWithEnd = database.prepare(
    'SELECT kind, value, ends_at FROM records WHERE key = ? AND ends_at > ?',
  )
  const put = database.prepare(`
    INSERT INTO records (key, kind, value, ends_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE
    SET kind = excluded.kind, value = excluded.value, ends_at = excluded.ends_at`)
  const putIfFree = database.prepare(`
    INSERT INTO records (key, kind, value, ends_at) VALUES (?, 'value', ?, ?)
    ON CONFLICT (key) DO UPDATE
    SET kind = excluded.kind, value = excluded.value, ends_at = excluded.ends_at
    WHERE records.ends_at <= ?`)
  const prolong = database.prepare('UPDATE records SET ends_at = ? WHERE key = ? AND ends_at > ?')
  const drop = database.prepare('DELETE FROM records WHERE key = ?')

  function valueOf(key: string, kind: Kind): string | undefined {
    const row = find.get(key, clock.now())
    return row === undefined ? undefined : contentOf(row, kind)
  }

  function endFrom(lifetimeMs: number): number {
    return clock.now() + wholeLifetimeMs(lifetimeMs)
  }

  return {
    read: (key, lifetimeMs) =>
      lifetimeMs === undefined
        ? database.attempt(() => valueOf(key, 'value'))
        : database.transact(() => {
            const value = valueOf(key, 'value')
            prolong.run(endFrom(lifetimeMs), key, clock.now())
            return value
          }),
    async write(key, value, lifetimeMs) {
      await database.transact(() => put.run(key, 'value', value, endFrom(lifetimeMs)))
    },
    create: (key, value, lifetimeMs) =>
      database.transact(
        () => changesOf(putIfFree, key, value, endFrom(lifetimeMs), clock.now()) === 1,
      ),
    take: (key) =>
      database.transact(() => {
        const value = valueOf(key, 'value')
        if (value !== undefined) drop.run(key)
        return value
      }),
    extend: (key, lifetimeMs, holding) =>
      holding === undefined
        ? database.attempt(() => changesOf(prolong, endFrom(lifetimeMs), key, clock.now()) === 1)
        : database.transact(() => {
            const isHeld = valueOf(key, 'value') === holding
            return isHeld && changesOf(prolong, endFrom(lifetimeMs), key, clock.now()) === 1
          }),
    async remove(keys) {
      await database.transact(() => keys.forEach((key) => drop.run(key)))
    },
    removeHolding: (key, value) =>
      database.transact(() => valueOf(key, 'value') === value && changesOf(drop, key) === 1),
    readFields: (key) => database.attempt(() => parseFields(valueOf(key, 'fields'))),
    async writeFields(key, fields, lifetimeMs) {
      await database.transact(() => {
        const merged = new Map(parseFields(valueOf(key, 'fields')))
        for (const [name, value] of fields) {
          if (value === undefined) merged.delete(name)
          else merged.set(name, value)
        }
        // As in Redis, a key without fields does not exist.
        if (merged.size === 0) drop.run(key)
        else put.run(key, 'fields', JSON.stringify([...merged]), endFrom(lifetimeMs))
      })
    },
    count: (key, amounts, lifetimeMs) =>
      database.transact(() => {
        const now = clock.now()
        const row = findWithEnd.get(key, now)
        const fields = row === undefined ? [] : parseFields(contentOf(row, 'fields'))
        const counts = new Map([...fields].map(([name, text]) => [name, wholeNumberOf(text)]))
        const added = [...amounts].filter(([, amount]) => amount !== 0)
        for (const [name, amount] of added) counts.set(name, (counts.get(name) ?? 0) + amount)
        if (counts.size === 0) return { counts }
        const endsAt = row === undefined ? endFrom(lifetimeMs) : integerOf(row, 'ends_at')
        const texts = [...counts].map(([name, number]) => [name, String(number)])
        if (added.length > 0) put.run(key, 'fields', JSON.stringify(texts), endsAt)
        return { counts, leftMs: endsAt - now }
      }),
  }
}

function contentOf(row: Row, kind: Kind): string {
  const found = textOf(row, 'kind')
  if (found === kind) return textOf(row, 'value')
  throw new GatewayError('ERR_STORE_DATA', `the key holds ${found}, expected ${kind}`)
}

function parseFields(json: string | undefined): ReadonlyMap<string, string> {
  return new Map(json === undefined ? [] : fieldList.parse(JSON.parse(json)))
}
