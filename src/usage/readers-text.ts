/**
 * Readers by pseudonym as the texts that are stored.
 * @module
 */
import { z } from 'zod'

import { limits } from '../core/limits.ts'
import type { Numbered } from './numbered.ts'
import {
  brokenFigures,
  CellReader,
  documentVersion,
  packedTable,
  parsedDocument,
} from './packed.ts'
import { addFew, categoryWords, Readers, type ReaderGroup, type WorkReaders } from './readers.ts'
import { atOnce, type Steps } from './steps.ts'

/** Of a pseudonym so many characters are kept: 72 bits tell the readers of a country apart. */
export const personChars = 12

const firstReaders = z.strictObject({
  version: z.literal(1),
  persons: z.array(z.string()),
  groups: z.array(z.tuple([z.string(), z.enum(categoryWords), packedTable])),
})
const writtenReaders = z.strictObject({
  version: z.literal(documentVersion),
  groups: packedTable,
  items: packedTable,
  titles: packedTable,
  texts: z.array(z.string()),
})
const readersSchema = z.discriminatedUnion('version', [writtenReaders, firstReaders])
type WrittenReaders = z.output<typeof writtenReaders>

/** Whether lists of readers know all that is told of readers now. */
export function isOfThisVersion(text: string): boolean {
  return text.startsWith(`{"version":${documentVersion},`)
}

/** The text of readers by pseudonym. */
export function textOfReaders(readers: Readers): string {
  return atOnce(writingReaders(readers))
}

/** Likewise, in steps: JSON, of which a list of a million numbers is not written at once. */
export function* writingReaders(readers: Readers): Steps<string> {
  const texts: string[] = []
  const places = {
    wordAt: placesIn(texts, readers.words),
    personAt: placesIn(texts, readers.persons, personChars),
    categoryAt: placesIn(texts, { texts: categoryWords }),
  }
  const groups = yield* packing(readers.groups(), (group) => groupCells(group, places))
  const items = yield* packing(readers.items.all(), (work) => workCells(work, places))
  const titles = yield* packing(readers.titles.all(), (work) => workCells(work, places))
  const tables = `"groups":[${groups}],"items":[${items}],"titles":[${titles}]`
  return `{"version":${documentVersion},${tables},"texts":${JSON.stringify(texts)}}`
}

interface Places {
  readonly wordAt: (number: number) => number
  readonly personAt: (number: number) => number
  readonly categoryAt: (index: number) => number
}

function groupCells({ resource, category, unit, site, persons }: ReaderGroup, places: Places) {
  const { wordAt, personAt, categoryAt } = places
  const side = [categoryAt(categoryWords.indexOf(category)), wordAt(unit), wordAt(site)]
  const distinct = persons.distinct()
  const cells = [wordAt(resource), ...side, distinct.length]
  for (const person of distinct) cells.push(personAt(person))
  return cells
}

function workCells({ resource, work, persons }: WorkReaders, { wordAt, personAt }: Places) {
  return [wordAt(resource), wordAt(work), persons.length, ...persons.map(personAt)]
}

/** Puts texts into a document when they are asked for by number; answers where they stand. */
function placesIn(
  texts: string[],
  { texts: own }: { readonly texts: readonly string[] },
  chars?: number,
): (number: number) => number {
  const places: number[] = own.map(() => -1)
  return (number) => {
    const known = places[number] ?? -1
    if (known >= 0) return known
    const place = texts.push((own[number] ?? '').slice(0, chars)) - 1
    places[number] = place
    return place
  }
}

/** The inside of a list of numbers. */
function* packing<Row>(rows: Iterable<Row>, cellsOf: (row: Row) => number[]): Steps<string> {
  const parts: string[] = []
  let cells: number[] = []
  for (const row of rows) {
    for (const cell of cellsOf(row)) cells.push(cell)
    if (cells.length < limits.usage.cellsAtOnce) continue
    parts.push(cells.join(','))
    cells = []
    yield
  }
  if (cells.length > 0) parts.push(cells.join(','))
  return parts.join(',')
}

/**
 * The readers of a text; of lists of version 1 nobody's faculty and campus are known.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function readersOf(text: string): Readers {
  const readers = new Readers()
  atOnce(addingReaders(readers, text))
  return readers
}

/** Adds the readers of a text to others likewise, in steps. */
export function* addingReaders(readers: Readers, text: string): Steps<void> {
  const found = parsedDocument(readersSchema, text)
  yield
  if (found.version === 1) addFirstReaders(readers, found)
  else yield* addingWritten(readers, found)
}

function* addingWritten(readers: Readers, found: WrittenReaders): Steps<void> {
  const cells = new CellReader(found.texts)
  const wordOf = numbersIn(readers.words, found.texts)
  const personOf = numbersIn(readers.persons, found.texts)
  yield* cells.reading(found.groups, () => {
    const resource = wordOf(cells.textNumber())
    const category = cells.oneOf(categoryWords)
    const side = readers.sideOf(category, wordOf(cells.textNumber()), wordOf(cells.textNumber()))
    const persons = readers.groupOf(resource, side)
    for (let left = cells.number(); left > 0; left--) persons.add(personOf(cells.textNumber()))
  })
  for (const [works, packed] of [
    [readers.items, found.items],
    [readers.titles, found.titles],
  ] as const) {
    yield* cells.reading(packed, () => {
      const persons = works.personsOf(wordOf(cells.textNumber()), wordOf(cells.textNumber()))
      for (let left = cells.number(); left > 0; left--)
        addFew(persons, personOf(cells.textNumber()))
    })
  }
}

/** Of the numbers of a document's texts those of the same texts elsewhere, each looked for once. */
function numbersIn(numbered: Numbered, texts: readonly string[]): (number: number) => number {
  const numbers: number[] = texts.map(() => -1)
  return (number) => {
    const known = numbers[number] ?? -1
    if (known >= 0) return known
    const found = numbered.numberOf(texts[number] ?? '')
    numbers[number] = found
    return found
  }
}

function addFirstReaders(readers: Readers, found: z.output<typeof firstReaders>): void {
  for (const [resourceId, category, numbers] of found.groups) {
    for (const index of numbers) {
      const person = found.persons[index]
      if (person === undefined) throw brokenFigures('a person is missing')
      readers.add(resourceId, { category, unit: '', site: '' }, person)
    }
  }
}
