/**
 * Starts the demo, which needs the development dependencies and is loaded only when asked for.
 * @module
 */
import { systemCodeOf } from '../core/errors.ts'
import { errorLines } from './words.ts'

/** Runs the demo; tells why it cannot, and sets the exit code to 1 then. */
export async function startDemo(): Promise<void> {
  try {
    const { runDemo } = await import('../demo/main.ts')
    await runDemo()
  } catch (error) {
    if (isMissingModule(error)) console.error('The demo needs the development dependencies: npm ci')
    for (const line of errorLines(error)) console.error(line)
    process.exitCode = 1
  }
}

function isMissingModule(error: unknown): boolean {
  return systemCodeOf(error) === 'ERR_MODULE_NOT_FOUND'
}
