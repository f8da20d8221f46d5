/**
 * Node-RED, a web application that nobody here wrote, as a publisher that is not made for the gateway:
 * an editor on one host, whatever its flows serve on others.
 * @module
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

import { endChild, endWithParent } from './children.ts'
import { ownPort } from './ports.ts'

/** A Node-RED that runs. */
export interface NodeRed {
  readonly port: number
  /** The flows as stored. */
  flows(): readonly Readonly<Record<string, unknown>>[]
  stop(): Promise<void>
}

const program = createRequire(import.meta.url).resolve('node-red/red.js')

/** Starts it in a folder of its own; pages of `pageOrigin` may read what its flows serve. */
export async function startNodeRed(pageOrigin: string): Promise<NodeRed> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-node-red-'))
  const port = await ownPort()
  const settings = {
    uiPort: port,
    uiHost: '127.0.0.1',
    flowFile: 'flows.json',
    credentialSecret: 'of a test',
    editorTheme: { tours: false },
    externalModules: { palette: { allowInstall: false }, modules: { allowInstall: false } },
    telemetry: { enabled: false, updateNotification: false },
    httpNodeCors: { origin: pageOrigin, methods: 'GET,PUT' },
    logging: { console: { level: 'info' } },
  }
  const settingsFile = join(folder, 'settings.js')
  writeFileSync(settingsFile, `module.exports = ${JSON.stringify(settings)}`)
  const words = [program, '--userDir', folder, '--settings', settingsFile]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  endWithParent(child)
  await started(child.stdout)
  return {
    port,
    flows: () => JSON.parse(readFileSync(join(folder, 'flows.json'), 'utf8')),
    async stop() {
      await endChild(child, 'SIGTERM')
      rmSync(folder, { recursive: true })
    },
  }
}

async function started(stdout: Readable): Promise<void> {
  let log = ''
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    log += String(chunk)
    if (!log.includes('Started flows')) continue
    stdout.resume()
    return
  }
  throw new Error(`node-red ended: ${log.slice(-500)}`)
}
