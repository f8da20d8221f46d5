/**
 * EZproxy's LogFormat: the fields that the access log can have, and how a format is read.
 *
 * Source: OCLC, EZproxy help, "LogFormat"; ezPAARSE documentation, "Log formats", for what a reader of
 * such logs takes.
 * @module
 */

/** Each directive that is understood, with what the log writes for it. */
export const logFields = {
  '%h': 'the network of the address',
  '%l': 'a hyphen, as always',
  '%u': 'the pseudonym of the reader',
  '%t': 'when the answer was over',
  '%r': 'method, address and protocol',
  '%m': 'the method',
  '%U': 'the address at the publisher',
  '%v': 'the host of the publisher',
  '%s': 'the status',
  '%b': 'body bytes as sent',
  '%{ezproxy-session}i': 'the pseudonym of the session',
  '%{ezproxy-groups}i': 'the categories of the reader, joined by plus signs',
  '%{user-agent}i': 'the browser',
  '%%': 'a percent sign',
} as const

/** A directive of the closed list. */
export type LogField = keyof typeof logFields

/** A piece of a format. */
export type LogPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: LogField }

/** What an import from EZproxy usually brings, and ezPAARSE reads. */
export const usualLogFormat =
  '%h %{ezproxy-session}i %u %t "%r" %s %b "%{user-agent}i" "%{ezproxy-groups}i"'

/** A directive: a percent sign, perhaps a status list, perhaps a name, and a letter. */
const directive = /%(?:!?[\d,]+)?[<>]?(?:\{[^}]*\})?.?/gs

/** The pieces of a format, and the directives in it that are not understood. */
export function readLogFormat(format: string): {
  readonly pieces: readonly LogPiece[]
  readonly unknown: readonly string[]
} {
  const pieces: LogPiece[] = []
  const unknown: string[] = []
  let end = 0
  for (const { 0: found, index } of format.matchAll(directive)) {
    if (index > end) pieces.push({ kind: 'text', text: format.slice(end, index) })
    end = index + found.length
    // Names of header fields are the same in any case.
    const field = found.toLowerCase().startsWith('%{') ? found.toLowerCase() : found
    if (isField(field)) pieces.push({ kind: 'field', field })
    else unknown.push(found)
  }
  if (end < format.length) pieces.push({ kind: 'text', text: format.slice(end) })
  return { pieces, unknown }
}

function isField(text: string): text is LogField {
  return Object.hasOwn(logFields, text)
}
