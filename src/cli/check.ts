/**
 * `check`: tells all that is wrong with a configuration and its rules, by number, file and line.
 *
 * A missing secret is a warning here, because it is not a mistake in a file: `serve` refuses it.
 * @module
 */
import { inspectConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import { hasErrors, shownPath, type Finding } from '../core/findings.ts'
import { loadResources } from '../resources/load.ts'
import { ruleContext } from '../rulebook.ts'
import { countFindings, findingLine, summary } from './words.ts'

/** How and with what to check. */
interface CheckOptions {
  readonly env: Environment
  readonly format: 'text' | 'json'
}

/** Checks and prints; sets the exit code to 1 when there is an error. */
export function runCheck(file: string, { env, format }: CheckOptions): void {
  const { outline, findings: ofConfig } = inspectConfig(file, { env })
  const rules = outline && loadResources(outline.rulesFolder, ruleContext(outline))
  const findings = [...ofConfig, ...(rules?.findings ?? [])]
  if (format === 'json') console.log(JSON.stringify(report(findings, rules?.resources.length)))
  else {
    for (const finding of findings) console.log(findingLine(finding))
    const subject =
      rules === undefined ? 'the rules were not read' : `${rules.resources.length} rules are good`
    console.log(`${summary(findings)} in ${shownPath(file)}; ${subject}`)
  }
  if (hasErrors(findings)) process.exitCode = 1
}

function report(findings: readonly Finding[], resources = 0): object {
  return { ...countFindings(findings), resources, findings }
}
