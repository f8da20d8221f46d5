/**
 * A year of a million events a month on the embedded store: what it costs to count a day, to make a
 * month of its days, and to make a report of twelve months that nobody has asked for before. All of it is
 * work of one thread: seconds of CPU are what one waits for on an idle machine.
 *
 * Every day of a month is counted from events of its own; the month stands for the other eleven.
 * @module
 */
import assert from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { createHourOf, instantIn } from '../../src/core/calendar.ts'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { daysAfter } from '../../src/core/days.ts'
import type { StoreConfig } from '../../src/core/store-config.ts'
import { spanOf } from '../../src/reports/period.ts'
import type { Store, StoredEvent } from '../../src/store/contract.ts'
import { openStore } from '../../src/store/open.ts'
import { startCounting } from '../../src/usage/count.ts'
import { textOfFigures } from '../../src/usage/figures-text.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { textOfReaders } from '../../src/usage/readers-text.ts'
import { recordedEventOf } from '../../src/usage/recorded-event.ts'
import { timeZone } from '../usage/events.ts'
import type { Effort } from './chapters.ts'
import { spreadOf } from './measure.ts'
import type { Cost, Result } from './result.ts'
import { startScript } from './processes.ts'
import { startRedis } from '../support/redis.ts'
import type { YearFound } from './year.ts'
import { eventsOfDay, eventsPerDay, type UseSpread } from './usage-data.ts'

const firstDay = '2025-01-01'
const daysOfMonth = 31
const clock: Clock = { ...systemClock, now: () => Date.parse('2026-01-02T12:00:00+06:00') }

async function cpuSeconds(work: () => unknown): Promise<number> {
  const startedAt = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(startedAt)
  return (user + system) / 1e6
}

function startOf(day: string): number {
  return instantIn(timeZone, day) ?? Number.NaN
}

/** Counts a day as the gateway does, from the rows of the store to the documents. */
function documentsOf(day: string, events: readonly StoredEvent[]) {
  const endAt = startOf(daysAfter(day, 1))
  const counting = startCounting({ period: day, endAt, hourOf: createHourOf(timeZone) })
  for (const stored of events) {
    const event = recordedEventOf(stored)
    if (typeof event === 'object') counting.add(event)
  }
  const { figures, readers } = counting.end()
  return { day: textOfFigures(figures), readers: textOfReaders(readers) }
}

function figuresOver(store: Store) {
  return createFigures({ store, clock, timeZone, keepDays: 1000, onUnreadable: () => undefined })
}

/** Writes the days of January, of so many different ones by turns, and tells how long one took. */
async function writeDays(store: Store, spread: UseSpread, different: number): Promise<number[]> {
  const texts: { readonly day: string; readonly readers: string }[] = []
  const seconds: number[] = []
  for (let number = 0; number < different; number++) {
    const period = daysAfter(firstDay, number)
    const events = eventsOfDay(spread, number, startOf(period))
    seconds.push(await cpuSeconds(() => texts.push(documentsOf(period, events))))
  }
  for (let number = 0; number < daysOfMonth; number++) {
    const found = texts[number % different]
    if (found === undefined) throw new Error('no day')
    const [period, madeFrom] = [daysAfter(firstDay, number), eventsPerDay]
    await store.figures.write([
      { kind: 'day', period, madeFrom, body: found.day },
      { kind: 'day-readers', period, madeFrom, body: found.readers },
    ])
  }
  // The first days compile what the others run.
  return seconds.slice(Math.min(2, different - 1))
}

/** Makes January anew so often. */
async function makeMonths(store: Store, rounds: number): Promise<number[]> {
  const [first] = await store.figures.read('day', firstDay, firstDay)
  if (first === undefined) throw new Error('no day')
  const seconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    await store.figures.write([{ ...first, kind: 'day', madeFrom: eventsPerDay + round }])
    seconds.push(await cpuSeconds(() => figuresOver(store).recount(new Set())))
  }
  return seconds
}

/** January stands for all months of its year and of the one before. */
async function copyMonth(from: Store, to: Store): Promise<number> {
  const [january] = await from.figures.read('month', '2025-01', '2025-01')
  if (january === undefined) throw new Error('no month')
  for (const period of spanOf('2024-01', '2025-12').months) {
    await to.figures.write([{ ...january, kind: 'month', period }])
  }
  return january.body.length
}

/** Lets a process of its own make the reports. */
async function reportYear(config: StoreConfig): Promise<YearFound> {
  const child = startScript('year.ts', [JSON.stringify(config)], 'measured')
  // The script prints nothing else.
  return JSON.parse(await text(child.stdout ?? assert.fail('no output'))) as YearFound
}

async function reportYears(config: StoreConfig, name: string, rounds: number): Promise<Cost[]> {
  const found: YearFound[] = []
  for (let round = 0; round < rounds; round++) found.push(await reportYear(config))
  const cost = (what: string, figure: (year: YearFound) => number): Cost => ({
    what: `${name}: ${what}`,
    cost: spreadOf(found.map(figure)),
  })
  return [
    ...Object.keys(found[0]?.seconds ?? {}).map((report) =>
      cost(`a year’s report ${report}, s`, ({ seconds }) => seconds[report] ?? 0),
    ),
    cost('the longest wait meanwhile, ms', ({ longestMs }) => longestMs),
    cost('the most memory of the process, MB', ({ peakMiB }) => peakMiB),
  ]
}

async function measureSpread(spread: UseSpread, { rounds, share }: Effort): Promise<Cost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-usage-'))
  const embedded = { kind: 'embedded', file: join(folder, 'store.sqlite') } as const
  const store = openStore(embedded, clock)
  const day = await writeDays(store, spread, share < 1 ? 3 : daysOfMonth)
  const month = await makeMonths(store, rounds)
  const characters = await copyMonth(store, store)
  const redis = await startRedis()
  const onRedis = { kind: 'redis', url: redis.url } as const
  const other = openStore(onRedis, clock)
  await copyMonth(store, other)
  const costs = [
    ...(await reportYears(embedded, spread, rounds)),
    ...(await reportYears(onRedis, `${spread}, Redis`, rounds)),
  ]
  await other.close()
  await redis.stop()
  await store.close()
  rmSync(folder, { recursive: true })
  const cost = (what: string, values: readonly number[]): Cost => ({
    what: `${spread}: ${what}`,
    cost: spreadOf(values),
  })
  return [
    cost('a day of 33,000 events counted, s', day),
    cost('a month made of its days, s', month),
    cost('a month as stored, MB', [characters / 1e6]),
    ...costs,
  ]
}

/** Measures both spreads of use. */
export async function measureFigures(effort: Effort): Promise<Result> {
  return {
    title: 'figures: a year of a million events a month on the embedded store',
    rows: [],
    costs: [...(await measureSpread('likely', effort)), ...(await measureSpread('harsh', effort))],
  }
}
