/**
 * The files of the rules folder and the folders in it, as texts. Nothing throws: what cannot be read
 * is a finding, or stands in place of its text.
 * @module
 */
import { readdirSync, statSync, type Stats } from 'node:fs'
import { join } from 'node:path'

import { readText, type Problem } from '../core/documents.ts'
import { systemCodeOf } from '../core/errors.ts'
import type { Finding } from '../core/findings.ts'
import { limits } from '../core/limits.ts'
import { ruleFinding } from './findings.ts'

/** A rule file with its text, or why it has none. */
export interface RuleText {
  readonly file: string
  readonly text: string | Problem
}

/** The rule files below a folder, in order of their names. */
export function readRuleTexts(folder: string): {
  readonly texts: readonly RuleText[]
  readonly findings: readonly Finding[]
} {
  const { files, findings } = listRules(folder, 0)
  if (files.length > limits.resources.files) {
    const message = `found ${files.length} rule files, expected at most ${limits.resources.files}`
    return { texts: [], findings: [...findings, ruleFinding('F001', folder, [], message)] }
  }
  return { texts: files.toSorted().map((file) => ({ file, text: readText(file) })), findings }
}

/** Names that begin with a dot are left alone: editors and Kubernetes keep their own things there. */
function listRules(folder: string, depth: number): { files: string[]; findings: Finding[] } {
  const result: { files: string[]; findings: Finding[] } = { files: [], findings: [] }
  if (depth > limits.resources.folderDepth) {
    const message = `lies more than ${limits.resources.folderDepth} folders deep`
    return { files: [], findings: [ruleFinding('F001', folder, [], message)] }
  }
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith('.')) continue
      const path = join(folder, name)
      listEntry(path, statSync(path), depth, result)
    }
  } catch (error) {
    const code = systemCodeOf(error) ?? 'unknown error'
    result.findings.push(ruleFinding('F001', folder, [], `cannot be read (${code})`))
  }
  return result
}

function listEntry(
  path: string,
  stats: Stats,
  depth: number,
  result: { files: string[]; findings: Finding[] },
): void {
  if (stats.isDirectory()) {
    const below = listRules(path, depth + 1)
    result.files.push(...below.files)
    result.findings.push(...below.findings)
  } else if (path.endsWith('.yaml')) result.files.push(path)
  else if (/\.ya?ml$/i.test(path)) {
    result.findings.push(ruleFinding('F007', path, [], 'expected a name that ends in .yaml'))
  }
}
