/**
 * `npm run conformance -- FILE [--only TYPE]`: runs rewriting cases through the gateway's own code.
 *
 * Names each failed case with what is wrong; the last line is `N passed, N failed`, and the exit
 * code is 1 when a case failed. Kinds of cases whose runner module is not there count as failed.
 * @module
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { readConformanceSuite, runHostCase } from './conformance-case.ts'
import type { CaseRunner } from './conformance-case.ts'

/** Runners by kind of case, first match wins: module beside this one, and its exported function. */
const kinds = [
  { pattern: /^message\//, module: 'conformance-message.ts', runner: 'runMessageCase' },
  { pattern: /^browser\//, module: 'conformance-browser.ts', runner: 'runBrowserCase' },
  { pattern: /(?:)/, module: 'conformance-body.ts', runner: 'runBodyCase' },
]

async function runnerOf(contentType: string): Promise<CaseRunner | undefined> {
  if (contentType.startsWith('text/x-host-')) return runHostCase
  const kind = kinds.find(({ pattern }) => pattern.test(contentType))
  const url = new URL(kind?.module ?? '', import.meta.url)
  if (kind === undefined || !existsSync(url)) return undefined
  // The module's type is held by the type check of the module itself, which names `CaseRunner`.
  const module: Record<string, CaseRunner | undefined> = await import(url.href)
  return module[kind.runner]
}

async function main(): Promise<void> {
  const options = { only: { type: 'string', default: '' } } as const
  const { positionals, values } = parseArgs({ options, allowPositionals: true })
  const [file] = positionals
  if (file === undefined) throw new Error('usage: npm run conformance -- FILE [--only TYPE]')
  const suite = readConformanceSuite(file)
  const cases = suite.cases.filter(({ contentType }) => contentType.startsWith(values.only))
  let failed = 0
  for (const testCase of cases) {
    const runner = await runnerOf(testCase.contentType)
    const wrong = runner ? await attempt(() => runner(testCase, suite)) : 'no runner yet'
    if (wrong === undefined) continue
    failed++
    console.log(`${testCase.id} ${testCase.area}: ${testCase.why}\n  ${wrong}`)
  }
  console.log(`${cases.length - failed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}

async function attempt(run: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await run()
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
}

await main()
