/**
 * Processes of the bench: started, pinned to a core where `taskset` is there, measured by what the
 * kernel says of their whole tree, and ended.
 * @module
 */
import assert from 'node:assert'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

import { endWithParent } from '../support/children.ts'
import type { LoadOptions, LoadResult } from './load.ts'

/** Where a process belongs: the measured ones have a core to themselves if there are two. */
export type Side = 'measured' | 'around'

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0
const coreOf: Readonly<Record<Side, string>> = { around: '0', measured: '1' }
/** Ticks of /proc in a second; Linux has told 100 to programs on every architecture since 2.6. */
const ticksPerSecond = 100

/** How processes are kept apart, for the report. */
export const pinning = canPin
  ? 'measured processes on core 1, origin and readers on core 0'
  : 'not pinned'

/** Pins a running process with all its threads. */
export function pin(pid: number, side: Side): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', coreOf[side], String(pid)])
}

/** Starts a program. */
export function start(
  command: string,
  args: readonly string[],
  side: Side,
  input: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  const words = canPin ? ['taskset', '-c', coreOf[side], command, ...args] : [command, ...args]
  const child = spawn(words[0] ?? command, words.slice(1), { stdio: [input, 'pipe', 'inherit'] })
  endWithParent(child)
  return child
}

/** Starts a script that stands beside this one. */
export function startScript(name: string, args: readonly string[], side: Side): ChildProcess {
  return start(process.execPath, [join(import.meta.dirname, name), ...args], side)
}

/** Ends a process. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
  await ended
  clearTimeout(timer)
}

/** Runs the readers to their end. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const child = startScript('load.ts', [JSON.stringify(options)], 'around')
  const said = await text(child.stdout ?? assert.fail('no output'))
  if (said === '')
    throw new Error(`the readers of ${options.asks[0]?.path} at ${options.port} failed`)
  return JSON.parse(said) as LoadResult
}

/** Readers on thin lines, for as long as they are wanted. */
export interface SlowReaders {
  /** How many have got their first bytes, once all have been answered or refused. */
  readonly begun: Promise<number>
  /** Resolves when they have come to their end by themselves. */
  readonly ended: Promise<void>
  end(): Promise<void>
}

/** What slow readers do: see `slow-readers.py`. */
export interface SlowReadersOptions {
  readonly mode: 'download' | 'idle' | 'slow' | 'stalled'
  readonly port: number
  readonly request: string
  readonly seconds: number
  readonly count?: number
  readonly rate?: number
  readonly bytes?: number
}

/** Whether there is anything to run slow readers with. */
export const hasPython = spawnSync('python3', ['-V']).status === 0

/** Starts slow readers. */
export function startSlowReaders(options: SlowReadersOptions): SlowReaders {
  const script = join(import.meta.dirname, 'slow-readers.py')
  const child = start('python3', [script, JSON.stringify(options)], 'around', 'pipe')
  const lines = createInterface({ input: child.stdout ?? assert.fail('no output') })
  const begun = Promise.withResolvers<number>()
  lines.on('line', (line) => {
    if (line.startsWith('begun ')) begun.resolve(Number(line.slice(6)))
  })
  const ended = Promise.withResolvers<void>()
  child.once('exit', () => {
    begun.reject(new Error(`the ${options.mode} readers ended too soon`))
    ended.resolve()
  })
  return {
    begun: begun.promise,
    ended: ended.promise,
    async end() {
      child.stdin?.end()
      await ended.promise
    },
  }
}

/**
 * User and system time of a process and all its threads, in nanoseconds: exact where `cpuSeconds` tells
 * ticks. Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat.
 */
export function cpuNanoseconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((sum, thread) => {
    const told = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1')
    return sum + Number(told.split(' ', 1)[0])
  }, 0)
}

/** User and system time of a process and all its descendants, in seconds. */
export function cpuSeconds(pid: number): number {
  return treeOf(pid).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond
}

/**
 * Memory of a process and all its descendants in KiB; what several share counts once.
 * Source: proc(5), /proc/pid/smaps_rollup.
 */
export function memoryKiB(pid: number): number {
  return treeOf(pid).reduce((sum, each) => sum + shareKiB(each.pid), 0)
}

function shareKiB(pid: number): number {
  try {
    const found = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))
    return Number(found?.[1] ?? 0)
  } catch {
    return 0 // ended meanwhile
  }
}

function treeOf(pid: number): Stat[] {
  const stats = readStats()
  const tree = new Set([pid])
  // Parents may stand behind their children: the list is gone through until nothing is added.
  for (let size = 0; size !== tree.size;) {
    size = tree.size
    for (const stat of stats) if (tree.has(stat.parent)) tree.add(stat.pid)
  }
  return stats.filter((stat) => tree.has(stat.pid))
}

interface Stat {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

/** Source: proc(5), /proc/pid/stat; the name in brackets may hold blanks. */
function readStats(): Stat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const ticks = Number(fields[11]) + Number(fields[12])
      return [{ pid: Number(name), parent: Number(fields[1]), ticks }]
    } catch {
      return [] // ended meanwhile
    }
  })
}
