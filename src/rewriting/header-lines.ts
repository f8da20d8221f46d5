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
    const name = rawHeaders[index] ?? ''
    const line: [string, string] = [name, rawHeaders[index + 1] ?? '']
    if (name.startsWith(':')) continue
    const isCookie = isNamed(name, 'cookie')
    if (isCookie && cookies !== undefined) cookies[1] += `; ${line[1]}`
    else lines.push(line)
    if (isCookie) cookies ??= line
  }
  return lines
}

/** The first value of a header, for those that come once; names are given in lower case. */
export function headerOf(lines: HeaderLines, name: string): string | undefined {
  for (const line of lines) if (isNamed(line[0], name)) return line[1]
  return undefined
}

/** All values of a header, in order. */
export function headersOf(lines: HeaderLines, name: string): string[] {
  const values: string[] = []
  for (const line of lines) if (isNamed(line[0], name)) values.push(line[1])
  return values
}

const noNames: ReadonlySet<string> = new Set()

/** The names, in lower case, that `Connection` declares to end at this hop (RFC 9110 7.6.1). */
export function nominatedNames(lines: HeaderLines): ReadonlySet<string> {
  const values = headersOf(lines, 'connection')
  if (values.length === 0) return noNames
  const names = values.flatMap((value) => value.split(','))
  return new Set(names.map((name) => name.trim().toLowerCase()))
}

/** Whether a name is one in lower case. The length tells most apart, without another text. */
export function isNamed(found: string, name: string): boolean {
  return found.length === name.length && (found === name || found.toLowerCase() === name)
}

/** Whether a line can be sent without becoming two. */
export function isSafeLine([name, value]: readonly [string, string]): boolean {
  return isSafeName(name) && isSafeValue(value)
}

/** Whether it is a header's name. */
export function isSafeName(name: string): boolean {
  return token.test(name)
}

/** Whether it ends no line. */
export function isSafeValue(value: string): boolean {
  return safeValue.test(value)
}
