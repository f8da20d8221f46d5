/**
 * Where a server listens.
 * @module
 */
import assert from 'node:assert'
import type { AddressInfo, Server } from 'node:net'

/** The address and port of a server that listens on one. */
export function boundAddress(server: Server): AddressInfo {
  const address = server.address()
  assert(address !== null && typeof address === 'object', 'the server listens on a port')
  return address
}
