/**
 * What a reader sees of a page, near enough to look for a sentence: its title and its text without
 * tags, scripts and styles, with references read and blanks made single. Linear in the page's length,
 * whatever it is made of.
 * @module
 */
import { decodeHTML } from 'entities'

import { limits } from '../core/limits.ts'
import { byteOrderMark, charsetOfDocument, charsetOfType } from '../rewriting/charset.ts'

/** The words of a page. */
export interface PageText {
  readonly title: string
  readonly text: string
}

/** Reads the beginning of a body by the charset of its header, or the one that it names itself. */
export function textOfPage(start: Buffer, contentType: string): PageText {
  const html = decoded(start, contentType)
  const title = /<title\b[^>]{0,500}>([^<]{0,500})/i.exec(html.slice(0, limits.links.headChars))
  return { title: read(title?.[1] ?? ''), text: read(shown(html)) }
}

function decoded(start: Buffer, contentType: string): string {
  const label =
    byteOrderMark(start)?.label ??
    charsetOfType(contentType) ??
    charsetOfDocument(start.toString('latin1', 0, 1024))
  return new TextDecoder(label).decode(start)
}

function read(text: string): string {
  return decodeHTML(text).replace(/\s+/g, ' ').trim()
}

/** Elements whose content is not shown. */
const hidden = /(?:script|style|template|noscript)(?=[\s/>])/iy

function shown(html: string): string {
  const pieces: string[] = []
  let length = 0
  let at = 0
  while (at < html.length && length < limits.links.textChars) {
    const open = html.indexOf('<', at)
    const end = open < 0 ? html.length : open
    pieces.push(html.slice(at, end))
    length += end - at + 1
    if (open < 0) break
    const next = behindTag(html, open)
    // Words of two elements are two words; a lone sign is text.
    pieces.push(next === open + 1 ? '<' : ' ')
    at = next
  }
  return pieces.join('').slice(0, limits.links.textChars)
}

/** Where it goes on behind a tag and what it hides; right behind the sign when it opens none. */
function behindTag(html: string, open: number): number {
  if (html.startsWith('<!--', open)) return behind(html, '-->', open + 4)
  if (!/[a-z/!?]/i.test(html.charAt(open + 1))) return open + 1
  hidden.lastIndex = open + 1
  const name = hidden.exec(html)?.[0]
  if (name === undefined) return behind(html, '>', open)
  const closing = new RegExp(`</${name}`, 'gi')
  closing.lastIndex = open
  const close = closing.exec(html)
  return close === null ? html.length : behind(html, '>', close.index)
}

function behind(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from)
  return found < 0 ? html.length : found + mark.length
}
