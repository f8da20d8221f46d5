/**
 * The rewriting stage: translates a request on the way in and its answer on the way back.
 *
 * The publisher sees its own names only and the browser those of the zone; in between only what has
 * to change does. What the publisher breaks
 * off, the browser sees broken off; when the browser leaves, the publisher's connection is let go.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { Stage } from '../core/context.ts'
import type { Rulebook } from '../core/resource.ts'
import { answerBrowser, answerKind } from './answer.ts'
import type { HeadMarkupSource } from './answer.ts'
import type { BodyThreads } from './body-threads.ts'
import { readRanges } from './byte-ranges.ts'
import { ownNameTest } from './cookies.ts'
import { fontAnswer } from './font.ts'
import type { JarKeeper } from './jar-keeper.ts'
import { askingWithCookie, secondAsking } from './second-asking.ts'
import type { BodyWatch } from './body.ts'
import { createVerdicts } from './verdicts.ts'
import { readVisit } from './visit.ts'

/** What the stage is made of. */
export interface RewritingStageOptions {
  readonly openJar: JarKeeper
  readonly clock: Clock
  /** Names of every cookie that the gateway sets; they pass in neither direction. */
  readonly gatewayCookieNames: readonly string[]
  /** Origin of the portal, of which publishers hear nothing. */
  readonly portalOrigin: string
  readonly shimOf: (rulebook: Rulebook) => HeadMarkupSource
  /** Where longer bodies are rewritten; absent: in this thread. */
  readonly threads?: BodyThreads
  readonly watch?: BodyWatch
}

/** A plain answer, one with cookies, its whole instead of a part, its https instead of its http. */
const askingsMax = 4

/**
 * Makes the stage. It sets `state.upstreamRequest`, calls `next` once or, where the answer cannot be
 * given, again with another question, and makes `state.reply` from `state.upstreamAnswer`.
 *
 * It throws `ERR_READER_LEFT` and `ERR_UPSTREAM_EXCESS`, besides what `next` throws.
 */
export function createRewritingStage(options: RewritingStageOptions): Stage {
  const { clock, openJar, portalOrigin, shimOf, threads } = options
  const verdicts = createVerdicts()
  const isOwnName = ownNameTest(options.gatewayCookieNames)

  return async function rewriting(context, next) {
    const { state } = context
    let visit = await readVisit(context, { clock, portalOrigin, openJar, isOwnName })
    let asked = visit.request
    state.upstreamRequest = asked
    for (let asking = 1; asking <= askingsMax; asking++) {
      await next()
      // A WebSocket has no answer: its bytes flow already.
      if (state.upstreamAnswer === undefined) return
      const { answer, judged } = await readRanges(state.upstreamAnswer)
      state.upstreamAnswer = answer
      const isRewritten = () => answerKind(visit, judged) !== undefined
      const withCookie = askingWithCookie(asked, answer, visit.partCookie)
      const second = withCookie ?? secondAsking(asked, answer, isRewritten)
      if (second === undefined || asking === askingsMax) break
      answer.body.destroy()
      asked = second
      state.upstreamRequest = asked
      if (withCookie !== undefined) {
        const { partCookie: _partCookie, ...rest } = visit
        visit = { ...rest, isAnonymous: false }
      }
    }
    const received = state.upstreamAnswer
    if (received === undefined) return
    try {
      const answer = visit.isFontOnly ? await fontAnswer(context, received) : received
      if (answer === undefined) return
      const elsewhere = threads?.under(state.rulebook)
      const parts = { shimOf, verdicts, elsewhere, watch: options.watch }
      state.reply = await answerBrowser(context, visit, { answer, ...parts })
    } catch (error) {
      received.body.destroy()
      throw error
    }
  }
}
