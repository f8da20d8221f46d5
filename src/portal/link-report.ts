/**
 * "This does not work": a reader tells the library of a database, by a short form. Readers who are
 * signed in may; who they are is not kept. Works without script.
 * @module
 */
import { timeOrderedId, type Clock } from '../core/clock.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { isStoreAway } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import { limits } from '../core/limits.ts'
import {
  linkReportKinds,
  type LinkReport,
  type LinkReportAnswer,
  type LinkReportKind,
  type LinkReports,
} from '../core/link-reports.ts'
import type { Resource } from '../core/resource.ts'
import { oneLine } from '../core/texts.ts'
import type { Session } from '../core/types.ts'
import { formTokenField } from '../identity/forms.ts'
import type { Words } from '../locales/words.ts'
import type { Answers } from '../pages/answers.ts'
import { goTo } from '../pages/go-to.ts'
import { signInUrl } from '../pages/shell.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { LinkReportModel, LinkThanksModel } from './models.ts'

/** What the form needs. */
export interface LinkReportParts {
  readonly portalOrigin: string
  readonly words: Words
  readonly clock: Clock
  readonly bus: EventBus
  readonly linkReports: Pick<LinkReports, 'take'>
  readonly formToken: (session: Session) => string
  readonly checkForm: (context: GatewayContext) => Promise<URLSearchParams>
  readonly showForm: (context: GatewayContext, model: LinkReportModel) => void
  readonly showThanks: (context: GatewayContext, model: LinkThanksModel) => void
}

/** `GET /problem`, `POST /problem` and `GET /problem/thanks`. */
export function linkReportRoutes(
  parts: LinkReportParts,
  { get, post }: Pick<Answers, 'get' | 'post'>,
): PortalRoute[] {
  return [
    get('/problem', askFirst(parts)),
    post('/problem', (context) => takeReport(context, parts)),
    get('/problem/thanks', async (context) =>
      parts.showThanks(context, thanksModel(context, parts)),
    ),
  ]
}

/** As typed, or as a link has it. */
interface Typed {
  readonly resource: string
  readonly kind: string
  readonly text: string
  readonly about: string
}

/** Why the form is shown again. */
type Problem = 'resource' | 'kind' | 'text' | 'again' | 'often' | 'full' | 'away'

const statuses: Readonly<Record<Problem, number>> = {
  resource: 400,
  kind: 400,
  text: 400,
  again: 429,
  often: 429,
  full: 503,
  away: 503,
}

function askFirst(parts: LinkReportParts): Stage {
  return async (context) => {
    const { session } = context.state
    if (session === undefined) return goTo(context, signInUrl(parts.portalOrigin, context.url))
    const typed = typedIn(new URLSearchParams(context.querystring))
    parts.showForm(context, formModel(typed, context, { session, parts }))
  }
}

async function takeReport(context: GatewayContext, parts: LinkReportParts): Promise<void> {
  const fields = await parts.checkForm(context)
  const { session, rulebook, place, reference } = context.state
  if (session === undefined) return goTo(context, signInUrl(parts.portalOrigin, '/problem'))
  const typed = typedIn(fields)
  const resource = rulebook.resources.get(typed.resource)
  const kind = kindOf(typed.kind)
  const again = (problem: Problem): void => {
    context.status = statuses[problem]
    parts.showForm(context, formModel(typed, context, { session, parts, problem }))
  }
  if (resource === undefined) return again('resource')
  if (kind === undefined) return again('kind')
  const text = oneLine(typed.text)
  if (text.length > limits.linkReports.textChars) return again('text')
  const at = parts.clock.now()
  const report: LinkReport = {
    id: timeOrderedId(at),
    reference,
    resourceId: resource.id,
    kind,
    at,
    channel: place.channel,
    ...(text !== '' && { text }),
    ...(typed.about !== '' && { about: typed.about }),
  }
  const answer = await told(report, { session, address: place.address }, parts)
  if (answer !== 'taken' && answer !== 'known') return again(answer)
  if (answer === 'taken') sayTaken(report, parts)
  const number = answer === 'taken' ? `&reference=${reference}` : ''
  goTo(context, `${parts.portalOrigin}/problem/thanks?resource=${resource.id}${number}`)
}

async function told(
  report: LinkReport,
  { session, address }: { session: Session; address: string },
  { linkReports }: LinkReportParts,
): Promise<LinkReportAnswer | 'away'> {
  try {
    return await linkReports.take(report, { sessionId: session.id, address })
  } catch (error) {
    // What was typed is not lost with the page.
    if (isStoreAway(error)) return 'away'
    throw error
  }
}

/** The reader's own words stay out of the log. */
function sayTaken(report: LinkReport, { bus }: LinkReportParts): void {
  const { id, at, reference, resourceId, kind: problem, about } = report
  bus.emit({ kind: 'link-report', id, at, reference, resourceId, problem, ...(about && { about }) })
}

/** The fields, each bounded: as typed, but for a reference, which is one or nothing. */
function typedIn(fields: URLSearchParams): Typed {
  const { formChars } = limits.portal
  const read = (name: string): string => (fields.get(name) ?? '').slice(0, formChars)
  return {
    resource: read('resource'),
    kind: read('kind'),
    text: read('text'),
    about: referenceIn(fields.get('about')),
  }
}

/** As `randomReference` of `core/clock.ts` writes them. */
function referenceIn(text: string | null): string {
  return text !== null && /^(?:[\dA-HJKMNP-TV-Z]{4}-){2}[\dA-HJKMNP-TV-Z]{4}$/.test(text)
    ? text
    : ''
}

function kindOf(text: string): LinkReportKind | undefined {
  return linkReportKinds.find((kind) => kind === text)
}

interface Showing {
  readonly session: Session
  readonly parts: LinkReportParts
  readonly problem?: Problem
}

/** A database that a link names is not asked for again. */
function formModel(
  { resource, kind, text, about }: Typed,
  { state: { language, rulebook } }: GatewayContext,
  { session, parts, problem }: Showing,
): LinkReportModel {
  const { words } = parts
  const named = rulebook.resources.get(resource)
  const field = problem === 'resource' || problem === 'kind' || problem === 'text' ? problem : 'all'
  return {
    form: { field: formTokenField, token: parts.formToken(session) },
    ...(named && { resource: { id: named.id, title: words.textOf(named.title, language) } }),
    resources: named === undefined ? choices(rulebook.resources.values(), words, language) : [],
    kinds: linkReportKinds.map((each) => ({
      kind: each,
      text: words.say(language, `link_report.kind_${each}`),
      isChosen: each === kind,
    })),
    text,
    textChars: limits.linkReports.textChars,
    about,
    ...(problem && {
      problem: { field, text: words.say(language, `link_report.problem_${problem}`) },
    }),
  }
}

function choices(
  resources: Iterable<Resource>,
  words: Words,
  language: Parameters<Words['textOf']>[1],
): LinkReportModel['resources'] {
  return [...resources]
    .map(({ id, title }) => ({ id, title: words.textOf(title, language) }))
    .toSorted((one, other) => one.title.text.localeCompare(other.title.text, language))
}

function thanksModel(context: GatewayContext, { words }: LinkReportParts): LinkThanksModel {
  const query = new URLSearchParams(context.querystring)
  const { language, rulebook } = context.state
  const resource = rulebook.resources.get(query.get('resource') ?? '')
  const reference = referenceIn(query.get('reference'))
  return {
    ...(resource && {
      resource: { id: resource.id, title: words.textOf(resource.title, language) },
    }),
    ...(reference !== '' && { reference }),
  }
}
