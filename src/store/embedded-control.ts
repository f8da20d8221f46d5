/**
 * Rule sets, overrides and the audit log in SQLite. The command line writes to the same file as a
 * gateway that runs: one write transaction at a time keeps every commit whole.
 * @module
 */
import assert from 'node:assert/strict'

import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { ControlEffect, ControlState, ControlStore, LogHead, LogRow } from './contract.ts'
import { integerOf, textOf, type EmbeddedDatabase, type Row } from './embedded-database.ts'

/** The control of the file. */
export function createEmbeddedControl(database: EmbeddedDatabase, clock: Clock): ControlStore {
  const find = database.prepare('SELECT * FROM control')
  const move = database.prepare('UPDATE control SET log_sequence = ?, log_hash = ?')
  const addRow = database.prepare('INSERT INTO audit_log (sequence, hash, body) VALUES (?, ?, ?)')
  const findRow = database.prepare('SELECT hash FROM audit_log WHERE sequence = ?')
  const listRows = database.prepare(
    'SELECT sequence, hash, body FROM audit_log WHERE sequence >= ? ORDER BY sequence LIMIT ?',
  )
  const findSet = database.prepare('SELECT * FROM rule_sets WHERE version = ?')
  const listSets = database.prepare(
    'SELECT version, hash, about FROM rule_sets ORDER BY version DESC',
  )
  const listOverrides = database.prepare('SELECT id, ends_at, body FROM overrides ORDER BY id')
  const apply = createEffects(database, clock)
  const watchers = new Set<() => void>()

  return {
    state: () => database.attempt(() => stateOf(find.get())),
    async commit(row, after, effect) {
      const isDone = await database.transact(() => {
        if (isAt(stateOf(find.get()).log, after)) {
          addRow.run(row.sequence, row.hash, row.body)
          apply(effect, row)
          move.run(row.sequence, row.hash)
          return true
        }
        const found = findRow.get(row.sequence)
        return found !== undefined && textOf(found, 'hash') === row.hash
      })
      if (isDone) for (const tell of watchers) tell()
      return isDone
    },
    rows: (fromSequence, count) =>
      database.attempt(() => {
        assert(count >= 1 && count <= limits.control.rowsPerRead, 'a page is within its bound')
        return listRows.all(fromSequence, count).map(rowOf)
      }),
    sets: () => database.attempt(() => listSets.all().map(factsOf)),
    set: (version) =>
      database.attempt(() => {
        const row = findSet.get(version)
        return row && { ...factsOf(row), body: textOf(row, 'body') }
      }),
    overrides: () =>
      database.attempt(() =>
        listOverrides.all().map((row) => ({
          id: integerOf(row, 'id'),
          endsAt: integerOf(row, 'ends_at'),
          body: textOf(row, 'body'),
        })),
      ),
    watch(onCommit) {
      watchers.add(onCommit)
      return () => watchers.delete(onCommit)
    },
  }
}

/** What an entry does, within the transaction that appends it. */
function createEffects(
  database: EmbeddedDatabase,
  clock: Clock,
): (effect: ControlEffect, row: LogRow) => void {
  const addSet = database.prepare(
    'INSERT INTO rule_sets (version, hash, about, body) VALUES (?, ?, ?, ?)',
  )
  const dropSets = database.prepare('DELETE FROM rule_sets WHERE version <= ?')
  const moveRules = database.prepare('UPDATE control SET rules_version = ?, rules_hash = ?')
  const addOverride = database.prepare('INSERT INTO overrides (id, ends_at, body) VALUES (?, ?, ?)')
  const dropOverride = database.prepare('DELETE FROM overrides WHERE id = ?')
  const dropEnded = database.prepare('DELETE FROM overrides WHERE ends_at <= ?')
  const moveOverrides = database.prepare('UPDATE control SET overrides_at = ?')

  return (effect, { sequence }) => {
    if (effect.kind === 'none') return
    if (effect.kind === 'rules') {
      const { version, hash, about, body } = effect.set
      addSet.run(version, hash, about, body)
      dropSets.run(version - limits.control.setsKept)
      moveRules.run(version, hash)
      return
    }
    dropEnded.run(clock.now())
    if (effect.kind === 'override') {
      const { id, endsAt, body } = effect.override
      addOverride.run(id, endsAt, body)
    } else dropOverride.run(effect.id)
    moveOverrides.run(sequence)
  }
}

function isAt(log: LogHead, after: LogHead): boolean {
  return log.sequence === after.sequence && log.hash === after.hash
}

function stateOf(row: Row): ControlState {
  return {
    log: { sequence: integerOf(row, 'log_sequence'), hash: textOf(row, 'log_hash') },
    rules: { version: integerOf(row, 'rules_version'), hash: textOf(row, 'rules_hash') },
    overridesAt: integerOf(row, 'overrides_at'),
  }
}

function rowOf(row: Row): LogRow {
  return {
    sequence: integerOf(row, 'sequence'),
    hash: textOf(row, 'hash'),
    body: textOf(row, 'body'),
  }
}

function factsOf(row: Row) {
  return {
    version: integerOf(row, 'version'),
    hash: textOf(row, 'hash'),
    about: textOf(row, 'about'),
  }
}
