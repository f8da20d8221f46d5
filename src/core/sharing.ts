/**
 * Sharing of work: whoever asks for what somebody else is waiting for already waits with them.
 * @module
 */

/** Does the work of a key, unless that is under way: then it gives what comes of that. */
export type Sharing<Result> = (key: string, work: () => Promise<Result>) => Promise<Result>

/** Shares nothing yet; holds as many keys as there is work under way, which its users bound. */
export function createSharing<Result>(): Sharing<Result> {
  const underWay = new Map<string, Promise<Result>>()
  return (key, work) => {
    const found = underWay.get(key)
    if (found !== undefined) return found
    const mine = work().finally(() => underWay.delete(key))
    underWay.set(key, mine)
    return mine
  }
}
