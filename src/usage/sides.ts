/**
 * Sides: all that a cell is told apart by beside its resource and metric. There are some hundred of
 * them, each with a number, and some hundred thousand cells that need no more than it.
 * @module
 */
import type { Cell } from '../core/figures.ts'
import { countedIn, type CountRow } from './count-rows.ts'

/** What a cell has beside resource, metric and count. */
export type Side = Omit<Cell, 'resourceId' | 'metric' | 'count'>

/** Sides by number. */
export class Sides {
  readonly list: Side[] = []
  readonly #numbers = new Map<string, number>()
  /** Asked for last: the metrics of a row come one after another. */
  #last: Side | undefined
  #lastNumber = 0

  /** Its own number for each side. */
  numberOf(side: Side): number {
    if (this.#last !== undefined && isSame(this.#last, side)) return this.#lastNumber
    const { category, unit, site, channel, format, dataType } = side
    // Its length tells where a unit ends, whatever stands in it.
    const place = `${unit.length}\n${unit}\n${site}`
    const key = `${category}\n${channel}\n${format}\n${dataType}\n${place}`
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.list.push({ category, unit, site, channel, format, dataType }) - 1
      this.#numbers.set(key, number)
    }
    this.#last = this.list[number]
    this.#lastNumber = number
    return number
  }

  /** The place of each number in an order that follows from the sides alone. */
  ranks(): number[] {
    const ranks: number[] = []
    const inOrder = [...this.#numbers].toSorted(([one], [other]) => (one < other ? -1 : 1))
    for (const [rank, [, number]] of inOrder.entries()) ranks[number] = rank
    return ranks
  }
}

/** The cells of a row. */
export function cellsOf(side: Side, { resourceId, counts }: CountRow): Cell[] {
  const { category, unit, site, channel, format, dataType } = side
  const cells: Cell[] = []
  // Field by field: a year has a million of them.
  for (const { metric, count } of countedIn(counts)) {
    cells.push({ resourceId, category, unit, site, channel, format, dataType, metric, count })
  }
  return cells
}

function isSame(one: Side, other: Side): boolean {
  return (
    one.category === other.category &&
    one.unit === other.unit &&
    one.site === other.site &&
    one.channel === other.channel &&
    one.format === other.format &&
    one.dataType === other.dataType
  )
}
