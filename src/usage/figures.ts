/**
 * Figures of days, months and years: made from events when there are more of them than before, read
 * by reports.
 *
 * A day is counted anew when the store holds another number of its events than it was made from; a
 * month is the sum of its days. Nothing is added to what is there, so that an event that comes a week
 * late, or a process that dies half-way, makes nothing wrong. Days whose events were forgotten stay
 * as they are.
 * @module
 */
import { setImmediate as othersFirst } from 'node:timers/promises'

import { createHourOf, instantIn } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import { daysAfter } from '../core/days.ts'
import type { Figures, Period, ReaderFigures } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import type { FiguresDocument, FiguresKind, Store } from '../store/contract.ts'
import { startCounting, type DayCount } from './count.ts'
import { readingFigures, writingFigures } from './figures-text.ts'
import { noReaders, Readers, readersAsTold } from './readers.ts'
import { addingReaders, isOfThisVersion, writingReaders } from './readers-text.ts'
import { recordedEventOf } from './recorded-event.ts'
import { inTurns, type Steps } from './steps.ts'
import { Tally } from './tally.ts'

/** What figures are made from. */
export interface FiguresParts {
  readonly store: Pick<Store, 'usage' | 'figures'>
  readonly clock: Clock
  readonly timeZone: string
  readonly keepDays: number
  /** Events of a day that cannot be read, and so are not counted; told at each counting. */
  readonly onUnreadable: (day: Period, count: number) => void
}

/** Distinct readers of a year. */
export interface YearReaders {
  readonly period: Period
  readonly readers: readonly ReaderFigures[]
}

/** Figures of use. Everything may reject with `ERR_STORE_AWAY` or `ERR_STORE_DATA`. */
export interface UsageFigures {
  /**
   * Counts what has changed. `now` leaves nothing out, before a report; `due` spares a busy gateway:
   * a day is counted again only after a pause, a month once an hour.
   */
  refresh(how: 'now' | 'due'): Promise<void>
  /** Counts these days anew, whether they have changed or not, and what they are part of. */
  recount(days: ReadonlySet<Period>): Promise<void>
  /** Days from one to another, both included, oldest first; days without use are missing. */
  days(from: Period, to: Period): Promise<readonly Figures[]>
  /** Months likewise. */
  months(from: Period, to: Period): Promise<readonly Figures[]>
  /** Distinct readers of years likewise; years of which some readers are no longer known are missing. */
  years(from: Period, to: Period): Promise<readonly YearReaders[]>
  /** Forgets events that are older than is kept, and who the readers of that time were. */
  forgetOld(): Promise<void>
}

const hourMs = 3_600_000

