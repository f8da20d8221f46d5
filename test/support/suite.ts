/**
 * `npm test`: the whole suite, or the files given. What failed runs once more by itself, nothing
 * beside it: a busy machine fails tests that hold times, a broken rule fails twice. Both runs are
 * shown, and the suite says what passed only by itself.
 * @module
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** Files that AVA itself remembers as failed; it does so outside CI only. */
const memory = 'node_modules/.cache/ava/failing-tests.json'
/** More than this is no accident of a busy machine. */
const mostAgain = 6

/** Runs AVA and shows what it prints; the files that failed, of whatever kind of failure. */
async function run(parameters: readonly string[]): Promise<{ isGreen: boolean; failed: string[] }> {
  const ava = spawn('ava', parameters, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, AVA_FORCE_CI: 'not-ci' },
  })
  let said = ''
  ava.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    said += text
  })
  const [code] = (await once(ava, 'close')) as [number | null]
  // A file that broke off or did not end is named in such a line; its tests may all have passed.
  const broken = said.matchAll(
    /^\s*(?:✘|Uncaught|Unhandled|Failed to exit|\d+ tests? w).*?\b(test\/\S+\.test\.ts)\b/gm,
  )
  const named = [...broken].map((match) => match[1]!)
  return { isGreen: code === 0, failed: [...new Set([...remembered(), ...named])] }
}

function remembered(): string[] {
  const files: unknown = JSON.parse(readFileSync(memory, 'utf8'))
  if (!Array.isArray(files)) return []
  return files.map((file) => relative(process.cwd(), String(file)))
}

const first = await run(process.argv.slice(2))
if (!first.isGreen) {
  const { failed } = first
  const isWorthIt = failed.length > 0 && failed.length <= mostAgain
  if (isWorthIt) console.log(`\nOnce more, by itself: ${failed.join(', ')}\n`)
  const second = isWorthIt ? await run(['--concurrency', '1', ...failed]) : first
  if (second.isGreen) console.log(`\nGreen, but only by itself: ${failed.join(', ')}`)
  process.exitCode = second.isGreen ? 0 : 1
}
