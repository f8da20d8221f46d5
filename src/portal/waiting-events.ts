/**
 * The place in the queue as server-sent events, for as long as the page of the waiting room is open.
 * The open connection is what says that its reader is still there.
 *
 * Bounded in number and in time: a browser connects again by itself, and so shows that the session
 * lives. Only a page of the portal may listen.
 *
 * Source: HTML standard, "Server-sent events".
 * @module
 */
import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import { patronKey } from '../core/types.ts'
import { queryValue } from '../identity/return-url.ts'
import type { Words } from '../locales/words.ts'
import type { WaitAnswer } from '../store/contract.ts'
import { unlessStoreAway } from './seats.ts'
import { sentences } from './waiting-words.ts'
import { wantedPage, type WantedPage } from './wanted-page.ts'

/** What the events need. */
export interface WaitingEventsParts {
  readonly words: Words
  /** Joins the queue, or with `stay` says that one is still there. */
  readonly wait: (context: GatewayContext, resource: Resource, only?: 'stay') => Promise<WaitAnswer>
  /** Aborted when the gateway stops. */
  readonly stopping: AbortSignal
}

/** `GET /wait/events`. */
export function waitingEvents(parts: WaitingEventsParts): Stage {
  const openByHolder = new Map<string, number>()
  let openCount = 0

  /** @throws {GatewayError} `ERR_OVERLOAD` */
  function take(holder: string): () => void {
    const own = openByHolder.get(holder) ?? 0
    const { waitStreams, waitStreamsPerReader } = limits.portal
    if (own >= waitStreamsPerReader || openCount >= waitStreams) {
      throw new GatewayError('ERR_OVERLOAD', `${own} of one reader and ${openCount} wait already`)
    }
    openCount += 1
    openByHolder.set(holder, own + 1)
    return () => {
      openCount -= 1
      const left = (openByHolder.get(holder) ?? 1) - 1
      if (left > 0) openByHolder.set(holder, left)
      else openByHolder.delete(holder)
    }
  }

  return async (context) => {
    const wanted = wantedPage(context, queryValue(context, 'to'))
    const { session } = context.state
    const site = context.get('Sec-Fetch-Site')
    if (session === undefined || (site !== '' && site !== 'same-origin')) {
      throw new GatewayError('ERR_FORGERY', 'the place is told to a page of the portal alone')
    }
    const leave = take(patronKey(session.patron))
    const stream = new PassThrough()
    stream.once('close', leave)
    context.type = 'text/event-stream'
    context.set('Cache-Control', 'no-store')
    // nginx would hold events back.
    context.set('X-Accel-Buffering', 'no')
    context.body = stream
    void tellPlaces(context, parts, { wanted, stream })
  }
}

async function tellPlaces(
  context: GatewayContext,
  parts: WaitingEventsParts,
  { wanted, stream }: { wanted: WantedPage; stream: PassThrough },
): Promise<void> {
  const { waitTickMs, waitStreamMs, waitBeatMs } = limits.portal
  const ended = new AbortController()
  stream.once('close', () => ended.abort())
  const signal = AbortSignal.any([ended.signal, parts.stopping])
  const say = (event: string, data: object) => {
    stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }
  let told = ''
  try {
    stream.write('retry: 3000\n\n')
    for (let passedMs = 0; passedMs < waitStreamMs && !signal.aborted; passedMs += waitTickMs) {
      const answer = await unlessStoreAway(parts.wait(context, wanted.resource, 'stay'))
      if (answer !== undefined && answer.kind !== 'waiting') {
        const event = answer.kind === 'held' ? 'turn' : 'gone'
        say(event, sentences(answer, context, parts.words))
        break
      }
      const news = sentences(answer, context, parts.words)
      const text = JSON.stringify(news)
      if (text !== told) say('place', news)
      else if (passedMs % waitBeatMs === 0) say('beat', {})
      told = text
      await delay(waitTickMs, undefined, { signal, ref: false })
    }
  } catch (error) {
    // Who has left, or a gateway that stops, is no failure; of any other the browser asks again.
    if (!signal.aborted) stream.destroy(error instanceof Error ? error : undefined)
  } finally {
    stream.end()
  }
}
