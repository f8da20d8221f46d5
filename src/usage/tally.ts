/**
 * Sums by everything that figures are told apart by: the one way in which a day is counted and days
 * are merged.
 * @module
 */
import type {
  Cell,
  DenialCell,
  Figures,
  HourCell,
  ItemFigures,
  LeftOut,
  Period,
  PoolFigures,
  TitleFigures,
} from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import { CountRows, countedIn } from './count-rows.ts'
import { readingRows } from './figures-text.ts'
import type { KnownReaders } from './readers.ts'
import { cellsOf, Sides, type Side } from './sides.ts'
import type { Steps } from './steps.ts'

/** A cell without its number. */
export type CellKey = Omit<Cell, 'count'>

/** Figures that grow. */
export class Tally {
  readonly #sides = new Sides()
  readonly #cells = new CountRows()
  readonly #hours = new CountRows()
  readonly #denials = new Map<string, DenialCell>()
  readonly #items = new Map<string, Map<string, ItemFigures>>()
  readonly #pools = new Map<string, PoolFigures>()
  #leftOut: LeftOut = { robots: 0, doubleClicks: 0, prefetches: 0, otherStatuses: 0 }

  addCell(cell: CellKey, count = 1): void {
    this.#cells.add(cell.resourceId, this.#sides.numberOf(cell), cell.metric, count)
  }

  addHour({ resourceId, hour, metric, count }: HourCell): void {
    this.#hours.add(resourceId, hour, metric, count)
  }

  addDenial(cell: DenialCell): void {
    const name = nameOfDenial(cell)
    const before = this.#denials.get(name)
    this.#denials.set(name, { ...cell, count: (before?.count ?? 0) + cell.count })
  }

  /** The words about an item that come last win; none does not. */
  addItem(item: ItemFigures): void {
    let items = this.#items.get(item.resourceId)
    if (items === undefined) this.#items.set(item.resourceId, (items = new Map()))
    const before = items.get(item.item)
    if (before === undefined) return void items.set(item.item, item)
    const requests = before.requests + item.requests
    const investigations = before.investigations + item.investigations
    items.set(item.item, { ...before, ...item, requests, investigations })
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

  /**
   * Everything of a document of figures but their readers, who are not to be added up.
   *
   * @throws {GatewayError} `ERR_STORE_DATA`
   */
  *addText(text: string): Steps<void> {
    /** Of each side of the document, the number here. */
    const numbers = new Map<Side, number>()
    const numberOf = (side: Side) => {
      const known = numbers.get(side) ?? this.#sides.numberOf(side)
      numbers.set(side, known)
      return known
    }
    const { denials, items, pools, leftOut } = yield* readingRows(text, {
      takeCells: (side, { resourceId, counts }) =>
        this.#cells.addRow({ resourceId, beside: numberOf(side), counts }),
      takeHours: (row) => this.#hours.addRow(row),
    })
    yield
    for (const denial of denials) this.addDenial(denial)
    yield
    for (const item of items) this.addItem(item)
    yield
    for (const pool of pools) this.addPool(pool)
    this.leaveOut(leftOut)
  }

  /** What has come together, in an order that follows from it alone; items by use. */
  *figures(period: Period, known: KnownReaders): Steps<Figures> {
    const { list } = this.#sides
    const ranks = this.#sides.ranks()
    const cells: Cell[] = []
    let rows = 0
    for (const row of this.#cells.inOrder((side) => ranks[side] ?? 0)) {
      const side = list[row.beside]
      if (side !== undefined) cells.push(...cellsOf(side, row))
      if (++rows % limits.usage.rowsAtOnce === 0) yield
    }
    yield
    const hours: HourCell[] = []
    for (const { resourceId, beside: hour, counts } of this.#hours.inOrder((each) => each)) {
      for (const each of countedIn(counts)) hours.push({ resourceId, hour, ...each })
    }
    yield
    const items = mostUsed([...this.#items.values()].flatMap((all) => [...all.values()]))
    yield
    const denials = byText([...this.#denials.values()], nameOfDenial)
    yield
    return {
      period,
      cells,
      hours,
      denials,
      items: items.map((item) => withReaders(item, known.ofItem(item.resourceId, item.item))),
      titles: titlesOf(items, known),
      readers: known.figures,
      pools: byText([...this.#pools.values()], ({ pool }) => pool),
      leftOut: this.#leftOut,
      isFinal: false,
    }
  }
}

/** Those of parts of the time are not theirs together. */
function withReaders(item: ItemFigures, readers: number | undefined): ItemFigures {
  const { readers: _, ...facts } = item
  return readers === undefined ? facts : { ...facts, readers }
}

function titlesOf(items: readonly ItemFigures[], known: KnownReaders): TitleFigures[] {
  const titles = new Map<string, TitleFigures>()
  for (const { resourceId, title } of items) {
    const name = `${resourceId}\n${title}`
    if (title === undefined || titles.has(name)) continue
    const readers = known.ofTitle(resourceId, title)
    if (readers !== undefined) titles.set(name, { resourceId, title, readers })
  }
  return [...titles.values()]
}

function nameOfDenial({ resourceId, reason, category, unit, site, channel }: DenialCell): string {
  return `${resourceId}\n${reason}\n${category}\n${unit}\n${site}\n${channel}`
}

function byText<Row>(rows: readonly Row[], textOf: (row: Row) => string): Row[] {
  return rows.toSorted((one, other) => orderOf(textOf(one), textOf(other)))
}

function orderOf(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}

function mostUsed(items: readonly ItemFigures[]): ItemFigures[] {
  return items
    .toSorted(
      (one, other) =>
        useOf(other) - useOf(one) ||
        orderOf(one.item, other.item) ||
        orderOf(one.resourceId, other.resourceId),
    )
    .slice(0, limits.usage.items)
}

function useOf({ requests, investigations }: ItemFigures): number {
  return requests + investigations
}
