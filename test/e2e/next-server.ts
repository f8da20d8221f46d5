/**
 * The application in `next-app/`, built and served by Next.js as publishers do it. What was built is
 * kept beside the gateway's own data and built again when a source of it has changed.
 * @module
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'

import { forwardTo, type Answering } from './front.ts'
import { endChild, endWithParent } from '../support/children.ts'
import { ownPort } from '../support/ports.ts'

const root = resolve(import.meta.dirname, '../..')
const sources = join(import.meta.dirname, 'next-app')
const require = createRequire(import.meta.url)
const program = require.resolve('next/dist/bin/next')

/** Above what the slowest build has taken on two busy cores. */
const buildMs = 150_000

/** Builds it if need be, and starts it. */
export async function startNext(): Promise<Answering> {
  const folder = build()
  const port = await ownPort()
  const words = [program, 'start', folder, '--port', String(port), '--hostname', '127.0.0.1']
  const child = spawn(process.execPath, words, {
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  endWithParent(child)
  let log = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    log += String(chunk)
    if (log.includes('Ready')) break
  }
  if (!log.includes('Ready')) throw new Error(`next ended: ${log.slice(-500)}`)
  child.stdout.resume()
  return {
    ...forwardTo(port),
    stop: () => endChild(child, 'SIGTERM'),
  }
}

/** Answers the folder of the built application. */
function build(): string {
  const name = `next-app-${digest()}`
  const data = join(root, 'data')
  const folder = join(data, name)
  if (existsSync(folder)) return folder
  if (existsSync(data)) {
    const former = readdirSync(data).filter((each) => each.startsWith('next-app-'))
    for (const each of former) rmSync(join(data, each), { recursive: true })
  }
  // It takes its name when it is whole.
  const made = join(data, `next-app-of-${process.pid}`)
  cpSync(sources, made, { recursive: true })
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'build', made], {
    env: environment(),
    timeout: buildMs,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`next build: ${stdout}${stderr}`.slice(-2000))
  renameSync(made, folder)
  return folder
}

function environment() {
  return {
    PATH: process.env['PATH'],
    NODE_ENV: 'production' as const,
    NEXT_TELEMETRY_DISABLED: '1',
    BUILD_ROOT: root,
  }
}

function digest(): string {
  const hash = createHash('sha256').update(require('next/package.json').version)
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(sources, join(parentPath, name)))
  for (const file of files.toSorted()) hash.update(file).update(readFileSync(join(sources, file)))
  return hash.digest('hex').slice(0, 16)
}
