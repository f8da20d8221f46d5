/**
 * What a reader is told of their place in the queue, in words.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { limits } from '../core/limits.ts'
import type { Words } from '../locales/words.ts'
import { spanText } from '../pages/formats.ts'
import type { WaitAnswer } from '../store/contract.ts'

/** What is told of a place, on the page and by each event after it. */
export function sentences(
  answer: WaitAnswer | undefined,
  { state: { language } }: GatewayContext,
  words: Words,
): { readonly place: string; readonly ahead: string; readonly estimate: string } {
  const unknown = words.say(language, 'wait.estimate_unknown')
  if (answer?.kind !== 'waiting') {
    const word =
      answer === undefined
        ? 'wait.unknown'
        : answer.kind === 'held'
          ? 'wait.ready'
          : 'wait.gone_text'
    return { place: words.say(language, word), ahead: '', estimate: unknown }
  }
  const { place, paceMs } = answer
  const seconds = paceMs === undefined ? undefined : estimatedSeconds(place * paceMs)
  return {
    place: words.say(language, 'wait.place', { place }),
    ahead:
      place === 1
        ? words.say(language, 'wait.next')
        : words.say(language, 'wait.ahead', { count: place - 1 }),
    estimate: seconds === undefined ? unknown : spanText(seconds, language),
  }
}

/** Whole minutes, from five on by fives; nothing where it would be no more than a guess. */
function estimatedSeconds(ms: number): number | undefined {
  const minutes = Math.max(1, Math.ceil(ms / 60_000))
  const rounded = minutes <= 5 ? minutes : Math.ceil(minutes / 5) * 5
  return rounded > limits.portal.waitEstimateMinutes ? undefined : rounded * 60
}
