/**
 * How each table of figures is written, cell by cell.
 * @module
 */
import { denialReasons } from '../core/denials.ts'
import {
  metrics,
  type Cell,
  type DenialCell,
  type HourCell,
  type ItemFigures,
  type PoolFigures,
  type ReaderFigures,
} from '../core/figures.ts'
import { categories, channels } from '../core/types.ts'
import { dataTypes, useFormats } from '../core/use.ts'
import type { Table } from './packed.ts'

/** A category, or '' for none or all. */
export const categoryWords = [...categories, ''] as const
const formatWords = [...useFormats, ''] as const
const dataTypeWords = [...dataTypes, ''] as const

/** `Figures.cells`. */
export const cellTable: Table<Cell> = {
  write(row, cells) {
    const { resourceId, metric, format, dataType, category, unit, site, channel, count } = row
    const texts = [resourceId, metric, format, dataType, category, unit, site, channel]
    for (const text of texts) cells.text(text)
    cells.number(count)
  },
  read: (cells) => ({
    resourceId: cells.text(),
    metric: cells.oneOf(metrics),
    format: cells.oneOf(formatWords),
    dataType: cells.oneOf(dataTypeWords),
    category: cells.oneOf(categoryWords),
    unit: cells.text(),
    site: cells.text(),
    channel: cells.oneOf(channels),
    count: cells.number(),
  }),
}

/** `Figures.hours`. */
export const hourTable: Table<HourCell> = {
  write({ resourceId, hour, metric, count }, cells) {
    cells.text(resourceId)
    cells.number(hour)
    cells.text(metric)
    cells.number(count)
  },
  read: (cells) => ({
    resourceId: cells.text(),
    hour: cells.number(),
    metric: cells.oneOf(metrics),
    count: cells.number(),
  }),
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
  },
  read(cells) {
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
  },
}

/** `Figures.readers`. */
export const readerTable: Table<ReaderFigures> = {
  write({ resourceId, category, readers }, cells) {
    cells.text(resourceId)
    cells.text(category)
    cells.number(readers)
  },
  read: (cells) => ({
    resourceId: cells.text(),
    category: cells.oneOf(categoryWords),
    readers: cells.number(),
  }),
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
