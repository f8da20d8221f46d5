/**
 * Lines that wait on disk until someone has taken them for good: what was appended survives the
 * death of the process, and is handed out again by the next one on the same folder.
 *
 * A segment file `<process id>-<number>.ndjson` is written until it is sealed, then handed out, and
 * removed when the taker is done. Segments of a process that still lives are left to it.
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

/** A spool in a folder. */
export interface Spool {
  /**
   * Appends lines, on disk when it returns. Throws what the file system throws, or at the bound; some
   * of the lines may be kept then.
   */
  append(lines: readonly string[]): void
  /** Seals what was appended and tells every segment that waits, oldest first. */
  seal(): readonly Segment[]
  /** Bytes waiting, sealed or not. */
  readonly bytes: number
  close(): void
}

/** A sealed segment. */
export interface Segment {
  /** The lines; a last line that a crash cut off is left out, since nobody was told it was kept. */
  lines(): readonly string[]
  /** Done with it. */
  remove(): void
}

/** Opens the spool of a folder, which is made if missing. */
export function openSpool(folder: string, bytesMax: number): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const sealed = inheritedFiles(folder)
  let bytes = sealed.reduce((sum, file) => sum + statSync(file).size, 0)
  let current: { readonly file: string; readonly descriptor: number } | undefined

  function open(): { readonly file: string; readonly descriptor: number } {
    const file = freeName(folder)
    return { file, descriptor: openSync(file, 'ax', 0o600) }
  }

  function sealCurrent(): void {
    if (current === undefined) return
    closeSync(current.descriptor)
    sealed.push(current.file)
    current = undefined
  }

  return {
    append(lines) {
      const data = Buffer.from(`${lines.join('\n')}\n`)
      if (bytes + data.length > bytesMax) throw new Error(`the spool is full: ${bytes} bytes`)
      current ??= open()
      // One write: a line is there whole, or cut off at the very end of the file.
      const written = writeSync(current.descriptor, data)
      bytes += written
      if (written === data.length) return
      sealCurrent() // so that the next lines do not continue the broken one
      throw new Error(`only ${written} of ${data.length} bytes were written`)
    },
    seal() {
      sealCurrent()
      return sealed.map((file) => ({
        lines: () => readFileSync(file, 'utf8').split('\n').slice(0, -1),
        remove() {
          bytes -= statSync(file).size
          unlinkSync(file)
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
