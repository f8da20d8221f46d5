/**
 * Small cells: nothing that is shown tells of fewer than some persons, nor lets it be computed.
 * @module
 */

/** A group with the number of its persons. */
export interface SizedGroup {
  readonly key: string
  readonly size: number
}

/**
 * The keys of groups that are told as one, for one of them is small: the smallest of the others join
 * them until all together are not. Empty when none is small. Groups may overlap: `sizeOf` tells how many
 * persons several have at least.
 */
export function smallTogether(
  groups: readonly SizedGroup[],
  sizeOf: (keys: ReadonlySet<string>) => number,
  least: number,
): ReadonlySet<string> {
  const isSmall = (size: number) => size > 0 && size < least
  const together = new Set(groups.filter(({ size }) => isSmall(size)).map(({ key }) => key))
  if (together.size === 0) return together
  const others = groups
    .filter(({ key }) => !together.has(key))
    .toSorted((one, other) => one.size - other.size)
  for (const { key } of others) {
    if (together.size > 1 && !isSmall(sizeOf(together))) break
    together.add(key)
  }
  return together
}
