/**
 * An explanation in words: the same answer that `darbaza explain` prints, and what the reader is shown.
 * @module
 */
import { denialFacts } from '../core/denials.ts'
import type { Language } from '../core/languages.ts'
import type { Facts, WordKey, Words } from '../locales/words.ts'
import { capitalised, dayText, listText } from '../pages/formats.ts'
import type { Term } from '../pages/models.ts'
import { licenceFacts } from '../pages/terms.ts'
import { placeText, type ExplainedStep, type Explanation } from '../policy/explain.ts'
import type { ExplanationModel, StepModel } from './models.ts'

/** What the answer is composed with. */
export interface Wording {
  readonly language: Language
  readonly words: Words
  /** How the pool of the resource stands now, in words; absent when nobody counts. */
  readonly seatsNow?: string
  /** Where the same answer is found again. */
  readonly link: string
}

/** Names of the criteria; one that is not listed is shown by its own name. */
export const criterionWords: Readonly<Record<string, WordKey>> = {
  address: 'criterion.address',
  opening: 'criterion.opening',
  licence: 'criterion.licence',
  'sign-in': 'criterion.sign_in',
  claims: 'criterion.claims',
  standing: 'criterion.standing',
  entitlement: 'criterion.entitlement',
  unit: 'criterion.unit',
  place: 'criterion.place',
  'fair-use': 'criterion.fair_use',
  seat: 'criterion.seat',
}

const outcomeWords = {
  passed: 'explain.passed',
  refused: 'explain.refused_step',
  'not asked': 'explain.not_asked',
} as const satisfies Record<ExplainedStep['outcome'], WordKey>

const stepKinds = {
  passed: 'ready',
  refused: 'shut',
  'not asked': 'unasked',
} as const satisfies Record<ExplainedStep['outcome'], StepModel['kind']>

/** The answer as the page shows it. */
export function explanationModel(told: Explanation, wording: Wording): ExplanationModel {
  const { language, words, link } = wording
  const { verdict, kind } = verdictOf(told)
  return {
    verdict: words.say(language, verdict),
    kind,
    title: words.textOf(told.resource.title, language),
    lines: linesOf(told, wording),
    steps: told.steps.map((step) => stepModel(step, wording)),
    ...shownToReader(told, wording),
    link,
  }
}

function verdictOf({ decision, place, resource, openBy }: Explanation): {
  readonly verdict: WordKey
  readonly kind: ExplanationModel['kind']
} {
  if (!decision.isAllowed) return { verdict: 'explain.refused', kind: 'shut' }
  if (openBy !== undefined) return { verdict: 'explain.open', kind: 'ready' }
  if (place.treatment === 'direct') return { verdict: 'explain.direct', kind: 'ready' }
  return resource.licence.seats === undefined
    ? { verdict: 'explain.allowed', kind: 'ready' }
    : { verdict: 'explain.allowed_seat', kind: 'wait' }
}

function linesOf(told: Explanation, { language, words, seatsNow }: Wording): Term[] {
  const { decision, steps, openBy, todayOn } = told
  const refusing = steps.find(({ outcome }) => outcome === 'refused')
  const deciding = openBy ?? refusing?.place
  const line = (name: WordKey, value: string | undefined): Term[] =>
    value === undefined ? [] : [{ name: words.say(language, name), value }]
  return [
    ...line('explain.rule', deciding && placeText(deciding)),
    ...line('explain.reader', readerText(told, language, words)),
    ...line('explain.place', placeWords(told, language, words)),
    ...line('explain.day', dayText(todayOn, language)),
    ...line('explain.seats', seatsNow),
    ...(decision.isAllowed
      ? []
      : [
          ...line('explain.reason', decision.reason),
          ...line('explain.status', String(denialFacts[decision.reason].status)),
          ...line('explain.counter', counterText(told, language, words)),
        ]),
  ]
}

function readerText({ patron }: Explanation, language: Language, words: Words): string {
  if (patron === undefined) return words.say(language, 'explain.nobody')
  const { categories, groups, unit } = patron
  const named = categories.map((category) => words.say(language, `category.${category}`))
  const all = [...named, ...groups, ...(unit === undefined ? [] : [unit])]
  return capitalised(listText(all, language), language)
}

function placeWords({ place }: Explanation, language: Language, words: Words): string {
  const { address, network, site, channel, treatment } = place
  return [
    address,
    network ?? words.say(language, 'explain.no_network'),
    ...(site === undefined ? [] : [site]),
    words.say(language, `explain.channel_${channel}`),
    words.say(language, `explain.treatment_${treatment}`),
  ].join(' · ')
}

function counterText({ decision }: Explanation, language: Language, words: Words): string {
  const turnaway = decision.isAllowed ? 'none' : denialFacts[decision.reason].turnaway
  return turnaway === 'none' ? words.say(language, 'explain.counter_none') : turnaway
}

function stepModel(step: ExplainedStep, { language, words }: Wording): StepModel {
  const { criterion, outcome, detail, place } = step
  const word = criterionWords[criterion]
  const isAsked = outcome !== 'not asked'
  return {
    name: word === undefined ? criterion : words.say(language, word),
    outcome: words.say(language, outcomeWords[outcome]),
    kind: stepKinds[outcome],
    detail,
    ...(isAsked && { rule: placeText(place) }),
  }
}

/** The words of the refusal page. */
function shownToReader(
  { decision, resource }: Explanation,
  { language, words }: Wording,
): Pick<ExplanationModel, 'shown'> {
  if (decision.isAllowed) return {}
  const { reason, facts } = decision
  const all: Facts = {
    ...Object.fromEntries(
      Object.entries(facts).map(([name, fact]) => [
        name,
        typeof fact === 'string' ? dayText(fact, language) : fact,
      ]),
    ),
    ...licenceFacts(resource.licence, language, { words }),
  }
  return {
    shown: {
      title: words.say(language, `denial.${reason}.title`),
      text: words.say(language, `denial.${reason}.text`, all),
      action: words.say(language, `denial.${reason}.action`),
    },
  }
}
