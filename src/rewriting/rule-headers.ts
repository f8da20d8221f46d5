/**
 * Headers that a rule adds to requests: markers that vendors ask for, licence keys.
 *
 * They are for readers who are signed in; nobody else's request carries them. What came from a file
 * or the environment is a credential, and goes only where the publisher's cookies go as well.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'
import type { Resource } from '../core/resource.ts'

/** The lines with those of the rule in place of the browser's of the same names. */
export function withRuleHeaders(
  lines: HeaderLines,
  { rewriting }: Resource,
  asker: 'anonymous' | 'nobody' | 'reader',
): HeaderLines {
  if (rewriting?.requestHeaders === undefined || asker === 'nobody') return lines
  const added = rewriting.requestHeaders.filter(({ isSecret }) => !isSecret || asker === 'reader')
  const names = new Set(added.map(({ name }) => name.toLowerCase()))
  return [
    ...lines.filter(([name]) => !names.has(name.toLowerCase())),
    ...added.map(({ name, value }) => [name, value()] as const),
  ]
}
