/**
 * Markup: HTML, XHTML and XML, tokenised in context. Addresses in attributes move, and scripts,
 * styles and data within; text, comments and form values stay.
 *
 * The tokeniser follows the HTML Standard, 13.2.5, where that decides what a browser fetches. Where
 * it depends on the tree (`<select><xmp>`) it reads on as markup, so that no later link is lost.
 * @module
 */
import { limits } from '../core/limits.ts'
import { urlEdits, type AddressMapper } from './address.ts'
import { isIdentifierElement, isLinkedData, scriptKindOf } from './attributes.ts'
import type { CitationReader } from './citation.ts'
import { createStyleScanner } from './css.ts'
import {
  attributesOf,
  elementEdits,
  pushLinkEdits,
  valueOf,
  worthReading,
  type ElementContext,
} from './element.ts'
import { placeEdits, unescapeMarkup } from './escapes.ts'
import { HeadMarkup } from './head.ts'
import { createRowsGuard, FlightRows } from './flight.ts'
import { createScriptScanner } from './javascript.ts'
import { createJsonScanner } from './json.ts'
import { editsOf, type Edit, type Scanner, type Window } from './scanner.ts'
import { passOver } from './plain-tags.ts'
import { RawText } from './raw-text.ts'
import { nameEnd, TagEnd, usualTagEnd } from './tag.ts'

/** What a document is read as, and what is done besides moving addresses. */
export interface MarkupOptions {
  readonly mapper: AddressMapper
  readonly dialect: 'html' | 'xhtml' | 'xml'
  readonly headMarkup?: string | undefined
  readonly mapsBareHosts: boolean
  readonly asksWithCredentials: boolean
  readonly mapPolicy?: ((policy: string) => string | undefined) | undefined
  /** Reads what the document says of itself; absent when nobody asks. */
  readonly citation?: CitationReader | undefined
}

type Mode =
  | 'cdata'
  | 'comment'
  | 'declaration'
  | 'doctype'
  | 'endless'
  | 'instruction'
  | 'raw'
  | 'subset'
  | 'tag'
  | 'text'

/** Markup within a script or a value: no document of its own. */
const fragment = {
  dialect: 'html',
  headMarkup: undefined,
  mapPolicy: undefined,
  citation: undefined,
} as const
/** `<![CDATA[`, the longest token to be told from others. */
const tokenChars = 10
/** A text longer than this is no URL. */
const textUrlChars = 4096
/** Markup within values within markup: each level needs one more level of escapes. */
const nestingMax = 4

const closers: Readonly<Partial<Record<Mode, RegExp>>> = {
  cdata: /\]\]>/g,
  comment: /--!?>/g,
  declaration: />/g,
  doctype: /[[>]/g,
  instruction: /\?>/g,
  subset: /\]/g,
}

const oneWord = /[ \t\n\r]*[^ \t\n\r]*[ \t\n\r]*/y
const stylesheetInstruction = /<\?xml-stylesheet(?=[ \t\n\r])/iy

