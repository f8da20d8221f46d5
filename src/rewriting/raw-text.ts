/**
 * The text of script, style, title and textarea elements: where it ends, and its own scanner.
 * @module
 */
import type { Edit, Scanner, Window } from './scanner.ts'

/** `</textarea` and the character behind it. */
const endTagChars = 12

/** How a script's end tag is looked for (HTML Standard, 13.2.5.17 to 13.2.5.31). */
type Escape = 'double' | 'none' | 'single'

const scriptTokens = /<!--|-->|<\/?script(?=[ \t\n\r\f/>])/gi

const endTags: Readonly<Record<string, RegExp>> = {
  style: /<\/style(?=[ \t\n\r\f/>])/gi,
  textarea: /<\/textarea(?=[ \t\n\r\f/>])/gi,
  title: /<\/title(?=[ \t\n\r\f/>])/gi,
}

/** The content of one raw text element. */
export class RawText {
  readonly #endTag: RegExp
  readonly #isScript: boolean
  readonly #scanner: Scanner | undefined
  #escape: Escape = 'none'
  /** How far the end tag has been looked for, in the whole. */
  #soughtTo = -1
  /** Where the content ends, in the whole. */
  #endAt: number | undefined

  /** @param scanner Absent for content that stays as it is. */
  constructor(name: string, scanner: Scanner | undefined) {
    this.#isScript = name === 'script'
    this.#endTag = endTags[name] ?? scriptTokens
    this.#scanner = scanner
  }

  /** Scans on from `at`; `isClosed` when the end tag has been reached. */
  scan(window: Window, at: number, edits: Edit[]): { next: number; isClosed: boolean } {
    this.#seekEnd(window, at)
    const { text, base, isLast } = window
    const seen = isLast ? window.end : Math.max(at, this.#soughtTo - base)
    const end = this.#endAt === undefined ? seen : this.#endAt - base
    const part = { text, base, from: at, end, isLast: isLast || this.#endAt !== undefined }
    const next = at < end && this.#scanner ? this.#scanner.scan(part, edits) : end
    return { next, isClosed: this.#endAt !== undefined && next >= end }
  }

  #seekEnd({ text, base, end, isLast }: Window, at: number): void {
    if (this.#endAt !== undefined) return
    let from = Math.max(at, this.#soughtTo - base)
    for (;;) {
      this.#endTag.lastIndex = from
      const match = this.#endTag.exec(text)
      if (match === null || match.index + match[0].length >= end) break
      if (this.#isEnd(match[0].toLowerCase())) {
        this.#endAt = base + match.index
        return
      }
      from = match.index + 2
    }
    const seen = isLast ? end : Math.max(from, end - endTagChars)
    this.#soughtTo = base + seen
  }

  /** Follows comments in scripts, which hide an end tag when a script begins in them. */
  #isEnd(token: string): boolean {
    if (!this.#isScript) return true
    if (token === '</script') {
      if (this.#escape !== 'double') return true
      this.#escape = 'single'
    } else if (token === '-->') this.#escape = 'none'
    else if (token === '<!--' && this.#escape === 'none') this.#escape = 'single'
    else if (token === '<script' && this.#escape === 'single') this.#escape = 'double'
    return false
  }
}
