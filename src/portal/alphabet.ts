/**
 * Letters of the list of databases: how titles sort, under which letter they stand, and what a
 * search takes for the same.
 *
 * Source: CLDR root and Kyrgyz collation through `Intl.Collator`; plain code point order would put
 * Ё before А and Ң, Ө, Ү after Я.
 * @module
 */

/** What titles stand under, in order: capital letters, `0` for any digit, `…` for other scripts. */
export const letterRows = {
  cyrillic: Array.from('АБВГДЕЁЖЗИЙКЛМНҢОӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯ'),
  // Titles that begin with a digit are Latin for the most part.
  latin: Array.from('0ABCDEFGHIJKLMNOPQRSTUVWXYZ…'),
} as const

const order = new Map(
  Object.values(letterRows)
    .flat()
    .map((letter, index) => [letter, index]),
)

const collator = new Intl.Collator('ky', { numeric: true, ignorePunctuation: true })

/** Compares titles: Cyrillic, digits, Latin, the rest; within them as a Kyrgyz dictionary does. */
export function compareTitles(one: string, other: string): number {
  return rank(one) - rank(other) || collator.compare(one, other)
}

/** The letter of `letterRows` that a title stands under: `0` for any digit, `…` for other scripts. */
export function letterOf(title: string): string {
  const first = /[\p{L}\p{N}]\p{M}*/u.exec(title)?.[0] ?? ''
  if (/\p{N}/u.test(first)) return '0'
  const letter = withoutLatinMarks(first).toUpperCase()
  return order.has(letter) ? letter : '…'
}

/**
 * Text as a search compares it: lower case, Kyrgyz letters as the Russian ones that many readers
 * type for them, Latin letters without marks. Й stays: decomposing would make И of it.
 */
export function folded(text: string): string {
  return withoutLatinMarks(text.normalize('NFC').toLowerCase()).replaceAll(
    /[ңөүё]/g,
    (letter) => lookAlikes[letter] ?? letter,
  )
}

const lookAlikes: Readonly<Record<string, string>> = { ң: 'н', ө: 'о', ү: 'у', ё: 'е' }

function withoutLatinMarks(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC')
}

function rank(title: string): number {
  return order.get(letterOf(title)) ?? order.size
}
