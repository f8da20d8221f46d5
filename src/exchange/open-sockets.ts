/**
 * The WebSockets that are open or about to be: no more than the bounds allow, and none that outlives
 * the session it belongs to, not even one whose handshake was under way when the session ended.
 *
 * A session that ends in this process takes its WebSockets along at once. One that runs out, or ends
 * in another process, is found out by asking from time to time.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
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
  admit(context: GatewayContext): SocketPlace
  /** How many there are. */
  count(): number
  endSession(sessionId: string): void
  /** Asks about all of them now: what is in force has changed. */
  check(): void
  endAll(): void
}

/** How long WebSockets stay. */
export interface OpenSocketsOptions {
  /** Whether a WebSocket may stay; may reject when nobody can tell now. */
  readonly staysOpen?: (context: GatewayContext) => Promise<boolean>
  readonly webSocketCheckMs?: number
}

/** A place and how it stands with it. */
interface Place {
  readonly context: GatewayContext
  readonly sessionId: string | undefined
  readonly end: AbortController
  /** Whether nobody could tell when it was asked about last. */
  isDoubtful: boolean
}

/** None yet. */
export function createOpenSockets(options: OpenSocketsOptions): OpenSockets {
  const { webSockets, webSocketsPerSession } = limits.exchange
  const places = new Set<Place>()
  const checks = options.staysOpen && createChecks(places, options.staysOpen, options)

  function end(isMeant: (place: Place) => boolean): void {
    for (const place of places) if (isMeant(place)) place.end.abort()
  }

  return {
    admit(context) {
      const sessionId = context.state.session?.id
      const own = [...places].filter((other) => other.sessionId === sessionId).length
      if (places.size >= webSockets || own >= webSocketsPerSession) {
        const message = `${places.size} WebSockets are open, ${own} of them of the session`
        throw new GatewayError('ERR_OVERLOAD', message)
      }
      const place = { context, sessionId, end: new AbortController(), isDoubtful: false }
      places.add(place)
      checks?.begin()
      return { signal: place.end.signal, leave: () => places.delete(place) }
    },
    count: () => places.size,
    check: () => checks?.checkNow(),
    endSession: (sessionId) => end((place) => place.sessionId === sessionId),
    endAll() {
      checks?.stop()
      end(() => true)
    },
  }
}

/** Asks about every place in turn, as long as there is one. */
function createChecks(
  places: ReadonlySet<Place>,
  staysOpen: (context: GatewayContext) => Promise<boolean>,
  { webSocketCheckMs = limits.exchange.webSocketCheckMs }: OpenSocketsOptions,
) {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let checking: Promise<void> | undefined
  let isAskedAgain = false

  async function checkAll(): Promise<void> {
    do {
      isAskedAgain = false
      for (const place of places) {
        if (isStopped) return
        if (!(await mayStay(place, staysOpen))) place.end.abort()
      }
    } while (isAskedAgain)
    timer = undefined
    checking = undefined
    if (places.size > 0) begin()
  }
  function check(): void {
    if (checking === undefined) checking = checkAll()
    else isAskedAgain = true
  }
  function begin(): void {
    if (!isStopped) timer ??= setTimeout(check, webSocketCheckMs).unref()
  }
  return {
    begin,
    checkNow() {
      if (isStopped || places.size === 0) return
      clearTimeout(timer)
      check()
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

/** A store that is away once may be back at the next time; twice is more than the grace of a session. */
async function mayStay(
  place: Place,
  staysOpen: (context: GatewayContext) => Promise<boolean>,
): Promise<boolean> {
  try {
    const isAllowed = await staysOpen(place.context)
    place.isDoubtful = false
    return isAllowed
  } catch {
    const isFirst = !place.isDoubtful
    place.isDoubtful = true
    return isFirst
  }
}
