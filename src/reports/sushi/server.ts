/**
 * The COUNTER API of the library (SUSHI): its reports for consortia and systems of statistics, at `/r51`
 * of the portal. Without requestors in the settings there is no such path.
 *
 * A report is made when it is asked for; nothing is queued, and exception 1011 never sent. Reports are
 * for programs that have a key: no other site's script may read them, nothing on the way may keep them.
 * Source: COUNTER Code of Practice 5.1, section 8 and appendix D.
 * @module
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import type { GatewayConfig, RequestorConfig } from '../../config/config.ts'
import { timeOrderedId, type Clock } from '../../core/clock.ts'
import type { GatewayContext, Stage } from '../../core/context.ts'
import { isStoreAway } from '../../core/errors.ts'
import type { EventBus } from '../../core/events.ts'
import { limits } from '../../core/limits.ts'
import type { PortalRoute } from '../../core/routes.ts'
import type { Store } from '../../store/contract.ts'
import { inTurns } from '../../usage/steps.ts'
import {
  definitionOf,
  fullId,
  reportIds,
  reportNamed,
  type ReportId,
} from '../counter/definitions.ts'
import { exceptionOf, honesty, statusOf, type CounterException } from '../counter/exceptions.ts'
import { availableMonths, keptFor, type MonthReader } from '../counter/figures.ts'
import { databaseName, makingReport } from '../counter/make.ts'
import { periodOf } from '../counter/period.ts'
import { institutionIds } from '../counter/report.ts'
import { questionOf } from './parameters.ts'
import { createDoor } from './requestors.ts'

/** What the server needs. */
export interface SushiServerParts {
  readonly config: Pick<GatewayConfig, 'counter' | 'institution'>
  readonly store: Pick<Store, 'records' | 'figures' | 'ping'>
  readonly months: MonthReader
  readonly clock: Clock
  readonly bus: EventBus
}

/** An answer: JSON, or an exception alone, whose status is that of its code. */
type Answer =
  { readonly json: unknown } | { readonly refused: CounterException; readonly waitSeconds?: number }

/** The routes of the API; none without requestors. */
export function createSushiServer(parts: SushiServerParts): readonly PortalRoute[] {
  const { counter } = parts.config
  if (counter.requestors.length === 0) return []
  const admit = createDoor(counter.requestors, parts.store.records)
  let making = 0

  /** A path that asks for a key. */
  function behindKey(
    path: string,
    answer: (context: GatewayContext, requestor: RequestorConfig) => Promise<Answer>,
  ): PortalRoute {
    return get(path, async (context) => {
      const query = new URLSearchParams(context.querystring)
      const admission = await admit(query, context.state.clientAddress).catch(storeAway)
      if ('refused' in admission) return await send(context, admission, parts)
      const { requestor } = admission
      const found = await answer(context, requestor).catch(storeAway)
      await send(context, found, parts, requestor)
    })
  }

  async function makeOne(
    id: ReportId,
    context: GatewayContext,
    requestor: RequestorConfig,
  ): Promise<Answer> {
    if (making >= limits.sushi.reportsAtOnce) return { refused: exceptionOf(1010) }
    making += 1
    try {
      return await reportFor(id, context, requestor, parts)
    } finally {
      making -= 1
    }
  }

  return [
    get('/r51/status', async (context) => {
      const isActive = await parts.store.ping().then(
        () => true,
        () => false,
      )
      await send(context, { json: [serviceOf(isActive, counter.platform)] }, parts)
    }),
    behindKey('/r51/members', async (_context, requestor) => ({
      json: [memberOf(requestor, parts)],
    })),
    behindKey('/r51/reports', async () => ({ json: await reportList(parts) })),
    {
      method: 'GET',
      path: '/r51/reports/:id',
      async handle(context, next) {
        // The router puts the parameters of its path onto the context, which Koa types as open.
        const name: unknown = context['params']?.id
        const id = reportNamed(String(name), counter.namespace)
        if (id === undefined) return noSuchReport(context)
        const { handle } = behindKey('', (_context, requestor) => makeOne(id, context, requestor))
        await handle(context, next)
      },
    },
  ]
}

function get(path: string, handle: (context: GatewayContext) => Promise<void>): PortalRoute {
  return { method: 'GET', path, handle: ((context) => handle(context)) satisfies Stage }
}

function storeAway(error: unknown): Answer & { readonly refused: CounterException } {
  if (isStoreAway(error)) return { refused: exceptionOf(1000) }
  throw error
}

