/**
 * Scripts: URLs of known hosts within string and template literals, never in comments or regular
 * expressions, and nothing put before a script.
 *
 * This is a lexer, not a parser: it knows where literals begin and end and no more, so that a script
 * which no parser would take is scanned all the same. Its one guess is whether a slash divides; when
 * a wrong one has turned strings inside out, `"https://` shows it and it finds back.
 * @module
 */
import { urlEdits, type AddressMapper } from './address.ts'
import { endOfSlashes, scanLiteralUrl, slashPair } from './literals.ts'
import { placeEdits } from './escapes.ts'
import { NextPlace } from './next-place.ts'
import { sourceMapChars } from './prescan.ts'
import type { Edit, Scanner, Window } from './scanner.ts'

type Mode = 'block-comment' | 'code' | 'line-comment' | 'regexp' | 'regexp-class' | Quote
type Quote = '"' | "'" | '`'

/** Characters that may have to be seen to tell two tokens apart. */
const tokenChars = 12
/** Longest host name (RFC 1035). */
const hostNameChars = 255

const dollar = 36
const plus = 43
const minus = 45
const underscore = 95
/** What a value ends in besides words: quotes, `)`, `.` and `]`. */
const valueEnds = new Set([34, 39, 41, 46, 93, 96])
const letterH = 104
const letterW = 119

