/**
 * Replacing in a text that may arrive in pieces: the engine of `replace` in a rule, shared by the
 * gateway and by `check`, so that a rule's fixture shows what readers will get.
 *
 * All rules look at the text as it came; none sees what another has put in. What begins first wins,
 * and at one place the rule that stands first. What comes out never depends on where pieces were
 * cut: literal texts need a look ahead as long as the longest of them; patterns are tried in windows
 * that the text alone lays out, and a match longer than the look ahead may be missed.
 * @module
 */
import { GatewayError } from './errors.ts'
import { limits } from './limits.ts'
import type { Finder, Found, Stretch } from './rewriting-options.ts'

/** A rule as the engine runs it, in the characters of the text. */
export type TextRule = LiteralRule | PatternRule | SourceRule

interface LiteralRule {
  readonly kind: 'literal'
  readonly find: string
  /** What takes its place; undefined keeps it and guards it from mapping. */
  readonly put: readonly (string | number)[] | undefined
}

/** Reads the view of the text. */
interface PatternRule {
  readonly kind: 'pattern'
  readonly finder: Finder
  readonly put: LiteralRule['put']
}

/** Reads the text itself, and makes of what is found what it will. */
interface SourceRule {
  readonly kind: 'source'
  readonly finder: (text: string, from: number) => Found | undefined
  readonly put: (text: string) => string
}

/** How to run. */
export interface ReplacerOptions {
  readonly rules: readonly TextRule[]
  /** The same stretch of text as patterns read it, every place the same; default: as it is. */
  readonly viewOf?: (text: string) => string | Uint8Array
  /** Whether each line is a text of its own that must not wait for the next one. */
  readonly isByLine?: boolean
}

/** Text in, text out; both throw `ERR_UPSTREAM_EXCESS` for one that grows beyond its bound. */
export interface Replacer {
  write(text: string): string
  end(): string
  /** What rules keep as it is, in the places of all that came out; grows as text is written. */
  readonly kept: readonly Stretch[]
  /** Says that what is kept before a place is needed no more. */
  forget(before: number): void
}

/** Makes a replacer for one text. */
export function createReplacer(options: ReplacerOptions): Replacer {
  return new WindowReplacer(options)
}

const { patternWindowChars, patternAheadChars, keptStretches, grownChars } = limits.core
/** Decided text that rules may look back on: a word boundary, the name of a parameter. */
const contextChars = 64
const forgottenAtOnce = 1000

class WindowReplacer implements Replacer {
  readonly kept: Stretch[] = []
  readonly #options: ReplacerOptions
  readonly #hasPatterns: boolean
  /** How much must be seen behind a place before it is decided. */
  readonly #aheadChars: number
  #text = ''
  /** Up to here the text is decided; what stands before it is context. */
  #from = 0
  #outChars = 0
  #grownChars = 0

  constructor(options: ReplacerOptions) {
    this.#options = options
    this.#hasPatterns = options.rules.some(({ kind }) => kind !== 'literal')
    const lengths = options.rules.map((rule) => (rule.kind === 'literal' ? rule.find.length : 0))
    this.#aheadChars = this.#hasPatterns ? patternAheadChars : Math.max(1, ...lengths) - 1
  }

  write(text: string): string {
    this.#text += text
    return this.#run('more follows')
  }

  end(): string {
    return this.#run('the end')
  }

  forget(before: number): void {
    const first = this.kept.findIndex(([, end]) => end >= before)
    const count = first === -1 ? this.kept.length : first
    // Rarely, and then many: each time the rest is moved.
    if (count > forgottenAtOnce) this.kept.splice(0, count)
  }

