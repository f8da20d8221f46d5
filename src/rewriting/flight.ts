/**
 * Rows of React server components that a document carries in its scripts, piece by piece: text rows
 * say how many bytes they have, so that an address within one stays. The browser's shim maps it when
 * the text becomes markup; another length would break every row behind.
 *
 * Source: React's `ReactFlightClient` (rows), Next.js (`self.__next_f.push([1,"…"])`) and
 * rsc-html-stream (`(self.__FLIGHT_DATA||=[]).push("…")`), which both write JSON strings.
 * @module
 */
import type { Edit, Scanner, Window } from './scanner.ts'

const push =
  /[ \t\n\r]*(?:\(?self\.__next_f(?:=self\.__next_f\|\|\[\]\))?\.push\(\[1,|\(self\.__FLIGHT_DATA\|\|=\[\]\)\.push\()"/y
/** The longest beginning that is told from others, with some blanks. */
const pushChars = 64
/** The letters of rows with a length: text, and binary data. */
export const sizedRow = 'AGLMOSTUVbglmos'

type Place = 'bytes' | 'id' | 'length' | 'line' | 'tag'

/** Where the rows of one document stand: they go on from script to script. */
export class FlightRows {
  #place: Place = 'id'
  #length = ''
  #bytesLeft = 0

  get isInBytes(): boolean {
    return this.#place === 'bytes'
  }

  /** Takes the next character, which is so many bytes in UTF-8. */
  take(character: string, bytes: number): void {
    if (this.#place === 'bytes') {
      this.#bytesLeft -= bytes
      if (this.#bytesLeft <= 0) this.#place = 'id'
    } else if (this.#place === 'length') this.#takeLength(character)
    else if (this.#place === 'tag' && character !== '\n') {
      this.#place = sizedRow.includes(character) ? 'length' : 'line'
      this.#length = ''
    } else if (character === '\n') this.#place = 'id'
    else if (this.#place === 'id' && character === ':') this.#place = 'tag'
  }

  #takeLength(character: string): void {
    if (/[\da-f]/.test(character) && this.#length.length < 8) {
      this.#length += character
      return
    }
    this.#bytesLeft = character === ',' ? Number.parseInt(this.#length || '0', 16) : 0
    this.#place = this.#bytesLeft > 0 ? 'bytes' : character === ',' ? 'id' : 'line'
  }
}

/** A script's scanner that leaves alone what stands in rows with a length. */
export function createRowsGuard(script: Scanner, rows: FlightRows): Scanner {
  return new RowsGuard(script, rows)
}

class RowsGuard implements Scanner {
  readonly #script: Scanner
  readonly #rows: FlightRows
  #state: 'no rows' | 'rows' | 'unknown' = 'unknown'
  /** How far the string has been read, in the whole. */
  #readTo = 0

  constructor(script: Scanner, rows: FlightRows) {
    this.#script = script
    this.#rows = rows
  }

  scan(window: Window, edits: Edit[]): number {
    const { text, from, end, isLast, base } = window
    if (this.#state === 'unknown') {
      if (!isLast && from + pushChars > end) return from
      push.lastIndex = from
      this.#state = push.test(text) ? 'rows' : 'no rows'
      this.#readTo = base + push.lastIndex
    }
    if (this.#state === 'no rows') return this.#script.scan(window, edits)
    const found: Edit[] = []
    const next = this.#script.scan(window, found)
    for (const edit of found) {
      this.#read(window, edit.start)
      if (!this.#isInRow) edits.push(edit)
    }
    this.#read(window, next)
    return next
  }

  get #isInRow(): boolean {
    return this.#state === 'rows' && this.#rows.isInBytes
  }

  /** Reads the string up to a place, or a little before it where that cuts an escape. */
  #read({ text, base }: Window, to: number): void {
    let at = this.#readTo - base
    while (this.#state === 'rows' && at < to) {
      const character = text[at]
      if (character === '"') this.#state = 'no rows'
      const chars = character !== '\\' ? 1 : text[at + 1] === 'u' ? 6 : 2
      if (at + chars > to) break
      if (chars === 1) this.#rows.take(character ?? '', 1)
      else this.#takeEscape(text.slice(at + 1, at + chars))
      at += chars
    }
    this.#readTo = base + at
  }

  #takeEscape(escape: string): void {
    if (escape.length === 1) {
      this.#rows.take(escape === 'n' ? '\n' : escape, 1)
      return
    }
    const code = Number.parseInt(escape.slice(1), 16)
    const isSurrogate = code >= 0xd800 && code < 0xe000
    // A pair of surrogates is four bytes.
    const bytes = code < 0x80 ? 1 : code < 0x800 || isSurrogate ? 2 : 3
    this.#rows.take(String.fromCharCode(code), bytes)
  }
}
