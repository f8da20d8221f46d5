/**
 * A look ahead over a whole text: may it name a known host anywhere at all? Most scripts and style
 * sheets do not, and looking for pairs of slashes costs a tenth of reading the language.
 *
 * It errs on the side of "it may": whatever it cannot read is left to the scanner.
 * @module
 */
import type { AddressMapper } from './address.ts'
import { authorityAt } from './literals.ts'
import type { BodyKind } from './transform.ts'

/** A slash in an escape of scripts and data. */
const escapedSlash = /\\(?:u002f|x2f|u\{2f\})/iy
/** A slash or a backslash in an escape of style sheets. */
const styleEscapedSlash = /\\(?:0{0,4}(?:2f|5c)|\\)/i
const styleHost = /[^/\\?#"')( \t\n\r\f]*/y

/** Engines look for the first letter: a capital in the midst is seldom in scripts. */
const sourceMap = { before: 'source', mark: 'MappingURL=' }
/** A source map's address longer than this is no address. */
export const sourceMapChars = 1024

const letterU = 117
const letterX = 120

const slash = 47
const backslash = 92

/** Whether a look ahead at a body of this kind can tell anything. */
export function isLookedAhead(kind: BodyKind | undefined): boolean {
  return kind === 'javascript' || kind === 'json' || kind === 'css'
}

/** Whether a body of this kind may hold the address of a known host; true when that is not told. */
export function mayNameHost(
  kind: BodyKind | undefined,
  text: string,
  mapper: AddressMapper,
): boolean {
  if (kind === 'javascript' || kind === 'json') {
    return mayNameInScript(text, (end) => isKnown(authorityAt(text, end), mapper))
  }
  if (kind !== 'css' || styleEscapedSlash.test(text)) return true
  return someRun(text, isSlashOrLineEnd, (end) => mayNameInStyle(text, end, mapper))
}

/** Whether an escaped slash or the end of a run of slashes and backslashes counts. */
function mayNameInScript(text: string, counts: (end: number) => boolean): boolean {
  for (let at = text.indexOf('//'); at !== -1;) {
    const end = runEnd(text, at, isSlash)
    if (counts(end)) return true
    at = text.indexOf('//', end)
  }
  for (let at = text.indexOf('\\'); at !== -1;) {
    const end = runEnd(text, at, isSlash)
    if (mayBeEscape(text.charCodeAt(end))) {
      escapedSlash.lastIndex = end - 1
      if (escapedSlash.test(text)) return true
    }
    const isPair =
      text.charCodeAt(at - 1) === slash || (end - at > 2 && text.slice(at, end).includes('/\\'))
    if (isPair && counts(end)) return true
    at = text.indexOf('\\', end)
  }
  return mayNameSourceMap(text)
}

function mayBeEscape(code: number): boolean {
  const lower = code | 0x20
  return lower === letterU || lower === letterX
}

/** Its address is read as browsers read one, with userinfo of any kind. */
function mayNameSourceMap(text: string): boolean {
  const { before, mark } = sourceMap
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
    if (!text.endsWith(before, at)) continue
    const [line = ''] = text.slice(at, at + sourceMapChars).split('\n', 1)
    if (/[/\\][ \t\r]*[/\\]/.test(line)) return true
  }
  return false
}

function runEnd(text: string, at: number, isOfRun: (code: number) => boolean): number {
  let end = at + 1
  while (isOfRun(text.charCodeAt(end))) end += 1
  return end
}

/** Whether one of the runs of at least two such characters that begin with a slash counts. */
function someRun(
  text: string,
  isOfRun: (code: number) => boolean,
  counts: (end: number) => boolean,
): boolean {
  for (let at = text.indexOf('/'); at !== -1;) {
    const end = runEnd(text, at, isOfRun)
    if (end - at > 1 && counts(end)) return true
    at = text.indexOf('/', end)
  }
  return false
}

function isSlash(code: number): boolean {
  return code === slash || code === backslash
}

/** Browsers drop tabs and line ends within an address. */
function isSlashOrLineEnd(code: number): boolean {
  return isSlash(code) || (code >= 9 && code <= 13)
}

function mayNameInStyle(text: string, start: number, mapper: AddressMapper): boolean {
  styleHost.lastIndex = start
  styleHost.test(text)
  const end = styleHost.lastIndex
  // Escapes and line ends may be part of a host.
  if (/[\\\t\n\r\f]/.test(text[end] ?? '')) return true
  const authority = text.slice(start, end).trimEnd()
  return isKnown(authority.slice(authority.lastIndexOf('@') + 1), mapper)
}

/** A port may be the default of either scheme; without one they are alike. */
function isKnown(host: string, mapper: AddressMapper): boolean {
  if (host === '') return false
  if (mapper.hostFor('https', host) !== undefined) return true
  return host.includes(':') && mapper.hostFor('http', host) !== undefined
}
