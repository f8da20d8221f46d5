/**
 * `npm run conformance -- FILE [--only TYPE]`: runs rewriting cases through the gateway's own code.
 *
 * Names each failed case with what is wrong; the last line is `N passed, N failed`. Cases of the
 * ledger of expected failures count as failed and are named with their reason; one that passes after
 * all fails the run until it is struck out. The exit code is 1 when anything else failed than the
 * ledger says. Kinds of cases whose runner module is not there count as failed.
 * @module
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { readConformanceSuite, readLedger, runHostCase } from './conformance-case.ts'
import type { CaseRunner, ConformanceCase, ConformanceSuite } from './conformance-case.ts'

/** Runners by kind of case, first match wins: module beside this one, and its exported function. */
const kinds = [
  { pattern: /^message\//, module: 'conformance-message.ts', runner: 'runMessageCase' },
  { pattern: /^browser\//, module: 'conformance-browser.ts', runner: 'runBrowserCase' },
  { pattern: /(?:)/, module: 'conformance-body.ts', runner: 'runBodyCase' },
]

/** Modules may export `endCases`, which ends what their cases have started. */
type RunnerModule = Record<string, CaseRunner | undefined> & {
  readonly endCases?: () => Promise<void>
}

const loaded = new Set<RunnerModule>()

async function runnerOf(contentType: string): Promise<CaseRunner | undefined> {
  if (contentType.startsWith('text/x-host-')) return runHostCase
  const kind = kinds.find(({ pattern }) => pattern.test(contentType))
  const url = new URL(kind?.module ?? '', import.meta.url)
  if (kind === undefined || !existsSync(url)) return undefined
  // The module's type is held by the type check of the module itself, which names `CaseRunner`.
  const module: RunnerModule = await import(url.href)
  loaded.add(module)
  return module[kind.runner]
}

async function main(): Promise<void> {
  const options = { only: { type: 'string', default: '' } } as const
  const { positionals, values } = parseArgs({ options, allowPositionals: true })
  const [file] = positionals
  if (file === undefined) throw new Error('usage: npm run conformance -- FILE [--only TYPE]')
  const suite = readConformanceSuite(file)
  const cases = suite.cases.filter(({ contentType }) => contentType.startsWith(values.only))
  const ledger = readLedger()
  let failed = 0
  let unexpected = 0
  for (const testCase of cases) {
    const wrong = judge(await outcomeOf(testCase, suite), ledger.get(testCase.id))
    if (wrong === undefined) continue
    failed++
    if (!wrong.isExpected) unexpected++
    console.log(`${testCase.id} ${testCase.area}: ${testCase.why}\n  ${wrong.text}`)
  }
  for (const module of loaded) await module.endCases?.()
  console.log(`${cases.length - failed} passed, ${failed} failed`)
  process.exitCode = unexpected > 0 ? 1 : 0
}

async function outcomeOf(
  testCase: ConformanceCase,
  suite: ConformanceSuite,
): Promise<string | undefined> {
  const runner = await runnerOf(testCase.contentType)
  return runner ? attempt(() => runner(testCase, suite)) : 'no runner yet'
}

/** What is to be said of a case, by what went wrong and by what the ledger says of it. */
function judge(
  wrong: string | undefined,
  reason: string | undefined,
): { readonly text: string; readonly isExpected: boolean } | undefined {
  if (reason === undefined)
    return wrong === undefined ? undefined : { text: wrong, isExpected: false }
  if (wrong !== undefined) return { text: `expected: ${reason}\n  ${wrong}`, isExpected: true }
  return { text: 'passes: strike it out of the ledger of expected failures', isExpected: false }
}

async function attempt(run: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await run()
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
}

await main()
