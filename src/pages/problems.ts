/**
 * Refusals and failures in words: what happened, why, and what the reader can do now.
 * @module
 */
import { denialFacts, type NextStep } from '../core/denials.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { LinkReportKind } from '../core/link-reports.ts'
import type { FailurePage, RefusalPage } from '../core/pages.ts'
import type { Words } from '../locales/words.ts'
import { dayText, momentText } from './formats.ts'
import type { Action, ProblemModel } from './models.ts'
import type { Shell } from './shell.ts'
import { licenceFacts } from './terms.ts'

/** What a refusal is worded with. */
type Wording = Pick<Shell, 'words' | 'institution' | 'units'>

/** Where the buttons of a problem page lead. */
export interface Destinations {
  readonly home: string
  readonly contact: string
  readonly help: string
  readonly signIn: string
  /** Where a reader tells of what does not work; the query is added. */
  readonly problem: string
  /** The page that the reader wanted. */
  readonly wanted: string
}

/**
 * Faults of configuration and storage say nothing to a reader that `ERR_INTERNAL` does not, and who
 * has left reads nothing.
 */
const innerCodes = [
  'ERR_CONFIG',
  'ERR_RULE',
  'ERR_ADDRESS_RANGE',
  'ERR_HOST',
  'ERR_STORE_DATA',
  'ERR_READER_LEFT',
] as const satisfies readonly ErrorCode[]

type WordedCode = Exclude<ErrorCode, (typeof innerCodes)[number]>

/** The code whose words a reader is shown. */
export function wordedCode(code: ErrorCode): WordedCode {
  return isWorded(code) ? code : 'ERR_INTERNAL'
}

function isWorded(code: ErrorCode): code is WordedCode {
  return !innerCodes.some((inner) => inner === code)
}

/** A refusal: its reason with the licence's own figures, its next step, and the way to the list. */
export function refusalModel(page: RefusalPage, to: Destinations, shell: Wording): ProblemModel {
  const { words, institution } = shell
  const { language, reason, resource, reference, message } = page
  const licensed = resource && licenceFacts(resource.licence, language, shell)
  const facts = { ...shownFacts(page, institution.timeZone), ...licensed }
  const { next } = denialFacts[reason]
  const step = stepUrl(next, to)
  const visit = next === 'come-to-library' ? institution.visit : undefined
  const browse: Action = { text: words.say(language, 'denial.browse'), url: to.home }
  return {
    kind: 'refusal',
    code: reason,
    title: words.say(language, `denial.${reason}.title`),
    text: words.say(language, `denial.${reason}.text`, facts),
    actions: [
      { text: words.say(language, `denial.${reason}.action`), url: step },
      browse,
      // Whoever has to sign in or to wait is refused rightly.
      ...(next === 'sign-in' || next === 'wait' ? [] : tellActions(page, 'refused', to, words)),
    ],
    reference,
    ...(message && { message: words.textOf(message, language) }),
    ...(resource && { resource: words.textOf(resource.title, language) }),
    ...(visit && { visit: words.textOf(visit, language) }),
  }
}

/** A failure: what a reader can understand of its code, and a retry where one can help. */
export function failureModel(page: FailurePage, to: Destinations, words: Words): ProblemModel {
  const { language, resource, reference, status } = page
  const code = wordedCode(page.code)
  const home: Action = { text: words.say(language, 'failure.home'), url: to.home }
  const retry: Action = { text: words.say(language, 'failure.retry'), url: to.wanted }
  return {
    kind: 'failure',
    code,
    title: words.say(language, `error.${code}.title`),
    text: words.say(language, `error.${code}.text`),
    actions: [
      ...(status >= 500 ? [retry] : []),
      home,
      ...tellActions(page, 'unreachable', to, words),
    ],
    reference,
    ...(resource && { resource: words.textOf(resource.title, language) }),
  }
}

/** The way to the form, which knows then what it is about. */
function tellActions(
  { resource, reference, language }: RefusalPage | FailurePage,
  kind: LinkReportKind,
  to: Destinations,
  words: Words,
): Action[] {
  if (resource === undefined) return []
  const query = new URLSearchParams({ resource: resource.id, kind, about: reference })
  return [{ text: words.say(language, 'link_report.link'), url: `${to.problem}?${query}` }]
}

function stepUrl(next: NextStep, to: Destinations): string {
  const urls: Readonly<Record<NextStep, string>> = {
    'sign-in': to.signIn,
    wait: to.wanted,
    'come-to-library': to.help,
    contact: to.contact,
    browse: to.home,
  }
  return urls[next]
}

/** Days and times of the decision as the language writes them. */
function shownFacts(
  { facts, language }: RefusalPage,
  timeZone: string,
): Record<string, string | number> {
  const { resetsAt } = facts
  const shown = Object.entries(facts).map(([name, fact]) => [
    name,
    typeof fact === 'string' ? dayText(fact, language) : fact,
  ])
  const resets = typeof resetsAt === 'number' && {
    resets: momentText(resetsAt, language, timeZone),
  }
  return { ...Object.fromEntries(shown), ...resets }
}
