/**
 * Fonts for nobody: the question to the publisher says nothing of a reader, and of the answer only
 * what is a font by its own bytes comes back. Whoever forges the headers of such a request gets
 * fonts and nothing else.
 *
 * Source: WOFF 2.0 section 4.1, WOFF 1.0 section 3, OpenType 1.9 "Table directory" and "Font
 * collections", Apple's TrueType manual "The font directory".
 * @module
 */
import { Readable } from 'node:stream'

import type { GatewayContext, HeaderLines, UpstreamAnswer } from '../core/context.ts'
import { startOf } from './body-start.ts'

/** All but WOFF's end in the high byte of a count or version: no text has a zero there. */
const signatures = ['wOF2', 'wOFF', 'OTTO\0', 'true\0', 'ttcf\0', '\0\x01\0\0'].map((text) =>
  Buffer.from(text, 'latin1'),
)
const signatureBytes = 5

const unasked = new Set(['accept-encoding', 'authorization', 'cookie', 'if-range', 'range'])

/** What a browser needs of a font's answer; nothing that leads elsewhere or tells of a session. */
const answeredName =
  /^(?:access-control-allow-origin|age|cache-control|content-(?:length|type)|cross-origin-resource-policy|date|etag|expires|last-modified|timing-allow-origin|vary|x-content-type-options)$/

/** The lines to ask by: nobody's, for the whole font, uncoded so that its first bytes can be seen. */
export function linesForFont(lines: HeaderLines): HeaderLines {
  const kept = lines.filter(([name]) => !unasked.has(name.toLowerCase()))
  return [...kept, ['Accept-Encoding', 'identity']]
}

/**
 * The answer if it is a font, or says that there is none or no newer one. Otherwise undefined: the
 * request is refused in `state.decision`, and the publisher's body let go.
 */
export async function fontAnswer(
  context: GatewayContext,
  { status, headers, body }: UpstreamAnswer,
): Promise<UpstreamAnswer | undefined> {
  const kept = headers.filter(([name]) => answeredName.test(name.toLowerCase()))
  if (status === 304) return { status, headers: kept, body }
  if (status === 404) {
    body.destroy()
    const bodiless = kept.filter(([name]) => !/^content-/i.test(name))
    return { status, headers: bodiless, body: Readable.from([]) }
  }
  const font = status === 200 ? await fontOf(body) : undefined
  if (font !== undefined) return { status, headers: kept, body: font }
  body.destroy()
  context.state.decision = {
    isAllowed: false,
    reason: 'not_signed_in',
    trace: [{ criterion: 'session', outcome: 'refused', detail: 'no session and no font' }],
    facts: {},
  }
  return undefined
}

/** The same bytes, or undefined when they do not begin as a font's. */
async function fontOf(received: Readable): Promise<Readable | undefined> {
  const { start, body } = await startOf(received, ({ length }) => length >= signatureBytes)
  const isFont =
    start.length >= signatureBytes &&
    signatures.some((signature) => start.subarray(0, signature.length).equals(signature))
  return isFont ? body : undefined
}
