/**
 * Many overlapping ranges as one sorted list of disjoint intervals, each owned by the first range that
 * covers it: a lookup is one binary search however many ranges there are, and making the list takes
 * n log n for n ranges.
 * @module
 */
import type { AddressRange } from './ranges.ts'

/** Interval n goes from edge n to before edge n + 1; its owner is an index into the ranges, or none. */
export interface Intervals {
  readonly edges: readonly bigint[]
  readonly owners: readonly (number | undefined)[]
}

/** Gives each interval between edges to the first range that covers it. */
export function paintRanges(ranges: readonly AddressRange[]): Intervals {
  const edges = [...new Set(ranges.flatMap(({ low, high }) => [low, high + 1n]))].toSorted(
    (a, b) => (a < b ? -1 : 1),
  )
  const owners = Array.from<number | undefined>({ length: edges.length })
  // From each interval to one at or after it that is not yet owned: owned ones are skipped in
  // nearly constant time, however many ranges overlap.
  const forward = Int32Array.from({ length: edges.length + 1 }, (_, index) => index)
  for (const [owner, { low, high }] of ranges.entries()) {
    const end = intervalAt(edges, high + 1n)
    for (let at = free(intervalAt(edges, low)); at < end; at = free(at)) {
      owners[at] = owner
      forward[at] = at + 1
    }
  }
  return { edges, owners }

  function free(start: number): number {
    let index = start
    for (let next = forward[index] ?? index; next !== index; next = forward[index] ?? index) {
      forward[index] = forward[next] ?? next
      index = next
    }
    return index
  }
}

/** Index of the last edge that is not above the key; -1 when all are. */
export function intervalAt(edges: readonly bigint[], key: bigint): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const edge = edges[middle]
    if (edge !== undefined && edge <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}
