/**
 * Tags: where one ends, and which attributes it has (HTML Standard, 13.2.5.8 to 13.2.5.40).
 * @module
 */

/** An attribute, by its places in the text. */
export interface Attribute {
  /** In lower case. */
  readonly name: string
  /** Begins with the blanks before the name, so that an attribute can be taken out whole. */
  readonly start: number
  /** The value between its quotes; empty for an attribute without one. */
  readonly valueStart: number
  readonly valueEnd: number
  /** Behind the closing quote. */
  readonly end: number
  readonly quote: '"' | "'" | ''
}

type Place = 'after-name' | 'attribute' | 'between' | 'name' | 'value' | 'value-start' | Quote
type Quote = '"' | "'"

const tab = 9
const space = 32
const equals = 61
const slash = 47
const greater = 62

function isBlank(code: number): boolean {
  return code === space || (code >= tab && code <= 13 && code !== 11)
}

/** A tag as nearly all are written: blanks between attributes, quotes right behind `=`. */
const usualTag =
  /<\/?[a-z][^ \t\n\r\f"'>/=]*(?:[ \t\n\r\f]+[^ \t\n\r\f"'>/=]+(?:=(?:"[^"]*"|'[^']*'|[^ \t\n\r\f"'>=]+))?)*[ \t\n\r\f]*\/?>/iy

/**
 * Index behind the tag that begins at `at`, or -1 when it is not written as most are or goes on
 * behind `end`: then `TagEnd` tells, which finds the same end in ten times the time.
 */
export function usualTagEnd(text: string, at: number, end: number): number {
  const bareEnd = nameEnd(text, at + 2, end)
  if (bareEnd < end && text.charCodeAt(bareEnd) === greater) return bareEnd + 1
  usualTag.lastIndex = at
  return usualTag.test(text) && usualTag.lastIndex <= end ? usualTag.lastIndex : -1
}

/** Finds the end of one tag in a text that arrives in pieces; goes on where it stopped. */
export class TagEnd {
  #place: Place = 'name'

  /** Index behind the tag's `>`, or -1 when it is not within `[from, end)`. */
  find(text: string, from: number, end: number): number {
    let at = from
    while (at < end) {
      if (this.#place === '"' || this.#place === "'") {
        const quoteAt = text.indexOf(this.#place, at)
        if (quoteAt === -1 || quoteAt >= end) return -1
        this.#place = 'between'
        at = quoteAt + 1
        continue
      }
      const code = text.charCodeAt(at)
      if (code === greater) return at + 1
      this.#place = placeAfter(this.#place, code)
      at += 1
    }
    return -1
  }
}

function placeAfter(place: Place, code: number): Place {
  if (place === 'value-start') {
    if (code === 34) return '"'
    if (code === 39) return "'"
    return isBlank(code) ? place : 'value'
  }
  if (isBlank(code))
    return place === 'attribute' || place === 'after-name' ? 'after-name' : 'between'
  if (place === 'value') return place
  if (code === slash) return 'between'
  if (code === equals && (place === 'attribute' || place === 'after-name')) return 'value-start'
  return place === 'name' ? place : 'attribute'
}

/** Index behind the name that begins at `from`. */
export function nameEnd(text: string, from: number, end: number): number {
  let at = from
  for (; at < end; at += 1) {
    const code = text.charCodeAt(at)
    if (isBlank(code) || code === slash || code === greater) break
  }
  return at
}

/** The attributes between a tag's name and its `>`, which stands before `end`. */
export function parseAttributes(text: string, from: number, end: number): Attribute[] {
  const attributes: Attribute[] = []
  const last = end - 1
  let at = from
  for (;;) {
    const start = at
    while (at < last && (isBlank(text.charCodeAt(at)) || text.charCodeAt(at) === slash)) at += 1
    if (at >= last) return attributes
    const nameAt = at
    at += 1
    while (at < last && !endsName(text.charCodeAt(at))) at += 1
    const name = text.slice(nameAt, at).toLowerCase()
    const equalsAt = skipBlanks(text, at, last)
    const attribute =
      text.charCodeAt(equalsAt) === equals && equalsAt < last
        ? { name, start, ...parseValue(text, skipBlanks(text, equalsAt + 1, last), last) }
        : { name, start, valueStart: at, valueEnd: at, end: at, quote: '' as const }
    attributes.push(attribute)
    at = attribute.end
  }
}

function parseValue(
  text: string,
  at: number,
  last: number,
): Pick<Attribute, 'end' | 'quote' | 'valueEnd' | 'valueStart'> {
  const quote = text[at]
  if (at < last && (quote === '"' || quote === "'")) {
    const closeAt = text.indexOf(quote, at + 1)
    const valueEnd = closeAt === -1 || closeAt > last ? last : closeAt
    return { quote, valueStart: at + 1, valueEnd, end: Math.min(valueEnd + 1, last) }
  }
  let end = at
  while (end < last && !isBlank(text.charCodeAt(end))) end += 1
  return { quote: '', valueStart: at, valueEnd: end, end }
}

function endsName(code: number): boolean {
  return isBlank(code) || code === slash || code === equals
}

function skipBlanks(text: string, from: number, end: number): number {
  let at = from
  while (at < end && isBlank(text.charCodeAt(at))) at += 1
  return at
}
