/**
 * What every store promises of rule sets, overrides and the audit log.
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises'

import { limits } from '../../src/core/limits.ts'
import type { ControlEffect, ControlStore, LogHead, LogRow } from '../../src/store/contract.ts'
import { closedAfter, type Declare, type Subject } from './contract.ts'

const nothing: ControlEffect = { kind: 'none' }

/** A row that says what it is; hashes are whatever the caller says. */
function rowAfter({ sequence }: LogHead, words: string): LogRow {
  return { sequence: sequence + 1, hash: `hash of ${words}`, body: `{"${words}":"{}\n:ы"}` }
}

async function appended(
  control: ControlStore,
  words: string,
  effect: ControlEffect | ((row: LogRow) => ControlEffect) = nothing,
): Promise<LogRow> {
  for (;;) {
    const { log } = await control.state()
    const row = rowAfter(log, words)
    const done = typeof effect === 'function' ? effect(row) : effect
    if (await control.commit(row, log, done)) return row
  }
}

const endsAt = 32_503_680_000_000

const overrideOf = ({ sequence }: LogRow): ControlEffect => ({
  kind: 'override',
  override: { id: sequence, endsAt, body: `{"of":${sequence}}` },
})

const endedOverride = ({ sequence }: LogRow): ControlEffect => ({
  kind: 'override',
  override: { id: sequence, endsAt: 1, body: 'over' },
})

const setOf = (version: number) => ({
  version,
  hash: `h${version}`,
  about: `{"why":"${version}\\n{}"}`,
  body: `body ${version}: ${'ы'.repeat(10_000)}`,
})

/**
 * Declares the suite. A store has one log, one row of rule sets: each test takes them as it finds
 * them, one after the other.
 */
export function testControlContract(test: Declare, anySubject: () => Subject): void {
  const subject = closedAfter(anySubject)

  test.serial('control: an entry is appended once, after the entry that it names', async (t) => {
    const { control } = subject(t).open()
    const before = (await control.state()).log
    const row = rowAfter(before, 'first')
    t.true(await control.commit(row, before, nothing))
    t.deepEqual((await control.state()).log, { sequence: row.sequence, hash: row.hash })
    // The answer may have been lost: whoever asks again learns that it stands.
    t.true(await control.commit(row, before, nothing))
    const other = rowAfter(before, 'other')
    t.false(await control.commit(other, before, nothing))
    const next = await appended(control, 'next')
    t.true(await control.commit(row, before, nothing))
    t.false(await control.commit(other, before, nothing))
    t.false(await control.commit(rowAfter(next, 'x'), { ...next, hash: 'another' }, nothing))
    t.deepEqual(await control.rows(row.sequence, 10), [row, next])
  })

  test.serial('control: entries are read in order, in pages', async (t) => {
    const { control } = subject(t).open()
    const first = await appended(control, 'page 0')
    for (let page = 1; page < 7; page++) await appended(control, `page ${page}`)
    const found: LogRow[] = []
    for (let from = first.sequence; ; from += 3) {
      const rows = await control.rows(from, 3)
      found.push(...rows)
      if (rows.length < 3) break
    }
    t.deepEqual(
      found.map(({ sequence, hash }) => [sequence - first.sequence, hash]),
      Array.from({ length: 7 }, (_, page) => [page, `hash of page ${page}`]),
    )
    await t.throwsAsync(() => control.rows(1, limits.control.rowsPerRead + 1))
  })

  test.serial(
    'control: of many at once each entry has a place of its own, and none is lost',
    async (t) => {
      const { open } = subject(t)
      const one = open()
      const others = [open(), open()]
      const from = (await one.control.state()).log.sequence
      const names = Array.from({ length: 30 }, (_, index) => `at once ${index}`)
      await Promise.all(
        names.map((name, index) => appended([one, ...others][index % 3]!.control, name)),
      )
      const rows = await one.control.rows(from + 1, 100)
      t.deepEqual(
        rows.map(({ sequence }) => sequence),
        names.map((_, index) => from + 1 + index),
      )
      t.deepEqual(
        rows.map(({ hash }) => hash.slice('hash of '.length)).toSorted(),
        names.toSorted(),
      )
    },
  )

  test.serial(
    'control: a rule set is in force with its entry, and the last ones are kept',
    async (t) => {
      const { control } = subject(t).open()
      const start = (await control.state()).rules.version
      const kept = limits.control.setsKept
      for (let step = 1; step <= kept + 2; step++) {
        const set = setOf(start + step)
        await appended(control, `set ${step}`, { kind: 'rules', set })
        t.deepEqual((await control.state()).rules, { version: set.version, hash: set.hash })
        t.deepEqual(await control.set(set.version), set)
      }
      const last = start + kept + 2
      t.deepEqual(
        await control.sets(),
        Array.from({ length: kept }, (_, index) => {
          const { body: _body, ...facts } = setOf(last - index)
          return facts
        }),
      )
      t.is(await control.set(last - kept), undefined)
      t.is(await control.set(last + 1), undefined)

      const { log } = await control.state()
      const late = rowAfter({ ...log, sequence: log.sequence - 1 }, 'too late')
      const effect: ControlEffect = { kind: 'rules', set: setOf(last + 1) }
      t.false(await control.commit(late, { sequence: log.sequence - 1, hash: 'x' }, effect))
      t.is((await control.state()).rules.version, last)
      t.is(await control.set(last + 1), undefined)
    },
  )

  test.serial('control: overrides are there until they are ended', async (t) => {
    const { control } = subject(t).open()
    const first = await appended(control, 'one', overrideOf)
    const second = await appended(control, 'two', overrideOf)
    t.is((await control.state()).overridesAt, second.sequence)
    t.deepEqual(await control.overrides(), [
      { id: first.sequence, endsAt, body: `{"of":${first.sequence}}` },
      { id: second.sequence, endsAt, body: `{"of":${second.sequence}}` },
    ])
    const end = await appended(control, 'end', { kind: 'end-override', id: first.sequence })
    t.is((await control.state()).overridesAt, end.sequence)
    t.deepEqual(
      (await control.overrides()).map(({ id }) => id),
      [second.sequence],
    )
    await appended(control, 'end', { kind: 'end-override', id: second.sequence })
    t.deepEqual(await control.overrides(), [])
  })

  test.serial(
    'control: overrides that are over are forgotten with the next change of any',
    async (t) => {
      const { control } = subject(t).open()
      const { sequence } = await appended(control, 'over', endedOverride)
      await appended(control, 'change', { kind: 'end-override', id: 0 })
      t.false((await control.overrides()).some(({ id }) => id === sequence))
    },
  )

  test.serial('control: whoever watches is told of commits', async (t) => {
    const { open } = subject(t)
    const store = open()
    // The embedded store tells its own process; others look at the state.
    const writer = store.kind === 'embedded' ? store : open()
    const told: number[] = []
    const stop = store.control.watch(() => told.push(performance.now()))
    const startedAt = performance.now()
    // Until it listens, calls may be lost.
    while (told.length < 3 && performance.now() - startedAt < 5000) {
      await appended(writer.control, 'tell')
      await delay(20)
    }
    t.true(told.length >= 3)
    stop()
    await delay(50)
    const before = told.length
    await appended(writer.control, 'not told')
    await delay(100)
    t.is(told.length, before)
  })
}
