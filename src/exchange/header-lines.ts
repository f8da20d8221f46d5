/**
 * Header lines on their way through: those that belong to one connection stay with it.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'

/** RFC 9110 section 7.6.1, with what older software says in the same sense. */
const hopNames: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Node has answered `100-continue` already; the host is the gateway's to say. */
const ownNames: ReadonlySet<string> = new Set(['expect', 'host'])

/** Names and values in turn, to send to a publisher, under the one Host that is right. */
export function requestLines(lines: HeaderLines, authority: string): string[] {
  const sent = ['Host', authority]
  for (const [name, value] of lines) {
    const lower = name.toLowerCase()
    // Names that begin with a colon are HTTP/2's own.
    if (hopNames.has(lower) || ownNames.has(lower) || lower.startsWith(':')) continue
    sent.push(name, value)
  }
  return sent
}

/** Naming a header that the gateway relies on must not make it vanish. */
const keptNames: ReadonlySet<string> = new Set([
  'set-cookie',
  'content-length',
  'content-type',
  'content-encoding',
])

/**
 * Lines of an answer from undici's raw pairs, without those of the connection and those that its
 * Connection header names.
 *
 * @param read Values that undici has made texts of, by names in lower case; lists are not looked at.
 */
export function responseLines(
  raw: readonly (Buffer | string)[],
  read: Readonly<Record<string, unknown>> = {},
): HeaderLines {
  const lines: [string, string][] = []
  const named = new Set<string>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = text(raw[at])
    const lower = name.toLowerCase()
    const known = read[lower]
    const value = typeof known === 'string' ? known : text(raw[at + 1])
    if (!hopNames.has(lower)) lines.push([name, value])
    else if (lower === 'connection') {
      for (const token of value.toLowerCase().split(',')) named.add(token.trim())
    }
  }
  for (const name of keptNames) named.delete(name)
  // Most answers name nothing but `keep-alive`, which has gone already.
  if (named.size === 0 || (named.size === 1 && named.has('keep-alive'))) return lines
  return lines.filter(([name]) => !named.has(name.toLowerCase()))
}

/** The value of the first line of that name. */
export function lineValue(lines: HeaderLines, name: string): string | undefined {
  return lines.find(([found]) => found.toLowerCase() === name)?.[1]
}

function text(part: Buffer | string | undefined): string {
  // Header bytes above 127 are opaque (RFC 9110 section 5.5); latin1 keeps each.
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '')
}
