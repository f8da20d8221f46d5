/**
 * Sums by everything that figures are told apart by: the one way in which a day is counted and days
 * are merged.
 * @module
 */
import {
  metrics,
  type Cell,
  type DenialCell,
  type Figures,
  type HourCell,
  type ItemFigures,
  type LeftOut,
  type Metric,
  type Period,
  type PoolFigures,
  type ReaderFigures,
} from '../core/figures.ts'
import { limits } from '../core/limits.ts'

/** A cell without its number. */
export type CellKey = Omit<Cell, 'count'>

const metricIndex = new Map(metrics.map((metric, index) => [metric, index]))

/** Numbers by metric for one way of telling apart. */
interface Row {
  readonly key: Omit<CellKey, 'metric'>
  readonly counts: number[]
}

/** Figures that grow. */
export class Tally {
  readonly #rows = new Map<string, Row>()
  readonly #hours = new Map<string, number[]>()
  readonly #denials = new Map<string, DenialCell>()
  readonly #items = new Map<string, ItemFigures>()
  readonly #pools = new Map<string, PoolFigures>()
  #leftOut: LeftOut = { robots: 0, doubleClicks: 0, prefetches: 0, otherStatuses: 0 }

  addCell({ metric, ...key }: CellKey, count = 1): void {
    const { resourceId, category, unit, site, channel, format, dataType } = key
    const name = `${resourceId}\n${category}\n${unit}\n${site}\n${channel}\n${format}\n${dataType}`
    let row = this.#rows.get(name)
    if (row === undefined) this.#rows.set(name, (row = { key, counts: [] }))
    add(row.counts, metric, count)
  }

  addHour({ resourceId, hour, metric, count }: HourCell): void {
    const name = `${hour}\n${resourceId}`
    let counts = this.#hours.get(name)
    if (counts === undefined) this.#hours.set(name, (counts = []))
    add(counts, metric, count)
  }

  addDenial(cell: DenialCell): void {
    const { resourceId, reason, category, unit, site, channel } = cell
    const name = `${resourceId}\n${reason}\n${category}\n${unit}\n${site}\n${channel}`
    const before = this.#denials.get(name)
    this.#denials.set(name, { ...cell, count: (before?.count ?? 0) + cell.count })
  }

  /** The latest words about an item win; none does not. */
  addItem(item: ItemFigures): void {
    const name = `${item.resourceId}\n${item.item}`
    const before = this.#items.get(name)
    if (before === undefined) return void this.#items.set(name, item)
    const requests = before.requests + item.requests
    const investigations = before.investigations + item.investigations
    this.#items.set(name, { ...before, ...item, requests, investigations })
  }

  addPool(pool: PoolFigures): void {
    const before = this.#pools.get(pool.pool)
    if (before === undefined) return void this.#pools.set(pool.pool, pool)
    this.#pools.set(pool.pool, {
      pool: pool.pool,
      seats: Math.max(before.seats, pool.seats),
      peak: Math.max(before.peak, pool.peak),
      minutesAtLimit: before.minutesAtLimit + pool.minutesAtLimit,
      minutesUsed: before.minutesUsed + pool.minutesUsed,
      waits: before.waits + pool.waits,
      granted: before.granted + pool.granted,
      left: before.left + pool.left,
      waitedMs: before.waitedMs + pool.waitedMs,
      longestWaitMs: Math.max(before.longestWaitMs, pool.longestWaitMs),
    })
  }

  leaveOut(reasons: Partial<LeftOut>): void {
    const before = this.#leftOut
    this.#leftOut = {
      robots: before.robots + (reasons.robots ?? 0),
      doubleClicks: before.doubleClicks + (reasons.doubleClicks ?? 0),
      prefetches: before.prefetches + (reasons.prefetches ?? 0),
      otherStatuses: before.otherStatuses + (reasons.otherStatuses ?? 0),
    }
  }

  /** Everything of other figures but their readers, who are not to be added up. */
  addFigures({ cells, hours, denials, items, pools, leftOut }: Figures): void {
    for (const cell of cells) this.addCell(cell, cell.count)
    for (const hour of hours) this.addHour(hour)
    for (const denial of denials) this.addDenial(denial)
    for (const item of items) this.addItem(item)
    for (const pool of pools) this.addPool(pool)
    this.leaveOut(leftOut)
  }

  /** What has come together, in the order in which it came; items by use. */
  figures(period: Period, readers: readonly ReaderFigures[]): Figures {
    return {
      period,
      cells: [...this.#rows.values()].flatMap(({ key, counts }) =>
        counted(counts).map(({ metric, count }) => ({ ...key, metric, count })),
      ),
      hours: [...this.#hours].flatMap(([name, counts]) => {
        const [hour = '', resourceId = ''] = name.split('\n')
        return counted(counts).map((each) => ({ resourceId, hour: Number(hour), ...each }))
      }),
      denials: [...this.#denials.values()],
      items: mostUsed([...this.#items.values()]),
      readers,
      pools: [...this.#pools.values()],
      leftOut: this.#leftOut,
      isFinal: false,
    }
  }
}

function add(counts: number[], metric: Metric, count: number): void {
  const index = metricIndex.get(metric) ?? 0
  counts[index] = (counts[index] ?? 0) + count
}

function counted(counts: readonly number[]): { metric: Metric; count: number }[] {
  return metrics.flatMap((metric, index) => {
    const count = counts[index] ?? 0
    return count === 0 ? [] : [{ metric, count }]
  })
}

function mostUsed(items: readonly ItemFigures[]): ItemFigures[] {
  return items
    .toSorted((one, other) => useOf(other) - useOf(one) || (one.item < other.item ? -1 : 1))
    .slice(0, limits.usage.items)
}

function useOf({ requests, investigations }: ItemFigures): number {
  return requests + investigations
}
