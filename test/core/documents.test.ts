import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import * as fc from 'fast-check'
import { stringify } from 'yaml'

import { parseText, pathText, readDocument } from '../../src/core/documents.ts'
import { limits } from '../../src/core/limits.ts'

const folder = mkdtempSync(join(tmpdir(), 'darbaza-documents-'))

/** [what, text, kind, line, message begins with] */
const refusals = [
  ['an alias', 'a: &x 1\nb: *x', 'refused', 2, 'found the alias *x'],
  [
    'an alias bomb',
    'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]',
    'refused',
    2,
    'found the alias *a',
  ],
  ['a merge key', 'a: 1\n<<: { b: 2 }', 'refused', 2, 'found the key <<'],
  ['a merge key with an alias', 'a: &a { b: 1 }\nc:\n  <<: *a', 'refused', 3, 'found the key <<'],
  ['the key __proto__', 'a: 1\n__proto__: { b: 2 }', 'refused', 2, 'found the key __proto__'],
  ['a tag of a program', 'a: 1\nb: !!js/function x', 'refused', 2, 'found the tag'],
  ['a binary tag', 'a: !!binary aGk=', 'refused', 1, 'found the tag'],
  ['an own tag', 'a:\n  - !thing { b: 1 }', 'refused', 2, 'found the tag !thing'],
  ['a map as a key', '? { a: 1 }\n: 2', 'refused', 1, 'found a key that is not a word'],
  ['an empty key', ': 2', 'refused', 1, 'found a key that is not a word'],
  ['a null key', 'null: 2', 'refused', 1, 'found a key that is not a word'],
  ['a key twice', 'a: 1\nb: 2\na: 3', 'duplicate-key', 3, 'stands twice, first in line 1'],
  ['a key twice in two spellings', '1: a\n"1": b', 'duplicate-key', 2, 'stands twice'],
  ['a second document', 'a: 1\n---\nb: 2', 'syntax', 2, 'Source contains multiple documents'],
  ['an open bracket', 'a: [1, 2\nb: 3', 'syntax', 2, ''],
  ['a tab as indentation', 'a:\n\tb: 1', 'syntax', 2, ''],
] as const

for (const [what, text, kind, line, message] of refusals) {
  test(`${what} is refused with its line`, (t) => {
    const [problem] = parseText(text, 'x.yaml').problems
    t.like(problem, { kind, line })
    t.true(problem?.message.startsWith(message), problem?.message)
  })
}

test('values are those of the core schema: words stay words, days stay text', (t) => {
  const { value, problems } = parseText(
    'a: no\nb: 2026-01-31\nc: 0o17\nd: true\ne: ~\nf: "1"\ng: 1_000\nh: 12:30\ni: !!str 5',
    'x.yaml',
  )
  t.deepEqual(problems, [])
  const expected = { a: 'no', b: '2026-01-31', c: 15, d: true, e: null, f: '1', g: '1_000' }
  t.deepEqual(value, { ...expected, h: '12:30', i: '5' })
})

test('every problem of a file is told, not the first alone', (t) => {
  const { problems } = parseText('a: 1\na: 2\nb: *x\nc: !y z\n<<: {}', 'x.yaml')
  t.deepEqual(
    problems.map(({ kind, line }) => [kind, line]),
    [
      ['duplicate-key', 2],
      ['refused', 3],
      ['refused', 4],
      ['refused', 5],
    ],
  )
})

test('a line is that of the key, of the list item, or of what stands around', (t) => {
  const document = parseText('a:\n  b:\n    - x\n    - c: 1\nd: 2', 'x.yaml')
  t.is(document.lineOf(['a', 'b', 1, 'c']), 4)
  t.is(document.lineOf(['a', 'b', 0]), 3)
  t.is(document.lineOf(['a', 'missing', 'below']), 1)
  t.is(document.lineOf(['d']), 5)
  t.is(document.lineOf([]), 1)
  t.is(pathText(['a', 'b', 1, 'c']), 'a.b[1].c')
})

test('nesting without end is a problem, not a crash', (t) => {
  for (const text of ['['.repeat(50_000), `a: ${'['.repeat(40)}${']'.repeat(40)}`]) {
    t.not(parseText(text, 'x.yaml').problems.length, 0)
  }
})

test('a file that is missing, a folder, too long or not UTF-8 is a problem without a line', (t) => {
  const long = join(folder, 'long.yaml')
  const latin = join(folder, 'latin.yaml')
  writeFileSync(long, `a: ${'x'.repeat(limits.core.documentBytes)}`)
  writeFileSync(latin, Buffer.from([0x61, 0x3a, 0x20, 0xe9]))
  const messages = [join(folder, 'none.yaml'), folder, long, latin].map((file) => {
    const { value, problems } = readDocument(file)
    t.is(value, undefined)
    t.is(problems[0]?.kind, 'unreadable')
    t.is(problems[0]?.line, undefined)
    return problems[0]?.message
  })
  t.is(messages[0], 'cannot be read (ENOENT)')
  t.is(messages[1], 'found something that is not a file')
  t.regex(messages[2] ?? '', /^found \d+ bytes, expected at most/)
  t.is(messages[3], 'expected UTF-8 text')
})

test('any plain value is read back as it was written', (t) => {
  const key = fc
    .string({ minLength: 1, maxLength: 8 })
    .filter((k) => !['<<', '__proto__'].includes(k))
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', maxDepth: 5 },
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      const read = parseText(stringify({ value }, { aliasDuplicateObjects: false }), 'x.yaml')
      t.deepEqual(read.problems, [])
      t.deepEqual(read.value, { value })
    }),
    { numRuns: 300 },
  )
})

test('no text makes the reader throw', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', 'a: ', '- ', '? '),
      (text, start) => {
        t.notThrows(() => parseText(start + text, 'x.yaml'))
      },
    ),
    { numRuns: 1000 },
  )
})
