/**
 * What a report of a year costs on the embedded store: months of 150 databases with 100 cells, 192 hour
 * cells and 33 items each, and the twelve months that it stands beside. Prints milliseconds of the first
 * report, of one whose sums are kept, and of one that reads the items too.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock as clock } from '../../src/core/clock.ts'
import { linkOverviewOf } from '../../src/links/overview.ts'
import { createWords } from '../../src/locales/words.ts'
import { spanOf } from '../../src/reports/period.ts'
import { createReporter } from '../../src/reports/reporter.ts'
import type { ReportRequest } from '../../src/reports/request.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { documentOf, largeMonth } from '../reports/builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'darbaza-bench-reports-'))
const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock })
for (const month of spanOf('2024-11', '2026-10').months) {
  await store.figures.write([documentOf(largeMonth(month, 150))])
}
const timeZone = 'Asia/Bishkek'
const reporter = createReporter({
  config: {
    institution: { name: { en: 'Bench' }, contact: 'bench@example.edu', timeZone },
    identity: { providers: [], units: {} },
  },
  store,
  figures: createFigures({ store, clock, timeZone, keepDays: 365, onUnreadable: () => undefined }),
  resources: () => new Map(),
  askLinks: linkOverviewOf(store, clock),
  words: createWords(),
  clock,
})

async function measured(title: string, name: ReportRequest['name']): Promise<void> {
  const before = process.cpuUsage()
  const startedMs = clock.steady()
  await reporter.make({ name, span: spanOf('2025-11', '2026-10'), language: 'ru' })
  const { user, system } = process.cpuUsage(before)
  const wallMs = Math.round(clock.steady() - startedMs)
  const cpuMs = Math.round((user + system) / 1000)
  process.stdout.write(`${title}: ${wallMs} ms, of processors ${cpuMs} ms\n`)
}

await measured('a year, first', 'summary')
await measured('a year, sums kept', 'summary')
await measured('a year with its items', 'titles')
await store.close()
rmSync(folder, { recursive: true })
