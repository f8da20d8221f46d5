/**
 * The rows of the library's own report, "Gateway Activity by User Category": what only the gateway
 * knows. Its metrics stand under the library's namespace, as COUNTER asks of what it does not define.
 *
 * A number below `limits.counter.cellLeast` is left out, so that nobody is found among the few of a
 * category (COUNTER section 10.2: nothing about single users is released); and another one beside it,
 * where the sum that other reports tell would give it away.
 * Source: COUNTER Code of Practice 5.1, section 11.
 * @module
 */
import type { Metric } from '../../core/figures.ts'
import { limits } from '../../core/limits.ts'
import { hideSmall } from '../suppression.ts'
import type { UsageRow } from './report.ts'
import type { MonthFigures } from './usage-rows.ts'

/** Figures of the gateway that have a name here. */
const activityMetrics: Partial<Record<Metric, string>> = {
  openings: 'Openings',
  sessions: 'Sessions',
  Searches_Regular: 'Searches_Observed',
}

/** The rows, and how many numbers were too small to be told. */
export function activityRows(
  figures: readonly MonthFigures[],
  namespace: string,
): { readonly rows: readonly UsageRow[]; readonly leftOut: number } {
  const all = summed(figures.flatMap((each) => rowsOf(each, namespace)))
  const sums = Map.groupBy(all, ({ item, metric, month }) => JSON.stringify([item, metric, month]))
  const rows = [...sums.values()].flatMap((parts) => {
    const counts = parts.map(({ count }) => count)
    const { places } = hideSmall(counts, limits.counter.cellLeast)
    return parts.filter((_, place) => !places.has(place))
  })
  return { rows, leftOut: all.length - rows.length }
}

function rowsOf({ period, cells, readers, denials }: MonthFigures, namespace: string): UsageRow[] {
  const row = (item: string, category: string, metric: string, count: number): UsageRow => ({
    item,
    attributes: { [`${namespace}:User_Category`]: category === '' ? 'unknown' : category },
    metric: `${namespace}:${metric}`,
    month: period,
    count,
  })
  return [
    ...cells.flatMap(({ resourceId, category, metric, count }) => {
      const name = activityMetrics[metric]
      return name === undefined ? [] : [row(resourceId, category, name, count)]
    }),
    ...readers
      .filter(({ by }) => by === 'category')
      .map(({ resourceId, key, readers: count }) => row(resourceId, key, 'Unique_Readers', count)),
    ...denials.map(({ resourceId, category, reason, count }) =>
      row(resourceId, category, `Denied_${reason}`, count),
    ),
  ]
}

/** Figures are told apart by more than a report is: added up before they are judged. */
function summed(rows: readonly UsageRow[]): UsageRow[] {
  const groups = Map.groupBy(rows, ({ item, attributes, metric, month }) =>
    JSON.stringify([item, Object.values(attributes), metric, month]),
  )
  return [...groups.values()].flatMap((own) => {
    const [first] = own
    return first === undefined
      ? []
      : [{ ...first, count: own.reduce((sum, { count }) => sum + count, 0) }]
  })
}
