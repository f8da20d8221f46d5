/**
 * Answers remembered for a while, for pure questions that every exchange asks again: whose network an
 * address is of, what a browser's Accept-Language says.
 *
 * Bounded: when it is full, it begins anew, which costs less than to keep an order. A longer text is
 * answered but not remembered, since texts come from outside.
 * @module
 */

/** Bounds of what is remembered. */
export interface LatelyBounds {
  readonly entries: number
  /** Of one text. */
  readonly chars: number
}

/**
 * The same answers as those of a pure function, which is asked less often. What it takes beside the
 * text must be of no consequence to the answer.
 */
export function rememberLately<Answer, Rest extends unknown[] = []>(
  { entries, chars }: LatelyBounds,
  answerOf: (text: string, ...rest: Rest) => Answer,
): (text: string, ...rest: Rest) => Answer {
  const known = new Map<string, { readonly answer: Answer }>()
  return (text, ...rest) => {
    const found = known.get(text)
    if (found !== undefined) return found.answer
    const answer = answerOf(text, ...rest)
    if (text.length > chars) return answer
    if (known.size >= entries) known.clear()
    known.set(text, { answer })
    return answer
  }
}