/** Markup as it stands in an attribute, whatever its quotes are. */
function escaped(markup: string): string {
  return markup.replace(/[^\w/.-]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function isLetter(text: string, at: number): boolean {
  const lower = text.charCodeAt(at) | 0x20
  return lower >= 97 && lower <= 122
}

/** A scanner of one document or fragment. */
export function createMarkupScanner(options: MarkupOptions): Scanner {
  return new MarkupScanner(options, 0)
}

class MarkupScanner implements Scanner {
  readonly #options: MarkupOptions
  readonly #context: ElementContext
  readonly #head: HeadMarkup
  #mode: Mode = 'text'
  #tagEnd = new TagEnd()
  /** How far the open tag has been looked through, in the whole. */
  #tagSeenTo = 0
  #raw: RawText | undefined
  readonly #rows = new FlightRows()
  /** SVG and MathML elements that are open: other rules hold within. */
  #foreignDepth = 0
  /** The element that the next text stands in; empty behind an end tag. */
  #element = ''
  /** Whether text begins here, so that it may be a URL as a whole. */
  #isTextStart = true

  constructor(options: MarkupOptions, depth: number) {
    this.#options = options
    this.#head = new HeadMarkup(options.headMarkup, options.dialect)
    const editsWithin = (text: string, headMarkup?: string): Edit[] =>
      depth < nestingMax
        ? editsOf(new MarkupScanner({ ...options, ...fragment, headMarkup }, depth + 1), text)
        : []
    this.#context = {
      ...options,
      markupEdits: (text) => editsWithin(text),
      documentEdits: (text) => editsWithin(text, options.headMarkup && escaped(options.headMarkup)),
      isBaseForeign: false,
    }
  }

  scan(window: Window, edits: Edit[]): number {
    const { text, end } = window
    let at = window.from
    while (at < end) {
      const isPassable = this.#mode === 'text' && this.#isPassable()
      if (isPassable) at = passOver(text, at, end)
      if (at === end) return at
      const { mapper } = this.#options
      const linkEnd = isPassable ? pushLinkEdits(text, at, end, edits, mapper) : -1
      const next = linkEnd === -1 ? this.#step(window, at, edits) : linkEnd
      if (next === undefined || (next === at && this.#mode === 'raw')) return at
      at = next
    }
    return at
  }

  /** Whether plain tags change no state that is asked for later. */
  #isPassable(): boolean {
    const { dialect, mapsBareHosts } = this.#options
    const isHtml = dialect === 'html' && this.#foreignDepth === 0
    return isHtml && !mapsBareHosts && !this.#head.isPending
  }

  #step(window: Window, at: number, edits: Edit[]): number | undefined {
    const mode = this.#mode
    if (mode === 'tag') return this.#inTag(window, at, edits)
    if (mode === 'raw') return this.#inRaw(window, at, edits)
    if (mode === 'endless') return this.#inEndlessTag(window, at)
    if (mode !== 'text') return this.#untilClosed(window, at)
    if (window.text[at] === '<') return this.#atAngle(window, at, edits)
    return this.#inText(window, at, edits)
  }

  #inText(window: Window, at: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    const angleAt = text.indexOf('<', at)
    const isClosed = angleAt !== -1 && angleAt < end
    const stop = isClosed ? angleAt : end
    this.#head.atText(text, at, stop, edits)
    if (this.#options.dialect !== 'xml' || !this.#isTextStart) return stop
    oneWord.lastIndex = at
    const mayBeUrl = oneWord.test(text) && oneWord.lastIndex >= stop
    if (mayBeUrl && !isClosed && !isLast && stop - at < textUrlChars) return undefined
    this.#isTextStart = false
    if (mayBeUrl && stop - at < textUrlChars) edits.push(...this.#textEdits(text, at, stop))
    return stop
  }

  /** A text that is a URL and nothing else, unless its element says that it is a name. */
  #textEdits(text: string, start: number, end: number): Edit[] {
    if (isIdentifierElement(this.#element)) return []
    const unescaped = unescapeMarkup(text.slice(start, end))
    if (/[^ \t\n\r][ \t\n\r]+[^ \t\n\r]/.test(unescaped.text)) return []
    return placeEdits(urlEdits(unescaped.text, this.#options.mapper), unescaped, start)
  }

  #atAngle(window: Window, at: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    if (!isLast && at + tokenChars > end) return undefined
    const next = text[at + 1] ?? ''
    const isXml = this.#options.dialect !== 'html'
    if (next === '<') return this.#atLoneAngle(at)
    if (isLetter(text, next === '/' ? at + 2 : at + 1)) {
      const tagEnd = usualTagEnd(text, at, end)
      if (tagEnd !== -1) {
        this.#finishTag(window, at, tagEnd, edits)
        return tagEnd
      }
      this.#mode = 'tag'
      this.#tagEnd = new TagEnd()
      this.#tagSeenTo = window.base + at + (next === '/' ? 2 : 1)
      return at
    }
    if (text.startsWith('<!--', at)) return this.#open('comment', at + 2)
    if (text.startsWith('<![CDATA[', at) && (isXml || this.#foreignDepth > 0)) {
      return this.#atData(window, at + 9, edits)
    }
    if (next === '?' && isXml) return this.#atInstruction(window, at, edits)
    if (next === '!' || next === '?' || next === '/') {
      return this.#open(isXml && next === '!' ? 'doctype' : 'declaration', at + 2)
    }
    return this.#atLoneAngle(at)
  }

  /** It is text: XML has none, and HTML shows it. */
  #atLoneAngle(at: number): number {
    this.#isTextStart = false
    return at + 1
  }

  #open(mode: Mode, next: number): number {
    this.#mode = mode
    return next
  }

  #atData(window: Window, start: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    const close = text.indexOf(']]>', start)
    const isClosed = close !== -1 && close + 3 <= end
    if (!isClosed && !isLast && end - start < textUrlChars) return undefined
    if (isClosed && close - start < textUrlChars && this.#isTextStart) {
      edits.push(...this.#textEdits(text, start, close))
    }
    this.#isTextStart = false
    return this.#open('cdata', start)
  }

  #atInstruction(window: Window, at: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    stylesheetInstruction.lastIndex = at
    const closeAt = text.indexOf('?>', at)
    const isClosed = closeAt !== -1 && closeAt + 2 <= end
    if (!isClosed && !isLast && end - at < textUrlChars) return undefined
    if (isClosed && closeAt - at < textUrlChars && stylesheetInstruction.test(text)) {
      const attributes = attributesOf(text, stylesheetInstruction.lastIndex, closeAt + 1)
      edits.push(...elementEdits(text, '?xml-stylesheet', attributes, this.#context))
    }
    return this.#open('instruction', at + 2)
  }

  #untilClosed(window: Window, at: number): number | undefined {
    const { text, end, isLast } = window
    const closer = closers[this.#mode] ?? />/g
    closer.lastIndex = at
    const match = closer.exec(text)
    if (match === null || match.index + match[0].length > end) {
      if (isLast) return end
      return end - 3 > at ? end - 3 : undefined
    }
    const next = match.index + match[0].length
    if (this.#mode === 'doctype') this.#mode = match[0] === '[' ? 'subset' : 'text'
    else if (this.#mode === 'subset') this.#mode = 'doctype'
    else this.#mode = 'text'
    return next
  }

  #inTag(window: Window, start: number, edits: Edit[]): number | undefined {
    const { text, end, isLast, base } = window
    const tagEnd = this.#tagEnd.find(text, this.#tagSeenTo - base, end)
    if (tagEnd !== -1) {
      this.#mode = 'text'
      this.#finishTag(window, start, tagEnd, edits)
      return tagEnd
    }
    this.#tagSeenTo = base + end
    if (isLast) return end
    if (end - start < limits.rewriting.tagChars) return undefined
    this.#mode = 'endless'
    return end
  }

  /** A tag too long to be held goes out as it is. */
  #inEndlessTag({ text, end }: Window, at: number): number {
    const tagEnd = this.#tagEnd.find(text, at, end)
    if (tagEnd === -1) return end
    this.#mode = 'text'
    return tagEnd
  }

  #finishTag(window: Window, start: number, tagEnd: number, edits: Edit[]): void {
    const { text } = window
    const isEndTag = text[start + 1] === '/'
    const nameFrom = start + (isEndTag ? 2 : 1)
    const nameTo = nameEnd(text, nameFrom, tagEnd)
    const source = text.slice(nameFrom, nameTo)
    const name = this.#options.dialect === 'xml' ? source : source.toLowerCase()
    this.#isTextStart = true
    this.#element = isEndTag ? '' : name
    const isSelfClosed = text[tagEnd - 2] === '/'
    this.#countForeign(name, isEndTag, isSelfClosed)
    if (isEndTag) return

    this.#head.beforeTag(name, start, edits)
    const tag = text.slice(start, tagEnd)
    const { citation } = this.#options
    if (name === 'meta') citation?.meta(tag)
    const isScript = name === 'script'
    if (isScript || this.#options.mapsBareHosts || worthReading.test(tag)) {
      const attributes = attributesOf(text, nameTo, tagEnd)
      edits.push(...elementEdits(text, name, attributes, this.#context))
      if (isScript && this.#hasRawText(name, isSelfClosed)) {
        this.#openRaw(name, this.#scriptScanner(valueOf(text, attributes.get('type'))))
      }
    }
    if (!isScript && this.#hasRawText(name, isSelfClosed)) {
      this.#openRaw(name, name === 'style' ? createStyleScanner(this.#options.mapper) : undefined)
    }
    this.#head.afterTag(name, tagEnd, edits)
  }

  #countForeign(name: string, isEndTag: boolean, isSelfClosed: boolean): void {
    if (name !== 'svg' && name !== 'math') return
    if (isEndTag) this.#foreignDepth = Math.max(0, this.#foreignDepth - 1)
    else if (!isSelfClosed) this.#foreignDepth += 1
  }

  #hasRawText(name: string, isSelfClosed: boolean): boolean {
    const isHtml = this.#options.dialect === 'html'
    if (isSelfClosed && (!isHtml || this.#foreignDepth > 0)) return false
    if (name === 'script' || name === 'style') return true
    return isHtml && (name === 'textarea' || (name === 'title' && this.#foreignDepth === 0))
  }

  #openRaw(name: string, scanner: Scanner | undefined): void {
    this.#mode = 'raw'
    this.#raw = new RawText(name, scanner)
  }

  #scriptScanner(type: string | undefined): Scanner | undefined {
    const { mapper, mapsBareHosts } = this.#options
    if (isLinkedData(type)) return this.#options.citation?.script()
    const kind = scriptKindOf(type)
    if (kind === 'script') {
      return createRowsGuard(createScriptScanner({ mapper, mapsBareHosts }), this.#rows)
    }
    if (kind === 'json') return createJsonScanner(mapper)
    if (kind === 'import-map') return createJsonScanner(mapper, 'addresses')
    if (kind === undefined) return undefined
    return new MarkupScanner({ ...this.#options, ...fragment }, nestingMax)
  }

  #inRaw(window: Window, at: number, edits: Edit[]): number | undefined {
    const { next, isClosed } = this.#raw?.scan(window, at, edits) ?? { next: at, isClosed: true }
    if (isClosed) {
      this.#mode = 'text'
      this.#raw = undefined
    }
    return next
  }
}
