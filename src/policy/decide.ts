/**
 * The decision: one pure function for the gateway, the badges of the list, the refusal page and
 * `explain`. It never throws and asks nobody; fair use and the seat are asked outside and complete the trace.
 * @module
 */
import type { Decision, TraceStep } from '../core/context.ts'
import { criteria, type Question, type Verdict } from './criteria.ts'

/** Names of the last steps of every trace, which need the store. */
const fairUseCriterion = 'fair-use'
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
  const hasNoQuota = refusal === undefined && question.resource.licence.fairUse === undefined
  trace.push(
    hasNoQuota && !isAnonymous
      ? { criterion: fairUseCriterion, outcome: 'passed', detail: 'no quota' }
      : notAsked(fairUseCriterion),
  )
  trace.push(notAsked(seatCriterion))
  return refusal === undefined
    ? { isAllowed: true, trace }
    : { isAllowed: false, ...refusal, trace }
}

/** A decision that let them in, completed by what was found about fair use. */
export function decideFairUse(decision: Decision, verdict: Verdict): Decision {
  return completed(decision, fairUseCriterion, verdict)
}

/** A decision that let them in, completed by what was found about the seat. */
export function decideSeat(decision: Decision, verdict: Verdict): Decision {
  return completed(decision, seatCriterion, verdict)
}

function completed(decision: Decision, name: string, { detail, refusal }: Verdict): Decision {
  const outcome = refusal === undefined ? 'passed' : 'refused'
  const trace = decision.trace.map((step) =>
    step.criterion === name ? ({ criterion: name, outcome, detail } as const) : step,
  )
  return refusal === undefined
    ? { isAllowed: true, trace }
    : { isAllowed: false, ...refusal, trace }
}

function notAsked(criterion: string): TraceStep {
  return { criterion, outcome: 'not asked', detail: '' }
}
