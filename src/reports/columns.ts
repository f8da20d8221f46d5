/**
 * The columns that many tables have: what is counted, beside earlier times.
 * @module
 */
import type { Metric } from '../core/figures.ts'
import type { WordKey } from '../locales/words.ts'
import type { Sums } from './digest.ts'
import { change, count, say, type Compared, type ReportInput } from './input.ts'
import type { Column, ColumnKind, Value } from './model.ts'

/** A column in words. */
export function column(input: ReportInput, id: string, kind: ColumnKind, word: WordKey): Column {
  return { id, kind, title: say(input, word) }
}

/** A database by its name and its id. */
export function resourceColumns(input: ReportInput): readonly [Column, Column] {
  return [
    column(input, 'resource', 'text', 'report.by_resource'),
    column(input, 'id', 'text', 'report.id'),
  ]
}

/** What is counted, in the order of the columns; `compared` stand beside earlier times. */
const measures = [
  { id: 'openings', metric: 'openings', word: 'report.openings', isCompared: true },
  { id: 'sessions', metric: 'sessions', word: 'report.sessions', isCompared: false },
  { id: 'full_texts', metric: 'Total_Item_Requests', word: 'report.full_texts', isCompared: true },
  {
    id: 'investigations',
    metric: 'Total_Item_Investigations',
    word: 'report.investigations',
    isCompared: false,
  },
  { id: 'searches', metric: 'Searches_Regular', word: 'report.searches', isCompared: false },
] as const satisfies readonly {
  readonly id: string
  readonly metric: Metric
  readonly word: WordKey
  readonly isCompared: boolean
}[]

/** Numbers now and in the times that they are compared with; undefined where those are not known. */
export interface ComparedSums {
  readonly now: Sums | undefined
  readonly before: Sums | undefined
  readonly yearBefore: Sums | undefined
}

/** Which earlier times there are columns for. */
export type Comparison = Pick<Compared, 'yearBefore'>

/** The columns of all measures. */
export function measureColumns(input: ReportInput, { yearBefore }: Comparison): Column[] {
  return measures.flatMap(({ id, word, isCompared }): Column[] => [
    column(input, id, 'count', word),
    ...(isCompared ? [column(input, `${id}_change`, 'change', 'report.change')] : []),
    ...(isCompared && yearBefore !== undefined
      ? [column(input, `${id}_change_year`, 'change', 'report.change_year')]
      : []),
  ])
}

/** Their values. */
export function measureValues(sums: ComparedSums, { yearBefore }: Comparison): Value[] {
  return measures.flatMap(({ metric, isCompared }): Value[] => {
    if (sums.now === undefined) return blanks(isCompared, yearBefore !== undefined)
    const now = count(sums.now, metric)
    const earlier = (past: Sums | undefined) => past && count(past, metric)
    return [
      now,
      ...(isCompared ? [change(now, earlier(sums.before))] : []),
      ...(isCompared && yearBefore !== undefined ? [change(now, earlier(sums.yearBefore))] : []),
    ]
  })
}

function blanks(isCompared: boolean, hasYear: boolean): undefined[] {
  return Array.from({ length: isCompared ? (hasYear ? 3 : 2) : 1 }, () => undefined)
}