function serviceOf(isActive: boolean, platform: string) {
  return {
    Description: `Usage at ${platform}, by release 5.1 of the COUNTER API.`,
    Service_Active: isActive,
    Note: honesty.Message,
  }
}

function memberOf(
  { customerId, requestorId }: RequestorConfig,
  { config: { counter, institution } }: SushiServerParts,
) {
  return {
    Institution_Name: databaseName('library', institution.name),
    Institution_ID: institutionIds(customerId, counter),
    Customer_ID: customerId,
    ...(requestorId !== undefined && { Requestor_ID: requestorId }),
    Notes: honesty.Message,
  }
}

async function reportList({ config, store, clock }: SushiServerParts) {
  const { namespace } = config.counter
  const available = await availableMonths(store.figures, clock.now(), config.institution.timeZone)
  const { first = available.last, last } = available
  return reportIds.map((id) => ({
    Report_Name: definitionOf(id).name,
    Report_ID: fullId(id, namespace),
    Release: '5.1',
    Report_Description: `${definitionOf(id).description} ${honesty.Message}.`,
    Path: `/r51/reports/${fullId(id, namespace).toLowerCase()}`,
    First_Month_Available: first < last ? first : last,
    Last_Month_Available: last,
  }))
}

async function reportFor(
  id: ReportId,
  { querystring, state }: GatewayContext,
  { customerId }: RequestorConfig,
  { config, store, months, clock }: SushiServerParts,
): Promise<Answer> {
  const query = new URLSearchParams(querystring)
  const [begin, end] = [query.get('begin_date'), query.get('end_date')]
  if (begin === null || end === null) {
    return { refused: exceptionOf(1030, 'begin_date and end_date expected') }
  }
  const { counter, institution } = config
  const now = clock.now()
  const available = await availableMonths(store.figures, now, institution.timeZone)
  const period = periodOf(begin, end, available)
  if ('refused' in period) return period
  const { choice, exceptions } = questionOf(id, query, counter.platform)
  const figures = await months(period, keptFor(id))
  const request = {
    ...period,
    id,
    choice,
    customerId,
    exceptions: [...period.exceptions, ...exceptions],
  }
  const institutionName = databaseName('library', institution.name)
  const sources = { figures, resources: state.rulebook.resources }
  const reporter = { counter, institutionName, at: now }
  return { json: await inTurns(makingReport(request, sources, reporter), clock) }
}

function noSuchReport(context: GatewayContext): void {
  setHeaders(context)
  context.status = 404
  context.type = 'text/plain; charset=utf-8'
  context.body = 'There is no such report here.\n'
}

const compress = promisify(gzip)

async function send(
  context: GatewayContext,
  answer: Answer,
  parts: SushiServerParts,
  requestor?: RequestorConfig,
): Promise<void> {
  setHeaders(context)
  const code = 'refused' in answer ? answer.refused.Code : undefined
  if ('refused' in answer) {
    context.status = statusOf(answer.refused)
    if (answer.waitSeconds !== undefined) context.set('Retry-After', String(answer.waitSeconds))
  } else {
    context.status = 200
  }
  const text = JSON.stringify('refused' in answer ? answer.refused : answer.json)
  context.type = 'application/json'
  context.set('Vary', 'Accept-Encoding')
  const isLong = text.length >= limits.sushi.compressedBytes
  if (isLong && context.acceptsEncodings('gzip', 'identity') === 'gzip') {
    context.set('Content-Encoding', 'gzip')
    context.body = await compress(text)
  } else {
    context.body = text
  }
  tell(context, parts, { code, requestor })
}

function setHeaders(context: GatewayContext): void {
  context.set('Cache-Control', 'no-store')
  context.set('X-Content-Type-Options', 'nosniff')
  context.set('Cross-Origin-Resource-Policy', 'same-origin')
  context.set('Referrer-Policy', 'no-referrer')
}

/** Who fetched what; never with what key. */
function tell(
  { path, state }: GatewayContext,
  { bus, clock }: SushiServerParts,
  {
    code,
    requestor,
  }: { readonly code: number | undefined; readonly requestor: RequestorConfig | undefined },
): void {
  const at = clock.now()
  bus.emit({
    kind: 'counter-request',
    id: timeOrderedId(at),
    at,
    reference: state.reference,
    path: path.toLowerCase(),
    ...(requestor && { requestor: requestor.name }),
    ...(code !== undefined && { code }),
  })
}
