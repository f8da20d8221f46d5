/**
 * Formats of lines: server-sent events, HLS playlists, lists of URLs and the rows of React server
 * components. A URL counts at the start of a line's value or after a quote, as in strings.
 *
 * Source: HTML Standard 9.2 (event streams), RFC 8216 (HLS); the row format is React's
 * `ReactFlightClient`: `id:` and JSON, or `id:`, the letter of a text (`T`) or of binary data, a length
 * in bytes, a comma and so many bytes.
 * @module
 */
import type { AddressMapper } from './address.ts'
import { sizedRow } from './flight.ts'
import { createJsonScanner } from './json.ts'
import { endOfSlashes, scanLiteralUrl, slashPair } from './literals.ts'
import type { Edit, Scanner, Window } from './scanner.ts'

/** Which lines have values, and where these begin. */
export type LineFormat = 'event-stream' | 'flight' | 'lines'

/** Longest beginning of a line that says what the line is. */
const headChars = 32

const heads: Readonly<Record<LineFormat, RegExp>> = {
  'event-stream': /data: ?/y,
  flight: new RegExp(`[\\da-f]*:(?:[${sizedRow}]([\\da-f]{1,8}),)?`, 'y'),
  lines: /(?:)/y,
}
const slashes = /\\|\/\//g

/** A scanner of lines. */
export function createLineScanner(mapper: AddressMapper, format: LineFormat): Scanner {
  return new LineScanner(mapper, format)
}

class LineScanner implements Scanner {
  readonly #mapper: AddressMapper
  readonly #format: LineFormat
  /** What reads the rest of the line; undefined at its beginning. */
  #value: Scanner | undefined
  /** Bytes of a row with a length that are still to come. */
  #textChars = 0

  constructor(mapper: AddressMapper, format: LineFormat) {
    this.#mapper = mapper
    this.#format = format
  }

  scan(window: Window, edits: Edit[]): number {
    let at = window.from
    while (at < window.end) {
      const next = this.#step(window, at, edits)
      if (next === undefined || next === at) return at
      at = next
    }
    return at
  }

  #step(window: Window, at: number, edits: Edit[]): number | undefined {
    const { text, end, isLast } = window
    if (this.#textChars > 0) {
      const chars = Math.min(this.#textChars, end - at)
      this.#textChars -= chars
      return at + chars
    }
    const lineEnd = lineEndAfter(text, at, end)
    if (this.#value === undefined && lineEnd === undefined && !isLast && at + headChars > end) {
      return undefined
    }
    const from = this.#value === undefined ? this.#openLine(window, at) : at
    if (this.#value === undefined) return from
    const part = { ...window, from, end: lineEnd ?? end, isLast: isLast || lineEnd !== undefined }
    const next = this.#value.scan(part, edits)
    if (lineEnd === undefined || next < lineEnd) return next
    this.#value = undefined
    return lineEnd + 1
  }

  #openLine(window: Window, at: number): number {
    const head = heads[this.#format]
    head.lastIndex = at
    const match = head.exec(window.text)
    const start = match === null ? at : Math.min(at + match[0].length, window.end)
    if (match?.[1] !== undefined) {
      this.#textChars = Number.parseInt(match[1], 16)
      return start
    }
    this.#value = this.#readerOf(window.text[start], match !== null, window.base + start)
    return start
  }

  #readerOf(first: string | undefined, hasValue: boolean, startAt: number): Scanner {
    if (!hasValue) return untouched
    if (/["[{]/.test(first ?? '')) return createJsonScanner(this.#mapper)
    return createValueScanner(this.#mapper, startAt)
  }
}

/** A line that stays as it is. */
const untouched: Scanner = { scan: ({ end }) => end }

function lineEndAfter(text: string, at: number, end: number): number | undefined {
  const lineEnd = text.indexOf('\n', at)
  return lineEnd === -1 || lineEnd >= end ? undefined : lineEnd
}

/** A value that is not quoted: a URL at its start, or in quotes within it. */
function createValueScanner(mapper: AddressMapper, startAt: number): Scanner {
  return {
    scan(window, edits) {
      const { text, end, isLast, base } = window
      let at = window.from
      while (at < end) {
        slashes.lastIndex = at
        const stop = slashes.exec(text)?.index ?? end
        if (stop >= end) return endOfSlashes(window)
        if (!isLast && stop + headChars > end) return at
        slashPair.lastIndex = stop
        const pair = slashPair.exec(text)?.[0]
        const literal = { start: startAt - base, pairAt: stop, pairEnd: stop + (pair?.length ?? 1) }
        const next = pair === undefined ? stop + 1 : scanLiteralUrl(literal, window, mapper, edits)
        if (next === undefined) return at
        at = next
      }
      return at
    },
  }
}
