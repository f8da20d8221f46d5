/**
 * Months and spans of months, and those that a span is compared with.
 * @module
 */
import type { Period } from '../core/figures.ts'
import { limits } from '../core/limits.ts'

/** Months that follow each other, both ends included. */
export interface Span {
  readonly from: Period
  readonly to: Period
  readonly months: readonly Period[]
}

/** What is wrong with a span as typed. */
export interface SpanProblem {
  readonly problem: 'month' | 'reversed' | 'long' | 'future'
  readonly field: 'from' | 'to'
  readonly found: string
}

/** The month of a day. */
export function monthOf(day: string): Period {
  return day.slice(0, 7)
}

/** The month so many months later, or earlier. */
export function monthsAfter(month: Period, count: number): Period {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const index = year * 12 + number - 1 + count
  const later = String(Math.floor(index / 12)).padStart(4, '0')
  return `${later}-${String((index % 12) + 1).padStart(2, '0')}`
}

/** The months from one to another. */
export function spanOf(from: Period, to: Period): Span {
  const months: Period[] = []
  for (let month = from; month <= to; month = monthsAfter(month, 1)) months.push(month)
  return { from, to, months }
}

/** The same number of months, so many earlier. */
export function earlier({ from, to }: Span, months: number): Span {
  return spanOf(monthsAfter(from, -months), monthsAfter(to, -months))
}

/** The year whose months a span is; undefined for any other. */
export function yearOf({ from, to }: Span): Period | undefined {
  const year = from.slice(0, 4)
  return from === `${year}-01` && to === `${year}-12` ? year : undefined
}

/**
 * Reads a span as typed: months such as `2026-09`, or years, of which `from` means the first month and
 * `to` the last. Without `from` it is the year that ends with `to`, without `to` it ends now.
 */
export function readSpan(
  typed: { readonly from?: string; readonly to?: string },
  thisMonth: Period,
): Span | SpanProblem {
  const to = typed.to === undefined ? thisMonth : monthIn(typed.to, '12', thisMonth)
  if (to === undefined) return { problem: 'month', field: 'to', found: typed.to ?? '' }
  if (to > thisMonth) return { problem: 'future', field: 'to', found: to }
  const from = typed.from === undefined ? monthsAfter(to, -11) : monthIn(typed.from, '01')
  if (from === undefined) return { problem: 'month', field: 'from', found: typed.from ?? '' }
  if (from > to) return { problem: 'reversed', field: 'from', found: from }
  if (monthsAfter(from, limits.reports.months) <= to) {
    return { problem: 'long', field: 'from', found: from }
  }
  return spanOf(from, to)
}

/** The year of now ends with its month. */
function monthIn(text: string, ofYear: string, thisMonth = ''): Period | undefined {
  if (!/^(?:19|20|21)\d\d(?:-(?:0[1-9]|1[0-2]))?$/.test(text)) return undefined
  if (text.length === 7) return text
  return thisMonth.startsWith(text) ? thisMonth : `${text}-${ofYear}`
}
