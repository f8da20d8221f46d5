/**
 * The rows of the library's own report, "Gateway Activity by User Category": what only the gateway
 * knows. Its metrics stand under the library's namespace, as COUNTER asks of what it does not define.
 *
 * A category stands beside a database in the months in which the library's own reports tell of it there,
 * and in no others: whoever has both learns no more than from one, and nobody is found among the few of a
 * category (COUNTER section 10.2: nothing about single users is released). Of refusals it is not known
 * how many persons they are of, so that those of a category that is not told otherwise are not either.
 * Source: COUNTER Code of Practice 5.1, section 11.
 * @module
 */
import { metrics, type Metric } from '../../core/figures.ts'
import { categories } from '../../core/types.ts'
import { placeOf } from '../../usage/count-rows.ts'
import type { Steps } from '../../usage/steps.ts'
import { GroupCounts } from '../masking.ts'
import type { UsageRow } from './report.ts'
import type { MonthFigures } from './usage-rows.ts'

/** Figures of the gateway that have a name here. */
const activityMetrics: Partial<Record<Metric, string>> = {
  openings: 'Openings',
  sessions: 'Sessions',
  Searches_Regular: 'Searches_Observed',
}

/** The rows, and how many numbers were too small to be told. */
export interface ActivityRows {
  readonly rows: readonly UsageRow[]
  readonly leftOut: number
}

/** Makes the rows, month by month. */
export function* activityRows(
  figures: readonly MonthFigures[],
  namespace: string,
): Steps<ActivityRows> {
  const rows: UsageRow[] = []
  let leftOut = 0
  for (const month of figures) {
    const found = rowsOf(month, namespace)
    for (const row of found.told) rows.push(row)
    leftOut += found.leftOut
    yield
  }
  return { rows, leftOut }
}

/** A number of a category in a database. */
interface Activity {
  readonly resourceId: string
  readonly category: string
  readonly metric: string
  readonly count: number
}

function rowsOf(month: MonthFigures, namespace: string) {
  const isTold = toldIn(month)
  const used = summed([
    ...month.cells.flatMap(({ resourceId, category, metric, count }) => {
      const name = activityMetrics[metric]
      return name === undefined ? [] : [{ resourceId, category, metric: name, count }]
    }),
    ...month.readers
      .filter(({ by }) => by === 'category')
      .map(({ resourceId, key: category, readers: count }) => {
        return { resourceId, category, metric: 'Unique_Readers', count }
      }),
  ])
  const refused = summed(
    month.denials.map((cell) => ({ ...cell, metric: `Denied_${cell.reason}` })),
  )
  const byReason = Map.groupBy(refused, ({ resourceId, metric }) => `${resourceId}\n${metric}`)
  const told = [
    ...used.filter(isTold),
    ...[...byReason.values()].flatMap((rows) => withoutRest(rows.filter(isTold))),
  ]
  return {
    told: told.map(({ resourceId, category, metric, count }) => ({
      item: resourceId,
      attributes: { [`${namespace}:User_Category`]: category === '' ? 'unknown' : category },
      metric: `${namespace}:${metric}`,
      month: month.period,
      count,
    })),
    leftOut: used.length + refused.length - told.length,
  }
}

/** Whether a category is told of in a database by the library's own reports. */
function toldIn({ cells, readers }: MonthFigures): (row: Activity) => boolean {
  const groups = new GroupCounts()
  const there = new Set<string>()
  for (const cell of cells) {
    const side = { category: cell.category, unit: '', site: '' }
    groups.add(cell.resourceId, side, none.with(placeOf(cell.metric), cell.count))
    there.add(`${cell.resourceId}\n${cell.category}`)
  }
  for (const { resourceId, by, key } of readers) {
    if (by === 'category') there.add(`${resourceId}\n${key}`)
  }
  const mask = groups.mask('category', readers)
  return ({ resourceId, category }) =>
    there.has(`${resourceId}\n${category}`) && !mask.of(resourceId).has(category)
}

const none: readonly number[] = metrics.map(() => 0)

/** Where all categories but one are told, the sum that other reports tell would give that one away. */
function withoutRest(rows: readonly Activity[]): readonly Activity[] {
  // Those who have none are one more.
  if (rows.length < categories.length) return rows
  return rows.toSorted((one, other) => other.count - one.count).slice(0, categories.length - 1)
}

/** Figures are told apart by more than a report is: added up before they are judged. */
function summed(rows: readonly Activity[]): Activity[] {
  const groups = Map.groupBy(rows, ({ resourceId, category, metric }) =>
    JSON.stringify([resourceId, category, metric]),
  )
  return [...groups.values()].flatMap((own) => {
    const [first] = own
    return first === undefined
      ? []
      : [{ ...first, count: own.reduce((sum, { count }) => sum + count, 0) }]
  })
}
