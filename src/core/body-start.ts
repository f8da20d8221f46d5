/**
 * The beginning of a request's body, as much as a stage is ready to hold.
 * @module
 */
import type { IncomingMessage } from 'node:http'

/** What was read, and whether it is all of it. */
export interface BodyStart {
  readonly chunks: Buffer[]
  readonly isWhole: boolean
}

/**
 * Reads until the end or until the bound is passed. The request stays open, as the answer goes out on
 * the same connection; it rejects with the system's error when the browser breaks the request off.
 */
export async function readBodyStart(
  request: IncomingMessage,
  bytesMost: number,
): Promise<BodyStart> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of bodyChunks(request)) {
    chunks.push(chunk)
    size += chunk.length
    if (size > bytesMost) return { chunks, isWhole: false }
  }
  return { chunks, isWhole: true }
}

/** The chunks of a body; the request stays open when reading stops. */
export function bodyChunks(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false })
}
