/**
 * Usage events for tests, as they are stored, and days counted from them.
 * @module
 */
import { createHourOf, instantIn } from '../../src/core/calendar.ts'
import { timeOrderedId } from '../../src/core/clock.ts'
import type { ExchangeEvent } from '../../src/core/events.ts'
import type { Figures, Metric } from '../../src/core/figures.ts'
import type { StoredEvent } from '../../src/store/contract.ts'
import { startCounting } from '../../src/usage/count.ts'
import { recordedEventOf } from '../../src/usage/recorded-event.ts'

/** The library's time zone. */
export const timeZone = 'Asia/Bishkek'

/** A browser that people use. */
export const browser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36'

/** The day that tests count. */
export const day = '2026-11-30'

/** Its beginning, epoch milliseconds. */
export const dayAt = instantIn(timeZone, day) ?? Number.NaN

const shared = {
  resourceId: 'steppe',
  person: 'p1',
  session: 's1',
  categories: ['student'],
  unit: 'Physics',
  site: 'main',
  channel: 'remote',
  network24: '192.0.2.0/24',
  userAgent: browser,
}

let number = 0

/** An exchange as the gateway tells of it: Aigul reads an article. */
export const told = (at: number, change: Partial<ExchangeEvent> = {}): ExchangeEvent => ({
  kind: 'exchange',
  id: timeOrderedId(at),
  at,
  reference: '7K3M-QX2P-9DTF',
  sessionId: 'session-id',
  patron: {
    issuer: 'https://id.example.edu',
    subject: 'aigul@example.edu',
    displayName: 'Aigul Asanova',
    categories: ['student'],
    unit: 'Physics',
    groups: ['g'],
  },
  address: '192.0.2.77',
  channel: 'remote',
  resourceId: 'steppe',
  method: 'GET',
  host: 'www.steppe.example',
  path: '/article/1',
  status: 200,
  contentType: 'text/html',
  bytes: 10,
  durationMs: 5,
  isComplete: true,
  userAgent: 'test',
  isWebSocket: false,
  ...change,
})

/** An event as stored, at so many seconds of the day. */
export function stored(seconds: number, body: object): StoredEvent {
  const at = dayAt + Math.round(seconds * 1000)
  number++
  return { id: `${at}-${String(number).padStart(6, '0')}`, at, body: JSON.stringify(body) }
}

/** An exchange of which nothing is known but that it was answered. */
export function exchange(seconds: number, change: object = {}): StoredEvent {
  const answer = { method: 'GET', host: 'www.steppe.test', path: '/a', status: 200, bytes: 1000 }
  return stored(seconds, { kind: 'exchange', ...shared, ...answer, ...change })
}

/** A full text opened. */
export function request(seconds: number, item: string, change: object = {}): StoredEvent {
  const use = { kind: 'request', format: 'pdf', item: `id:${item}` }
  return exchange(seconds, { use, url: `pdf-${item}`, path: `/pdf/${item}`, ...change })
}

/** A refusal. */
export function denial(seconds: number, reason: string, change: object = {}): StoredEvent {
  return stored(seconds, { kind: 'denial', ...shared, reason, url: 'wanted', ...change })
}

/** A reader on site, sent to the publisher. */
export function direct(seconds: number, change: object = {}): StoredEvent {
  const asker = { resourceId: 'steppe', channel: 'onsite', network24: '192.0.2.0/24' }
  return stored(seconds, { kind: 'direct', ...asker, userAgent: browser, url: 'x', ...change })
}

/** Sums by metric over everything else, and what tests ask of them. */
export type Sums = Readonly<Partial<Record<Metric, number>>>

/** The sums of figures; sessions of resources, not of the library. */
export function sumsOf({ cells }: Pick<Figures, 'cells'>): Sums {
  const sums: Partial<Record<Metric, number>> = {}
  for (const { resourceId, metric, count } of cells) {
    if (resourceId !== '') sums[metric] = (sums[metric] ?? 0) + count
  }
  return sums
}

/** Counts the day of these events, in order of time. */
export function counted(events: readonly StoredEvent[]) {
  const endAt = dayAt + 86_400_000
  const counting = startCounting({ period: day, endAt, hourOf: createHourOf(timeZone) })
  for (const each of events.toSorted((one, other) => one.at - other.at)) {
    const event = recordedEventOf(each)
    if (typeof event === 'object') counting.add(event)
  }
  return counting.end()
}
