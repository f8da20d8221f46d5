/**
 * `serve`: a gateway from start to signal, in this process or in several that it supervises. What is
 * wrong with its configuration is told on standard error, and nothing starts.
 * @module
 */
import type { GatewayConfig } from '../config/config.ts'
import { inspectConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import { createGateway } from '../gateway.ts'
import { obeySignals } from './signals.ts'
import { createSupervisor } from './supervisor.ts'
import { supervision } from './worker-messages.ts'
import { errorLines, findingLine } from './words.ts'
import { work } from './worker.ts'

/** How to serve. */
export interface ServeOptions {
  readonly env: Environment
  /** Number of processes; absent: this one alone. */
  readonly workers?: number | undefined
}

/** Serves until a signal; sets the exit code to 1 when it cannot start. */
export async function serve(file: string, { env, workers }: ServeOptions): Promise<void> {
  const { config, findings } = inspectConfig(file, { env })
  const supervisor = supervision()
  // The supervisor has told them already.
  if (supervisor === undefined) for (const finding of findings) console.error(findingLine(finding))
  if (config === undefined) {
    console.error('Not started: the configuration above is not complete.')
    process.exitCode = 1
    return
  }
  try {
    if (supervisor !== undefined) {
      await work(config, supervisor)
      return
    }
    await start(config, workers)
    console.error(`Darbaza serves ${config.portalOrigin} and the zone ${config.zoneOrigin}`)
  } catch (error) {
    for (const line of errorLines(error)) console.error(line)
    console.error('Not started.')
    // Whatever was opened before the failure would keep the process from ending.
    process.exit(1)
  }
}

async function start(config: GatewayConfig, workers: number | undefined): Promise<void> {
  const serving =
    workers === undefined ? createGateway(config) : createSupervisor(config, { count: workers })
  obeySignals(serving)
  await serving.start()
}