  #run(what: 'more follows' | 'the end'): string {
    let output = ''
    for (;;) {
      const window = this.#nextWindow(what)
      if (window === undefined) return output
      output += this.#decide(window.end, window.isWhole)
    }
  }

  /** The stretch to look at next; undefined when more must come first, or nothing is left. */
  #nextWindow(what: 'more follows' | 'the end'): { end: number; isWhole: boolean } | undefined {
    const length = this.#text.length
    const lineEnd = this.#options.isByLine === true ? this.#text.indexOf('\n', this.#from) + 1 : 0
    const end = lineEnd > 0 ? lineEnd : length
    const isEnd = lineEnd > 0 || what === 'the end'
    if (this.#hasPatterns && end - this.#from > patternWindowChars) {
      return { end: this.#from + patternWindowChars, isWhole: false }
    }
    if (isEnd) return end > this.#from ? { end, isWhole: true } : undefined
    const isDecidable = !this.#hasPatterns && end - this.#from > this.#aheadChars
    return isDecidable ? { end, isWhole: false } : undefined
  }

  #decide(end: number, isWhole: boolean): string {
    const text = this.#text.slice(0, end)
    const limit = isWhole ? end : this.#limitOf(text)
    const search = new Search(text, this.#options)
    let output = ''
    let at = this.#from
    while (at < limit) {
      const hit = search.next(at)
      if (hit === undefined || hit.found[0][0] >= limit) break
      const [start, stop] = hit.found[0]
      output += text.slice(at, start)
      const put = this.#put(text, hit, this.#outChars + output.length)
      this.#count(put.length - (stop - start))
      output += put
      at = stop
    }
    if (at < limit) output += text.slice(at, limit)
    this.#outChars += output.length
    this.#from = Math.max(at, limit)
    const cut = Math.max(0, this.#from - contextChars)
    this.#text = this.#text.slice(cut)
    this.#from -= cut
    return output
  }

  /** What begins before it is decided. */
  #limitOf(text: string): number {
    const limit = text.length - this.#aheadChars
    return this.#hasPatterns ? characterStart(text, limit) : limit
  }

  #count(chars: number): void {
    this.#grownChars += chars
    if (this.#grownChars <= grownChars) return
    const message = `the rules make the text longer by more than ${grownChars} characters`
    throw new GatewayError('ERR_UPSTREAM_EXCESS', message)
  }

  #put(text: string, { rule, found }: Hit, outAt: number): string {
    const [start, end] = found[0]
    const { put } = rule
    if (typeof put === 'function') {
      const isBehindKept = this.kept.at(-1)?.[1] === outAt
      return isBehindKept ? text.slice(start, end) : put(text.slice(start, end))
    }
    if (put === undefined) {
      if (this.kept.length < keptStretches) this.kept.push([outAt, outAt + end - start])
      return text.slice(start, end)
    }
    return put
      .map((part) => (typeof part === 'string' ? part : groupOf(text, found, part)))
      .join('')
  }
}

interface Hit {
  readonly rule: TextRule
  readonly found: Found
}

/** The hits of all rules in one window, in order. */
class Search {
  readonly #text: string
  readonly #options: ReplacerOptions
  readonly #hits: (Found | 'none' | undefined)[]
  #view: string | Uint8Array | undefined

  constructor(text: string, options: ReplacerOptions) {
    this.#text = text
    this.#options = options
    this.#hits = options.rules.map(() => undefined)
  }

  /** What begins first at or behind `at`. */
  next(at: number): Hit | undefined {
    let best: Hit | undefined
    for (const [index, rule] of this.#options.rules.entries()) {
      const found = this.#hitOf(index, rule, at)
      if (found === undefined) continue
      if (best === undefined || found[0][0] < best.found[0][0]) best = { rule, found }
    }
    return best
  }

  #hitOf(index: number, rule: TextRule, at: number): Found | undefined {
    const known = this.#hits[index]
    if (known === 'none') return undefined
    if (known !== undefined && known[0][0] >= at) return known
    const found = this.#find(rule, at)
    this.#hits[index] = found ?? 'none'
    return found
  }

  #find(rule: TextRule, at: number): Found | undefined {
    if (rule.kind === 'pattern') {
      this.#view ??= this.#options.viewOf?.(this.#text) ?? this.#text
      return rule.finder(this.#view, at)
    }
    if (rule.kind === 'source') return rule.finder(this.#text, at)
    const start = this.#text.indexOf(rule.find, at)
    return start === -1 ? undefined : [[start, start + rule.find.length]]
  }
}

function groupOf(text: string, found: Found, index: number): string {
  const group = found[index]
  return group === undefined ? '' : text.slice(...group)
}

/** At most three places back: a character of UTF-8 is not cut in two. */
function characterStart(text: string, at: number): number {
  for (let back = 0; back < 3 && back < at; back += 1) {
    const code = text.charCodeAt(at - back)
    if (code < 0x80 || code > 0xbf) return at - back
  }
  return at
}
