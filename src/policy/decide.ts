/**
 * The decision: one pure function for the gateway, the badges of the list, the refusal page and
 * `explain`. It never throws and asks nobody; the seat is asked outside and completes the trace.
 * @module
 */
import type { Decision, TraceStep } from '../core/context.ts'
import { criteria, type Question, type Verdict } from './criteria.ts'

/** Name of the last step of every trace, which only the store can answer. */
const seatCriterion = 'seat'

/** Asks the criteria in order; the first refusal wins. The trace has a step for each of them. */
export function decide(question: Question): Decision {
  // A reader who is sent to the publisher directly is asked by the publisher who they are.
  const isAnonymous = question.isAnonymous === true || question.place.treatment === 'direct'
  const trace: TraceStep[] = []
  let refusal: Verdict['refusal']
  for (const { name, isPersonal, judge } of criteria) {
    if (refusal !== undefined || (isPersonal && isAnonymous)) {
      trace.push(notAsked(name))
      continue
    }
    const verdict = judge(question)
    refusal = verdict.refusal
    const outcome = refusal === undefined ? 'passed' : 'refused'
    trace.push({ criterion: name, outcome, detail: verdict.detail })
  }
  trace.push(notAsked(seatCriterion))
  return refusal === undefined
    ? { isAllowed: true, trace }
    : { isAllowed: false, ...refusal, trace }
}

/** A decision that let them in, completed by what was found about the seat. */
export function decideSeat(decision: Decision, { detail, refusal }: Verdict): Decision {
  const outcome = refusal === undefined ? 'passed' : 'refused'
  const trace = [
    ...decision.trace.slice(0, -1),
    { criterion: seatCriterion, outcome, detail } as const,
  ]
  return refusal === undefined
    ? { isAllowed: true, trace }
    : { isAllowed: false, ...refusal, trace }
}

function notAsked(criterion: string): TraceStep {
  return { criterion, outcome: 'not asked', detail: '' }
}
