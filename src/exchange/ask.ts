/**
 * One request to a publisher: sent once, answered with a stream that is read no faster than the
 * reader takes it, given up when the reader leaves.
 * @module
 */
import { PassThrough, type Duplex, type Readable } from 'node:stream'

import type { Dispatcher } from 'undici'

import type { HeaderLines, UpstreamAnswer, UpstreamRequest } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { AnswerBody } from './answer-body.ts'
import type { Departure } from './departure.ts'
import { upstreamError } from './failure.ts'
import { requestLines, responseLines } from './header-lines.ts'

/** What may come back. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: UpstreamAnswer }
  | { readonly kind: 'upgrade'; readonly headers: HeaderLines; readonly socket: Duplex }

/** How to ask. */
export interface AskOptions {
  /** The reader's, when nobody waits for the answer any more. */
  readonly departure: Departure
  /** How long a reader may take nothing of an answer that is there. */
  readonly stalledMs: number
  /** Asks for an upgrade to this protocol. */
  readonly upgrade?: 'websocket'
  /** Called once, when undici is done with the request. */
  readonly onDone: () => void
}

/** Resolves when the header of the answer is there; rejects with a `GatewayError`. */
export function ask(
  dispatcher: Dispatcher,
  request: UpstreamRequest,
  options: AskOptions,
): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  const { departure, upgrade } = options
  const { authority, origin } = request.upstream
  const body = request.body && detached(request.body)
  let controller: Dispatcher.DispatchController | undefined
  let answerBody: AnswerBody | undefined
  let givenUp: GatewayError | undefined
  let interimCount = 0

  function giveUp(error: GatewayError): void {
    givenUp ??= error
    controller?.abort(givenUp)
    settle(givenUp)
  }
  function settle(error?: GatewayError): void {
    departure.watch(undefined)
    if (error === undefined) return
    body?.destroy()
    reject(error)
  }
  function finish(error?: GatewayError): void {
    settle(error)
    options.onDone()
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      // Thrown rather than aborted: the connection that has become free stays open for others.
      if (givenUp !== undefined) throw givenUp
      controller = started
    },
    onResponseStart(started, status, read) {
      // 100 and 103 are about an answer still to come; each makes undici wait for it anew.
      if (status < 200) {
        interimCount += 1
        if (interimCount > limits.exchange.interimAnswers) giveUp(tooManyInterim(authority))
        return
      }
      if (status > 599) {
        giveUp(
          new GatewayError(
            'ERR_UPSTREAM_BROKEN',
            `${authority}: status ${status}, expected 200 to 599`,
          ),
        )
        return
      }
      answerBody = new AnswerBody(started, options.stalledMs)
      const headers = responseLines(rawLines(started), read)
      resolve({ kind: 'answer', answer: { status, headers, body: answerBody } })
    },
    onResponseData(_started, chunk) {
      answerBody?.give(chunk)
    },
    onResponseEnd() {
      answerBody?.finish()
      finish()
    },
    onResponseError(_started, cause) {
      const error = givenUp ?? upstreamError(cause, authority)
      answerBody?.destroy(error)
      finish(error)
    },
    onRequestUpgrade(started, _status, _headers, socket) {
      resolve({ kind: 'upgrade', headers: responseLines(rawLines(started)), socket })
      finish()
    },
  }
  departure.watch(() => {
    if (answerBody !== undefined) answerBody.destroy()
    else giveUp(new GatewayError('ERR_READER_LEFT', `${authority}: reader left`))
  })
  if (givenUp !== undefined) {
    options.onDone()
    return promise
  }
  const headers = requestLines(request.headers, authority)
  const { method, target: path } = request
  dispatcher.dispatch(
    { origin, path, method, headers, body: body ?? null, ...(upgrade && { upgrade }) },
    handler,
  )
  return promise
}

/**
 * The body as a stream of its own: undici destroys what it was given when a publisher answers early,
 * and with the request itself the reader's connection would be gone.
 */
function detached(source: Readable): PassThrough {
  const copy = new PassThrough()
  source.pipe(copy)
  source.once('error', (error) => copy.destroy(error))
  source.once('close', () => {
    if (!source.readableEnded) copy.destroy(new GatewayError('ERR_READER_LEFT', 'body broken off'))
  })
  copy.once('close', () => {
    source.unpipe(copy)
    // The rest is read and dropped, so that the reader can finish sending and see the answer.
    source.resume()
  })
  return copy
}

function tooManyInterim(authority: string): GatewayError {
  const message = `${authority}: more than ${limits.exchange.interimAnswers} interim answers`
  return new GatewayError('ERR_UPSTREAM_EXCESS', message)
}

function rawLines(controller: Dispatcher.DispatchController): readonly (Buffer | string)[] {
  const { rawHeaders } = controller
  return Array.isArray(rawHeaders) ? rawHeaders : []
}
