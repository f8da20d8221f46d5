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
  const kept = lines.filter(([name]) => {
    const lower = name.toLowerCase()
    // Names that begin with a colon are HTTP/2's own.
    return !hopNames.has(lower) && !ownNames.has(lower) && !lower.startsWith(':')
  })
  return ['Host', authority, ...kept.flat()]
}

/**
 * Lines of an answer from undici's raw pairs, without those of the connection and those that its
 * Connection header names.
 */
export function responseLines(raw: readonly (Buffer | string)[]): HeaderLines {
  const lines: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) lines.push([text(raw[at]), text(raw[at + 1])])
  const named = new Set(
    lines
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) =>
        value
          .toLowerCase()
          .split(',')
          .map((token) => token.trim()),
      ),
  )
  // Naming a header that the gateway relies on must not make it vanish.
  for (const name of ['set-cookie', 'content-length', 'content-type', 'content-encoding']) {
    named.delete(name)
  }
  return lines.filter(([name]) => {
    const lower = name.toLowerCase()
    return !hopNames.has(lower) && !named.has(lower)
  })
}

/** The value of the first line of that name. */
export function lineValue(lines: HeaderLines, name: string): string | undefined {
  return lines.find(([found]) => found.toLowerCase() === name)?.[1]
}

function text(part: Buffer | string | undefined): string {
  // Header bytes above 127 are opaque (RFC 9110 section 5.5); latin1 keeps each.
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '')
}