const codeStopsInTemplate = /["'`/{}]/g
const stops: Readonly<Record<Quote | 'regexp' | 'regexp-class', RegExp>> = {
  '"': /["\\\n]|\/(?=\/)/g,
  "'": /['\\\n]|\/(?=\/)/g,
  '`': /[`\\]|\/(?=\/)|\$(?=\{)/g,
  regexp: /[/\\\n[]/g,
  'regexp-class': /[\]\\\n]/g,
}
/** The rest of a regular expression that ends on its line. */
const restOfRegexp = /(?:[^/\\\n[]|\\[^]|\[(?:[^\]\\\n]|\\[^])*\])*\//y
const sourceMap = /\/\/[#@][ \t]*sourceMappingURL=/y
const looseUrl = /(?:https?|wss?):\/\//y
const hostName = /[\w.-]*/y
const wordBehind = /(^|[^\w$.])([a-z]+)$/
const wordsBeforeRegexp =
  /^(?:await|case|delete|do|else|in|instanceof|new|of|return|throw|typeof|void|yield)$/

/** Options of a script. */
export interface ScriptOptions {
  readonly mapper: AddressMapper
  /** Whether strings that are nothing but a known host name are mapped too. */
  readonly mapsBareHosts: boolean
}

/** A scanner of one script. */
export function createScriptScanner(options: ScriptOptions): Scanner {
  return new ScriptScanner(options)
}

class ScriptScanner implements Scanner {
  readonly #mapper: AddressMapper
  readonly #mapsBareHosts: boolean
  #mode: Mode = 'code'
  /** Where the literal's first character stands in the whole. */
  #literalAt = 0
  /** Open braces within each `${` that is open. */
  readonly #braces: number[] = []
  readonly #double = new NextPlace('"')
  readonly #single = new NextPlace("'")
  readonly #backtick = new NextPlace('`')
  readonly #slash = new NextPlace('/')
  readonly #pair = new NextPlace('//')
  readonly #backslash = new NextPlace('\\')
  readonly #lineEnd = new NextPlace('\n')

  constructor(options: ScriptOptions) {
    this.#mapper = options.mapper
    this.#mapsBareHosts = options.mapsBareHosts
  }

  scan(window: Window, edits: Edit[]): number {
    let at = window.from
    while (at < window.end) {
      const next = this.#step(window, at, edits)
      if (next === undefined || next === at) return at
      at = next
    }
    return at
  }

  /** Goes on to the next place where something may change; undefined when more must be seen. */
  #step(window: Window, at: number, edits: Edit[]): number | undefined {
    const mode = this.#mode
    if (mode === 'code') return this.#inCode(window, at, edits)
    if (mode === 'line-comment' || mode === 'block-comment') return this.#inComment(window, at)
    const stop = this.#literalStop(mode, window, at)
    if (stop === undefined) return endOfLiteral(window)
    const character = window.text[stop]
    const isPair = mode.length === 1 && (character === '/' || character === '$')
    if (isPair && stop + 2 > window.end) return endOfLiteral(window)
    if (character === '\\') return this.#atBackslash(window, stop, edits)
    if (mode === 'regexp' || mode === 'regexp-class') {
      this.#mode = character === '[' ? 'regexp-class' : character === ']' ? 'regexp' : 'code'
      return stop + 1
    }
    if (character === '/') return this.#atSlashes(window, stop, stop + 2, edits)
    if (character === '$') {
      this.#braces.push(0)
      this.#mode = 'code'
      return stop + 2
    }
    return this.#closeLiteral(window, stop)
  }

  #literalStop(mode: keyof typeof stops, window: Window, at: number): number | undefined {
    if (mode !== '"' && mode !== "'") return nextStop(stops[mode], window, at)
    const { end } = window
    const stop = Math.min(
      (mode === '"' ? this.#double : this.#single).after(window, at),
      this.#backslash.after(window, at),
      this.#lineEnd.after(window, at),
      this.#pair.after(window, at),
    )
    return stop < end ? stop : undefined
  }

  #inCode(window: Window, at: number, edits: Edit[]): number | undefined {
    const { text, end } = window
    const depth = this.#braces.length
    const stop = depth > 0 ? nextStop(codeStopsInTemplate, window, at) : this.#codeStop(window, at)
    if (stop === undefined || stop >= end) return end
    const character = text[stop]
    if (character === '/') return this.#atSlash(window, stop, edits)
    if (character === '{') this.#braces[depth - 1] = (this.#braces[depth - 1] ?? 0) + 1
    else if (character === '}') this.#closeBrace(window.base + stop + 1)
    else if (character === '"' || character === "'" || character === '`') {
      const plainEnd = this.#mapsBareHosts ? -1 : this.#plainLiteralEnd(window, stop, character)
      if (plainEnd !== -1) return plainEnd
      const next = this.#mapsBareHosts ? this.#bareHost(window, stop, edits) : stop + 1
      if (next !== undefined) this.#openLiteral(character, window.base + stop + 1)
      return next
    }
    return stop + 1
  }

  #codeStop(window: Window, at: number): number {
    const quoteAt = Math.min(this.#double.after(window, at), this.#single.after(window, at))
    return Math.min(quoteAt, this.#backtick.after(window, at), this.#slash.after(window, at))
  }

  /** Index behind a string in which nothing can matter, or -1. */
  #plainLiteralEnd(window: Window, quoteAt: number, quote: Quote): number {
    if (quote === '`') return -1
    const { text, end, isLast } = window
    const from = quoteAt + 1
    const close = (quote === '"' ? this.#double : this.#single).after(window, from)
    if (close >= this.#lineEnd.after(window, from)) return -1
    if (close >= this.#backslash.after(window, from) || close > this.#pair.after(window, from))
      return -1
    if (isLast ? close >= end : close + tokenChars > end) return -1
    return beginsUrl(text, close + 1) ? -1 : close + 1
  }

  /** Maps a literal that is nothing but a host name; undefined when it may go on behind the window. */
  #bareHost({ text, end, isLast }: Window, quoteAt: number, edits: Edit[]): number | undefined {
    const nameAt = quoteAt + 1
    hostName.lastIndex = nameAt
    const name = hostName.exec(text)?.[0] ?? ''
    const nameTo = nameAt + name.length
    if (nameTo >= end) return isLast || name.length > hostNameChars ? nameAt : undefined
    const isWhole = text[nameTo] === text[quoteAt] && name.includes('.')
    const proxied = isWhole ? this.#mapper.hostFor(undefined, name) : undefined
    if (proxied === undefined) return nameAt
    edits.push({ start: nameAt, end: nameTo, text: proxied })
    return nameTo
  }

  #openLiteral(quote: Quote, literalAt: number): void {
    this.#mode = quote
    this.#literalAt = literalAt
  }

  #closeBrace(nextAt: number): void {
    const open = this.#braces.pop() ?? 0
    if (open === 0) this.#openLiteral('`', nextAt)
    else this.#braces.push(open - 1)
  }

  #closeLiteral(window: Window, stop: number): number | undefined {
    const { text, end, isLast, base } = window
    if (!isLast && stop + tokenChars > end) return undefined
    if (text[stop] !== '\n' && beginsUrl(text, stop + 1)) {
      // No script goes on with a URL after a string: this quote opens one, an earlier guess was wrong.
      this.#literalAt = base + stop + 1
      return stop + 1
    }
    this.#mode = 'code'
    return stop + 1
  }

  /** In a literal: an escape, or slashes that are escaped. */
  #atBackslash(window: Window, stop: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    if (!isLast && stop + 2 * tokenChars > end) return undefined
    if (this.#mode.length > 1) return stop + 2
    slashPair.lastIndex = stop
    const pair = slashPair.exec(text)?.[0]
    if (pair === undefined) return Math.min(stop + 2, end)
    return this.#atSlashes(window, stop, stop + pair.length, edits)
  }

  #atSlashes(window: Window, pairAt: number, pairEnd: number, edits: Edit[]): number | undefined {
    const literal = { start: this.#literalAt - window.base, pairAt, pairEnd }
    return scanLiteralUrl(literal, window, this.#mapper, edits)
  }

  /** In code: a comment, a regular expression or a division. */
  #atSlash(window: Window, stop: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    if (!isLast && stop + 1 >= end) return undefined
    const next = text[stop + 1]
    if (next === '/') return this.#openLineComment(window, stop, edits)
    if (next === '*') {
      this.#mode = 'block-comment'
      return stop + 2
    }
    if (!isRegexpPlace(text, stop)) return stop + 1
    restOfRegexp.lastIndex = stop + 1
    if (restOfRegexp.test(text) && restOfRegexp.lastIndex <= end) return restOfRegexp.lastIndex
    this.#mode = 'regexp'
    return stop + 1
  }

  #openLineComment(window: Window, stop: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    const lineEnd = text.indexOf('\n', stop)
    const isWhole = isLast || (lineEnd !== -1 && lineEnd < end) || stop + sourceMapChars <= end
    if (!isWhole) return undefined
    this.#mode = 'line-comment'
    sourceMap.lastIndex = stop
    if (sourceMap.test(text)) {
      const from = sourceMap.lastIndex
      const to = lineEnd === -1 ? end : Math.min(lineEnd, end)
      const found = urlEdits(text.slice(from, Math.min(to, stop + sourceMapChars)), this.#mapper)
      edits.push(...placeEdits(found, { text: '' }, from))
    }
    return stop + 2
  }

  #inComment(window: Window, at: number): number {
    const { text, end, isLast } = window
    const mark = this.#mode === 'line-comment' ? '\n' : '*/'
    const markAt = text.indexOf(mark, at)
    if (markAt !== -1 && markAt + mark.length <= end) {
      this.#mode = 'code'
      return markAt + mark.length
    }
    return isLast || text[end - 1] !== '*' ? end : end - 1
  }
}

function beginsUrl(text: string, at: number): boolean {
  const first = text.charCodeAt(at)
  if (first !== letterH && first !== letterW) return false
  looseUrl.lastIndex = at
  return looseUrl.test(text)
}

/** A template's `${` and a pair of slashes may have been cut by the window. */
function endOfLiteral(window: Window): number {
  const isCut = !window.isLast && window.text[window.end - 1] === '$'
  return isCut ? window.end - 1 : endOfSlashes(window)
}

function nextStop(pattern: RegExp, window: Window, at: number): number | undefined {
  pattern.lastIndex = at
  // Each match is one character long: `test` says all, and makes no array as `exec` does.
  if (!pattern.test(window.text) || pattern.lastIndex > window.end) return undefined
  return pattern.lastIndex - 1
}

/** Whether a slash here begins a regular expression: it divides only after a value. */
function isRegexpPlace(text: string, slashAt: number): boolean {
  const from = Math.max(0, slashAt - 64)
  let at = slashAt - 1
  while (at >= from && text.charCodeAt(at) <= 32) at -= 1
  if (at < from) return true
  const last = text.charCodeAt(at)
  if (isOfWord(last)) {
    const word = wordBehind.exec(text.slice(from, at + 1))?.[2]
    return word !== undefined && wordsBeforeRegexp.test(word)
  }
  if (last === plus || last === minus) return text.charCodeAt(at - 1) !== last
  return last < 0x80 && !valueEnds.has(last)
}

function isOfWord(code: number): boolean {
  const lower = code | 0x20
  if (lower >= 97 && lower <= 122) return true
  return (code >= 48 && code <= 57) || code === dollar || code === underscore
}
