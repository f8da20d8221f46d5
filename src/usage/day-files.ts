/**
 * The access log's files: a part for each process and day, and when the day is over one file of all
 * its lines in the order of time.
 *
 * A part `access-2026-11-30.<process>.part` has the epoch millisecond before each line. Whichever
 * process of this folder comes first after midnight merges the parts of a day into
 * `access-2026-11-30.log`, what comes still later into `access-2026-11-30.2.log`, and so on. A part that
 * is being merged has the number of its file behind it: when its process dies, and the file is there,
 * the part is in it; when it is not, the part is merged again.
 * A line that a full disk cut off is left out. Files are removed when they are older than is wished.
 * @module
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'

import { aloneWith } from './folder-lock.ts'

const partName = /^access-(\d{4}-\d\d-\d\d)\.\d+\.part(?:\.(\d+))?$/
const logName = /^access-(\d{4}-\d\d-\d\d)(?:\.\d+)?\.log$/

/** The part of a day and process. */
export function partFile(folder: string, day: string): string {
  return join(folder, `access-${day}.${process.pid}.part`)
}

/**
 * Merges the days that are over, and removes what is older than `keptFrom` (ISO dates). Does nothing
 * while another process of this folder does it.
 */
export async function tendDayFiles(
  folder: string,
  { today, keptFrom }: { readonly today: string; readonly keptFrom: string },
): Promise<void> {
  await aloneWith(join(folder, 'access.turn'), async () => {
    const names = await readdir(folder)
    // First, so that a full disk gets room for the day that is over.
    const old = names.filter((name) => (logName.exec(name)?.[1] ?? keptFrom) < keptFrom)
    for (const name of old) await unlink(join(folder, name))
    const days = new Set(names.flatMap((name) => partName.exec(name)?.[1] ?? []))
    for (const day of [...days].toSorted()) if (day < today) await mergeDay(folder, day)
  })
}

/** Renamed first, so that what a late process still writes is told from what is merged already. */
async function mergeDay(folder: string, day: string): Promise<void> {
  const ofDay = (await readdir(folder)).filter((name) => partName.exec(name)?.[1] === day)
  const number = freeNumber(folder, day)
  const parts: string[] = []
  for (const name of ofDay) {
    const file = join(folder, name)
    const merging = partName.exec(name)?.[2]
    if (merging === undefined) {
      // One of the same process is being merged already: this one is the next look's.
      if (existsSync(`${file}.${number}`)) continue
      await rename(file, `${file}.${number}`)
      parts.push(`${file}.${number}`)
    } else if (existsSync(logFile(folder, day, Number(merging)))) await unlink(file)
    else parts.push(file)
  }
  if (parts.length === 0) return
  const unfinished = join(folder, 'access.merging')
  await writeMerged(parts, unfinished)
  await rename(unfinished, logFile(folder, day, number))
  for (const file of parts) await unlink(file)
}

function logFile(folder: string, day: string, number: number): string {
  return join(folder, `access-${day}${number === 1 ? '' : `.${number}`}.log`)
}

function freeNumber(folder: string, day: string): number {
  for (let number = 1; ; number += 1) {
    if (!existsSync(logFile(folder, day, number))) return number
  }
}

interface Head {
  readonly at: number
  readonly line: string
  readonly rest: AsyncIterator<{ at: number; line: string }>
}

async function writeMerged(parts: readonly string[], target: string): Promise<void> {
  const heads: Head[] = []
  const advance = async (rest: Head['rest']) => {
    const { done, value } = await rest.next()
    if (done !== true) heads.push({ ...value, rest })
  }
  for (const part of parts) await advance(timedLines(part)[Symbol.asyncIterator]())
  const out = createWriteStream(target, { mode: 0o640 })
  const failed = new Promise<never>((_, reject) => out.once('error', reject))
  while (heads.length > 0) {
    const first = heads.reduce((best, each) => (each.at < best.at ? each : best))
    heads.splice(heads.indexOf(first), 1)
    if (!out.write(`${first.line}\n`)) await Promise.race([once(out, 'drain'), failed])
    await advance(first.rest)
  }
  out.end()
  await Promise.race([once(out, 'close'), failed])
}

async function* timedLines(file: string): AsyncGenerator<{ at: number; line: string }> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  for await (const text of lines) {
    const [, at, line] = /^(\d{13}) (.+) $/.exec(text) ?? []
    if (line !== undefined) yield { at: Number(at), line }
  }
}

/** One line of a part; the blank at its end shows that it is whole. */
export function timedLine(at: number, line: string): string {
  return `${String(Math.floor(at)).padStart(13, '0')} ${line} \n`
}
