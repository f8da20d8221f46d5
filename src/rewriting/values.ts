/**
 * Attribute values that are more than one URL: lists, image candidates, refresh instructions.
 * @module
 */
import { urlEdits, type AddressMapper } from './address.ts'
import { placeEdits } from './escapes.ts'
import type { Edit } from './scanner.ts'

const words = /[^ \t\n\r\f]+/g
const listed = /[^ \t\n\r\f,]+/g
const animated = /[^ \t\n\r\f;]+/g
/** HTML Standard, 4.2.5.3: `5`, `5; url=…`, `5, '…`. */
const refresh =
  /^[ \t\n\r\f]*[\d.]*[ \t\n\r\f]*[;, \t\n\r\f][ \t\n\r\f]*(?:url[ \t\n\r\f]*=[ \t\n\r\f]*)?(["']?)/i

/** URLs between blanks, as in `ping`; between blanks or commas, as in `archive`; or semicolons. */
export function urlListEdits(
  value: string,
  mapper: AddressMapper,
  separator: 'blank' | 'comma' | 'semicolon',
): Edit[] {
  const pattern = { blank: words, comma: listed, semicolon: animated }[separator]
  pattern.lastIndex = 0
  return [...value.matchAll(pattern)].flatMap(({ 0: url, index }) =>
    placeEdits(urlEdits(url, mapper), { text: url }, index),
  )
}

/** Image candidates (HTML Standard, 4.8.4.2.3): URLs may hold commas, descriptors parentheses. */
export function srcsetEdits(value: string, mapper: AddressMapper): Edit[] {
  const edits: Edit[] = []
  const start = /[^ \t\n\r\f,]/g
  let at = 0
  for (;;) {
    start.lastIndex = at
    const urlAt = start.exec(value)?.index
    if (urlAt === undefined) return edits
    words.lastIndex = urlAt
    const word = words.exec(value)?.[0] ?? ''
    const url = word.replace(/,+$/, '')
    edits.push(...placeEdits(urlEdits(url, mapper), { text: url }, urlAt))
    at = urlAt + word.length
    if (url.length === word.length) at = descriptorsEnd(value, at)
  }
}

function descriptorsEnd(value: string, from: number): number {
  let depth = 0
  for (let at = from; at < value.length; at += 1) {
    const character = value[at]
    if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    else if (character === ',' && depth <= 0) return at + 1
  }
  return value.length
}

/** The address in a refresh instruction, from a meta element or a Refresh header. */
export function refreshEdits(value: string, mapper: AddressMapper): Edit[] {
  const head = refresh.exec(value)
  if (head === null) return []
  const from = head[0].length
  const quote = head[1]
  const quoteAt = quote ? value.indexOf(quote, from) : -1
  const url = value.slice(from, quoteAt === -1 ? undefined : quoteAt)
  return placeEdits(urlEdits(url, mapper), { text: url }, from)
}