/** Makes the figures of a store. */
export function createFigures(parts: FiguresParts): UsageFigures {
  const { store, clock, timeZone, keepDays } = parts
  const { usage, figures } = store
  const hourOf = createHourOf(timeZone)
  const startOf = dayStarts(timeZone)
  const today = () => hourOf(clock.now()).day
  /** Until when, on the steady clock, a day or month is left as it is unless asked for. */
  const pausedUntil = new Map<Period, number>()
  /** What an earlier version made and this one has not made anew; undefined before it was looked for. */
  let outdated: Set<Period> | undefined
  const isPaused = (period: Period) => clock.steady() < (pausedUntil.get(period) ?? 0)

  function textOf(written: Steps<string>): Promise<string> {
    return inTurns(written, clock)
  }

  async function read(documents: readonly FiguresDocument[]) {
    const found: Omit<Figures, 'isFinal'>[] = []
    for (const { period, body } of documents) {
      found.push(await inTurns(readingFigures(period, body), clock))
    }
    return found
  }

  /** How many events each day is to be made from: days that have some, or were made, and can be counted. */
  async function eventsByDay(made: Iterable<Period>): Promise<Map<Period, number>> {
    const keptFromAt = await usage.keptFrom()
    const hours = await usage.hours(
      Math.floor(keptFromAt / hourMs),
      Math.floor(clock.now() / hourMs) + 25,
    )
    // An hour can lie in two days.
    const ends = [...hours.keys()].flatMap((hour) => [hour * hourMs, (hour + 1) * hourMs - 1])
    const days = new Set([...made, ...ends.map((at) => hourOf(at).day)])
    const kept = [...days].filter((day) => startOf(day) >= keptFromAt).toSorted()
    return new Map(kept.map((day) => [day, sumOf(hours, startOf(day), endOf(day))]))
  }

  function endOf(day: Period): number {
    return startOf(daysAfter(day, 1))
  }

  async function countDay(day: Period): Promise<DayCount> {
    const endAt = endOf(day)
    const range = { fromAt: startOf(day), toAt: endAt + limits.usage.doubleClickMs + 1 }
    const counting = startCounting({ period: day, endAt, hourOf })
    const count = limits.usage.countedAtOnce
    let unreadable = 0
    let afterId: string | undefined
    for (;;) {
      const after = afterId === undefined ? {} : { afterId }
      const page = await usage.read({ ...range, count, ...after })
      for (const stored of page) {
        const event = recordedEventOf(stored)
        if (event === 'unreadable') unreadable += stored.at < endAt ? 1 : 0
        else if (event !== 'other') counting.add(event)
      }
      afterId = page.at(-1)?.id
      if (page.length < count) break
      await othersFirst()
    }
    if (unreadable > 0) parts.onUnreadable(day, unreadable)
    return inTurns(counting.ending(), clock)
  }

  async function makeDay(day: Period, madeFrom: number): Promise<void> {
    const startedMs = clock.steady()
    const { figures: counted, readers } = await countDay(day)
    await figures.write([
      { kind: 'day', period: day, madeFrom, body: await textOf(writingFigures(counted)) },
      { kind: 'day-readers', period: day, madeFrom, body: await textOf(writingReaders(readers)) },
    ])
    const tookMs = clock.steady() - startedMs
    pausedUntil.set(day, clock.steady() + tookMs * limits.usage.countingShare)
  }

  /** The documents within a month or year one by one: no two of them are in memory at once. */
  async function* documentsOf(kind: FiguresKind, within: Period) {
    const periods = [...(await figures.madeFrom(kind)).keys()]
    for (const period of periods.filter((each) => each.startsWith(`${within}-`)).toSorted()) {
      for (const { body } of await figures.read(kind, period, period)) yield body
      await othersFirst()
    }
  }

  async function readersWithin(kind: 'day-readers' | 'month-readers', within: Period) {
    const all = new Readers()
    for await (const body of documentsOf(kind, within))
      await inTurns(addingReaders(all, body), clock)
    return all
  }

  async function makeMonth(month: Period, madeFrom: number): Promise<void> {
    const tally = new Tally()
    for await (const body of documentsOf('day', month)) await inTurns(tally.addText(body), clock)
    const isKept = startOf(`${month}-01`) >= (await usage.keptFrom())
    const readers = isKept ? await readersWithin('day-readers', month) : undefined
    const told =
      readers === undefined ? await toldBefore(month) : await inTurns(readers.told(), clock)
    const merged = await inTurns(tally.figures(month, told), clock)
    if (readers !== undefined) {
      // Of a longer time than a month works are not told by their readers.
      readers.keepItems([])
      const body = await textOf(writingReaders(readers))
      await figures.write([{ kind: 'month-readers', period: month, madeFrom, body }])
    }
    // Last: it tells that the month is made.
    const body = await textOf(writingFigures(merged))
    await figures.write([{ kind: 'month', period: month, madeFrom, body }])
    pausedUntil.set(month, clock.steady() + hourMs)
  }

  async function makeYear(year: Period, madeFrom: number): Promise<void> {
    const readers = await readersWithin('month-readers', year)
    const told = await inTurns(readers.told(), clock)
    const empty = await inTurns(new Tally().figures(year, told), clock)
    const body = await textOf(writingFigures(empty))
    await figures.write([{ kind: 'year', period: year, madeFrom, body }])
  }

  /**
   * Once for all months that were made, since it reads all lists of a year; and what was broken off.
   * Only of years whose readers are all known: others keep what they have.
   */
  async function makeYears(touched: ReadonlySet<Period>): Promise<void> {
    const [months, made] = [await figures.madeFrom('month'), await figures.madeFrom('year')]
    const keptFromAt = await usage.keptFrom()
    for (const year of new Set([...months.keys()].map(yearOf))) {
      if (startOf(`${year}-01-01`) < keptFromAt) continue
      const madeFrom = sumOfPeriods(months, year)
      if (made.get(year) !== madeFrom || touched.has(year)) await makeYear(year, madeFrom)
    }
  }

  async function toldBefore(month: Period) {
    const [told] = await monthsAsMade(month, month)
    return told === undefined ? noReaders : readersAsTold(told)
  }

  async function makeMonths(how: 'now' | 'due', touched: ReadonlySet<Period>): Promise<void> {
    const [days, made] = [await figures.madeFrom('day'), await figures.madeFrom('month')]
    const years = new Set<Period>()
    for (const month of new Set([...days.keys()].map(monthOf))) {
      if (how === 'due' && isPaused(month)) continue
      const madeFrom = sumOfPeriods(days, month)
      if (made.get(month) === madeFrom && !touched.has(month)) continue
      await makeMonth(month, madeFrom)
      years.add(yearOf(month))
    }
    await makeYears(years)
  }

  async function monthsAsMade(from: Period, to: Period) {
    return read(await figures.read('month', from, to))
  }

  /** Days that an earlier version made, which told less of readers; looked at once. */
  async function outdatedDays(days: Iterable<Period>): Promise<Set<Period>> {
    const found = new Set<Period>()
    for (const day of days) {
      const [readers] = await figures.read('day-readers', day, day)
      if (readers !== undefined && !isOfThisVersion(readers.body)) found.add(day)
    }
    return found
  }

  async function refresh(how: 'now' | 'due'): Promise<void> {
    const made = await figures.madeFrom('day')
    const touched = new Set<Period>()
    outdated ??= await outdatedDays(made.keys())
    for (const [day, madeFrom] of await eventsByDay(made.keys())) {
      if (how === 'due' && isPaused(day)) continue
      const before = made.get(day) ?? 0
      if (outdated.has(day) && madeFrom >= before) touched.add(monthOf(day))
      // Fewer than before is a store that has lost some: what was made of them is better.
      else if (madeFrom <= before) continue
      await makeDay(day, madeFrom)
      outdated.delete(day)
    }
    await makeMonths(how, touched)
  }

  return {
    refresh,
    async recount(days) {
      for (const [day, madeFrom] of await eventsByDay(days)) {
        if (days.has(day)) await makeDay(day, madeFrom)
      }
      await makeMonths('now', new Set([...days].map(monthOf)))
    },
    async days(from, to) {
      const keptFromAt = await usage.keptFrom()
      const days = await read(await figures.read('day', from, to))
      return days.map((each) => ({ ...each, isFinal: endOf(each.period) <= keptFromAt }))
    },
    async months(from, to) {
      const keptFromAt = await usage.keptFrom()
      const months = await monthsAsMade(from, to)
      return months.map((each) => ({
        ...each,
        isFinal: startOf(`${monthOf(daysAfter(`${each.period}-28`, 4))}-01`) <= keptFromAt,
      }))
    },
    async years(from, to) {
      const months = await figures.madeFrom('month')
      const documents = await figures.read('year', from, to)
      const whole = documents.filter(
        ({ period, madeFrom }) => sumOfPeriods(months, period) === madeFrom,
      )
      return (await read(whole)).map(({ period, readers }) => ({ period, readers }))
    },
    async forgetOld() {
      await refresh('now')
      const firstDay = daysAfter(today(), -keepDays)
      const { forgottenAtOnce } = limits.store
      while ((await usage.forget(startOf(firstDay))) === forgottenAtOnce) await othersFirst()
      for (const kind of ['day-readers', 'month-readers'] as const) {
        const periods = [...(await figures.madeFrom(kind)).keys()]
        // A month goes with its last day: `2026-10` sorts before `2026-10-01`, and stays till then.
        const oldest = kind === 'day-readers' ? firstDay : monthOf(firstDay)
        await figures.remove(
          kind,
          periods.filter((period) => period < oldest),
        )
      }
    },
  }
}

function monthOf(day: Period): Period {
  return day.slice(0, 7)
}

function yearOf(month: Period): Period {
  return month.slice(0, 4)
}

function dayStarts(timeZone: string): (day: Period) => number {
  const known = new Map<Period, number>()
  return (day) => {
    const found = known.get(day) ?? instantIn(timeZone, day) ?? Number.NaN
    known.set(day, found)
    return found
  }
}

/** Of the hours that touch a day and the moment after it. */
function sumOf(hours: ReadonlyMap<number, number>, startAt: number, endAt: number): number {
  let sum = 0
  const lastAt = endAt + limits.usage.doubleClickMs
  for (let hour = Math.floor(startAt / hourMs); hour * hourMs <= lastAt; hour++) {
    sum += hours.get(hour) ?? 0
  }
  return sum
}

/** Of the periods within another. */
function sumOfPeriods(made: ReadonlyMap<Period, number>, within: Period): number {
  let sum = 0
  for (const [period, count] of made) if (period.startsWith(`${within}-`)) sum += count
  return sum
}
