/**
 * How long things take: stopwatches that the parts of the gateway are handed.
 *
 * An exchange passes several of them. What is counted by labels is kept here and told at a scrape, and
 * observers are looked up once.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { RequestOver, Stopwatch } from '../core/stopwatch.ts'
import type { Meters } from './meters.ts'

/** Whose page or exchange a request was for. */
type Surface = 'portal' | 'staff' | 'zone' | 'gateway'

/** A part of the store, as it is timed. */
export type StorePart = 'records' | 'seats' | 'usage' | 'figures' | 'control'

/** One stopwatch for each kind of thing. */
export interface Instruments {
  /** A request of a browser, to its last byte. */
  readonly request: Stopwatch<[], [RequestOver]>
  /** A question to a publisher, to the head of the answer. */
  readonly upstream: Stopwatch<[], []>
  /** A body that is rewritten whole, by its kind, and a piece of one that streams; at the end, its bytes. */
  readonly rewriting: Readonly<
    Record<'whole' | 'piece', Stopwatch<[content: string], [bytes: number]>>
  >
  /** An operation of the store; at the end, whether it went well. */
  readonly store: Stopwatch<[StorePart], [isWell: boolean]>
  /** Puts what was counted since the last scrape into the meters. */
  tell(): void
}

/** Makes the stopwatches; every set of labels is known from the start, at 0. */
export function createInstruments(meters: Meters, clock: Clock): Instruments {
  const requests = watchRequests(meters, clock)
  const upstreamSeconds = meters.observer('darbaza_upstream_duration_seconds', {})
  const commandsOf = (part: StorePart) => {
    meters.count('darbaza_store_failures_total', { part }, 0)
    return meters.observer('darbaza_store_command_duration_seconds', { part })
  }
  const commands: Readonly<Record<StorePart, (seconds: number) => void>> = {
    records: commandsOf('records'),
    seats: commandsOf('seats'),
    usage: commandsOf('usage'),
    figures: commandsOf('figures'),
    control: commandsOf('control'),
  }
  const contents = new Map<string, ReturnType<typeof madeFor>>()
  /** Of pieces, milliseconds and bytes; pages begin at 0. */
  const streamed = new Map([['html', { ms: 0, bytes: 0 }]])

  function contentOf(content: string) {
    const known = contents.get(content)
    if (known !== undefined) return known
    const made = madeFor(content)
    contents.set(content, made)
    return made
  }

  function madeFor(content: string) {
    return { observe: meters.observer('darbaza_rewriting_duration_seconds', { content }), bytes: 0 }
  }

  return {
    request: requests.begin,
    upstream() {
      const startedMs = clock.steady()
      return () => upstreamSeconds((clock.steady() - startedMs) / 1000)
    },
    rewriting: {
      whole(content) {
        const startedMs = clock.steady()
        return (bytes) => {
          const kept = contentOf(content)
          kept.observe((clock.steady() - startedMs) / 1000)
          kept.bytes += bytes
        }
      },
      piece(content) {
        const startedMs = clock.steady()
        return (bytes) => {
          const kept = streamed.get(content) ?? { ms: 0, bytes: 0 }
          streamed.set(content, kept)
          kept.ms += clock.steady() - startedMs
          kept.bytes += bytes
        }
      },
    },
    store(part) {
      const startedMs = clock.steady()
      return (isWell) => {
        commands[part]((clock.steady() - startedMs) / 1000)
        if (!isWell) meters.count('darbaza_store_failures_total', { part })
      }
    },
    tell() {
      requests.tell()
      for (const [content, kept] of contents) {
        meters.count('darbaza_rewriting_bytes_total', { content }, kept.bytes)
        kept.bytes = 0
      }
      for (const [content, { ms, bytes }] of streamed) {
        meters.count('darbaza_rewriting_streamed_seconds_total', { content }, ms / 1000)
        meters.count('darbaza_rewriting_streamed_bytes_total', { content }, bytes)
      }
      streamed.clear()
    },
  }
}

function watchRequests(meters: Meters, clock: Clock) {
  let inFlight = 0
  const watched = (surface: Surface) => ({
    surface,
    seconds: meters.observer('darbaza_request_duration_seconds', { surface }),
    bytes: meters.observer('darbaza_response_size_bytes', { surface }),
    /** By the first digit of the status. */
    byClass: [0, 0, 0, 0, 0, 0],
  })
  const kept: Readonly<Record<Surface, ReturnType<typeof watched>>> = {
    portal: watched('portal'),
    staff: watched('staff'),
    zone: watched('zone'),
    gateway: watched('gateway'),
  }
  return {
    begin() {
      const startedMs = clock.steady()
      inFlight += 1
      return (over: RequestOver) => {
        inFlight -= 1
        const { byClass, seconds, bytes } = kept[surfaceOf(over)]
        const statusClass = Math.floor(over.status / 100)
        byClass[statusClass] = (byClass[statusClass] ?? 0) + 1
        if (over.isLasting) return
        seconds((clock.steady() - startedMs) / 1000)
        bytes(over.bytes)
      }
    },
    tell() {
      meters.set('darbaza_requests_in_flight', [[{}, inFlight]])
      for (const { surface, byClass } of Object.values(kept)) {
        for (const [statusClass, count] of byClass.entries()) {
          if (statusClass === 0) continue
          const labels = { surface, status: `${statusClass}xx` }
          meters.count('darbaza_requests_total', labels, count)
          byClass[statusClass] = 0
        }
      }
    },
  }
}

/** Shims, tickets and style sheets, and names that nobody has, are the gateway's own. */
function surfaceOf({ route, path }: RequestOver): Surface {
  if (route === 'proxied') return 'zone'
  if (route !== 'portal') return 'gateway'
  return path === '/staff' || path.startsWith('/staff/') ? 'staff' : 'portal'
}
