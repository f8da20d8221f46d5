/**
 * Takes the place of the usage stage in a gateway without usage: tells of an exchange what metrics and
 * the log of the program hear of it, and nothing that is recorded or counted as use.
 * @module
 */
import type { Clock } from '../../src/core/clock.ts'
import type { Stage } from '../../src/core/context.ts'
import type { EventBus } from '../../src/core/events.ts'

/** As the usage stage is made. */
export function createUsageStage(parts: { readonly bus: EventBus; readonly clock: Clock }): Stage {
  const { bus, clock } = parts
  return function told({ state, req, res }, next) {
    const { resource, route, session, place } = state
    if (route.kind !== 'proxied' || resource === undefined || session === undefined) return next()
    const startedMs = clock.steady()
    state.whenOver(() => {
      if (state.upstreamAnswer === undefined) return
      bus.emit({
        kind: 'exchange',
        id: '',
        at: clock.now(),
        reference: state.reference,
        sessionId: session.id,
        address: place.address,
        channel: place.channel,
        resourceId: resource.id,
        method: req.method ?? '',
        host: route.upstream.host,
        path: '',
        status: res.statusCode,
        contentType: '',
        bytes: state.sentBytes,
        durationMs: clock.steady() - startedMs,
        isComplete: res.writableFinished,
        userAgent: '',
        isWebSocket: false,
      })
    })
    return next()
  }
}
