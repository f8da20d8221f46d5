/**
 * Figures and readers as the texts that are stored.
 * @module
 */
import { z } from 'zod'

import type { Figures, Period } from '../core/figures.ts'
import type { Category } from '../core/types.ts'
import {
  categoryWords,
  cellTable,
  denialTable,
  hourTable,
  itemTable,
  poolTable,
  readerTable,
} from './figure-tables.ts'
import { brokenFigures, CellReader, CellWriter, packedTable } from './packed.ts'
import { Readers } from './readers.ts'

const number = z.int().min(0)
const figuresSchema = z.strictObject({
  texts: z.array(z.string()),
  cells: packedTable,
  hours: packedTable,
  denials: packedTable,
  items: packedTable,
  readers: packedTable,
  pools: packedTable,
  leftOut: z.strictObject({
    robots: number,
    doubleClicks: number,
    prefetches: number,
    otherStatuses: number,
  }),
})

/** The text of figures; whether they are final is known from what is still kept. */
export function textOfFigures(figures: Figures): string {
  const writer = new CellWriter()
  return JSON.stringify({
    cells: writer.pack(cellTable, figures.cells),
    hours: writer.pack(hourTable, figures.hours),
    denials: writer.pack(denialTable, figures.denials),
    items: writer.pack(itemTable, figures.items),
    readers: writer.pack(readerTable, figures.readers),
    pools: writer.pack(poolTable, figures.pools),
    leftOut: figures.leftOut,
    texts: writer.texts,
  } satisfies z.input<typeof figuresSchema>)
}

/**
 * The figures of a text.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function figuresOf(period: Period, text: string): Omit<Figures, 'isFinal'> {
  const { texts, leftOut, ...tables } = parsed(figuresSchema, text)
  const reader = new CellReader(texts)
  return {
    period,
    cells: reader.unpack(cellTable, tables.cells),
    hours: reader.unpack(hourTable, tables.hours),
    denials: reader.unpack(denialTable, tables.denials),
    items: reader.unpack(itemTable, tables.items),
    readers: reader.unpack(readerTable, tables.readers),
    pools: reader.unpack(poolTable, tables.pools),
    leftOut,
  }
}

const readersSchema = z.strictObject({
  persons: z.array(z.string()),
  groups: z.array(z.tuple([z.string(), z.enum(categoryWords), z.array(number)])),
})

/** Of a pseudonym so many characters are kept: 72 bits tell the readers of a country apart. */
export const personChars = 12

/** The text of readers by pseudonym. */
export function textOfReaders(readers: Readers): string {
  const writer = new CellWriter()
  const groups = [...readers.groups()].map(
    ({ resourceId, category, persons }): [string, Category | '', number[]] => [
      resourceId,
      category,
      [...persons].map((person) => writer.numberOf(person.slice(0, personChars))),
    ],
  )
  return JSON.stringify({ groups, persons: writer.texts } satisfies z.input<typeof readersSchema>)
}

/**
 * The readers of a text.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function readersOf(text: string): Readers {
  const { persons, groups } = parsed(readersSchema, text)
  const readers = new Readers()
  for (const [resourceId, category, numbers] of groups) {
    for (const index of numbers) {
      const person = persons[index]
      if (person === undefined) throw brokenFigures('a person is missing')
      readers.add(resourceId, category, person)
    }
  }
  return readers
}

function parsed<Output>(schema: z.ZodType<Output>, text: string): Output {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw brokenFigures('the document cannot be read', cause)
  }
}
