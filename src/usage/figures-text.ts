/**
 * Figures as the texts that are stored.
 * @module
 */
import { z } from 'zod'

import { metrics, type Cell, type Figures, type HourCell, type Period } from '../core/figures.ts'
import { countedIn, type CountRow } from './count-rows.ts'
import {
  denialTable,
  firstItemTable,
  firstReaderTable,
  itemTable,
  metricTable,
  poolTable,
  readerTable,
  sideTable,
  titleTable,
} from './figure-tables.ts'
import { packCounts, unpackCounts, type Counted } from './packed-counts.ts'
import {
  brokenFigures,
  CellReader,
  CellWriter,
  documentVersion,
  packedTable,
  parsedDocument,
} from './packed.ts'
import { cellsOf, Sides, type Side } from './sides.ts'
import { atOnce, type Steps } from './steps.ts'

const number = z.int().min(0)
const firstFigures = {
  version: z.literal(1),
  texts: z.array(z.string()),
  metrics: packedTable,
  sides: packedTable,
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
  /** How many of the lines that follow are of cells; the others are of hours. */
  cellLines: number,
}
const writtenFigures = {
  ...firstFigures,
  version: z.literal(documentVersion),
  titles: packedTable,
}
const figuresSchema = z.discriminatedUnion('version', [
  z.strictObject(writtenFigures),
  z.strictObject(firstFigures),
])

/** The text of figures; whether they are final is known from what is still kept. */
export function textOfFigures(figures: Figures): string {
  return atOnce(writingFigures(figures))
}

/** Likewise, in steps: one JSON object and, a line each, the counts of cells and of hours. */
export function* writingFigures(figures: Figures): Steps<string> {
  const writer = new CellWriter()
  const sides = new Sides()
  const numberOf = (text: string) => writer.numberOf(text)
  const cellLines = yield* packCounts(countedCells(figures, sides), numberOf)
  const hourLines = yield* packCounts(countedHours(figures), numberOf)
  const sideCells = writer.pack(sideTable, sides.list)
  const denials = writer.pack(denialTable, figures.denials)
  yield
  const items = writer.pack(itemTable, figures.items)
  yield
  const titles = writer.pack(titleTable, figures.titles)
  const readers = writer.pack(readerTable, figures.readers)
  yield
  const head = {
    version: documentVersion,
    metrics: writer.pack(metricTable, metrics),
    sides: sideCells,
    denials,
    items,
    titles,
    readers,
    pools: writer.pack(poolTable, figures.pools),
    leftOut: figures.leftOut,
    cellLines: cellLines.length,
    texts: writer.texts,
  } satisfies z.input<typeof figuresSchema>
  yield
  return [JSON.stringify(head), ...cellLines, ...hourLines].join('\n')
}

function* countedCells({ cells }: Figures, sides: Sides): Generator<Counted> {
  for (const cell of cells) {
    const { resourceId, metric, count } = cell
    yield { resourceId, beside: sides.numberOf(cell), metric, count }
  }
}

function* countedHours({ hours }: Figures): Generator<Counted> {
  for (const { resourceId, hour, metric, count } of hours) {
    yield { resourceId, beside: hour, metric, count }
  }
}

/**
 * The figures of a text.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function figuresOf(period: Period, text: string): Omit<Figures, 'isFinal'> {
  return atOnce(readingFigures(period, text))
}

/** Likewise, in steps. */
export function* readingFigures(period: Period, text: string): Steps<Omit<Figures, 'isFinal'>> {
  const cells: Cell[] = []
  const hours: HourCell[] = []
  const rest = yield* readingRows(text, {
    takeCells(side, row) {
      cells.push(...cellsOf(side, row))
    },
    takeHours({ resourceId, beside: hour, counts }) {
      for (const { metric, count } of countedIn(counts)) {
        hours.push({ resourceId, hour, metric, count })
      }
    },
  })
  return { period, cells, hours, ...rest }
}

/** Takes the rows of a document, cells before hours; the counts of a row are its own until the next one. */
export interface RowTaker {
  takeCells(side: Side, row: CountRow): void
  takeHours(row: CountRow): void
}

/**
 * Reads a document without making a cell of each number, and returns what is not in rows.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function* readingRows(
  text: string,
  { takeCells, takeHours }: RowTaker,
): Steps<Omit<Figures, 'isFinal' | 'period' | 'cells' | 'hours'>> {
  const [head = '', ...lines] = text.split('\n')
  const tables = parsedDocument(figuresSchema, head)
  const { texts, leftOut, cellLines } = tables
  const reader = new CellReader(texts)
  const words = { texts, metrics: reader.unpack(metricTable, tables.metrics) }
  const sides = reader.unpack(sideTable, tables.sides)
  if (lines.length < cellLines) throw brokenFigures(`${lines.length} lines of ${cellLines}`)
  yield
  yield* unpackCounts(lines.slice(0, cellLines), words, (row) => {
    const side = sides[row.beside]
    if (side === undefined) throw brokenFigures('a side is missing')
    takeCells(side, row)
  })
  yield* unpackCounts(lines.slice(cellLines), words, (row) => {
    if (row.beside > 23) throw brokenFigures(`the hour ${row.beside}`)
    takeHours(row)
  })
  return {
    denials: reader.unpack(denialTable, tables.denials),
    ...(tables.version === 1
      ? {
          items: reader.unpack(firstItemTable, tables.items),
          titles: [],
          readers: reader.unpack(firstReaderTable, tables.readers),
        }
      : {
          items: reader.unpack(itemTable, tables.items),
          titles: reader.unpack(titleTable, tables.titles),
          readers: reader.unpack(readerTable, tables.readers),
        }),
    pools: reader.unpack(poolTable, tables.pools),
    leftOut,
  }
}
