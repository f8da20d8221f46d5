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
import { text } from 'node:stream/consumers'

import type { LoadOptions, LoadResult } from './load.ts'

/** Where a process belongs: the measured ones have a core to themselves if there are two. */
export type Side = 'measured' | 'around'

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0
const coreOf: Readonly<Record<Side, string>> = { around: '0', measured: '1' }
/** Ticks of /proc in a second; Linux has told 100 to programs on every architecture since 2.6. */
const ticksPerSecond = 100

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** How processes are kept apart, for the report. */
export const pinning = canPin
  ? 'measured processes on core 1, origin and readers on core 0'
  : 'not pinned'

/** Pins a running process with all its threads. */
export function pin(pid: number, side: Side): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', coreOf[side], String(pid)])
}

/** Starts a program. */
export function start(command: string, args: readonly string[], side: Side): ChildProcess {
  const words = canPin ? ['taskset', '-c', coreOf[side], command, ...args] : [command, ...args]
  const child = spawn(words[0] ?? command, words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
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
  if (said === '') throw new Error(`the readers of ${options.path} at ${options.port} failed`)
  return JSON.parse(said) as LoadResult
}

/** User and system time of a process and all its descendants, in seconds. */
export function cpuSeconds(pid: number): number {
  const stats = readStats()
  const tree = new Set([pid])
  // Parents may stand behind their children: the list is gone through until nothing is added.
  for (let size = 0; size !== tree.size;) {
    size = tree.size
    for (const stat of stats) if (tree.has(stat.parent)) tree.add(stat.pid)
  }
  const ticks = stats.filter((stat) => tree.has(stat.pid)).map((stat) => stat.ticks)
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond
}

/** Source: proc(5), /proc/pid/stat; the name in brackets may hold blanks. */
function readStats(): { pid: number; parent: number; ticks: number }[] {
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
