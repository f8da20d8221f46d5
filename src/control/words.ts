/**
 * Words for changes, as the command line and the history tell them.
 * @module
 */

/** One change. */
export interface Change {
  readonly line: string
  /** By `verb|noun`, for the summary: `{ 'opens|host': 3 }`. */
  readonly counts: Readonly<Record<string, number>>
}

/** Of a longer list the first ones are named and the rest is counted. */
const namedMax = 12

/** `3 hosts`, `1 host`, `2 entries`. */
export function counted(count: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${count} ${count === 1 ? noun : plural}`
}

/** `a, b, c and 4 more`; `nobody` for none. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'nobody'
  if (names.length <= namedMax) return names.join(', ')
  return `${names.slice(0, namedMax).join(', ')} and ${names.length - namedMax} more`
}

/** What one list has and the other has not, both ways. */
export function listDifference(
  before: readonly string[],
  after: readonly string[],
): { readonly gone: readonly string[]; readonly come: readonly string[] } {
  return {
    gone: before.filter((name) => !after.includes(name)),
    come: after.filter((name) => !before.includes(name)),
  }
}
