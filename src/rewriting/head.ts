/**
 * Where the gateway's own markup goes: first in the head, before any script of the page, behind
 * byte order mark, doctype and comments, so that the page stays in its mode.
 * @module
 */
import type { Edit } from './scanner.ts'

/** Puts markup into one document, once. */
export class HeadMarkup {
  #markup: string | undefined
  readonly #isHtml: boolean

  /** @param markup Absent for fragments. */
  constructor(markup: string | undefined, dialect: 'html' | 'xhtml' | 'xml') {
    this.#markup = dialect === 'xml' ? undefined : markup
    this.#isHtml = dialect === 'html'
  }

  /** Whether the place has not come yet. */
  get isPending(): boolean {
    return this.#markup !== undefined
  }

  /** At text: anything but blanks opens the body, and the head before it. */
  atText(text: string, start: number, end: number, edits: Edit[]): void {
    if (this.#markup === undefined || !this.#isHtml) return
    const at = text.slice(start, end).search(/[^ \t\n\r\f]/)
    if (at !== -1) this.#put(start + at, edits)
  }

  /** Before a start tag: any but `html` and `head` opens the head if there was none. */
  beforeTag(name: string, at: number, edits: Edit[]): void {
    if (this.#isHtml && name !== 'html' && name !== 'head') this.#put(at, edits)
  }

  /** Behind a start tag: the head is the place. */
  afterTag(name: string, at: number, edits: Edit[]): void {
    if (name === 'head') this.#put(at, edits)
  }

  #put(at: number, edits: Edit[]): void {
    if (this.#markup === undefined) return
    edits.push({ start: at, end: at, text: this.#markup })
    this.#markup = undefined
  }
}
