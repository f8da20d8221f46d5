/**
 * What a schema cannot see in a report of COUNTER's form: numbers that contradict each other. Reports
 * of ours are held against this by the tests, those of publishers when they are harvested.
 *
 * Source: COUNTER Code of Practice 5.1, sections 3.3 and 5.1.
 * @module
 */
import type { Month } from './months.ts'

/** Counts by metric and month, as reports of all kinds have them. */
export type Counts = ReadonlyMap<string, ReadonlyMap<Month, number>>

/** Whatever is counted by the second is counted by the first as well. */
const ordered: readonly (readonly [more: string, less: string])[] = [
  ['Total_Item_Investigations', 'Unique_Item_Investigations'],
  ['Total_Item_Requests', 'Unique_Item_Requests'],
  ['Total_Item_Investigations', 'Total_Item_Requests'],
  ['Unique_Item_Investigations', 'Unique_Item_Requests'],
  ['Unique_Item_Investigations', 'Unique_Title_Investigations'],
  ['Unique_Item_Requests', 'Unique_Title_Requests'],
  ['Unique_Title_Investigations', 'Unique_Title_Requests'],
]

/** Each contradiction in words; a metric that the report leaves out is not asked. */
export function contradictionsIn(counts: Counts): string[] {
  return ordered.flatMap(([more, less]) => {
    const [greater, smaller] = [counts.get(more), counts.get(less)]
    if (greater === undefined || smaller === undefined) return []
    return [...smaller].flatMap(([month, count]) => {
      const other = greater.get(month) ?? 0
      return count <= other ? [] : [`${month}: ${less} ${count}, but ${more} ${other}`]
    })
  })
}
