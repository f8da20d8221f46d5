/**
 * JSON and its kin: values that are URLs of known hosts, byte for byte otherwise.
 *
 * Only strings are looked for, so that prefixes against script inclusion, one document a line
 * (NDJSON), numbers of any size and text that is no JSON at all go through as they are. Keys stay,
 * and so do values that two parties compare literally.
 * @module
 */
import { isProxiedTarget, type AddressMapper } from './address.ts'
import { endOfSlashes, scanLiteralUrl, slashPair } from './literals.ts'
import { NextPlace } from './next-place.ts'
import type { Edit, Scanner, Window } from './scanner.ts'

/** A string that goes on for longer is a value, whatever may follow it or stand before it. */
const keyChars = 512
/** A list of identifiers is followed back so far. */
const listChars = 400
/** Blanks that may stand between a key and its colon. */
const blankChars = 64
/** Longest escape before which the window may have been cut. */
const escapeChars = 24
/** A digest in its longest form, several of them. */
const integrityChars = 1024

const plainString = /"((?:[^"\\]|\\[^])*)"/y
/**
 * Keys of identifiers: OpenID Connect compares `issuer` with `iss`, a provider knows its clients'
 * return addresses and audiences by their letters, SAML its entities, JSON Schema itself.
 */
const identityName =
  String.raw`(?:iss(?:uer)?|aud(?:ience)?|(?:post_logout_)?redirect_uris?|` +
  String.raw`(?:postLogoutR|r)edirectUr[iI]|entityI[dD]|entity_id|@context|\$schema|\$id)`
const blank = String.raw`[ \t\n\r]*`
/** One stands before the string, which is its value or an entry of the list that is. */
const identityKey = new RegExp(
  String.raw`"${identityName}"${blank}:${blank}(?:\[(?:[^\]"]|"(?:[^"\\]|\\[^])*")*)?$`,
)
const keyBehind = /"((?:[^"\\]|\\[^])*)"[ \t\n\r]*:[ \t\n\r]*$/
const digest = /^"sha(?:256|384|512)-/

/** What stands in the keys of a document. */
export type KeyMeaning =
  | 'names' // they stay
  | 'addresses' // import maps: they move too, and digests of scripts that change are blanked

/** A scanner of JSON. */
export function createJsonScanner(mapper: AddressMapper, keys: KeyMeaning = 'names'): Scanner {
  return new JsonScanner(mapper, keys)
}

class JsonScanner implements Scanner {
  readonly #mapper: AddressMapper
  readonly #keys: KeyMeaning
  /** Where the open string's first character stands in the whole; undefined between strings. */
  #stringAt: number | undefined
  readonly #quote = new NextPlace('"')
  readonly #backslash = new NextPlace('\\')
  readonly #pair = new NextPlace('//')

  constructor(mapper: AddressMapper, keys: KeyMeaning) {
    this.#mapper = mapper
    this.#keys = keys
  }

  scan(window: Window, edits: Edit[]): number {
    let at = window.from
    while (at < window.end) {
      const stringAt = this.#stringAt
      const next =
        stringAt === undefined
          ? this.#outside(window, at, edits)
          : this.#inside(window, at, stringAt - window.base, edits)
      if (next === undefined || next === at) return at
      at = next
    }
    return at
  }

  #outside(window: Window, at: number, edits: Edit[]): number | undefined {
    const quoteAt = this.#quote.after(window, at)
    if (quoteAt >= window.end) return window.end
    if (this.#keys === 'addresses') {
      const { end, isLast } = window
      if (!isLast && quoteAt + integrityChars > end) return undefined
      edits.push(...digestEdits(window, quoteAt, this.#mapper))
    }
    this.#stringAt = window.base + quoteAt + 1
    return quoteAt + 1
  }

  #inside(window: Window, at: number, start: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    const close = this.#quote.after(window, at)
    const stop = Math.min(close, this.#backslash.after(window, at), this.#pair.after(window, at))
    if (stop >= end) return endOfSlashes(window)
    if (text[stop] === '"') {
      this.#stringAt = undefined
      return stop + 1
    }
    if (!isLast && stop + escapeChars > end) return undefined
    slashPair.lastIndex = stop
    const pair = slashPair.exec(text)?.[0]
    if (pair === undefined) return Math.min(stop + 2, end)
    return this.#atSlashes(window, { start, pairAt: stop, pairEnd: stop + pair.length }, edits)
  }

  #atSlashes(
    window: Window,
    literal: { start: number; pairAt: number; pairEnd: number },
    edits: Edit[],
  ): number | undefined {
    const found: Edit[] = []
    const next = scanLiteralUrl(literal, window, this.#mapper, found)
    if (found.length === 0 || next === undefined) return next
    const stays = this.#keys === 'names' ? isKeyOrIdentity(window, literal) : false
    if (stays === undefined) return undefined
    if (!stays) edits.push(...found)
    return next
  }
}

/** Whether the open string is a key or a literal identifier; undefined: see more. */
function isKeyOrIdentity(
  { text, end, isLast }: Window,
  { start, pairAt }: { start: number; pairAt: number },
): boolean | undefined {
  // What stands further behind may be out of sight, by how the text was cut.
  if (pairAt - start > keyChars || start < 1) return false
  if (identityKey.test(text.slice(Math.max(0, start - 1 - listChars), start - 1))) return true
  const until = start + keyChars
  if (!isLast && until + blankChars > end) {
    const isClosed = /^"[ \t\n\r]*[^ \t\n\r]/.test(text.slice(closingQuote(text, start, end), end))
    if (!isClosed) return undefined
  }
  const quoteAt = closingQuote(text, start, Math.min(until, end))
  return /^"[ \t\n\r]*:/.test(text.slice(quoteAt, Math.min(quoteAt + blankChars, end)))
}

/** Index of the quote that closes the string; `end` when there is none before it. */
function closingQuote(text: string, start: number, end: number): number {
  let at = start
  for (;;) {
    const quoteAt = text.indexOf('"', at)
    if (quoteAt === -1 || quoteAt >= end) return end
    let backslashes = 0
    while (text[quoteAt - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return quoteAt
    at = quoteAt + 1
  }
}

/**
 * Blanks a digest in the `integrity` part of an import map when its module is proxied: its text
 * changes on the way (HTML Standard, 8.1.6.2: an empty string asks for nothing).
 */
function digestEdits(window: Window, quoteAt: number, mapper: AddressMapper): Edit[] {
  const { text, end } = window
  if (!digest.test(text.slice(quoteAt, quoteAt + 8))) return []
  const key = keyBehind.exec(text.slice(Math.max(0, quoteAt - keyChars), quoteAt))?.[1]
  if (key === undefined || !isProxiedTarget(key.replaceAll('\\/', '/'), mapper)) return []
  plainString.lastIndex = quoteAt
  const digests = plainString.exec(text)
  if (digests === null || plainString.lastIndex > end) return []
  return [{ start: quoteAt + 1, end: plainString.lastIndex - 1, text: '' }]
}
