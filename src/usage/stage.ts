/**
 * The usage stage: when an exchange is over, says once what happened.
 *
 * Bytes are counted where they leave for the reader, so that an exchange broken off half-way is
 * told as what was really delivered.
 * @module
 */
import { askerOf } from '../core/asker.ts'
import { classify } from '../core/classify.ts'
import { timeOrderedId, type Clock } from '../core/clock.ts'
import { isMining } from '../core/counter.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import type { EventBus } from '../core/events.ts'
import { intentOf, isPrefetch, splitTarget } from '../core/intent.ts'
import { limits } from '../core/limits.ts'
import { createKnownWorks } from './known-works.ts'

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
      const target = req.url ?? '/'
      const [path, query] = splitTarget(target)
      const resourceId = state.resource?.id ?? ''
      const place = { resourceId, host, path, query }
      const citation = state.citation?.()
      const { contentType, disposition } = fieldsOf(context)
      const { destination, isPage } = intentOf(req)
      const use = classify({
        destination,
        isPage,
        host,
        path,
        query,
        status,
        contentType,
        disposition,
        citation,
        known: () => works.of(place),
        patterns: state.resource?.usage ?? [],
        method: context.method,
      })
      if (use !== undefined && status === 200) works.note(place, use, citation)
      const isTold = query === '' && path.length <= limits.usage.pathChars
      const asker = askerOf(state)
      // Field by field: to spread objects into this one would cost as much as all else here.
      bus.emit({
        kind: 'exchange',
        id: timeOrderedId(at),
        at,
        reference: state.reference,
        sessionId: asker.sessionId,
        patron: asker.patron,
        address: asker.address,
        network: asker.network,
        site: asker.site,
        channel: asker.channel,
        resourceId,
        method: context.method,
        host,
        path: path.slice(0, limits.usage.pathChars),
        url: isTold ? undefined : host + target,
        status,
        contentType,
        bytes,
        durationMs: Math.round((clock.steady() - startedMs) * 10) / 10,
        isComplete,
        userAgent: (req.headers['user-agent'] ?? '').slice(0, limits.usage.userAgentChars),
        isWebSocket: upgrade !== undefined,
        asked: { origin, query: query.slice(0, limits.usage.queryChars) },
        isPrefetch: isPrefetch(req) || undefined,
        isMining: isMined(context, host, path) || undefined,
        use,
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

/** Fields of the answer that was sent, empty when absent. Of one that broke off the publisher's are left. */
function fieldsOf({ res, state }: GatewayContext) {
  const { reply, upstreamAnswer } = state
  const found = { contentType: '', disposition: '' }
  if (reply === undefined) {
    const received = (name: string) =>
      upstreamAnswer?.headers.find(([field]) => field.toLowerCase() === name)?.[1]
    const fieldOf = (name: string) => String(res.getHeader(name) ?? received(name) ?? '')
    found.contentType = fieldOf('content-type')
    found.disposition = fieldOf('content-disposition')
    return found
  }
  // The first of each; most names have another length.
  for (let at = reply.lines.length - 2; at >= 0; at -= 2) {
    const name = reply.lines[at] ?? ''
    const value = reply.lines[at + 1] ?? ''
    if (isName(name, 'content-type')) found.contentType = value
    else if (isName(name, 'content-disposition')) found.disposition = value
  }
  return found
}

function isName(name: string, lower: string): boolean {
  return name.length === lower.length && name.toLowerCase() === lower
}

function isMined({ state }: GatewayContext, host: string, path: string): boolean {
  const mining = state.resource?.counter?.mining
  if (mining === undefined) return false
  const { network } = state.place
  return isMining(mining, { groups: state.session?.patron.groups ?? [], network, host, path })
}
