/**
 * The usage recorder: every outcome is on disk a moment after it was told, and in the store soon
 * after.
 *
 * What is told within `limits.usage.writeMs` goes to the spool in one write, from where it is moved
 * to the store in batches; the store leaves an id alone that it already has, so a batch sent twice
 * counts once. A process that is killed later than that, a store that is away or slow lose nothing. A
 * disk that cannot be written is reported, never felt by readers: the event then waits in memory,
 * within a bound.
 * @module
 */
import { setImmediate as readersFirst } from 'node:timers/promises'

import type { EventBus, GatewayEvent } from '../core/events.ts'
import { limits } from '../core/limits.ts'
import type { StoredEvent, UsageStore } from '../store/contract.ts'
import { openSpool, type Segment } from './spool.ts'
import type { EventKeeping } from './stored-event.ts'

/** How recording goes. */
export interface RecorderFacts {
  /** Events that were told and are recorded. */
  readonly recorded: number
  /** Events that the store has taken, those of an earlier process included. */
  readonly stored: number
  /** Events that were lost to a full disk and a full memory together. */
  readonly lost: number
  /** Events that came when their time was forgotten already, and are not counted. */
  readonly late: number
  /** Bytes on disk that the store has not taken yet. */
  readonly spooledBytes: number
}

/** The recorder of one process. */
export interface Recorder {
  /** Moves everything that waits to the store now; rejects with the store's error. */
  flush(): Promise<void>
  /** How recording goes, since the start. */
  facts(): RecorderFacts
  /** Flushes as far as the store allows and stops; what is left waits on disk. */
  stop(): Promise<void>
}

/** What the recorder needs. */
export interface RecorderParts {
  readonly bus: EventBus
  readonly store: Pick<UsageStore, 'append'>
  /** Folder of the spool. */
  readonly folder: string
  /** What is kept of an event. */
  readonly keep: EventKeeping
  /**
   * The store or the disk does not take events, once per change, with the reason; or events came too
   * late to be counted.
   */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** Starts recording what is said on the bus. */
export function startRecorder(parts: RecorderParts): Recorder {
  const { store, onTrouble } = parts
  const spool = openSpool(parts.folder, limits.usage.spoolBytes)
  /** Told, not yet on disk. */
  let fresh: GatewayEvent[] = []
  let writeTimer: NodeJS.Timeout | undefined
  /** What the disk has not taken. */
  const waiting: StoredEvent[] = []
  const counts = { recorded: 0, stored: 0, lost: 0, late: 0 }
  /** What was told and lasts: a store that is away does not hide a disk that is full. */
  const troubles = new Set<string>()
  let delayMs: number = limits.usage.flushMs
  let timer = setTimeout(tick, delayMs).unref()
  let flushing: Promise<void> | undefined

  function record(event: GatewayEvent): void {
    fresh.push(event)
    counts.recorded += 1
    if (fresh.length >= limits.usage.batchEvents) write()
    else writeTimer ??= setTimeout(write, limits.usage.writeMs).unref()
  }

  function write(): void {
    clearTimeout(writeTimer)
    writeTimer = undefined
    if (fresh.length === 0) return
    const events = fresh.map(parts.keep)
    fresh = []
    try {
      spool.append(events)
    } catch (cause) {
      trouble('usage events could not be written to the spool', cause)
      const kept = events.slice(0, limits.usage.waitingEvents - waiting.length)
      waiting.push(...kept)
      counts.lost += events.length - kept.length
    }
  }

  function trouble(message: string, cause: unknown): void {
    if (!troubles.has(message)) onTrouble(message, cause)
    troubles.add(message)
  }

  async function moveAll(): Promise<void> {
    for (const segment of spool.seal()) await moveSegment(segment)
    while (waiting.length > 0) {
      const batch = waiting.slice(0, limits.usage.batchEvents)
      await take(batch)
      waiting.splice(0, batch.length)
    }
    troubles.clear()
  }

  async function take(events: readonly StoredEvent[]): Promise<void> {
    const late = await store.append(events)
    counts.stored += events.length - late
    if (late === 0) return
    counts.late += late
    const cause = new Error(`${late} events`)
    onTrouble('usage events are older than what is kept; they are not counted', cause)
  }

  async function moveSegment(segment: Segment): Promise<void> {
    const events = segment.events()
    for (let start = 0; start < events.length; start += limits.usage.batchEvents) {
      if (start > 0) await readersFirst()
      await take(events.slice(start, start + limits.usage.batchEvents))
    }
    segment.remove()
  }

  async function flush(): Promise<void> {
    write()
    flushing ??= moveAll().finally(() => (flushing = undefined))
    return flushing
  }

  function tick(): void {
    flush().then(
      () => schedule(limits.usage.flushMs),
      (cause: unknown) => {
        trouble('the store does not take usage events; they wait on disk', cause)
        schedule(Math.min(delayMs * 2, limits.usage.flushBackOffMs))
      },
    )
  }

  function schedule(nextMs: number): void {
    delayMs = nextMs
    timer = setTimeout(tick, delayMs).unref()
  }

  parts.bus.listen((event) => {
    if (isUse(event)) record(event)
  })
  // A process that ends by an error of its own still says what it was told.
  process.once('exit', write)
  return {
    flush,
    facts: () => ({ ...counts, spooledBytes: spool.bytes }),
    async stop() {
      clearTimeout(timer)
      await flush().catch((cause: unknown) => {
        trouble('usage events are left on disk for the next start', cause)
      })
      clearTimeout(timer)
      process.off('exit', write)
      spool.close()
    },
  }
}

/** How the gateway and links fare, and what readers report, which is kept beside the links. */
const notUse: ReadonlySet<GatewayEvent['kind']> = new Set([
  'failure',
  'job',
  'licence',
  'link',
  'link-report',
  'provider',
])

/**
 * What readers did or met; the rest is for log and metrics. So is who has yet to sign in: that is no
 * refusal to any report, and anybody at all can ask for it without end.
 */
function isUse(event: GatewayEvent): boolean {
  return event.kind === 'denial' ? event.reason !== 'not_signed_in' : !notUse.has(event.kind)
}
