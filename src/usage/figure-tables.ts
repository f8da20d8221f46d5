/**
 * How each table of figures is written, cell by cell.
 * @module
 */
import { denialReasons } from '../core/denials.ts'
import {
  metrics,
  personDimensions,
  type DenialCell,
  type ItemFigures,
  type Metric,
  type PoolFigures,
  type ReaderFigures,
  type TitleFigures,
} from '../core/figures.ts'
import { channels } from '../core/types.ts'
import { dataTypes, useFormats } from '../core/use.ts'
import type { CellReader, Table } from './packed.ts'
import { categoryWords } from './readers.ts'
import type { Side } from './sides.ts'

const formatWords = [...useFormats, ''] as const
const dataTypeWords = [...dataTypes, ''] as const

/** What the cells have beside resource and metric. */
export const sideTable: Table<Side> = {
  write({ category, unit, site, channel, format, dataType }, cells) {
    for (const text of [category, unit, site, channel, format, dataType]) cells.text(text)
  },
  read: (cells) => ({
    category: cells.oneOf(categoryWords),
    unit: cells.text(),
    site: cells.text(),
    channel: cells.oneOf(channels),
    format: cells.oneOf(formatWords),
    dataType: cells.oneOf(dataTypeWords),
  }),
}

/** The metrics that the lines of counts are told by. */
export const metricTable: Table<Metric> = {
  write: (metric, cells) => cells.text(metric),
  read: (cells) => cells.oneOf(metrics),
}

/** `Figures.denials`. */
export const denialTable: Table<DenialCell> = {
  write({ resourceId, reason, category, unit, site, channel, count }, cells) {
    for (const text of [resourceId, reason, category, unit, site, channel]) cells.text(text)
    cells.number(count)
  },
  read: (cells) => ({
    resourceId: cells.text(),
    reason: cells.oneOf(denialReasons),
    category: cells.oneOf(categoryWords),
    unit: cells.text(),
    site: cells.text(),
    channel: cells.oneOf(channels),
    count: cells.number(),
  }),
}

/** `Figures.items`. */
export const itemTable: Table<ItemFigures> = {
  write(row, cells) {
    const { resourceId, item, itemName, title, titleName, dataType } = row
    for (const text of [resourceId, item, itemName, title, titleName, dataType]) cells.text(text)
    cells.number(row.requests)
    cells.number(row.investigations)
    // 0 where their number is not known.
    cells.number(row.readers === undefined ? 0 : row.readers + 1)
  },
  read(cells) {
    const item = itemOf(cells)
    const readers = cells.number()
    return readers === 0 ? item : { ...item, readers: readers - 1 }
  },
}

/** Likewise of version 1, which did not know their readers. */
export const firstItemTable: Pick<Table<ItemFigures>, 'read'> = { read: itemOf }

function itemOf(cells: CellReader): ItemFigures {
  const [resourceId, item] = [cells.text(), cells.text()]
  const [itemName, title, titleName] = [
    cells.optionalText(),
    cells.optionalText(),
    cells.optionalText(),
  ]
  const dataType = cells.optionalOf(dataTypes)
  return {
    resourceId,
    item,
    ...(itemName !== undefined && { itemName }),
    ...(title !== undefined && { title }),
    ...(titleName !== undefined && { titleName }),
    ...(dataType !== undefined && { dataType }),
    requests: cells.number(),
    investigations: cells.number(),
  }
}

/** `Figures.titles`. */
export const titleTable: Table<TitleFigures> = {
  write({ resourceId, title, readers }, cells) {
    cells.text(resourceId)
    cells.text(title)
    cells.number(readers)
  },
  read: (cells) => ({ resourceId: cells.text(), title: cells.text(), readers: cells.number() }),
}

/** `Figures.readers`. */
export const readerTable: Table<ReaderFigures> = {
  write({ resourceId, by, key, readers }, cells) {
    for (const text of [resourceId, by, key]) cells.text(text)
    cells.number(readers)
  },
  read: (cells) => ({
    resourceId: cells.text(),
    by: cells.oneOf([...personDimensions, '']),
    key: cells.text(),
    readers: cells.number(),
  }),
}

/** Likewise of version 1, which told them apart by category alone. */
export const firstReaderTable: Pick<Table<ReaderFigures>, 'read'> = {
  read(cells) {
    const [resourceId, key] = [cells.text(), cells.oneOf(categoryWords)]
    return { resourceId, by: key === '' ? '' : 'category', key, readers: cells.number() }
  },
}

/** `Figures.pools`. */
export const poolTable: Table<PoolFigures> = {
  write(row, cells) {
    cells.text(row.pool)
    const { seats, peak, minutesAtLimit, minutesUsed, waits, granted, left } = row
    const numbers = [seats, peak, minutesAtLimit, minutesUsed, waits, granted, left]
    for (const number of [...numbers, row.waitedMs, row.longestWaitMs]) cells.number(number)
  },
  read: (cells) => ({
    pool: cells.text(),
    seats: cells.number(),
    peak: cells.number(),
    minutesAtLimit: cells.number(),
    minutesUsed: cells.number(),
    waits: cells.number(),
    granted: cells.number(),
    left: cells.number(),
    waitedMs: cells.number(),
    longestWaitMs: cells.number(),
  }),
}
