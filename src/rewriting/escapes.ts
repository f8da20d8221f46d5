/**
 * Escapes undone for reading, with the way back: URLs are recognised in the text as the browser
 * reads it, and the edits go to the places where it stands in the source.
 * @module
 */
import type { Edit } from './scanner.ts'

/** A text as the browser reads it. */
export interface Unescaped {
  readonly text: string
  /** Where each character begins in the source, with one more for the end; absent when equal. */
  readonly places?: readonly number[]
}

/** Named references that can stand within a URL or around one (HTML Standard, 13.5). */
const namedReferences: Readonly<Record<string, string>> = {
  AMP: '&',
  GT: '>',
  LT: '<',
  NewLine: '\n',
  QUOT: '"',
  Tab: '\t',
  amp: '&',
  apos: "'",
  bsol: '\\',
  colon: ':',
  comma: ',',
  commat: '@',
  equals: '=',
  excl: '!',
  grave: '`',
  gt: '>',
  hyphen: '\u2010',
  lbrace: '{',
  lbrack: '[',
  lcub: '{',
  lowbar: '_',
  lpar: '(',
  lsqb: '[',
  lt: '<',
  num: '#',
  percnt: '%',
  period: '.',
  quest: '?',
  quot: '"',
  rpar: ')',
  semi: ';',
  sol: '/',
}

/** Four names do without a semicolon, but not before what may go on with a parameter's name. */
const reference =
  /&(?:#(0*\d{1,7}|[xX]0*[\da-fA-F]{1,6});?|([a-zA-Z]{2,8});|(amp|gt|lt|quot|AMP|GT|LT|QUOT)(?![\w=]))/g
const cssEscape = /\\(?:([\da-fA-F]{1,6})(?:\r\n|[ \t\n\f\r])?|(\r\n|[\n\f\r])|([^]))/g
/** ASCII only: the bytes of other characters are those of the body's text. */
const percentEscape = /%([2-7][\da-fA-F])/g
const ignoredInUrls = /[\t\n\r]/g

/** Character references undone. */
export function unescapeMarkup(source: string): Unescaped {
  if (!source.includes('&')) return { text: source }
  return unescapeWith(source, reference, ([whole, number, closed, open]) => {
    if (number !== undefined) return codePoint(number.replace(/^[xX]/, '0x'))
    const name = closed ?? open ?? ''
    return Object.hasOwn(namedReferences, name) ? (namedReferences[name] ?? whole) : whole
  })
}

/** CSS escapes undone (CSS Syntax 3, 4.3.7). */
export function unescapeCss(source: string): Unescaped {
  if (!source.includes('\\')) return { text: source }
  return unescapeWith(source, cssEscape, ([, hex, newline, other]) => {
    if (hex !== undefined) return codePoint(`0x${hex}`)
    return newline === undefined ? (other ?? '') : ''
  })
}

/** Percent signs undone, as browsers do before they run a `javascript:` URL. */
export function unescapePercent(source: string): Unescaped {
  if (!source.includes('%')) return { text: source }
  return unescapeWith(source, percentEscape, ([, hex]) => codePoint(`0x${hex}`))
}

/** Tabs and line ends removed, which URL parsers ignore anywhere (URL Standard, 4.4). */
export function withoutLineEnds(source: string): Unescaped {
  if (source.search(ignoredInUrls) === -1) return { text: source }
  return unescapeWith(source, ignoredInUrls, () => '')
}

/** Moves edits from the text as read to the source, which begins at `base`. */
export function placeEdits(edits: readonly Edit[], unescaped: Unescaped, base: number): Edit[] {
  const { places } = unescaped
  if (places === undefined && base === 0) return [...edits]
  const placeOf = (index: number): number => base + (places?.[index] ?? index)
  return edits.map(({ start, end, text }) => ({ start: placeOf(start), end: placeOf(end), text }))
}

function unescapeWith(
  source: string,
  pattern: RegExp,
  read: (match: RegExpMatchArray) => string,
): Unescaped {
  const places: number[] = []
  let text = ''
  let at = 0
  const copyTo = (end: number): void => {
    text += source.slice(at, end)
    for (; at < end; at += 1) places.push(at)
  }
  for (const match of source.matchAll(pattern)) {
    copyTo(match.index)
    const plain = read(match)
    // A reference that is none stays as it is written, character for character.
    if (plain === match[0]) continue
    text += plain
    for (let index = 0; index < plain.length; index += 1) places.push(match.index)
    at = match.index + match[0].length
  }
  copyTo(source.length)
  places.push(source.length)
  return { text, places }
}

function codePoint(number: string): string {
  const value = Number(number)
  return value > 0 && value <= 0x10ffff ? String.fromCodePoint(value) : '\ufffd'
}
