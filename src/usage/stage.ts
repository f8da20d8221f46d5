/**
 * The usage stage: when an exchange is over, says once what happened.
 *
 * Bytes are counted where they leave for the reader, so that an exchange broken off half-way is
 * told as what was really delivered.
 * @module
 */
import { askerOf } from '../core/asker.ts'
import { classify, type UseQuestion } from '../core/classify.ts'
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import type { EventBus } from '../core/events.ts'
import { intentOf, isPrefetch, splitTarget } from '../core/intent.ts'
import { limits } from '../core/limits.ts'
import type { UseFacts } from '../core/use.ts'
import { createKnownWorks, type Place } from './known-works.ts'

/**
 * Emits one `exchange` event for each exchange that reached a publisher, whoever asked: of nobody too,
 * where a rule leaves a path open or a browser asks without cookies.
 */
export function createUsageStage(parts: { readonly bus: EventBus; readonly clock: Clock }): Stage {
  const { bus, clock } = parts
  const works = createKnownWorks()
  return async function usage(context, next) {
    const { state, req, res } = context
    const { route, resource, upgrade } = state
    if (route.kind !== 'proxied' || resource === undefined) return next()
    const startedMs = clock.steady()
    const isTunnelled = () => upgrade !== undefined && context.respond === false

    function tell(status: number, bytes: number, isComplete: boolean): void {
      if (state.upstreamAnswer === undefined && !isTunnelled()) return
      // What came was kept back, and the refusal is what happened.
      if (state.decision?.isAllowed === false) return
      const at = clock.now()
      const upstream = state.route.kind === 'proxied' ? state.route.upstream : undefined
      const { host, origin } = upstream ?? { host: '', origin: '' }
      const [path, query] = splitTarget(req.url)
      const contentType = headerOf(context, 'content-type')
      const resourceId = state.resource?.id ?? ''
      const place = { resourceId, host, path, query }
      const citation = state.citation?.()
      const answer = { status, contentType, citation, known: works.of(place) }
      const use = useIn(context, place, answer)
      if (use !== undefined && status === 200) works.note(place, use, citation)
      bus.emit({
        ...askerOf(state),
        kind: 'exchange',
        id: timeOrderedId(at),
        at,
        reference: state.reference,
        resourceId,
        method: context.method,
        host,
        path: path.slice(0, limits.usage.pathChars),
        url: `${host}${req.url ?? '/'}`,
        status,
        contentType,
        bytes,
        durationMs: Math.round((clock.steady() - startedMs) * 10) / 10,
        isComplete,
        userAgent: (req.headers['user-agent'] ?? '').slice(0, limits.usage.userAgentChars),
        isWebSocket: upgrade !== undefined,
        asked: { origin, query: query.slice(0, limits.usage.queryChars) },
        ...(isPrefetch(req) && { isPrefetch: true }),
        ...(use && { use }),
      })
    }

    if (upgrade === undefined) {
      state.whenOver(() => {
        tell(res.statusCode, state.sentBytes, res.writableFinished)
      })
    } else {
      const { socket } = upgrade
      socket.once('close', () => {
        const bytes = 'bytesWritten' in socket ? Number(socket.bytesWritten) : 0
        tell(res.headersSent ? res.statusCode : 101, bytes, !socket.errored)
      })
    }
    await next()
  }
}

function useIn(
  context: GatewayContext,
  place: Place,
  answer: Pick<UseQuestion, 'status' | 'contentType' | 'citation' | 'known'>,
): UseFacts | undefined {
  const { state, method, req } = context
  return classify({
    ...intentOf(req),
    ...place,
    ...answer,
    patterns: state.resource?.usage ?? [],
    method,
    disposition: headerOf(context, 'content-disposition'),
  })
}

/** A field of the answer that was sent; empty when it has none. Of one that broke off the publisher's is left. */
function headerOf({ res, state }: GatewayContext, name: string): string {
  const { reply, upstreamAnswer } = state
  if (reply === undefined) {
    const received = upstreamAnswer?.headers.find(([field]) => field.toLowerCase() === name)
    return String(res.getHeader(name) ?? received?.[1] ?? '')
  }
  for (let at = 0; at + 1 < reply.lines.length; at += 2) {
    if (reply.lines[at]?.toLowerCase() === name) return reply.lines[at + 1] ?? ''
  }
  return ''
}
