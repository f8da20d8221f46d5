/**
 * Tables as compact JSON: each text once, each row as numbers, so that a year of figures is read in
 * a fraction of a second. What is read back is checked cell by cell.
 * @module
 */
import { z } from 'zod'

import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { Numbered } from './numbered.ts'
import type { Steps } from './steps.ts'

/**
 * Of the documents that are written. Those of version 1 are read as well: they tell readers apart by
 * category alone, and do not know those of an item.
 */
export const documentVersion = 2

/** How the rows of one table are written and read, cell after cell. */
export interface Table<Row> {
  readonly write: (row: Row, cells: CellWriter) => void
  readonly read: (cells: CellReader) => Row
}

/** What a packed table is in JSON; its numbers are checked one by one as they are read. */
export const packedTable = z.custom<readonly number[]>(Array.isArray, 'expected a list of numbers')

/** Takes the cells of rows. */
export class CellWriter {
  readonly #texts = new Numbered()
  #cells: number[] = []

  /** Texts by number. */
  get texts(): string[] {
    return this.#texts.texts
  }

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
    return this.#texts.numberOf(text)
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

  /** Lets the rows of a packed table be read one by one, in steps. */
  *reading(cells: readonly number[], readRow: () => void): Steps<void> {
    this.#cells = cells
    this.#at = 0
    for (let rows = 1; this.#at < cells.length; rows++) {
      readRow()
      if (rows % limits.usage.rowsAtOnce === 0) yield
    }
    yield
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

  /** A text by its number among those of the document. */
  textNumber(): number {
    const cell = this.#cells[this.#at++]
    if (cell === undefined || this.#texts[cell] === undefined) {
      throw brokenFigures('a text is missing')
    }
    return cell
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

const versioned = z.looseObject({ version: z.int() })

/**
 * A document of figures or readers.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function parsedDocument<Output>(schema: z.ZodType<Output>, text: string): Output {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch (cause) {
    throw brokenFigures('the document cannot be read', cause)
  }
  const other = versioned.safeParse(found).data?.version ?? documentVersion
  if (other < 1 || other > documentVersion) {
    throw brokenFigures(
      `the document is of version ${other}, this gateway reads up to ${documentVersion}`,
    )
  }
  const { data, error } = schema.safeParse(found)
  if (data === undefined) throw brokenFigures('the document is not as expected', error)
  return data
}
