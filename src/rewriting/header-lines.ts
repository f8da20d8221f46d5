/**
 * Header lines as read from and handed to the network: ordered, names as sent, values as Latin-1.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'

/** A value that no parser takes for more than one line (RFC 9110 section 5.5). */
const safeValue = /^[\t\x20-\x7e\x80-\xff]*$/
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * The lines of a request. HTTP/2's pseudo headers are left out (RFC 9113 section 8.3), and cookie
 * crumbs become the one line that a publisher expects (section 8.2.3).
 */
export function requestLines(rawHeaders: readonly string[]): HeaderLines {
  const lines: [string, string][] = []
  let cookies: [string, string] | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
    if (name.startsWith(':')) continue
    const isCookie = name.toLowerCase() === 'cookie'
    if (isCookie && cookies !== undefined) cookies[1] += `; ${value}`
    else lines.push([name, value])
    if (isCookie) cookies ??= lines.at(-1)
  }
  return lines
}

/** The first value of a header, for those that come once; names are given in lower case. */
export function headerOf(lines: HeaderLines, name: string): string | undefined {
  return lines.find(([found]) => found.toLowerCase() === name)?.[1]
}

/** All values of a header, in order. */
export function headersOf(lines: HeaderLines, name: string): string[] {
  return lines.filter(([found]) => found.toLowerCase() === name).map(([, value]) => value)
}

/** The names, in lower case, that `Connection` declares to end at this hop (RFC 9110 7.6.1). */
export function nominatedNames(lines: HeaderLines): ReadonlySet<string> {
  const names = headersOf(lines, 'connection').flatMap((value) => value.split(','))
  return new Set(names.map((name) => name.trim().toLowerCase()))
}

/** Whether a line can be sent without becoming two. */
export function isSafeLine([name, value]: readonly [string, string]): boolean {
  return token.test(name) && safeValue.test(value)
}
