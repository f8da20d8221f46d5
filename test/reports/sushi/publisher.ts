/**
 * A publisher's COUNTER API on loopback that answers as a test wants, and the harvest of it.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { UpstreamConfig } from '../../../src/config/config.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { SushiSource } from '../../../src/core/counter.ts'
import type { Resource } from '../../../src/core/resource.ts'
import { createHarvester, type Harvested } from '../../../src/reports/sushi/harvest.ts'
import { createLedger } from '../../../src/reports/sushi/ledger.ts'
import { createEmbeddedStore } from '../../../src/store/embedded.ts'
import { resourceOf } from '../../portal/collection.ts'

/** The key that must never be seen but by the publisher. */
export const publisherKey = 'canary-publisher-key'

/** How the publisher answers. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => void

/** Answers with JSON. */
export function json(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(value))
  }
}

/** Answers with an exception. */
export function exception(
  status: number,
  code: number,
  headers: Record<string, string> = {},
): Handler {
  return json(status, { Code: code, Message: `said by ${publisherKey}` }, headers)
}

/** A DR of release 5.1 with the same counts in some months. */
export function reportOf(
  months: readonly string[],
  more: {
    readonly header?: object
    readonly count?: unknown
    readonly codes?: readonly number[]
  } = {},
): object {
  const { header = {}, count = 5, codes = [] } = more
  const counts = Object.fromEntries(months.map((month) => [month, count]))
  return {
    Report_Header: {
      Report_ID: 'DR',
      ...(codes.length > 0 && {
        Exceptions: codes.map((Code) => ({ Code, Message: 'as it says' })),
      }),
      ...header,
    },
    Report_Items:
      months.length === 0
        ? []
        : [
            {
              Database: 'One',
              Attribute_Performance: [
                {
                  Data_Type: 'Journal',
                  Performance: { Total_Item_Requests: counts, Unique_Item_Requests: counts },
                },
              ],
            },
          ],
  }
}

/** The months of a question. */
export function askedMonths(query: URLSearchParams): readonly [string, string] {
  return [String(query.get('begin_date')).slice(0, 7), String(query.get('end_date')).slice(0, 7)]
}

/** A publisher and the harvest of it, at the end of November 2026 until told otherwise. */
export async function startPublisher(
  options: {
    readonly upstream?: Partial<UpstreamConfig>
    readonly sushi?: Partial<SushiSource>
  } = {},
) {
  let handler: Handler = json(200, reportOf([]))
  const asked: URL[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://counter.localhost')
    asked.push(url)
    handler(request, response, url.searchParams)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-harvest-'))
  let now = Date.parse('2026-11-30T12:00:00+06:00')
  const clock = { ...systemClock, now: () => now }
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock })
  const upstream: UpstreamConfig = {
    allow: ['127.0.0.0/8'],
    resolve: { 'counter.localhost': `127.0.0.1:${port}` },
    connectSeconds: 2,
    headersSeconds: 1,
    bodySeconds: 1,
    connectionsPerHost: 4,
    ...options.upstream,
  }
  const timeZone = 'Asia/Bishkek'
  const harvester = createHarvester({ store, clock, timeZone, upstream })
  const ledger = createLedger(store)
  const resource: Resource = {
    ...resourceOf('one', {}),
    sushi: {
      url: 'http://counter.localhost/sushi',
      release: '5.1',
      report: 'DR',
      customerId: 'C1',
      apiKey: () => publisherKey,
      ...options.sushi,
    },
  }
  return {
    port,
    ledger,
    store,
    resource,
    asked,
    answer(next: Handler): void {
      handler = next
    },
    later(ms: number): void {
      now += ms
    },
    now: () => now,
    /** The one resource, if it was asked. */
    async run(resources = [resource]): Promise<Harvested | undefined> {
      const [harvested] = await harvester.runDue(resources)
      return harvested
    },
    /** What is known of its months: `2026-10 had 5`. */
    async known(from = '2024-11', to = '2026-10'): Promise<string[]> {
      return [...(await ledger.months(from, to))].map(([month, by]) => {
        const found = by['one']
        return `${month} ${found?.status ?? '-'} ${found?.counts['Total_Item_Requests'] ?? 0}`
      })
    },
    async close() {
      await harvester.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
