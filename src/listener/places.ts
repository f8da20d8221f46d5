/**
 * Places for requests that are being answered: so many at once, and no more than a share of them for
 * one client, so that nobody who leaves requests unfinished can take the gateway from everybody else.
 * @module
 */
import { customerOf } from '../core/address.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'

/** The places of one process. */
export interface Places {
  /**
   * Takes a place for a client address; what it answers gives the place back, once.
   *
   * @throws {GatewayError} `ERR_OVERLOAD` when there is none.
   */
  take(clientAddress: string): () => void
}

/** As many places as `core/limits.ts` says. */
export function createPlaces(): Places {
  const { requestsInFlight, requestsPerClient } = limits.listener
  const byClient = new Map<string, number>()
  let taken = 0

  return {
    take(clientAddress) {
      const client = customerOf(clientAddress)
      const own = byClient.get(client) ?? 0
      if (taken >= requestsInFlight) {
        throw new GatewayError('ERR_OVERLOAD', `more than ${requestsInFlight} requests`)
      }
      if (own >= requestsPerClient) {
        throw new GatewayError('ERR_OVERLOAD', `more than ${requestsPerClient} of one client`)
      }
      taken += 1
      byClient.set(client, own + 1)
      let isLeft = false
      return () => {
        if (isLeft) return
        isLeft = true
        taken -= 1
        const left = (byClient.get(client) ?? 1) - 1
        if (left > 0) byClient.set(client, left)
        else byClient.delete(client)
      }
    },
  }
}
