/**
 * Makes every report of a year beside the year before, and COUNTER's, of a store whose place is told as
 * JSON in the first argument; prints as JSON what each costs as the first that is asked for, the longest
 * that anything else had to wait meanwhile, and the most memory that the process had.
 *
 * Waiting is told in time of the thread: on an idle machine it is that of a clock.
 * @module
 */
import { systemClock, type Clock } from '../../src/core/clock.ts'
import type { StoreConfig } from '../../src/core/store-config.ts'
import { linkOverviewOf } from '../../src/links/overview.ts'
import { createWords } from '../../src/locales/words.ts'
import { reportNames, type ReportName } from '../../src/reports/catalogue.ts'
import { createMonthReader, keptFor } from '../../src/reports/counter/figures.ts'
import { makingReport } from '../../src/reports/counter/make.ts'
import { fileOf } from '../../src/reports/formats.ts'
import { spanOf } from '../../src/reports/period.ts'
import { createReporter } from '../../src/reports/reporter.ts'
import { isProblem } from '../../src/reports/request.ts'
import { openStore } from '../../src/store/open.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { inTurns } from '../../src/usage/steps.ts'
import { asked, reporter as whoReports } from '../reports/counter/sample.ts'
import { timeZone } from '../usage/events.ts'
import { libraryResources } from './library.ts'

/** What the script prints. */
export interface YearFound {
  /** Seconds of CPU by report. */
  readonly seconds: Readonly<Record<string, number>>
  readonly longestMs: number
  readonly peakMiB: number
}

const clock: Clock = { ...systemClock, now: () => Date.parse('2026-01-02T12:00:00+06:00') }
const resources = new Map(libraryResources(150).map((each) => [each.id, each]))
const span = spanOf('2025-01', '2025-12')
// What this process is started with was written by the bench.
const store = openStore(JSON.parse(process.argv[2] ?? '') as StoreConfig, clock)

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6
}

let longestMs = 0
let lastMs = secondsOf(process.threadCpuUsage()) * 1000
const ticking = setInterval(() => {
  const nowMs = secondsOf(process.threadCpuUsage()) * 1000
  longestMs = Math.max(longestMs, nowMs - lastMs)
  lastMs = nowMs
}, 1)

async function reportPage(name: ReportName): Promise<void> {
  const reporter = createReporter({
    figures: createFigures({
      store,
      clock,
      timeZone,
      keepDays: 1000,
      onUnreadable: () => undefined,
    }),
    store,
    askLinks: linkOverviewOf(store, clock, timeZone),
    resources: () => resources,
    config: {
      institution: { name: { en: 'A university' }, contact: 'library@example.edu', timeZone },
      identity: { providers: [], units: {} },
    },
    words: createWords(),
    clock,
  })
  const made = await reporter.make({ name, span, language: 'en' })
  if (isProblem(made)) throw new Error(JSON.stringify(made))
  await fileOf(made, 'html')
}

async function counterReport(id: 'DR' | 'PR' | 'GA1'): Promise<void> {
  const figures = await createMonthReader({ store, clock })(span, keptFor(id))
  const request = asked(id, { from: span.from, to: span.to })
  await inTurns(makingReport(request, { figures, resources }, whoReports), clock)
}

const seconds: Record<string, number> = {}
async function measured(name: string, work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage()
  await work()
  seconds[name] = secondsOf(process.cpuUsage(before))
}

// What a gateway has long done: the words, the catalogue, the first page.
lastMs = secondsOf(process.threadCpuUsage()) * 1000
for (const name of ['use', ...reportNames.filter((each) => each !== 'use')] as const) {
  await measured(name, () => reportPage(name))
}
for (const id of ['DR', 'PR', 'GA1'] as const) await measured(id, () => counterReport(id))
clearInterval(ticking)
await store.close()
const peakMiB = process.resourceUsage().maxRSS / 1024
process.stdout.write(JSON.stringify({ seconds, longestMs, peakMiB } satisfies YearFound))
