/**
 * Months of the calendar as `2026-11`, which compare as text.
 * @module
 */

/** A month, `2026-11`. */
export type Month = string

/** Whether the text is a month that exists. */
export function isMonth(text: string): boolean {
  return /^(?:19|2\d)\d\d-(?:0[1-9]|1[0-2])$/.test(text)
}

/** The month so many months later, or earlier where the number is negative. */
export function monthAfter(month: Month, months: number): Month {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const count = year * 12 + (number - 1) + months
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`
}

/** How many months from one to another, both included; 0 when the second comes first. */
export function monthCount(first: Month, last: Month): number {
  const [fromYear = 0, from = 1] = first.split('-').map(Number)
  const [toYear = 0, to = 1] = last.split('-').map(Number)
  return Math.max(0, (toYear - fromYear) * 12 + to - from + 1)
}

/** Each month from one to another, both included. */
export function monthsBetween(first: Month, last: Month): Month[] {
  return Array.from({ length: monthCount(first, last) }, (_, index) => monthAfter(first, index))
}

/** `2026-11-01`. */
export function firstDay(month: Month): string {
  return `${month}-01`
}

/** `2026-11-30`. */
export function lastDay(month: Month): string {
  const next = Date.parse(`${firstDay(monthAfter(month, 1))}T00:00:00Z`)
  return new Date(next - 86_400_000).toISOString().slice(0, 10)
}

const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Nov-2026`, as the head of a column. */
export function monthLabel(month: Month): string {
  const [year = '', number = ''] = month.split('-')
  return `${names[Number(number) - 1]}-${year}`
}
