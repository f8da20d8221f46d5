/**
 * Style sheets: `url()`, `src()`, `@import`, `image-set()` and selectors by address. Namespaces,
 * `content` and comments are not addresses.
 *
 * Source: CSS Syntax 3 (tokens and escapes), CSS Images 4 (`image-set`), CSS Cascade 5 (`@import`).
 * @module
 */
import { urlEdits, type AddressMapper } from './address.ts'
import { placeEdits, unescapeCss } from './escapes.ts'
import type { Edit, Scanner, Window } from './scanner.ts'

type Mode = 'comment' | 'normal' | 'string' | 'url'

/** What a string is, where it stands. */
type Place = 'anywhere' | 'import' | 'image-set' | 'namespace'

/** So much of an address is looked at: its scheme and host, however escaped, stand in front. */
const addressChars = 2048
/** Longest word that begins something: `-webkit-image-set(`. */
const wordChars = 24

const tokens = /\/\*|["'();{}\\]|@(?:import|namespace)|(?:url|src|image-set)\(/gi
/** Those that count where nothing is begun; each begins with a mark that is seldom in style sheets. */
const firstTokens = /\/\*|["'\\]|@(?:import|namespace)|(?<=(url|src|image-set))\(/gi
const addressEnds: Readonly<Record<string, RegExp>> = {
  // A line end behind a backslash belongs to the string.
  '"': /"|(?<!\\\r?)\n/g,
  "'": /'|(?<!\\\r?)\n/g,
  // A blank behind a hexadecimal escape belongs to it.
  ')': /[)"'(]|(?<!\\[\da-fA-F]{1,6})[ \t\n\r\f]/g,
}
const stringStops: Readonly<Record<string, RegExp>> = {
  '"': /["\\\n\r\f]/g,
  "'": /['\\\n\r\f]/g,
}
const urlStops = /[)\\]/g
const blanks = /[ \t\n\r\f]*/y
/** A selector of elements by an address, which has moved in the document. */
const addressSelector = /\[[ \t]*(?:href|src|action|data|poster)[ \t]*\^?=[ \t]*$/i
const selectorChars = 32

/** A scanner of a style sheet, or of the declarations of a style attribute. */
export function createStyleScanner(mapper: AddressMapper): Scanner {
  return new StyleScanner(mapper)
}

class StyleScanner implements Scanner {
  readonly #mapper: AddressMapper
  #mode: Mode = 'normal'
  #quote = '"'
  #place: Place = 'anywhere'
  /** Parentheses open within `image-set(`. */
  #depth = 0

  constructor(mapper: AddressMapper) {
    this.#mapper = mapper
  }

  scan(window: Window, edits: Edit[]): number {
    let at = window.from
    while (at < window.end) {
      const next = this.#step(window, at, edits)
      if (next === undefined || next === at) return at
      at = next
    }
    return at
  }

  #step(window: Window, at: number, edits: Edit[]): number | undefined {
    if (this.#mode === 'normal') return this.#inNormal(window, at, edits)
    if (this.#mode === 'comment') return this.#inComment(window, at)
    const { text, end, isLast } = window
    const pattern = this.#mode === 'url' ? urlStops : (stringStops[this.#quote] ?? urlStops)
    pattern.lastIndex = at
    const stop = pattern.exec(text)?.index ?? end
    if (stop >= end) return end
    if (text[stop] !== '\\') {
      this.#mode = 'normal'
      return stop + 1
    }
    // Decided up to here, behind the address that may stand before: its edit is made already.
    if (!isLast && stop + 2 >= end) return stop
    return Math.min(stop + (text.startsWith('\r\n', stop + 1) ? 3 : 2), end)
  }

  #inComment({ text, end, isLast }: Window, at: number): number {
    const close = text.indexOf('*/', at)
    if (close !== -1 && close + 2 <= end) {
      this.#mode = 'normal'
      return close + 2
    }
    return isLast || text[end - 1] !== '*' ? end : end - 1
  }

  #inNormal(window: Window, at: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    const pattern = this.#place === 'anywhere' ? firstTokens : tokens
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null || pattern.lastIndex > end) {
      if (isLast) return end
      return end - wordChars > at ? end - wordChars : undefined
    }
    const token = ((match[1] ?? '') + match[0]).toLowerCase()
    const next = pattern.lastIndex
    const start = next - token.length
    if (token.length === 1) return this.#atCharacter(window, start, token, edits)
    if (token === '/*') this.#mode = 'comment'
    else if (token === '@import') this.#place = 'import'
    else if (token === '@namespace') this.#place = 'namespace'
    else if (token === 'image-set(') this.#enterImageSet()
    else if (/[\w-]/.test(text[start - 1] ?? '')) return next
    else return this.#atFunction(window, next, edits)
    return next
  }

  #enterImageSet(): void {
    if (this.#place === 'image-set') this.#depth += 1
    else if (this.#place === 'anywhere') {
      this.#place = 'image-set'
      this.#depth = 1
    }
  }

  /** At `url(` or `src(`: its address, quoted or not. */
  #atFunction(window: Window, at: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    blanks.lastIndex = at
    blanks.test(text)
    const start = Math.min(blanks.lastIndex, end)
    if (!isLast && start + 1 >= end) return start - at > addressChars ? at : undefined
    const quote = text[start]
    if (quote === '"' || quote === "'") {
      const next = this.#atString(window, start, quote, edits, this.#place !== 'namespace')
      // The parenthesis that closes comes after the string and needs no attention of its own.
      if (next !== undefined && this.#place === 'image-set') this.#depth += 1
      return next
    }
    if (!this.#address(window, start, ')', edits)) return undefined
    if (this.#place === 'import') this.#place = 'anywhere'
    this.#mode = 'url'
    return start
  }

  #atCharacter(window: Window, at: number, character: string, edits: Edit[]): number | undefined {
    if (character === '\\') return window.isLast || at + 1 < window.end ? at + 2 : undefined
    if (character === '"' || character === "'") {
      const isAddress =
        this.#place === 'import' ||
        (this.#place === 'image-set' && this.#depth === 1) ||
        addressSelector.test(window.text.slice(Math.max(0, at - selectorChars), at))
      return this.#atString(window, at, character, edits, isAddress)
    }
    if (this.#place === 'image-set' && character === '(') this.#depth += 1
    if (this.#place === 'image-set' && character === ')') this.#depth -= 1
    const isOver = this.#place === 'image-set' ? this.#depth <= 0 : /[;{}]/.test(character)
    if (isOver || /[;{}]/.test(character)) this.#place = 'anywhere'
    return at + 1
  }

  #atString(
    window: Window,
    at: number,
    quote: string,
    edits: Edit[],
    isAddress: boolean,
  ): number | undefined {
    if (isAddress && !this.#address(window, at + 1, quote, edits)) return undefined
    if (this.#place === 'import') this.#place = 'anywhere'
    this.#mode = 'string'
    this.#quote = quote
    return at + 1
  }

  /** Maps the address at `start`; false when its host may go on behind the window. */
  #address(window: Window, start: number, closer: string, edits: Edit[]): boolean {
    const { text, end, isLast } = window
    if (this.#place === 'namespace') return true
    const most = Math.min(start + addressChars, end)
    const pattern = addressEnds[closer] ?? urlStops
    pattern.lastIndex = start
    const stop = pattern.exec(text)?.index ?? most
    if (!isLast && stop >= end && most === end) return false
    const unescaped = unescapeCss(text.slice(start, Math.min(stop, most)))
    edits.push(...placeEdits(urlEdits(unescaped.text, this.#mapper), unescaped, start))
    return true
  }
}
