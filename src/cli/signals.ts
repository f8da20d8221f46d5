/**
 * Signals of the process: SIGTERM and SIGINT stop a gateway gracefully, a second one at once. SIGHUP
 * reads rules and networks again, or the published set; a bad one changes nothing and is told.
 * @module
 */
import { errorLines } from './words.ts'

/** A gateway as signals see it. */
interface Serving {
  stop(): Promise<void>
  /** Answers the version of the published set, 0 for the files; rejects when what it read is bad. */
  reload(): Promise<number>
}

/** Binds a gateway to the signals of its process. */
export function obeySignals(gateway: Serving): void {
  let stopping: Promise<void> | undefined
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping !== undefined) process.exit(1)
      stopping = stopAndExit(gateway)
    })
  }
  process.on('SIGHUP', () => {
    void reloadAndTell(gateway)
  })
}

async function stopAndExit(gateway: Serving): Promise<void> {
  try {
    await gateway.stop()
    process.exit(0)
  } catch (error) {
    for (const line of errorLines(error)) console.error(line)
    process.exit(1)
  }
}

async function reloadAndTell(gateway: Serving): Promise<void> {
  try {
    const version = await gateway.reload()
    console.error(
      version === 0
        ? 'Rules and networks were read again.'
        : `Version ${version}, published, was read again. The files are a draft: "darbaza publish" puts them into force.`,
    )
  } catch (error) {
    for (const line of errorLines(error)) console.error(line)
    console.error('Nothing was changed: the gateway goes on with the rules that it has.')
  }
}
