/**
 * The first bytes of a body, looked at before anything is decided, and the body that has them still.
 * @module
 */
import { Readable } from 'node:stream'

/** What was looked at, and the same body from its beginning, to be read instead of the one given. */
export interface BodyStart {
  readonly start: Buffer
  readonly body: Readable
}

/** Reads until it is enough, or the body ends; the caller's test bounds what is held. */
export async function startOf(
  body: Readable,
  isEnough: (start: Buffer) => boolean,
): Promise<BodyStart> {
  const rest: AsyncIterator<Buffer> = body.iterator()
  let start = Buffer.alloc(0)
  while (!isEnough(start)) {
    const { done, value } = await rest.next()
    if (done === true) break
    start = Buffer.concat([start, value])
  }
  const whole = Readable.from(joined(start, rest), { objectMode: false })
  // What has not begun to read does not let go of what it reads by itself.
  whole.once('close', () => body.destroy())
  return { start, body: whole }
}

async function* joined(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start
  yield* { [Symbol.asyncIterator]: () => rest }
}
