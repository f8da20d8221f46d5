/**
 * The access log in EZproxy's format, for ezPAARSE and whatever else reads such logs.
 *
 * Lines are gathered and written about once in a second, and nobody waits for that: what a slow or
 * full disk does not take is lost, counted and told of once. It is no record of use, which has a spool
 * and a store of its own.
 * @module
 */
import { mkdirSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

import { createCalendar } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import type { EventBus, ExchangeEvent } from '../core/events.ts'
import { limits } from '../core/limits.ts'
import { accessLineOf, type AccessLineParts } from './access-line.ts'
import { partFile, tendDayFiles, timedLine } from './day-files.ts'

/** What the log needs. */
export interface AccessLogParts extends AccessLineParts {
  readonly bus: EventBus
  readonly clock: Clock
  readonly folder: string
  readonly keepDays: number
  /** Lines are being lost, or files cannot be tended; called once per change. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** A log that is being written. */
export interface AccessLog {
  /** Lines since the start. */
  facts(): { readonly written: number; readonly lost: number }
  /** Writes what waits. */
  flush(): Promise<void>
  /** Looks for days that are over and for old files, as it does by itself each minute. */
  tend(): Promise<void>
  /** Writes what waits, and stops. */
  stop(): Promise<void>
}

interface Waiting {
  readonly day: string
  readonly text: string
}

interface OpenPart {
  readonly day: string
  readonly handle: FileHandle
  bytes: number
  /** The last write may have ended within a line. */
  isTorn: boolean
}

/** Begins to write a line for each exchange; WebSockets are left out. */
export function startAccessLog(parts: AccessLogParts): AccessLog {
  const { bus, clock, folder, keepDays, onTrouble } = parts
  const lineOf = accessLineOf(parts)
  const dayOf = createCalendar(parts.timeZone)
  const counts = { written: 0, lost: 0 }
  let waiting: Waiting[] = []
  let latestAt = 0
  let part: OpenPart | undefined
  /** One after the other: what was begun last. */
  let writing = Promise.resolve()
  let tending = Promise.resolve()
  let isTending = false
  let isInTrouble = false

  function trouble(message: string, cause: unknown): void {
    if (!isInTrouble) onTrouble(message, cause)
    isInTrouble = true
  }

  function hear(event: ExchangeEvent): void {
    if (waiting.length >= limits.usage.accessLogLines) {
      counts.lost += 1
      trouble('the access log is behind: lines are lost', undefined)
      return
    }
    // A clock that is set back does not put lines out of order.
    latestAt = Math.max(latestAt, event.at)
    const timed = latestAt === event.at ? event : { ...event, at: latestAt }
    waiting.push({ day: dayOf(latestAt), text: timedLine(latestAt, lineOf(timed)) })
  }

  async function partOf(day: string): Promise<OpenPart> {
    if (part?.day === day) return part
    await part?.handle.close()
    part = undefined
    mkdirSync(folder, { recursive: true, mode: 0o750 })
    const handle = await open(partFile(folder, day), 'a', 0o640)
    const { size } = await handle.stat()
    // An earlier process with this number may have died within a line.
    part = { day, handle, bytes: size, isTorn: size > 0 }
    return part
  }

  async function writeAll(): Promise<void> {
    const batch = waiting
    waiting = []
    for (const [day, texts] of byDay(batch)) {
      try {
        const into = await partOf(day)
        const data = Buffer.from((into.isTorn ? '\n' : '') + texts.join(''))
        if (into.bytes + data.length > limits.usage.accessLogDayBytes) {
          throw new Error(`the file of the day has ${into.bytes} bytes`)
        }
        into.isTorn = true
        await into.handle.appendFile(data)
        into.isTorn = false
        into.bytes += data.length
        counts.written += texts.length
        isInTrouble = false
      } catch (cause) {
        counts.lost += texts.length
        trouble('the access log cannot be written: lines are lost', cause)
      }
    }
  }

  async function flush(): Promise<void> {
    writing = writing.then(writeAll)
    await writing
  }

  async function tend(): Promise<void> {
    tending = tending.then(lookAtFiles)
    await tending
  }

  async function lookAtFiles(): Promise<void> {
    isTending = true
    const now = clock.now()
    const today = dayOf(now - limits.usage.accessLogSettledMs)
    const keptFrom = dayOf(now - keepDays * 86_400_000)
    await tendDayFiles(folder, { today, keptFrom }).catch((cause: unknown) => {
      trouble('files of the access log cannot be tended', cause)
    })
    isTending = false
  }

  mkdirSync(folder, { recursive: true, mode: 0o750 })
  const timers = [
    setInterval(() => void flush(), limits.usage.accessLogWriteMs).unref(),
    setInterval(() => {
      if (!isTending) void tend()
    }, limits.usage.accessLogLookMs).unref(),
  ]
  void tend()
  bus.listen((event) => {
    if (event.kind === 'exchange' && !event.isWebSocket) hear(event)
  })
  return {
    facts: () => counts,
    flush,
    tend,
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await flush()
      await tending
      await part?.handle.close()
      part = undefined
    },
  }
}

/** Texts by day, in order; days follow each other. */
function byDay(batch: readonly Waiting[]): ReadonlyMap<string, string[]> {
  const days = new Map<string, string[]>()
  for (const { day, text } of batch) {
    const known = days.get(day)
    if (known === undefined) days.set(day, [text])
    else known.push(text)
  }
  return days
}
