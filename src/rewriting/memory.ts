/**
 * Long buffers, given back as soon as they are done with.
 * @module
 */

/**
 * Gives the memory of a long buffer back at once, which must not be read any more: the garbage
 * collector sees some bytes of it only, and would let a rush of pages pile up.
 */
export function giveBack({ buffer }: Buffer): void {
  // Short ones stand in a room that they share with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0)
}
