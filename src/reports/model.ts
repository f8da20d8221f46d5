/**
 * A report as data: what every output, from CSV to a page, is made of. Every word is chosen, in one
 * language; every number is bare.
 * @module
 */
import type { Language } from '../core/languages.ts'

/** A number that is not shown, since it would tell of fewer than `limits.reports.leastPersons`. */
export const hidden = { isHidden: true } as const

/** What a cell holds; undefined where nothing is known or nothing can be divided. */
export type Value = string | number | typeof hidden | undefined

/** How a column is to be read. */
export type ColumnKind =
  | 'text'
  /** A whole number. */
  | 'count'
  /** A ratio, 1 for all. */
  | 'share'
  /** A ratio of the difference to what was before: 0.5 is half as much again. */
  | 'change'
  /** With one or two places. */
  | 'decimal'

/** A column of a table. */
export interface Column {
  /** The same in every language, for programs. */
  readonly id: string
  readonly title: string
  readonly kind: ColumnKind
}

/** A table; each row has a value for each column. */
export interface Table {
  readonly id: string
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Value[])[]
  readonly total?: readonly Value[]
  /** What readers of this table have to know. */
  readonly notes: readonly string[]
}

/** A picture of a table. */
export interface Chart {
  readonly id: string
  readonly title: string
  /** `bars` lie, for names; `columns` stand and `lines` run, for months and hours. */
  readonly kind: 'bars' | 'columns' | 'lines'
  /** The table that has the same numbers. */
  readonly tableId: string
  readonly labels: readonly string[]
  readonly series: readonly {
    readonly name: string
    readonly values: readonly (number | undefined)[]
  }[]
}

/** What a report function makes. */
export interface ReportBody {
  readonly charts: readonly Chart[]
  readonly tables: readonly Table[]
  /** What looks wrong or needs a look. */
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/** A whole report. */
export interface Report extends ReportBody {
  readonly name: string
  readonly language: Language
  readonly title: string
  /** What it shows, in a sentence. */
  readonly about: string
  readonly institution: string
  /** First and last month, `2026-09`. */
  readonly from: string
  readonly to: string
  readonly periodText: string
  /** What narrows or divides it, in words. */
  readonly facets: readonly string[]
  /** When it was made, epoch milliseconds, and in words. */
  readonly madeAt: number
  readonly madeText: string
  /** "Gateway-observed, not audited." */
  readonly standing: string
}
