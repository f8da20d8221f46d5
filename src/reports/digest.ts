/**
 * A month's figures in the few sums that reports are made of: some hundred numbers in the place of
 * some ten thousand. What is made of many months is made of digests, so that one month at a time is
 * in memory whole.
 *
 * Sessions of the whole library are fewer than the sum over resources, and figures have them by
 * themselves: they are taken from there.
 * @module
 */
import type { DenialReason } from '../core/denials.ts'
import {
  metrics,
  type Cell,
  type Figures,
  type ItemFigures,
  type LeftOut,
  type Metric,
  type Period,
  type PoolFigures,
  type ReaderFigures,
  type TitleFigures,
} from '../core/figures.ts'

/** Numbers by metric; what is absent is 0. */
export type Sums = Readonly<Partial<Record<Metric, number>>>

type MutableSums = Partial<Record<Metric, number>>

/** What use is divided by. */
export const dimensions = [
  'resource',
  'category',
  'unit',
  'site',
  'channel',
  'hour',
  'format',
] as const

/** One of what use is divided by; the key of an hour is its number. */
export type Dimension = (typeof dimensions)[number]

/** The sums of a month. */
export interface MonthDigest {
  readonly period: Period
  readonly total: Sums
  readonly by: Readonly<Record<Dimension, ReadonlyMap<string, Sums>>>
  /** By resource ('' for the portal), then by reason. */
  readonly denials: ReadonlyMap<string, ReadonlyMap<DenialReason, number>>
  readonly items: readonly ItemFigures[]
  readonly titles: readonly TitleFigures[]
  readonly readers: readonly ReaderFigures[]
  readonly pools: readonly PoolFigures[]
  readonly leftOut: LeftOut
}

/** What goes into a digest. */
export interface DigestScope {
  /** Of one resource alone. */
  readonly resourceId?: string
  /** Whether items are told, which are many. */
  readonly hasItems: boolean
}

/** The digest of a month. */
export function digestOf(figures: Figures, { resourceId, hasItems }: DigestScope): MonthDigest {
  const total: MutableSums = {}
  const by = {
    resource: new Map<string, MutableSums>(),
    category: new Map<string, MutableSums>(),
    unit: new Map<string, MutableSums>(),
    site: new Map<string, MutableSums>(),
    channel: new Map<string, MutableSums>(),
    hour: new Map<string, MutableSums>(),
    format: new Map<string, MutableSums>(),
  }
  const isMine = (id: string) => resourceId === undefined || id === resourceId
  /** Of the library, or of the one resource. */
  const isWhole = ({ resourceId: id, metric }: Pick<Cell, 'resourceId' | 'metric'>) =>
    resourceId === undefined ? (id === '') === (metric === 'sessions') : id === resourceId

  for (const cell of figures.cells) {
    const { resourceId: id, metric, count, format } = cell
    if (id !== '' && isMine(id)) add(by.resource, id, metric, count)
    if (!isWhole(cell)) continue
    total[metric] = (total[metric] ?? 0) + count
    add(by.category, cell.category, metric, count)
    add(by.unit, cell.unit, metric, count)
    add(by.site, cell.site, metric, count)
    add(by.channel, cell.channel, metric, count)
    if (format !== '') add(by.format, format, metric, count)
  }
  for (const cell of figures.hours) {
    if (isWhole(cell)) add(by.hour, String(cell.hour), cell.metric, cell.count)
  }
  return {
    period: figures.period,
    total,
    by,
    denials: denialsOf(figures, isMine),
    items: hasItems ? figures.items.filter(({ resourceId: id }) => isMine(id)) : [],
    titles: hasItems ? figures.titles.filter(({ resourceId: id }) => isMine(id)) : [],
    readers: figures.readers.filter(({ resourceId: id }) => isMine(id)),
    pools: figures.pools,
    leftOut: figures.leftOut,
  }
}

function add(into: Map<string, MutableSums>, key: string, metric: Metric, count: number): void {
  let sums = into.get(key)
  if (sums === undefined) {
    sums = {}
    into.set(key, sums)
  }
  sums[metric] = (sums[metric] ?? 0) + count
}

function denialsOf(
  { denials }: Figures,
  isMine: (id: string) => boolean,
): Map<string, Map<DenialReason, number>> {
  const found = new Map<string, Map<DenialReason, number>>()
  for (const { resourceId, reason, count } of denials) {
    if (!isMine(resourceId)) continue
    const reasons = found.get(resourceId) ?? new Map<DenialReason, number>()
    reasons.set(reason, (reasons.get(reason) ?? 0) + count)
    found.set(resourceId, reasons)
  }
  return found
}

/** Numbers of several months together. */
export function sumsOf(all: readonly (Sums | undefined)[]): Sums {
  const sums: MutableSums = {}
  for (const each of all) {
    if (each === undefined) continue
    for (const metric of metrics) {
      const count = each[metric]
      if (count !== undefined) sums[metric] = (sums[metric] ?? 0) + count
    }
  }
  return sums
}
