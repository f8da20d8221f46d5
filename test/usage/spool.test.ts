import { appendFileSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import type { StoredEvent } from '../../src/store/contract.ts'
import { openSpool, type Segment } from '../../src/usage/spool.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'darbaza-spool-'))

const eventOf = (id: string): StoredEvent => ({ id, at: 1, body: '{}' })
const lineOf = (id: string) => `${id} 1 {}\n`
const idsOf = (segment: Segment | undefined) => segment?.events().map(({ id }) => id)

test('lines are handed out in order, and are gone once removed', (t) => {
  const spool = openSpool(folder(), 1000)
  spool.append([eventOf('a')])
  spool.append([eventOf('b')])
  const [first] = spool.seal()
  spool.append([eventOf('c')])
  t.deepEqual(idsOf(first), ['a', 'b'])
  t.is(spool.bytes, 21)
  first?.remove()
  t.is(spool.bytes, 7)
  t.deepEqual(spool.seal().map(idsOf), [['c']])
})

test('lines of one write are lines of their own', (t) => {
  const spool = openSpool(folder(), 1000)
  spool.append(['a', 'b'].map(eventOf))
  spool.append([eventOf('c')])
  t.deepEqual(idsOf(spool.seal()[0]), ['a', 'b', 'c'])
})

test('what is not removed is handed out again, also after a new start', (t) => {
  const place = folder()
  const spool = openSpool(place, 1000)
  spool.append([eventOf('a')])
  t.is(spool.seal().length, 1)
  t.is(spool.seal().length, 1)
  spool.close()
  const next = openSpool(place, 1000)
  t.is(next.bytes, 7)
  next.append([eventOf('b')])
  t.deepEqual(next.seal().map(idsOf), [['a'], ['b']])
})

test('a line that a crash cut off is left out, the whole ones before it are kept', (t) => {
  const place = folder()
  writeFileSync(
    join(place, '999999999-00000000.ndjson'),
    `${lineOf('whole')}${lineOf('broken').slice(0, 3)}`,
  )
  t.deepEqual(openSpool(place, 1000).seal().map(idsOf), [['whole']])
})

test('segments of a process that is gone are taken over by name, so that nobody else takes them', (t) => {
  const place = folder()
  writeFileSync(join(place, '999999998-00000000.ndjson'), lineOf('one'))
  writeFileSync(join(place, '999999999-00000000.ndjson'), lineOf('two'))
  const taken = openSpool(place, 1000).seal()
  t.deepEqual(taken.flatMap((segment) => idsOf(segment) ?? []).toSorted(), ['one', 'two'])
  t.true(readdirSync(place).every((name) => name.startsWith(`${process.pid}-`)))
})

test('segments of a living process are left to it', (t) => {
  const place = folder()
  appendFileSync(join(place, `${process.ppid}-00000000.ndjson`), lineOf('theirs'))
  t.deepEqual(openSpool(place, 1000).seal(), [])
  t.is(readdirSync(place).length, 1)
})

test('at its bound it refuses, and takes lines again when there is room', (t) => {
  const spool = openSpool(folder(), 10)
  spool.append([eventOf('abc')])
  t.throws(() => spool.append([eventOf('d')]), { message: /full: 9 bytes/ })
  spool.seal()[0]?.remove()
  t.notThrows(() => spool.append([eventOf('d')]))
})

test('what is remembered of a segment is what its file has, and no more than the bound', (t) => {
  const place = folder()
  const spool = openSpool(place, 1e9)
  const most = limits.usage.spoolMemoryEvents
  const batches = [3, most - 5, 1, 400, 7].map((count, batch) =>
    Array.from({ length: count }, (_, number) => eventOf(`${batch}-${number}`)),
  )
  for (const [index, batch] of batches.entries()) {
    spool.append(batch)
    if (index % 2 === 1) spool.seal()
  }
  const taken = spool.seal()
  t.deepEqual(
    taken.flatMap((segment) => segment.events()),
    batches.flat(),
  )
  // Whoever spoils the files spoils what was not remembered.
  for (const name of readdirSync(place)) writeFileSync(join(place, name), '')
  const left = taken.map((segment) => segment.events().length)
  t.deepEqual(left, [most - 2, 0, 0])
  for (const segment of taken) segment.remove()
  spool.append([eventOf('a')])
  for (const name of readdirSync(place)) writeFileSync(join(place, name), '')
  t.deepEqual(spool.seal().map(idsOf), [['a']])
})
