/**
 * One page for whoever decides: the numbers of the span beside earlier ones, and what stands out.
 * @module
 */
import type { Metric } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import type { WordKey } from '../locales/words.ts'
import type { Steps } from '../usage/steps.ts'
import { column } from './columns.ts'
import { change, comparedOf, count, say, totalOf, type ReportInput, type Stretch } from './input.ts'
import type { ReportBody, Table, Value } from './model.ts'
import { reasonsOf, turnawaysOf } from './refusals.ts'
import { spikeWarnings } from './spikes.ts'
import { useBy, useByMonth } from './use.ts'

/** The report. */
export function* summaryReport(input: ReportInput): Steps<ReportBody> {
  const parts = [useByMonth(input)]
  yield
  parts.push(useBy(input, 'resource', limits.reports.topRows))
  yield
  parts.push(useBy(input, 'category'), useBy(input, 'channel'))
  return {
    charts: parts.flatMap(({ charts }) => charts),
    tables: [keyTable(input), ...parts.map(({ table }) => table)],
    warnings: yield* spikeWarnings(input),
    notes: [say(input, 'report.note_use'), say(input, 'report.note_sessions')],
  }
}

const lines = [
  ['openings', 'report.openings'],
  ['sessions', 'report.sessions'],
  ['Total_Item_Requests', 'report.full_texts'],
  ['Unique_Item_Requests', 'report.unique_full_texts'],
  ['Total_Item_Investigations', 'report.investigations'],
  ['Searches_Regular', 'report.searches'],
] as const satisfies readonly (readonly [Metric, WordKey])[]

/** Refusals, all or those of one kind. */
function refused(of: 'Limit_Exceeded' | 'all'): (stretch: Stretch) => number {
  return (stretch) => {
    const sums = turnawaysOf(reasonsOf(stretch))
    return of === 'all' ? Object.values(sums).reduce((sum, each) => sum + each, 0) : sums[of]
  }
}

function keyTable(input: ReportInput): Table {
  const { now, before, yearBefore } = comparedOf(input)
  const row = (word: WordKey, id: string, of: (stretch: Stretch) => number): Value[] => {
    const value = now.digests.length === 0 ? undefined : of(now)
    const past = (stretch: Stretch) => (stretch.isComplete ? of(stretch) : undefined)
    const pair = (stretch: Stretch): Value[] => {
      const earlier = past(stretch)
      return [earlier, value === undefined ? undefined : change(value, earlier)]
    }
    return [say(input, word), id, value, ...pair(before), ...(yearBefore ? pair(yearBefore) : [])]
  }
  return {
    id: 'summary',
    title: say(input, 'report.at_a_glance'),
    columns: [
      column(input, 'name', 'text', 'report.name'),
      column(input, 'id', 'text', 'report.id'),
      column(input, 'now', 'count', 'report.now'),
      column(input, 'before', 'count', 'report.before'),
      column(input, 'change', 'change', 'report.change'),
      ...(yearBefore
        ? [
            column(input, 'year_before', 'count', 'report.year_before'),
            column(input, 'change_year', 'change', 'report.change_year'),
          ]
        : []),
    ],
    rows: [
      ...lines.map(([metric, word]) =>
        row(word, metric, (stretch) => count(totalOf(stretch), metric)),
      ),
      row('report.refusals', 'refusals', refused('all')),
      row('report.limit_exceeded', 'Limit_Exceeded', refused('Limit_Exceeded')),
    ],
    notes: [],
  }
}
