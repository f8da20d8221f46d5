/**
 * Tables as compact JSON: each text once, each row as numbers, so that a year of figures is read in
 * a fraction of a second. What is read back is checked cell by cell.
 * @module
 */
import { z } from 'zod'

import { GatewayError } from '../core/errors.ts'

/** How the rows of one table are written and read, cell after cell. */
export interface Table<Row> {
  readonly write: (row: Row, cells: CellWriter) => void
  readonly read: (cells: CellReader) => Row
}

/** What a packed table is in JSON; its numbers are checked one by one as they are read. */
export const packedTable = z.custom<readonly number[]>(Array.isArray, 'expected a list of numbers')

/** Takes the cells of rows. */
export class CellWriter {
  /** Texts by number. */
  readonly texts: string[] = []
  readonly #numbers = new Map<string, number>()
  #cells: number[] = []

  /** The rows of a table as one list of numbers. */
  pack<Row>(table: Table<Row>, rows: readonly Row[]): number[] {
    this.#cells = []
    for (const row of rows) table.write(row, this)
    return this.#cells
  }

  number(value: number): void {
    this.#cells.push(value)
  }

  /** -1 where there is none. */
  text(value: string | undefined): void {
    this.#cells.push(value === undefined ? -1 : this.numberOf(value))
  }

  numberOf(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }
}

/** Gives the cells of rows; whatever is not what was asked for throws `ERR_STORE_DATA`. */
export class CellReader {
  readonly #texts: readonly string[]
  #cells: readonly number[] = []
  #at = 0

  constructor(texts: readonly string[]) {
    this.#texts = texts
  }

  /** The rows of a packed table. */
  unpack<Row>(table: Pick<Table<Row>, 'read'>, cells: readonly number[]): Row[] {
    this.#cells = cells
    this.#at = 0
    const rows: Row[] = []
    while (this.#at < cells.length) rows.push(table.read(this))
    return rows
  }

  number(): number {
    const cell = this.#cells[this.#at++]
    if (cell === undefined || !Number.isSafeInteger(cell) || cell < 0) {
      throw brokenFigures('a number is missing')
    }
    return cell
  }

  text(): string {
    const text = this.optionalText()
    if (text === undefined) throw brokenFigures('a text is missing')
    return text
  }

  optionalText(): string | undefined {
    const cell = this.#cells[this.#at++]
    if (cell === -1) return undefined
    const text = cell === undefined ? undefined : this.#texts[cell]
    if (text === undefined) throw brokenFigures('a text is missing')
    return text
  }

  /** One of a closed list. */
  oneOf<Word extends string>(words: readonly Word[]): Word {
    return this.#known(this.text(), words)
  }

  /** One of a closed list, if there is one. */
  optionalOf<Word extends string>(words: readonly Word[]): Word | undefined {
    const text = this.optionalText()
    return text === undefined ? undefined : this.#known(text, words)
  }

  #known<Word extends string>(text: string, words: readonly Word[]): Word {
    const texts: readonly string[] = words
    const word = words[texts.indexOf(text)]
    if (word === undefined) throw brokenFigures('a word is not of its list')
    return word
  }
}

/** What is wrong with stored figures. */
export function brokenFigures(what: string, cause?: unknown): GatewayError {
  return new GatewayError('ERR_STORE_DATA', `figures of use: ${what}`, { cause })
}
