/**
 * Bodies that may have come whole before anybody reads them, as short ones do: head and body arrive
 * in one piece. Who wants all of it anyway need not wait for a stream's events.
 * @module
 */
import { Readable } from 'node:stream'

/** A body that knows whether all of it is there. */
export abstract class ReadyBody extends Readable {
  /** All bytes, if they have come and nobody has read of them; then nothing is left to read. */
  abstract takeWhole(): Buffer | undefined
}

/** All bytes of a body if they are there already. */
export function takeWhole(body: Readable): Buffer | undefined {
  return body instanceof ReadyBody ? body.takeWhole() : undefined
}
