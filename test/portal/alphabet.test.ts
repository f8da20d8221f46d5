/** Letters, sorting and searching in two scripts. */
import * as fc from 'fast-check'
import test from 'ava'

import { compareTitles, folded, letterOf, letterRows } from '../../src/portal/alphabet.ts'

test('the Kyrgyz alphabet sorts in its own order', (t) => {
  const shuffled = [...letterRows.cyrillic].toReversed()
  t.deepEqual(shuffled.toSorted(compareTitles), [...letterRows.cyrillic])
})

test('titles sort by script, then as a dictionary does', (t) => {
  const sorted = [
    'Ала-Тоо',
    'Ёлка',
    'Жаз',
    'Ңй',
    'Өнөр',
    'Үй',
    '3D Atlas',
    '20 Atlas',
    '«Brill»',
    'Éditions',
    'JSTOR',
  ]
  t.deepEqual(sorted.toReversed().toSorted(compareTitles), [
    'Ала-Тоо',
    'Ёлка',
    'Жаз',
    'Ңй',
    'Өнөр',
    'Үй',
    '3D Atlas',
    '20 Atlas',
    '«Brill»',
    'Éditions',
    'JSTOR',
  ])
})

for (const [title, letter] of [
  ['JSTOR', 'J'],
  ['éditions', 'E'],
  ['«Ала-Тоо»', 'А'],
  ['ёлка', 'Ё'],
  ['йод', 'Й'],
  ['ңй', 'Ң'],
  ['өнөр', 'Ө'],
  ['3D Atlas', '0'],
  ['٣', '0'],
  ['中国知网', '…'],
  ['Łódź', '…'],
  ['', '…'],
  ['!!!', '…'],
] as const) {
  test(`"${title}" stands under ${letter}`, (t) => t.is(letterOf(title), letter))
}

for (const [typed, stored] of [
  ['онор', 'Өнөр'],
  ['уй', 'Үй'],
  ['тон', 'Тоң'],
  ['елка', 'Ёлка'],
  ['editions', 'Éditions'],
  ['\u0435\u0308лка', 'ёлка'],
] as const) {
  test(`a search for "${typed}" finds "${stored}"`, (t) => t.is(folded(typed), folded(stored)))
}

test('й is not и', (t) => t.not(folded('йод'), folded('иод')))

test('folding twice is folding once, and every title has a letter of the bar', (t) => {
  const letters = new Set<string>(Object.values(letterRows).flat())
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      t.is(folded(folded(text)), folded(text))
      t.true(letters.has(letterOf(text)))
      t.is(compareTitles(text, text), 0)
    }),
  )
})
