import test from 'ava'
import * as fc from 'fast-check'

import { limits } from '../../src/core/limits.ts'
import {
  createReplacer,
  type ReplacerOptions,
  type TextRule,
} from '../../src/core/text-replacer.ts'
import { compilePattern, finderOf } from '../../src/resources/replacements.ts'

const literal = (find: string, put?: string): TextRule => ({
  kind: 'literal',
  find,
  put: put === undefined ? undefined : [put],
})

function pattern(text: string, ...put: (string | number)[]): TextRule {
  const answer = compilePattern(text)
  if ('trouble' in answer) throw new Error(answer.trouble.message)
  return { kind: 'pattern', finder: finderOf(answer.compiled), put }
}

function run(options: ReplacerOptions, ...pieces: string[]): string {
  const replacer = createReplacer(options)
  return pieces.map((piece) => replacer.write(piece)).join('') + replacer.end()
}

/** [what, rules, text, what comes out] */
const cases: readonly (readonly [string, readonly TextRule[], string, string])[] = [
  ['nothing is found', [literal('x', 'y')], 'abc', 'abc'],
  ['every place counts', [literal('a', 'bb')], 'aXaa', 'bbXbbbb'],
  ['an empty text deletes', [literal('a', '')], 'abab', 'bb'],
  ['what was put in is not looked at again', [literal('a', 'b'), literal('b', 'a')], 'ab', 'ba'],
  ['what begins first wins', [literal('bc', '2'), literal('ab', '1')], 'abc', '1c'],
  ['at one place the first rule wins', [literal('ab', '1'), literal('abc', '2')], 'abc', '1c'],
  ['what is kept guards it from later rules', [literal('ab'), literal('b', 'x')], 'abb', 'abx'],
  ['groups are put in', [pattern('(a+)(b)?', '<', 1, '|', 2, '>')], 'aabxa', '<aa|b>x<a|>'],
  ['a line may be meant', [pattern('(?m)^a$', 'x')], 'a\nba\na', 'x\nba\nx'],
  ['a text is meant', [pattern('^a', 'x')], 'aa', 'xa'],
  ['what takes nothing is passed over', [pattern('\\bb*', 'x')], 'a b', 'a x'],
]

for (const [what, rules, text, out] of cases) {
  test(`${what}, wherever the text is cut`, (t) => {
    t.is(run({ rules }, text), out)
    t.is(run({ rules }, ...text.split('')), out)
  })
}

test('a match may lie across the windows of a long text, and is one however it is cut', (t) => {
  const { patternWindowChars, patternAheadChars } = limits.core
  const rules = [pattern('key=(\\w+)', 'KEY=', 1), literal('word', 'WORD')]
  for (const at of [-8, -3, -1, 0, 1]) {
    for (const edge of [patternWindowChars, patternWindowChars - patternAheadChars]) {
      const text = `${'.'.repeat(edge + at)}key=abc.word${'.'.repeat(edge)}`
      const expected = text.replace('key=', 'KEY=').replace('word', 'WORD')
      t.is(run({ rules }, text), expected)
      t.is(run({ rules }, text.slice(0, edge), text.slice(edge)), expected)
    }
  }
  const long = `${'.'.repeat(9000)}key=${'a'.repeat(patternAheadChars - 4)}.`
  t.is(run({ rules }, long + long), (long + long).replaceAll('key=', 'KEY='))
})

test('where a text is cut never shows, for texts and patterns alike', (t) => {
  const words = fc.array(fc.constantFrom('a', 'b', 'ab', '\n', 'é', 'c'.repeat(5000)), {
    maxLength: 30,
  })
  const rules = fc.constantFrom(
    [literal('ab', 'x'), literal('b', 'yy')],
    [pattern('(a+)b', 1, '-'), literal('ba', 'z')],
    [pattern('(?s)b.*?a', '<>'), literal('a\n', '')],
  )
  fc.assert(
    fc.property(words, rules, fc.boolean(), fc.array(fc.nat(60_000)), (list, some, lines, cuts) => {
      const text = list.join('')
      const options = { rules: some, isByLine: lines }
      const places = [0, ...cuts.filter((cut) => cut < text.length).toSorted((x, y) => x - y)]
      const pieces = places.map((place, index) => text.slice(place, places[index + 1]))
      t.is(run(options, ...pieces), run(options, text))
    }),
    { numRuns: 200 },
  )
})

test('a line that is there goes out at once where lines are waited for', (t) => {
  const rules = [pattern('b(.)', 1)]
  const replacer = createReplacer({ rules, isByLine: true })
  t.is(replacer.write('data: abc\n\ndata: '), 'data: ac\n\n')
  t.is(replacer.write('bd\n'), 'data: d\n')
  t.is(replacer.end(), '')
})

test('literal texts hold back no more than the longest of them', (t) => {
  const replacer = createReplacer({ rules: [literal('abc', 'x'), literal('z', 'y')] })
  t.is(replacer.write('0123456789'), '01234567')
  t.is(replacer.write('abcab'), '89x')
  t.is(replacer.end(), 'ab')
})

test('what is kept is told by its places in what comes out', (t) => {
  const replacer = createReplacer({ rules: [literal('aa', 'b'), literal('keep')] })
  const out = replacer.write('aakeep..aa..keep') + replacer.end()
  t.is(out, 'bkeep..b..keep')
  t.deepEqual(
    replacer.kept.map((stretch) => out.slice(...stretch)),
    ['keep', 'keep'],
  )
})

test('what is kept is forgotten when it is needed no more, and never without end', (t) => {
  const replacer = createReplacer({ rules: [literal('a')] })
  replacer.write('ab'.repeat(2 * limits.core.keptStretches))
  t.is(replacer.kept.length, limits.core.keptStretches)
  replacer.forget(10_001)
  t.deepEqual(replacer.kept[0], [10_000, 10_001])
  replacer.write('ab')
  t.is(replacer.kept.length, limits.core.keptStretches - 4999)
})

test('a pattern made to hang others takes a time in proportion to the text', (t) => {
  const text = 'a'.repeat(500_000)
  const startedAt = process.cpuUsage()
  t.is(run({ rules: [pattern('(a|a?)+b|(?:a*)*c|[^c]*d', 'x')] }, text), text)
  const { user, system } = process.cpuUsage(startedAt)
  t.true(user + system < 5_000_000, `${user + system} µs`)
})
