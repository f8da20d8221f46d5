/**
 * URLs within string literals of scripts and data, in whatever escapes their slashes are written.
 *
 * One counts when it starts the string, or follows a quote, `(`, `>`, or an attribute name and `=`
 * inside a tag. After white space it is prose, after `?u=` it is data for the other side.
 * @module
 */
import { hostEdits, type AddressMapper } from './address.ts'
import type { Edit, Window } from './scanner.ts'

/**
 * Two slashes, plain or escaped once or more: `//`, `\/\/`, `\\/\\/`, `\u002F\u002F`, `\x2f/`; with
 * the colon before them if that is escaped. Eight backslashes are three levels of escapes.
 */
export const slashPair = /(?:\\{1,8}(?:u003a|x3a))?(?:\\{0,8}\/|\\{1,8}(?:u002f|x2f|u\{2f\})){2}/iy

const quote = 34
const slash = 47
const colon = 58
const backslash = 92

/** Longest stretch that may have to be seen before a URL's host is decided. */
const hostChars = 1024
const lookBehindChars = 256
/** An escape that the window may have cut: `\\\\u002f`. */
const escapeChars = 12

const hostPattern = /(?:[\w.:@%~\u0080-\uffff-]|\\+u(?:002[de]|(?!00[0-7])[\da-f]{4}))*/iy
const schemeBehind = /(https?|wss?)(?::|\\+u003a|\\+x3a)$/i
/** What a scheme cut by the window looks like. */
const schemeAhead = /(?:ht{0,2}|https?|ws{0,2})?:?\/?$/i
const escapedColon = /\\+(?:u003a|x3a)/iy
const opening =
  /(?:["'`(>]|&(?:quot|apos|lpar|gt|#0*3[49]|#x0*2[27]);|%2[27]|\\+(?:u00|x)(?:2[278]|3e))$/i
const attributeBehind = /<[a-z][^<>]*[ \t\n\r"'/][a-z_:@][\w:.-]*[ \t]*=[ \t]*$/i
const escapedCharacter = /\\+u([\da-f]{4})/gi

/** The host that stands behind a pair of slashes, with port, without userinfo, escapes undone. */
export function authorityAt(text: string, pairEnd: number): string {
  hostPattern.lastIndex = pairEnd
  hostPattern.test(text)
  const authority = text.slice(pairEnd, hostPattern.lastIndex)
  return withoutEscapes(authority.slice(authority.lastIndexOf('@') + 1))
}

function withoutEscapes(host: string): string {
  if (!host.includes('\\')) return host
  return host.replace(escapedCharacter, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** The string that a pair of slashes was found in. */
export interface Literal {
  /** Index of its first character; may lie before the window. */
  readonly start: number
  /** Index of the pair and of what follows it. */
  readonly pairAt: number
  readonly pairEnd: number
}

/**
 * Judges the pair of slashes; pushes edits when it begins a known host in a place that counts.
 *
 * @returns Where to go on, or undefined when the window ends before the host does.
 */
export function scanLiteralUrl(
  literal: Literal,
  window: Window,
  mapper: AddressMapper,
  edits: Edit[],
): number | undefined {
  const { text, end, isLast } = window
  const { pairEnd } = literal
  const pairAt = behindColon(text, literal.pairAt)
  hostPattern.lastIndex = pairEnd
  hostPattern.test(text)
  const next = Math.min(hostPattern.lastIndex, end)
  if (next - pairEnd > hostChars) return next
  if (!isLast && next + escapeChars > end) return undefined

  const authority = text.slice(pairEnd, next)
  if (authority === '' || !isHostEnd(text, next, end)) return beforeScheme(text, pairEnd, next)
  const userEnd = authority.lastIndexOf('@') + 1
  const { scheme, schemeAt } = schemeOf(text, literal.start, pairAt)
  const host = withoutEscapes(authority.slice(userEnd))
  const found = hostEdits({ scheme, schemeAt, host, hostAt: pairEnd + userEnd }, mapper)
  if (found.length > 0 && counts(text, schemeAt, literal.start)) {
    const last = found.pop()
    edits.push(...found)
    if (last) edits.push({ ...last, end: next })
  }
  return found.length > 0 ? next : beforeScheme(text, pairEnd, next)
}

/** What looks like the end of a host may be the scheme of the next address: `//a:https://b`. */
function beforeScheme(text: string, from: number, to: number): number {
  if (!endsAsScheme(text.charCodeAt(to - 1))) return to
  const scheme = schemeBehind.exec(text.slice(Math.max(from, to - 24), to))
  return to - (scheme?.[0].length ?? 0)
}

/** Where the slashes begin: before them the colon may be escaped. */
function behindColon(text: string, pairAt: number): number {
  if (text.charCodeAt(pairAt) !== backslash) return pairAt
  escapedColon.lastIndex = pairAt
  return escapedColon.test(text) ? escapedColon.lastIndex : pairAt
}

/** The scheme before a pair of slashes, as part of the literal. */
function schemeOf(
  text: string,
  literalStart: number,
  pairAt: number,
): { scheme: string | undefined; schemeAt: number } {
  for (const scheme of ['https', 'http']) {
    const schemeAt = pairAt - scheme.length - 1
    const isWhole = schemeAt >= literalStart && text.charCodeAt(pairAt - 1) === colon
    if (isWhole && text.startsWith(scheme, schemeAt)) return { scheme, schemeAt }
  }
  const found = schemeBehind.exec(text.slice(Math.max(literalStart, pairAt - 24, 0), pairAt))
  return { scheme: found?.[1], schemeAt: pairAt - (found?.[0].length ?? 0) }
}

/**
 * How far a window of a literal is decided in which no pair of slashes was found: it may end within
 * a scheme and its slashes.
 */
export function endOfSlashes({ text, from, end, isLast }: Window): number {
  if (isLast) return end
  const tail = schemeAhead.exec(text.slice(Math.max(from, end - escapeChars), end))
  return tail === null ? end : end - tail[0].length
}

/** Whether the host is complete: not the beginning of a name that is put together at run time. */
function isHostEnd(text: string, at: number, end: number): boolean {
  const code = at < end ? text.charCodeAt(at) : -1
  // Nearly all hosts end in a letter, before a slash or a double quote.
  if ((code === slash || code === quote) && isLetter(text.charCodeAt(at - 1))) return true
  if (at >= end) return !/[.:-]/.test(text[at - 1] ?? '')
  const follower = text.slice(at, at + 2)
  if (/^[/?#\\]/.test(follower)) return /^[/?#]|^\\[^\n]/.test(follower) && endsWell(text, at)
  return /^(?:[ \t\n\r"'`<>()[\]{}|^,;&]|\$\{)/.test(follower) && !/[.:-]/.test(text[at - 1] ?? '')
}

/** Whether a scheme may end here: in a colon, perhaps an escaped one. */
function endsAsScheme(code: number): boolean {
  return code === colon || (code | 0x20) === 97
}

function isLetter(code: number): boolean {
  const lower = code | 0x20
  return lower >= 97 && lower <= 122
}

/** A root dot or an empty port is part of a host only where a path follows; a quote may be escaped. */
function endsWell(text: string, at: number): boolean {
  return (
    !/[.:-]/.test(text[at - 1] ?? '') ||
    /^(?:[/?#]|\\+(?:\/|u002f|x2f))/i.test(text.slice(at, at + 8))
  )
}

function counts(text: string, urlAt: number, literalStart: number): boolean {
  if (urlAt === literalStart) return true
  const behind = text.slice(Math.max(0, literalStart, urlAt - lookBehindChars), urlAt)
  if (opening.test(behind)) return true
  return /=[ \t]*$/.test(behind) && attributeBehind.test(behind)
}
