/**
 * `serve`: a gateway from start to signal. What is wrong with its configuration is told on standard
 * error, and nothing starts.
 * @module
 */
import { inspectConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import { createGateway } from '../gateway.ts'
import { obeySignals } from './signals.ts'
import { errorLines, findingLine } from './words.ts'

/** Serves until a signal; sets the exit code to 1 when it cannot start. */
export async function serve(file: string, env: Environment): Promise<void> {
  const { config, findings } = inspectConfig(file, { env })
  for (const finding of findings) console.error(findingLine(finding))
  if (config === undefined) {
    console.error('Not started: the configuration above is not complete.')
    process.exitCode = 1
    return
  }
  try {
    const gateway = createGateway(config)
    obeySignals(gateway)
    await gateway.start()
    console.error(`Darbaza serves ${config.portalOrigin} and the zone ${config.zoneOrigin}`)
  } catch (error) {
    for (const line of errorLines(error)) console.error(line)
    console.error('Not started.')
    // Whatever was opened before the failure would keep the process from ending.
    process.exit(1)
  }
}
