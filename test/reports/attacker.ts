/**
 * Small worlds of readers, and somebody who computes what reports do not tell.
 *
 * @module
 */
import { metrics, type Metric } from '../../src/core/figures.ts'

/** So many persons of a category, who each read these resources once. */
export interface Company {
  readonly category: string
  readonly resources: readonly string[]
  readonly persons: number
}

/** Numbers by resource ('' for the library) and category. */
export type Numbers = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Who is where: persons and openings are added up for resources, and distinct for the library. */
export function worldOf(companies: readonly Company[]) {
  const persons = new Map<string, Map<string, number>>()
  const openings = new Map<string, Map<string, number>>()
  const add = (into: typeof persons, id: string, category: string, count: number) => {
    const row = into.get(id) ?? new Map<string, number>()
    row.set(category, (row.get(category) ?? 0) + count)
    into.set(id, row)
  }
  for (const { category, resources, persons: count } of companies) {
    if (count === 0) continue
    add(persons, '', category, count)
    for (const id of resources) {
      add(persons, id, category, count)
      add(openings, id, category, count)
      add(openings, '', category, count)
    }
  }
  return { persons, openings }
}

/** A row of counts with one metric or more. */
export function countsOf(numbers: Partial<Record<Metric, number>>): number[] {
  return metrics.map((metric) => numbers[metric] ?? 0)
}

/** What is known of a table of resources and groups. */
export interface Known {
  /** Sums of resources and of groups; groups that are told as one have one sum. */
  readonly rows: ReadonlyMap<string, number>
  readonly columns: readonly { readonly groups: readonly string[]; readonly sum: number }[]
  /** Numbers that are told, 0 among them; all others are not. */
  readonly told: Numbers
  /** No number of a column is above this; absent where a sum bounds it already. */
  readonly most?: (group: string) => number | undefined
}

/**
 * Whether numbers that agree with all that is known can have 0 in one place: a flow from the rests of
 * the rows to those of the columns. The numbers of a matrix with whole sums can be whole as well.
 */
export function canBeZero(known: Known, resourceId: string, group: string): boolean {
  const rows = [...known.rows.keys()]
  const places = [resourceId, group].join('\n')
  const isHidden = (row: string, each: string) => known.told.get(row)?.get(each) === undefined
  const columns = known.columns.map(({ groups, sum }) => {
    let rest = sum
    for (const row of rows) {
      for (const each of groups) rest -= known.told.get(row)?.get(each) ?? 0
    }
    return { groups, rest }
  })
  const cells = rows.flatMap((row) =>
    columns.flatMap(({ groups }, column) =>
      groups
        .filter((each) => isHidden(row, each) && places !== [row, each].join('\n'))
        .map((each) => ({ row, column, room: known.most?.(each) ?? Infinity, flow: 0 })),
    ),
  )
  const rests = new Map(
    rows.map((row) => {
      const shown = [...(known.told.get(row)?.values() ?? [])].reduce((sum, each) => sum + each, 0)
      return [row, (known.rows.get(row) ?? 0) - shown]
    }),
  )
  const open = columns.map(({ rest }) => rest)

  /** One more from a row to a column that has room, moving others out of the way. */
  function push(row: string, seen: Set<string>): boolean {
    for (const cell of cells) {
      if (cell.row !== row || cell.flow >= cell.room || seen.has(`${cell.column}`)) continue
      seen.add(`${cell.column}`)
      if ((open[cell.column] ?? 0) > 0) {
        open[cell.column] = (open[cell.column] ?? 0) - 1
        cell.flow += 1
        return true
      }
      for (const other of cells) {
        if (other.column !== cell.column || other.flow === 0 || other.row === row) continue
        if (!push(other.row, seen)) continue
        other.flow -= 1
        cell.flow += 1
        return true
      }
    }
    return false
  }

  for (const [row, rest] of rests) {
    for (let left = rest; left > 0; left--) if (!push(row, new Set())) return false
  }
  return open.every((left) => left === 0)
}
