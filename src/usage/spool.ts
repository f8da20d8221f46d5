/**
 * Events that wait on disk, one a line, until someone has taken them for good: what was appended survives
 * the death of the process, and is handed out again by the next one on the same folder.
 *
 * A segment file `<process id>-<number>.ndjson` is written until it is sealed, then handed out, and
 * removed when the taker is done. Segments of a process that still lives are left to it. What was written
 * lately is in memory as well, within a bound, so that the file is seldom read.
 * @module
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

import { systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { StoredEvent } from '../store/contract.ts'

/** A spool in a folder. */
export interface Spool {
  /**
   * Appends events, on disk when it returns. Throws what the file system throws, or at the bound; some
   * of the events may be kept then.
   */
  append(events: readonly StoredEvent[]): void
  /** Seals what was appended and tells every segment that waits, oldest first. */
  seal(): readonly Segment[]
  /** Bytes waiting, sealed or not. */
  readonly bytes: number
  close(): void
}

/** A sealed segment. */
export interface Segment {
  /**
   * The events; a last line that a crash cut off is left out, since nobody was told it was kept, and so is
   * what is no line of ours.
   */
  events(): readonly StoredEvent[]
  /** Done with it. */
  remove(): void
}

/** A segment file, written or sealed. */
interface File {
  readonly path: string
  bytes: number
  /** All that is in it; absent where that is more than is remembered, or was not written by us. */
  events?: StoredEvent[] | undefined
}

/** Opens the spool of a folder, which is made if missing. */
export function openSpool(folder: string, bytesMax: number): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const sealed: File[] = inheritedFiles(folder).map((path) => ({
    path,
    bytes: statSync(path).size,
  }))
  let bytes = sealed.reduce((sum, file) => sum + file.bytes, 0)
  let remembered = 0
  let current: (File & { readonly descriptor: number }) | undefined

  function open(): File & { readonly descriptor: number } {
    const path = freeName(folder)
    return { path, descriptor: openSync(path, 'ax', 0o600), bytes: 0, events: [] }
  }

  function sealCurrent(): void {
    if (current === undefined) return
    closeSync(current.descriptor)
    sealed.push(current)
    current = undefined
  }

  function remember(file: File, events: readonly StoredEvent[]): void {
    if (remembered + events.length > limits.usage.spoolMemoryEvents) return forget(file)
    if (file.events === undefined) return
    file.events.push(...events)
    remembered += events.length
  }

  function forget(file: File): void {
    remembered -= file.events?.length ?? 0
    file.events = undefined
  }

  return {
    append(events) {
      const data = Buffer.from(linesOf(events))
      if (bytes + data.length > bytesMax) throw new Error(`the spool is full: ${bytes} bytes`)
      current ??= open()
      // One write: a line is there whole, or cut off at the very end of the file.
      const written = writeSync(current.descriptor, data)
      bytes += written
      current.bytes += written
      if (written === data.length) return remember(current, events)
      forget(current)
      sealCurrent() // so that the next lines do not continue the broken one
      throw new Error(`only ${written} of ${data.length} bytes were written`)
    },
    seal() {
      sealCurrent()
      return sealed.map((file) => ({
        events: () => file.events ?? eventsIn(readFileSync(file.path, 'utf8')),
        remove() {
          unlinkSync(file.path)
          bytes -= file.bytes
          forget(file)
          sealed.splice(sealed.indexOf(file), 1)
        },
      }))
    },
    get bytes() {
      return bytes
    },
    close: sealCurrent,
  }
}

/** A body is JSON without line breaks. */
function linesOf(events: readonly StoredEvent[]): string {
  let lines = ''
  for (const { id, at, body } of events) lines += `${id} ${at} ${body}\n`
  return lines
}

/** Whoever changed the file since it was written has spoilt the changed lines only. */
function eventsIn(text: string): StoredEvent[] {
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      const [, id, at, body] = /^([\w-]+) (\d+) (\{.*\})$/.exec(line) ?? []
      return id === undefined || body === undefined ? [] : [{ id, at: Number(at), body }]
    })
}

/**
 * Segments left by processes that are gone, oldest first, taken over by their new names: of several
 * processes that start at once, one gets each.
 */
function inheritedFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d+-\d+\.ndjson$/.test(name) && !isAlive(Number.parseInt(name, 10)))
    .flatMap((name) => takeOver(folder, name))
    .toSorted((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
}

function takeOver(folder: string, name: string): string[] {
  const file = join(folder, name)
  if (name.startsWith(`${process.pid}-`)) return [file]
  const own = freeName(folder)
  try {
    renameSync(file, own)
    return [own]
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** A name that no segment has; nobody else gives names with the number of this process. */
function freeName(folder: string): string {
  for (let number = 0; ; number += 1) {
    const file = join(folder, `${process.pid}-${String(number).padStart(8, '0')}.ndjson`)
    if (!existsSync(file)) return file
  }
}

/** A segment with our own number was left by an earlier process that had it, as in a container. */
function isAlive(processId: number): boolean {
  if (processId === process.pid) return false
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}
