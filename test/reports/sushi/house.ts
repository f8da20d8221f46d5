/**
 * The COUNTER API on loopback for tests: the real listener, router and store, with figures of a few
 * months. The time is the end of November 2026.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { request } from 'undici'

import type { CounterConfig } from '../../../src/config/config.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { createEventBus, type GatewayEvent } from '../../../src/core/events.ts'
import type { Figures } from '../../../src/core/figures.ts'
import type { Rulebook } from '../../../src/core/resource.ts'
import { createApplication } from '../../../src/listener/application.ts'
import { createWords } from '../../../src/locales/words.ts'
import { createAssets } from '../../../src/pages/assets.ts'
import { languageOf } from '../../../src/pages/language.ts'
import { createProblemPages } from '../../../src/pages/problem-pages.ts'
import { createShell } from '../../../src/pages/shell.ts'
import { createPortalStage } from '../../../src/portal/routes.ts'
import { createMonthReader } from '../../../src/reports/counter/figures.ts'
import { createSushiServer } from '../../../src/reports/sushi/server.ts'
import type { Store } from '../../../src/store/contract.ts'
import { createEmbeddedStore } from '../../../src/store/embedded.ts'
import { textOfFigures } from '../../../src/usage/figures-text.ts'
import { emptyFigures } from '../builders.ts'
import { catalogue } from '../counter/random.ts'
import { reporter } from '../counter/sample.ts'

/** The key of the consortium. */
export const consortiumKey = 'canary-consortium-key-1'

/** The key of somebody who has to name themselves as well. */
export const statisticsKey = 'canary-statistics-key-22'

/** Who may ask. */
export const counter: CounterConfig = {
  ...reporter.counter,
  requestors: [
    { name: 'consortium', customerId: 'main', apiKey: consortiumKey },
    { name: 'statistics', customerId: '77', requestorId: 'stat-1', apiKey: statisticsKey },
  ],
}

/** The right query of the consortium, with more. */
export function queryOf(more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({ customer_id: 'main', api_key: consortiumKey, ...more }).toString()
}

const where = { unit: '', site: '', channel: 'remote', category: 'student', format: '' } as const

/** A month in which each database of the catalogue was refused so often. */
export function monthOfRefusals(period: string, count: number): Figures {
  return {
    ...emptyFigures(period),
    cells: [...catalogue.keys()].map((resourceId) => ({
      ...where,
      resourceId,
      metric: 'Limit_Exceeded',
      dataType: '',
      count,
    })),
  }
}

/** Puts months of figures into a store. */
export async function writeMonths(store: Store, months: readonly Figures[]): Promise<void> {
  await store.figures.write(
    months.map((figures) => ({
      kind: 'month',
      period: figures.period,
      madeFrom: 1,
      body: textOfFigures(figures),
    })),
  )
}

/** What came. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly bytes: Buffer
  readonly text: string
}

/** Starts the API. */
export async function startHouse(
  options: { readonly months?: readonly Figures[]; readonly counter?: CounterConfig } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-sushi-'))
  const clock = { ...systemClock, now: () => Date.parse('2026-11-30T12:00:00+06:00') }
  const file = join(folder, 'store.sqlite')
  const store = createEmbeddedStore({ file, clock })
  await writeMonths(
    store,
    options.months ?? [monthOfRefusals('2026-08', 3), monthOfRefusals('2026-10', 4)],
  )
  const events: GatewayEvent[] = []
  const bus = createEventBus((error) => {
    throw error
  })
  bus.listen((event) => events.push(event))
  const server = createServer({ keepAliveTimeout: 60_000 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
  const portalOrigin = `http://library.localhost:${port}`
  const institution = {
    name: { en: 'University of Examples' },
    contact: 'help@example.edu',
    timeZone: 'Asia/Bishkek',
  }
  const routes = createSushiServer({
    config: { counter: options.counter ?? counter, institution },
    store,
    months: createMonthReader({ store, clock }),
    clock,
    bus,
  })
  const assets = createAssets()
  const shell = createShell({ words: createWords(), assets, institution, portalOrigin })
  const rulebook: Pick<Rulebook, 'resources'> = { resources: catalogue }
  const { onRequest } = createApplication({
    portalOrigin,
    pipeline: createPortalStage(routes),
    // The server looks at nothing but the catalogue.
    rulebook: () => rulebook as Rulebook,
    clientAddress: (_peer, forwarded) => String(forwarded ?? '203.0.113.5'),
    languageOf,
    pages: createProblemPages(shell),
    bus,
    clock,
  })
  server.on('request', onRequest)
  return {
    port,
    store,
    events,
    async ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
      const answer = await request(`http://127.0.0.1:${port}${path}`, { headers })
      const bytes = Buffer.from(await answer.body.arrayBuffer())
      const { statusCode: status, headers: found } = answer
      return { status, headers: found, bytes, text: bytes.toString() }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
