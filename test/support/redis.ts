/**
 * A real Redis server for one test file: a child process on a free loopback port, in a folder of its
 * own, gone with the test.
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { Store } from '../../src/store/contract.ts'

import { endChild, endWithParent } from './children.ts'
import { ownPort } from './ports.ts'
import { programPath } from './provision.ts'

/** How the server runs. */
export interface RedisOptions {
  /** Further settings as on the command line, by turns name and value. */
  readonly settings?: readonly string[]
  /** `none` forgets everything when it ends; `appendonly` is on disk before it answers. */
  readonly persistence?: 'none' | 'appendonly'
  readonly password?: string
}

/** A running server. */
export interface TestRedis {
  readonly url: string
  readonly port: number
  /** Of the process that runs now; changes with `restart`. */
  readonly pid: number
  /** Ends it (by SIGTERM) and removes its folder. */
  stop(): Promise<void>
  /** Ends it by SIGKILL; `restart` brings it back with what is on disk. */
  kill(): Promise<void>
  /** Ends it if it runs, and starts it again on the same port. */
  restart(): Promise<void>
}

/** Starts a server and waits until it accepts connections. */
export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  const folder = await mkdtemp(path.join(tmpdir(), 'darbaza-redis-'))
  const port = await ownPort()
  let child = await start(folder, port, options)

  return {
    url: `redis://${options.password === undefined ? '' : `:${options.password}@`}127.0.0.1:${port}/0`,
    port,
    get pid() {
      return child.pid ?? 0
    },
    async stop() {
      await endChild(child, 'SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
    kill: () => endChild(child, 'SIGKILL'),
    async restart() {
      await endChild(child, 'SIGTERM')
      child = await start(folder, port, options)
    },
  }
}

/** Waits until the store answers: a busy machine may connect in a longer time than a command has. */
export async function answering(store: Store): Promise<void> {
  const endsAt = performance.now() + 20_000
  for (;;) {
    try {
      await store.ping()
      return
    } catch (error) {
      if (performance.now() > endsAt) throw error
      await delay(50)
    }
  }
}

async function start(folder: string, port: number, options: RedisOptions): Promise<ChildProcess> {
  const isOnDisk = options.persistence === 'appendonly'
  const settings = [
    ['--port', String(port)],
    ['--bind', '127.0.0.1'],
    ['--dir', folder],
    ['--save', ''],
    ['--appendonly', isOnDisk ? 'yes' : 'no'],
    ['--appendfsync', 'always'],
    options.password === undefined ? [] : ['--requirepass', options.password],
    options.settings ?? [],
  ].flat()
  const child = spawn(programPath('redis'), settings, { stdio: ['ignore', 'pipe', 'inherit'] })
  endWithParent(child)
  let log = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    log += String(chunk)
    if (!log.includes('Ready to accept connections')) continue
    // Redis must not stop for a pipe that nobody reads.
    child.stdout.resume()
    return child
  }
  throw new Error(`redis-server ended: ${log.slice(-500)}`)
}
