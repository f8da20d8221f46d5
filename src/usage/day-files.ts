/**
 * The access log's files: a part for each process and day, and when the day is over one file of all
 * its lines in the order of time.
 *
 * A part `access-2026-11-30.<process>.part` has the epoch millisecond before each line. Whichever
 * process of this folder comes first after midnight merges the parts of a day into
 * `access-2026-11-30.log` and removes them; one that dies meanwhile leaves everything to be done again.
 * A line that a full disk cut off is left out. Files are removed when they are older than is wished.
 * @module
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'

import { systemCodeOf } from '../core/errors.ts'

const partName = /^access-(\d{4}-\d\d-\d\d)\.\d+\.part(?:\.merging)?$/
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
  const release = await lock(join(folder, 'access.lock'))
  if (release === undefined) return
  try {
    const names = await readdir(folder)
    // First, so that a full disk gets room for the day that is over.
    const old = names.filter((name) => (logName.exec(name)?.[1] ?? keptFrom) < keptFrom)
    for (const name of old) await unlink(join(folder, name))
    const days = new Set(names.flatMap((name) => partName.exec(name)?.[1] ?? []))
    for (const day of [...days].toSorted()) if (day < today) await mergeDay(folder, day)
  } finally {
    await release()
  }
}

/** Renamed first, so that what a late process still writes is told from what is merged already. */
async function mergeDay(folder: string, day: string): Promise<void> {
  const target = join(folder, `access-${day}.log`)
  const ofDay = (await readdir(folder)).filter((name) => partName.exec(name)?.[1] === day)
  const left = ofDay.filter((name) => name.endsWith('.merging')).map((name) => join(folder, name))
  if (left.length > 0 && existsSync(target)) {
    // The process that merged them died before it could remove them.
    for (const file of left) await unlink(file)
    return
  }
  const parts = [...left]
  for (const name of ofDay.filter((each) => each.endsWith('.part'))) {
    const file = join(folder, `${name}.merging`)
    await rename(join(folder, name), file)
    parts.push(file)
  }
  const unfinished = join(folder, 'access.merging')
  await writeMerged(parts, unfinished)
  await rename(unfinished, existsSync(target) ? freeName(folder, day) : target)
  for (const file of parts) await unlink(file)
}

function freeName(folder: string, day: string): string {
  for (let number = 2; ; number += 1) {
    const file = join(folder, `access-${day}.${number}.log`)
    if (!existsSync(file)) return file
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

/** What gives the lock back; undefined while a process that lives has it. */
async function lock(file: string): Promise<(() => Promise<void>) | undefined> {
  try {
    const held = await open(file, 'wx', 0o600)
    await held.writeFile(String(process.pid))
    await held.close()
    return () => unlink(file).catch(() => undefined)
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error
  }
  const owner = Number(await readFile(file, 'utf8').catch(() => ''))
  if (isAlive(owner)) return undefined
  await unlink(file).catch(() => undefined)
  return undefined // taken at the next look, by whoever comes first
}

/** A lock of our own number was left by an earlier process that had it, as in a container. */
function isAlive(owner: number): boolean {
  if (owner === 0 || owner === process.pid) return false
  try {
    process.kill(owner, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}
