/**
 * Identifiers of works in one spelling each, so that two spellings are one item. What is none, or has
 * a wrong check digit, is undefined: a number that somebody mistyped must not join two journals.
 *
 * Each is idempotent: what comes out goes in and comes out the same.
 *
 * Sources: DOI Handbook 2.4 (a DOI is the same in upper and lower case); ISO 3297 (ISSN, check digit
 * modulo 11); ISO 2108 (ISBN-10 modulo 11, ISBN-13 modulo 10).
 * @module
 */
import { percentDecoded } from './decoding.ts'
import { limits } from './limits.ts'

const doiPattern = /^10\.\d{4,9}(?:\.\d+)*\/[^\s\p{Cc}]+$/u
const doiUrl = /^https?:\/\/(?:(?:dx|www)\.)?doi\.org\//i

/** A DOI without prefix, in lower case; takes `doi:…`, `https://doi.org/…` and percent signs as well. */
export function doiOf(text: string): string | undefined {
  if (text.length > limits.core.identifierChars) return undefined
  let doi = text.trim()
  // A resolver's address may go on with a query, which is none of the DOI's.
  if (doiUrl.test(doi)) doi = doi.replace(doiUrl, '').replace(/[?#].*$/s, '')
  doi = undoPercent(doi).replace(/^(?:info:doi\/|doi:)\s*/i, '')
  doi = withoutTail(doi).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
  return doiPattern.test(doi) ? doi : undefined
}

/** Until nothing changes: links to links are encoded twice. Each round makes the text shorter. */
function undoPercent(text: string): string {
  let before = text
  for (;;) {
    const after = percentDecoded(before) ?? before
    if (after === before) return after
    before = after
  }
}

const openers: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '>': '<' }

/** Without the marks of a sentence that it ended, or the bracket that it stood in. */
function withoutTail(text: string): string {
  let end = text.length
  while (end > 0) {
    const last = text[end - 1] ?? ''
    const opener = openers[last]
    const isTail =
      opener === undefined
        ? /[\s.,;:'"/]/.test(last)
        : countOf(text, opener, end) < countOf(text, last, end)
    if (!isTail) break
    end -= 1
  }
  return text.slice(0, end)
}

function countOf(text: string, character: string, end: number): number {
  return text.slice(0, end).split(character).length - 1
}

/** An ISSN as `1234-5679`; takes `issn:…` and one without its hyphen as well. */
export function issnOf(text: string): string | undefined {
  const found = /^\s*(?:urn:)?(?:e-?)?(?:issn)?[\s:]*(\d{4})-?(\d{3}[\dx])\s*$/i.exec(bounded(text))
  if (found === null) return undefined
  const [, first = '', second = ''] = found
  const issn = `${first}-${second.toUpperCase()}`
  const sum = weighted(issn.replace('-', ''), (index) => 8 - index)
  return sum % 11 === 0 ? issn : undefined
}

/** An ISBN as its thirteen digits; takes ISBN-10, `isbn:…`, hyphens and blanks as well. */
export function isbnOf(text: string): string | undefined {
  const bare = bounded(text).replace(/^\s*(?:urn:)?(?:isbn)?(?:-1[03])?[\s:]*/i, '')
  const digits = bare.replace(/[\s\u2010-\u2013-]/g, '').toUpperCase()
  if (/^97[89]\d{10}$/.test(digits)) {
    return weighted(digits, (index) => (index % 2 === 0 ? 1 : 3)) % 10 === 0 ? digits : undefined
  }
  if (!/^\d{9}[\dX]$/.test(digits)) return undefined
  if (weighted(digits, (index) => 10 - index) % 11 !== 0) return undefined
  const twelve = `978${digits.slice(0, 9)}`
  const sum = weighted(twelve, (index) => (index % 2 === 0 ? 1 : 3))
  return `${twelve}${(10 - (sum % 10)) % 10}`
}

/** X is ten, at the last place alone. */
function weighted(digits: string, weightOf: (index: number) => number): number {
  return Array.from(digits, (digit, index) => {
    const value = digit === 'X' ? 10 : Number(digit)
    return value * weightOf(index)
  }).reduce((sum, each) => sum + each, 0)
}

/** Longer texts are none of these; the patterns need not look at them. */
function bounded(text: string): string {
  return text.length > limits.core.identifierChars ? '' : text
}
