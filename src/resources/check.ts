/**
 * From `check:` of a rule file to what the link checker goes by.
 * @module
 */
import type { DocumentPath } from '../core/documents.ts'
import type { LinkCheck, LinkProbe } from '../core/links.ts'
import type { HostRule } from '../core/resource.ts'
import type { CheckInput } from './check-schema.ts'
import type { RuleFindingNumber } from './findings.ts'
import { covers } from './hosts.ts'
import { compilePattern } from './replacements.ts'

/** What it is held against. */
export interface CheckContext {
  readonly hosts: readonly HostRule[]
  readonly startUrl: string
  /** False when a host could not be read: addresses on it would be taken for others'. */
  readonly isTested: boolean
  readonly note: (number: RuleFindingNumber, path: DocumentPath, message: string) => void
}

/** How the links of a resource are checked. */
export function compileCheck(input: CheckInput, context: CheckContext): LinkCheck {
  const { allowed: isOn, everyHours, entries } = input
  const probe = input.probe && compileProbe(input.probe, context)
  if (!isOn && (entries.length > 0 || input.probe !== undefined)) {
    const message = 'found false beside links to check, expected one without the other'
    context.note('F051', ['check', 'allowed'], message)
  }
  entries.forEach((url, index) => {
    noteStranger(url, ['check', 'entries', index], context)
  })
  return {
    isOn,
    everyHours,
    entries: entries.map((url) => new URL(url).href),
    ...(probe && { probe }),
  }
}

function compileProbe(
  { url, text, pattern }: NonNullable<CheckInput['probe']>,
  context: CheckContext,
): LinkProbe | undefined {
  if (url !== undefined) noteStranger(url, ['check', 'probe', 'url'], context)
  const place = url === undefined ? context.startUrl : new URL(url).href
  if ((text === undefined) === (pattern === undefined)) {
    const found = text === undefined ? 'neither' : 'both'
    context.note('F050', ['check', 'probe'], `found ${found}, expected text or pattern`)
    return undefined
  }
  if (text !== undefined) return { url: place, written: `text ${text}`, isIn: finderOfText(text) }
  const answer = compilePattern(pattern ?? '')
  if ('trouble' in answer) {
    context.note('F050', ['check', 'probe', 'pattern'], answer.trouble.message)
    return undefined
  }
  return {
    url: place,
    written: `pattern ${pattern}`,
    isIn: (shown) => answer.compiled.test(shown),
  }
}

/** Whatever its blanks and the height of its letters: pages break lines where they like. */
function finderOfText(text: string): (shown: string) => boolean {
  const wanted = plain(text)
  return (shown) => plain(shown).includes(wanted)
}

function plain(words: string): string {
  return words.toLowerCase().replace(/\s+/g, ' ').trim()
}

function noteStranger(url: string, path: DocumentPath, { hosts, isTested, note }: CheckContext) {
  const { origin } = new URL(url)
  if (!isTested || hosts.some((rule) => covers(rule, new URL(url)))) return
  note('F049', path, `found "${origin}", which is none of the hosts; expected one of them`)
}
