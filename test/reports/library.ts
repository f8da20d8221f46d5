/**
 * A small library with figures, for tests of reports: three databases in the catalogue, one that has
 * gone from it, and whatever figures a test writes into its store.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '../../src/core/clock.ts'
import type { Figures } from '../../src/core/figures.ts'
import type { Language } from '../../src/core/languages.ts'
import type { Resource } from '../../src/core/resource.ts'
import { linkOverviewOf } from '../../src/links/overview.ts'
import { createWords } from '../../src/locales/words.ts'
import type { Report, Table, Value } from '../../src/reports/model.ts'
import { createReporter, type Reporter } from '../../src/reports/reporter.ts'
import { isProblem, readRequest, type TypedRequest } from '../../src/reports/request.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { resourceOf } from '../portal/collection.ts'
import { documentOf } from './builders.ts'

/** Noon of a day in the middle of November 2026. */
export const nowAt = Date.parse('2026-11-15T06:00:00Z')

/** The catalogue. */
export const catalogue: readonly Resource[] = [
  resourceOf('jstor', {
    title: { en: 'JSTOR' },
    licence: {
      fromOn: '2026-01-01',
      seats: 5,
      contract: { cost: { amount: 1200, currency: 'USD', period: 'year' }, noticeDays: 0 },
    },
  }),
  resourceOf('scopus', { title: { en: 'Scopus', ru: 'Скопус' } }),
  resourceOf('quiet', { title: { en: 'A quiet one' } }),
]

/** A store with figures and the reporter of it. */
export interface Library {
  readonly reporter: Reporter
  readonly store: ReturnType<typeof createEmbeddedStore>
  /** Makes a report in English of what is typed. */
  report(typed: Omit<TypedRequest, 'language'> & { readonly language?: Language }): Promise<Report>
  close(): Promise<void>
}

/** Opens a library with the figures of some months, and of some years. */
export async function openLibrary(
  months: readonly Figures[],
  years: readonly Figures[] = [],
  resources: readonly Resource[] = catalogue,
): Promise<Library> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-reports-'))
  const clock = { ...systemClock, now: () => nowAt }
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock })
  await store.figures.write(months.map((figures) => documentOf(figures)))
  const whole = years.map((figures) => documentOf(figures, 'year', months.length))
  await store.figures.write(whole)
  const reporter = createReporter({
    figures: createFigures({
      store,
      clock,
      timeZone: 'Asia/Bishkek',
      keepDays: 365,
      onUnreadable: () => undefined,
    }),
    store,
    resources: () => new Map(resources.map((resource) => [resource.id, resource])),
    config: {
      institution: {
        name: { en: 'University of Example' },
        contact: 'library@example.edu',
        timeZone: 'Asia/Bishkek',
      },
      identity: { providers: [], units: { law: { en: 'Faculty of Law' } } },
    },
    askLinks: linkOverviewOf(store, clock, 'Asia/Bishkek'),
    words: createWords(),
    clock,
  })
  return {
    reporter,
    store,
    async report(typed) {
      const request = readRequest({ language: 'en', ...typed }, reporter.thisMonth())
      if (isProblem(request)) throw new Error(JSON.stringify(request))
      const report = await reporter.make(request)
      if (isProblem(report)) throw new Error(JSON.stringify(report))
      return report
    },
    async close() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The table of an id. */
export function tableOf({ tables }: Report, id: string): Table {
  const table = tables.find((each) => each.id === id)
  if (table === undefined) throw new Error(`no table is named ${id}`)
  return table
}

/** Rows as objects by the ids of the columns that are asked for. */
export function rowsOf({ columns, rows }: Table, ...ids: readonly string[]): Value[][] {
  return rows.map((row) => ids.map((id) => row[columns.findIndex((each) => each.id === id)]))
}
