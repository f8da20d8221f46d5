import { appendFileSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { openSpool } from '../../src/usage/spool.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'darbaza-spool-'))

test('lines are handed out in order, and are gone once removed', (t) => {
  const spool = openSpool(folder(), 1000)
  spool.append(['a'])
  spool.append(['b'])
  const [first] = spool.seal()
  spool.append(['c'])
  t.deepEqual(first?.lines(), ['a', 'b'])
  t.is(spool.bytes, 6)
  first?.remove()
  t.is(spool.bytes, 2)
  t.deepEqual(
    spool.seal().map((segment) => segment.lines()),
    [['c']],
  )
})

test('lines of one write are lines of their own', (t) => {
  const spool = openSpool(folder(), 1000)
  spool.append(['a', 'b'])
  spool.append(['c'])
  t.deepEqual(spool.seal()[0]?.lines(), ['a', 'b', 'c'])
})

test('what is not removed is handed out again, also after a new start', (t) => {
  const place = folder()
  const spool = openSpool(place, 1000)
  spool.append(['a'])
  t.is(spool.seal().length, 1)
  t.is(spool.seal().length, 1)
  spool.close()
  const next = openSpool(place, 1000)
  t.is(next.bytes, 2)
  next.append(['b'])
  t.deepEqual(
    next.seal().map((segment) => segment.lines()),
    [['a'], ['b']],
  )
})

test('a line that a crash cut off is left out, the whole ones before it are kept', (t) => {
  const place = folder()
  writeFileSync(join(place, '999999999-00000000.ndjson'), 'whole\nbro')
  t.deepEqual(
    openSpool(place, 1000)
      .seal()
      .map((segment) => segment.lines()),
    [['whole']],
  )
})

test('segments of a process that is gone are taken over by name, so that nobody else takes them', (t) => {
  const place = folder()
  writeFileSync(join(place, '999999998-00000000.ndjson'), 'one\n')
  writeFileSync(join(place, '999999999-00000000.ndjson'), 'two\n')
  const taken = openSpool(place, 1000).seal()
  t.deepEqual(taken.flatMap((segment) => segment.lines()).toSorted(), ['one', 'two'])
  t.true(readdirSync(place).every((name) => name.startsWith(`${process.pid}-`)))
})

test('segments of a living process are left to it', (t) => {
  const place = folder()
  appendFileSync(join(place, `${process.ppid}-00000000.ndjson`), 'theirs\n')
  t.deepEqual(openSpool(place, 1000).seal(), [])
  t.is(readdirSync(place).length, 1)
})

test('at its bound it refuses, and takes lines again when there is room', (t) => {
  const spool = openSpool(folder(), 4)
  spool.append(['abc'])
  t.throws(() => spool.append(['d']), { message: /full: 4 bytes/ })
  spool.seal()[0]?.remove()
  t.notThrows(() => spool.append(['d']))
})
