/**
 * Small cells: nothing that is shown tells of fewer than some persons, nor lets it be computed.
 * @module
 */

/** What of a row is not shown. */
export interface Hiding {
  /** Places of the values that are not shown. */
  readonly places: ReadonlySet<number>
  /** Whether their sum must not be shown either. */
  readonly isTotalHidden: boolean
}

/**
 * Hides numbers of persons below `least`, other than 0, in values that are shown with their sum. Where
 * the sum would tell a hidden one, the smallest that are shown are hidden as well; where there are none,
 * the sum is.
 *
 * Whoever knows this rule still finds at least two possible values for each hidden one: beside a value
 * that is not small each could be the other, and of values that all are small the sum is neither the
 * least nor the most that it can be. Of equal values all are hidden, or their places would tell.
 */
export function hideSmall(values: readonly number[], least: number): Hiding {
  const places = placesOf(values, (value) => value > 0 && value < least)
  if (places.size === 0) return { places, isTotalHidden: false }
  const sum = [...places].reduce((before, place) => before + (values[place] ?? 0), 0)
  const isOpen = places.size < sum && sum < places.size * (least - 1)
  if (places.size > 1 && isOpen) return { places, isTotalHidden: false }
  const next = Math.min(...values.filter((value) => value >= least))
  const more = placesOf(values, (value) => value === next)
  return { places: places.union(more), isTotalHidden: more.size === 0 }
}

function placesOf(values: readonly number[], isMeant: (value: number) => boolean): Set<number> {
  return new Set(
    [...values.entries()].filter(([, value]) => isMeant(value)).map(([place]) => place),
  )
}

/** A group of persons with what bounds their number in each period that is told of. */
export interface SizedGroup {
  readonly key: string
  readonly sizes: readonly number[]
}

/**
 * The keys of groups that are told as one, for one of them is small in some period: the smallest of the
 * others join them until all together are not. Empty when none is small. Groups do not overlap.
 */
export function smallTogether(groups: readonly SizedGroup[], least: number): ReadonlySet<string> {
  const isSmall = (sizes: readonly number[]) => sizes.some((size) => size > 0 && size < least)
  const together = groups.filter(({ sizes }) => isSmall(sizes))
  if (together.length === 0) return new Set()
  const others = groups
    .filter((group) => !together.includes(group))
    .toSorted((one, other) => sumOf(one.sizes) - sumOf(other.sizes))
  for (const group of others) {
    if (together.length > 1 && !isSmall(sumsOf(together))) break
    together.push(group)
  }
  return new Set(together.map(({ key }) => key))
}

function sumsOf(groups: readonly SizedGroup[]): number[] {
  const [first, ...rest] = groups
  return (first?.sizes ?? []).map((size, at) =>
    rest.reduce((sum, { sizes }) => sum + (sizes[at] ?? 0), size),
  )
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
