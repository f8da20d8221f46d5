/**
 * Answers with several ranges: their label says nothing of what the parts are, so the first part is
 * asked. Parts of a body that is rewritten must not go out as the publisher has them.
 *
 * Source: RFC 9110 section 14.6.
 * @module
 */
import type { UpstreamAnswer } from '../core/context.ts'
import { limits } from '../core/limits.ts'
import { startOf } from './body-start.ts'
import { headerOf } from './header-lines.ts'

const name = 'content-type'
const label = /^\s*multipart\/byteranges\s*(?:;|$)/i

/** An answer to go on with, and one that has the label of what is in it, to be judged by. */
export interface ReadAnswer {
  readonly answer: UpstreamAnswer
  readonly judged: UpstreamAnswer
}

/** Looks into an answer with several ranges; a first part without a label has an empty one. */
export async function readRanges(answer: UpstreamAnswer): Promise<ReadAnswer> {
  const isPlain = answer.status !== 206 || !label.test(headerOf(answer.headers, name) ?? '')
  if (isPlain) return { answer, judged: answer }
  const { start, body } = await startOf(answer.body, isHeadWhole)
  const [, type = ''] = /\r?\ncontent-type:([^\r\n]*)/i.exec(partHead(start) ?? '') ?? []
  const others = answer.headers.filter((line) => line[0].toLowerCase() !== name)
  const judged = { ...answer, headers: [...others, [name, type.trim()] as const] }
  return { answer: { ...answer, body }, judged }
}

function isHeadWhole(start: Buffer): boolean {
  return start.length >= limits.rewriting.partHeadBytes || partHead(start) !== undefined
}

/** From the first delimiter to the empty line after the header fields of its part, if it is there. */
function partHead(start: Buffer): string | undefined {
  const text = start.toString('latin1', 0, limits.rewriting.partHeadBytes)
  const from = text.startsWith('--') ? 0 : text.indexOf('\n--')
  const head = text.slice(from)
  const end = from === -1 ? -1 : head.search(/\n\r?\n/)
  return end === -1 ? undefined : head.slice(0, end)
}
