/**
 * Counts by metric of what is told apart by a resource and a number beside it: the hour, or the number
 * of everything else that a cell is told apart by. Numbers, since a month has a hundred thousand rows.
 * @module
 */
import { metrics, type Metric } from '../core/figures.ts'

/** A row; `counts` has a place for every metric, in their order. */
export interface CountRow {
  readonly resourceId: string
  readonly beside: number
  readonly counts: readonly number[]
}

const metricIndex = new Map(metrics.map((metric, index) => [metric, index]))
const none: readonly number[] = metrics.map(() => 0)

/** The place of a metric among counts. */
export function placeOf(metric: Metric): number {
  return metricIndex.get(metric) ?? 0
}

/** Adds counts to those of a key, of the metrics at these places alone. */
export function addCounts<Key>(
  into: Map<Key, number[]>,
  key: Key,
  counts: readonly number[],
  places: readonly number[],
): void {
  let own = into.get(key)
  if (own === undefined) into.set(key, (own = none.slice()))
  for (const place of places) own[place] = (own[place] ?? 0) + (counts[place] ?? 0)
}

/** Rows that grow. */
export class CountRows {
  readonly #rows = new Map<string, Map<number, number[]>>()

  add(resourceId: string, beside: number, metric: Metric, count: number): void {
    const counts = this.#countsOf(resourceId, beside)
    const index = placeOf(metric)
    counts[index] = (counts[index] ?? 0) + count
  }

  addRow({ resourceId, beside, counts }: CountRow): void {
    const own = this.#countsOf(resourceId, beside)
    for (let index = 0; index < counts.length; index++) {
      own[index] = (own[index] ?? 0) + (counts[index] ?? 0)
    }
  }

  /** In the order of resources, and by the numbers' ranks. */
  *inOrder(rankOf: (beside: number) => number): Generator<CountRow> {
    for (const resourceId of [...this.#rows.keys()].toSorted()) {
      const rows = [...(this.#rows.get(resourceId) ?? [])]
      rows.sort(([one], [other]) => rankOf(one) - rankOf(other))
      for (const [beside, counts] of rows) yield { resourceId, beside, counts }
    }
  }

  #countsOf(resourceId: string, beside: number): number[] {
    let rows = this.#rows.get(resourceId)
    if (rows === undefined) this.#rows.set(resourceId, (rows = new Map()))
    let counts = rows.get(beside)
    if (counts === undefined) rows.set(beside, (counts = none.slice()))
    return counts
  }
}

/** What is counted in a row, in the order of metrics. */
export function countedIn(
  counts: readonly number[],
): { readonly metric: Metric; readonly count: number }[] {
  const found: { metric: Metric; count: number }[] = []
  for (let index = 0; index < metrics.length; index++) {
    const [metric, count = 0] = [metrics[index], counts[index]]
    if (metric !== undefined && count > 0) found.push({ metric, count })
  }
  return found
}
