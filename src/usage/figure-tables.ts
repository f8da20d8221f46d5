/**
 * How each table of figures is written, cell by cell.
 * @module
 */
import { denialReasons } from '../core/denials.ts'
import {
  metrics,
  type DenialCell,
  type ItemFigures,
  type Metric,
  type PoolFigures,
  type ReaderFigures,
} from '../core/figures.ts'
import { categories, channels } from '../core/types.ts'
import { dataTypes, useFormats } from '../core/use.ts'
import type { Table } from './packed.ts'
import type { Side } from './sides.ts'

/** A category, or '' for none or all. */
export const categoryWords = [...categories, ''] as const
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
