/**
 * Which months of a report that was asked for there are: months that have not ended, or that nobody
 * counted, are cut off, with the exception that says so.
 *
 * Source: COUNTER Code of Practice 5.1, appendix D: a begin in the present or future month is a mistake
 * (3020), an end there is not (3031).
 * @module
 */
import { dayIn } from '../../core/calendar.ts'
import { limits } from '../../core/limits.ts'
import { exceptionOf, type CounterException } from './exceptions.ts'
import { isMonth, lastDay, monthAfter, monthCount, type Month } from './months.ts'

/** The months that can be told of; none is as yet where `first` is missing. */
export interface Availability {
  readonly first?: Month
  /** The last full month. */
  readonly last: Month
}

/** The time of a report; `isGone` when nothing is left of what was asked. */
export interface Period {
  readonly from: Month
  readonly to: Month
  readonly exceptions: readonly CounterException[]
}

/** A month is full a day after its end: usage that waited somewhere has come by then. */
export function lastFullMonth(now: number, timeZone: string): Month {
  return monthAfter(dayIn(timeZone, now - 86_400_000).slice(0, 7), -1)
}

/** `2026-11` or `2026-11-30` as its month; undefined for what is no date. */
export function monthOf(text: string): Month | undefined {
  const [, month = '', day] = /^(\d{4}-\d{2})(?:-(\d{2}))?$/.exec(text) ?? []
  if (!isMonth(month)) return undefined
  return day === undefined || (day >= '01' && `${month}-${day}` <= lastDay(month))
    ? month
    : undefined
}

function refused(data: string): { readonly refused: CounterException } {
  return { refused: exceptionOf(3020, data) }
}

/** The time that there is of the time that is asked for, or why there is none. */
export function periodOf(
  begin: string,
  end: string,
  { first, last }: Availability,
): Period | { readonly refused: CounterException } {
  const [from, to] = [monthOf(begin), monthOf(end)]
  if (from === undefined || to === undefined) return refused('expected yyyy-mm or yyyy-mm-dd')
  if (to < from) return refused('the end comes before the begin')
  if (last < from) return refused(`the last month that has ended is ${last}`)
  if (monthCount(from, to) > limits.counter.months) {
    return refused(`expected at most ${limits.counter.months} months`)
  }
  const cutTo = to > last ? last : to
  const late = to > last ? [exceptionOf(3031, `after ${last}`)] : []
  // Nothing was counted at all yet: there is no use, which is another thing than use that is gone.
  if (first === undefined || first <= from) return { from, to: cutTo, exceptions: late }
  const early = exceptionOf(3032, `before ${first}`)
  const cutFrom = first <= cutTo ? first : from
  return { from: cutFrom, to: cutTo, exceptions: [...late, early] }
}
