/**
 * The WebSockets that are open or about to be: no more than the bounds allow, and none that outlives
 * the session it belongs to, not even one whose handshake was under way when the session ended.
 * @module
 */
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'

/** The place of one WebSocket, from before its handshake to its end. */
export interface SocketPlace {
  /** Aborted when it has to end. */
  readonly signal: AbortSignal
  leave(): void
}

/** The WebSockets of one process. */
export interface OpenSockets {
  /** @throws {GatewayError} `ERR_OVERLOAD` when there are too many, in all or of the session. */
  admit(sessionId: string | undefined): SocketPlace
  endSession(sessionId: string): void
  endAll(): void
}

/** None yet. */
export function createOpenSockets(): OpenSockets {
  const { webSockets, webSocketsPerSession } = limits.exchange
  const places = new Map<AbortController, string | undefined>()

  function end(isMeant: (sessionId: string | undefined) => boolean): void {
    for (const [place, sessionId] of places) if (isMeant(sessionId)) place.abort()
  }

  return {
    admit(sessionId) {
      const own = [...places.values()].filter((other) => other === sessionId).length
      if (places.size >= webSockets || own >= webSocketsPerSession) {
        const message = `${places.size} WebSockets are open, ${own} of them of the session`
        throw new GatewayError('ERR_OVERLOAD', message)
      }
      const place = new AbortController()
      places.set(place, sessionId)
      return { signal: place.signal, leave: () => places.delete(place) }
    },
    endSession: (sessionId) => end((other) => other === sessionId),
    endAll: () => end(() => true),
  }
}
