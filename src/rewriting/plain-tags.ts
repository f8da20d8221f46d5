/**
 * Tags that have nothing to say here: most of a page. One pattern runs over them and the text
 * between, so that only the others are read with care.
 *
 * A tag counts as plain only when it is written as nearly all are, with no `<` within. So each `<`
 * that the pattern meets does begin a tag or something else that it stops at, and it never has to
 * know what came before.
 * @module
 */

const space = 32
const colon = 58
const greater = 62
const letterS = 115

/** Elements whose content or order counts, or whose attributes are read together. */
const tellingElements = 'base|head|html|link|math|meta|param|script|style|svg|textarea|title'
const blanks = '[ \\t\\n\\r\\f]'

/** Values without what may begin an authority: two slashes, in whatever spelling. */
const plainSlash = '\\/(?![/\\\\\\t\\n\\r])'
const plainReference = '&(?!#|sol|bsol|tab|newline)'
function restOfValue(quote: string): string {
  const usual = `[^${quote}<\\/\\\\&\\t\\n\\r]*`
  return `${usual}(?:(?:${plainSlash}|${plainReference})${usual})*${quote}`
}
const noScript = '(?![\\0- ]*javascript:)'
const quotedValue = `"${noScript}${restOfValue('"')}|'${noScript}${restOfValue("'")}`
const bareCharacter = '[^ \\t\\n\\r\\f"\'<>/=\\\\&`]'
const bareValue = `(?=${bareCharacter}|\\/)${noScript}${bareCharacter}*(?:${plainSlash}${bareCharacter}*)*`
const attributeName = '(?!integrity|crossorigin|srcdoc)[^ \\t\\n\\r\\f"\'<>/=\\\\&]+'
const attributes = `(?:${blanks}+${attributeName}(?:=(?:${quotedValue}|${bareValue}))?)*`
const elementName = `(?!${tellingElements})[a-z][a-z0-9-]*`
const endTag = '\\/(?!svg|math)[a-z][a-z0-9-]*>'
const close = `${blanks}*\\/?>`

/**
 * The other character of the class makes V8 skip over text sixteen characters at a time, which it
 * does for sets but not for one character: measured three times as fast. It is hardly ever met.
 */
const telling = new RegExp(`[<\\0](?!${endTag}|${elementName}${attributes}${close})`, 'gi')

/** Up to the slashes of an address that stands first in a quoted value, or to the end of the tag. */
const link = `(?:${blanks}+${attributeName}=["'](?:https?:)?\\/\\/(?=[a-z0-9])|${close})`
const firstLink = new RegExp(`<${elementName}${attributes}${link}`, 'iy')
const nextLinks: Readonly<Record<string, RegExp>> = {
  '"': new RegExp(`${restOfValue('"')}${attributes}${link}`, 'iy'),
  "'": new RegExp(`${restOfValue("'")}${attributes}${link}`, 'iy'),
}

/**
 * The next `<` from `at` on that does not begin a plain tag, or `end`. `at` stands in text.
 *
 * Where the text goes on behind `end`, the last tag before it is not taken for plain.
 */
export function passOver(text: string, at: number, end: number): number {
  telling.lastIndex = at
  let place = telling.test(text) ? telling.lastIndex - 1 : end
  while (place < end && text.charCodeAt(place) === 0) {
    telling.lastIndex = place + 1
    place = telling.test(text) ? telling.lastIndex - 1 : end
  }
  if (place < end || end === text.length) return Math.min(place, end)
  return Math.max(at, lastAngle(text, at, end))
}

/** The last `<` of a stretch, or its end. */
function lastAngle(text: string, at: number, end: number): number {
  const place = text.lastIndexOf('<', end - 1)
  return place < at ? end : place
}

/** Where an address stands in a tag. */
export interface Link {
  readonly quote: string
  readonly nameStart: number
  readonly nameEnd: number
  readonly valueStart: number
  /** Behind the slashes. */
  readonly hostStart: number
}

/**
 * The first address in the tag at `at`, or the next one behind another, when all before it is plain.
 *
 * @returns A number when there is none: the index behind the tag, or -1 if it is not so written.
 */
export function linkAfter(text: string, at: number, last?: Link): Link | number {
  const pattern = (last && nextLinks[last.quote]) ?? firstLink
  pattern.lastIndex = last?.hostStart ?? at
  if (!pattern.test(text)) return -1
  const hostStart = pattern.lastIndex
  if (text.charCodeAt(hostStart - 1) === greater) return hostStart
  const valueStart = hostStart - charsOfStart(text, hostStart)
  const nameEnd = valueStart - '="'.length
  let nameStart = nameEnd
  while (text.charCodeAt(nameStart - 1) > space) nameStart -= 1
  return { quote: text[valueStart - 1] ?? '', nameStart, nameEnd, valueStart, hostStart }
}

/** Length of the slashes and the scheme before them, if any. */
function charsOfStart(text: string, hostStart: number): number {
  if (text.charCodeAt(hostStart - 3) !== colon) return '//'.length
  const isSecure = (text.charCodeAt(hostStart - 4) | 0x20) === letterS
  return isSecure ? 'https://'.length : 'http://'.length
}
