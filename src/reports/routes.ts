/**
 * The reports in the staff console: a list, a page for each, and its files. The gate before `/staff`
 * lets viewers and editors on; nothing is changed here.
 * @module
 */
import { join } from 'node:path'

import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import type { Language } from '../core/languages.ts'
import { limits } from '../core/limits.ts'
import { reportFormats } from '../core/reports.ts'
import type { Rulebook } from '../core/resource.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { Answers } from '../pages/answers.ts'
import type { Render, Shell } from '../pages/shell.ts'
import { cutsOf, isReportName, reportNames, wordsOf, type ReportName } from './catalogue.ts'
import { isFormatName } from './format-names.ts'
import { fileFormats, fileName, fileOf } from './formats.ts'
import { reportModel, type ReportModel } from './html.ts'
import type { By } from './input.ts'
import { createReporter, type Reporter, type ReporterParts } from './reporter.ts'
import { isProblem, readRequest, type RequestProblem, type TypedRequest } from './request.ts'

/** What the pages need. */
export interface ReportPagesParts extends Omit<ReporterParts, 'resources' | 'words'> {
  readonly shell: Shell
  readonly answers: Answers
  /** The rules in force. */
  readonly rules: { current(): Pick<Rulebook, 'resources'> }
}

interface PageParts extends Pick<ReportPagesParts, 'shell'> {
  readonly reporter: Reporter
}

interface Option {
  readonly value: string
  readonly title: string
  readonly isChosen: boolean
}

/** The form as it was filled in. */
interface FormModel {
  readonly name: ReportName
  readonly title: string
  readonly about: string
  readonly from: string
  readonly to: string
  readonly cuts: readonly Option[]
  readonly resources: readonly Option[]
  readonly files: readonly { readonly name: string; readonly url: string }[]
}

/** A page: what was asked, and the report or what is wrong. */
interface PageModel {
  readonly form: FormModel
  readonly problem?: string
  readonly shown?: ReportModel
}

/** The routes of the reports. */
export function createReportPages(parts: ReportPagesParts): readonly PortalRoute[] {
  const { shell, answers, rules } = parts
  const { words } = shell
  const resources = () => rules.current().resources
  const pages = { shell, reporter: createReporter({ ...parts, words, resources }) }
  const render: Render = shell.views(join(import.meta.dirname, 'views'))
  return [
    answers.get('/staff/reports', (context) => {
      const model = { reports: listModel(context.state.language, shell) }
      answers.show(context, (frame) => render('staff-reports', frame, model))
      return Promise.resolve()
    }),
    answers.get('/staff/reports/:report', async (context) => {
      const model = await pageModel(context, pages)
      answers.show(context, (frame) => render('staff-report', frame, model))
    }),
    answers.get('/staff/reports/:report/:format', (context) => sendFile(context, pages)),
  ]
}

function listModel(language: Language, { words }: Shell) {
  return reportNames.map((name) => ({
    name,
    ...wordsOf(name, { words, language }),
    cuts: cutsOf(name).map((by) => ({ value: by, title: words.say(language, `report.by_${by}`) })),
  }))
}

/** The router puts the parameters of its path onto the context, which Koa types as open. */
function parameter(context: GatewayContext, name: 'report' | 'format'): string {
  const value: unknown = context['params']?.[name]
  return String(value)
}

function nameIn(context: GatewayContext): ReportName {
  const name = parameter(context, 'report')
  if (isReportName(name)) return name
  throw new GatewayError('ERR_NOT_FOUND', 'no such report')
}

/** What the query asks, bounded; what is empty was not asked. */
function typedIn(context: GatewayContext): TypedRequest & { readonly name: ReportName } {
  const query = new URLSearchParams(context.querystring)
  const field = (name: string): string | undefined =>
    query.get(name)?.trim().slice(0, limits.reports.fieldChars) || undefined
  const [from, to, by, resource] = ['from', 'to', 'by', 'resource'].map(field)
  return {
    name: nameIn(context),
    language: context.state.language,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(by !== undefined && { by }),
    ...(resource !== undefined && { resource }),
  }
}

async function pageModel(context: GatewayContext, parts: PageParts): Promise<PageModel> {
  const { reporter, shell } = parts
  const typed = typedIn(context)
  const request = readRequest(typed, reporter.thisMonth())
  const problem = (found: RequestProblem): PageModel => ({
    form: formModel(context, typed, shell),
    problem: shell.words.say(typed.language, `report.problem_${found.problem}`, {
      found: found.found,
      months: limits.reports.months,
    }),
  })
  if (isProblem(request)) return problem(request)
  const report = await reporter.make(request)
  if (isProblem(report)) return problem(report)
  const { from, to } = request.span
  return {
    form: formModel(context, { ...typed, from, to }, shell),
    shown: await reportModel(report),
  }
}

function formModel(
  { state }: GatewayContext,
  typed: TypedRequest & { readonly name: ReportName },
  { words, portalOrigin }: Shell,
): FormModel {
  const { name, language, from = '', to = '', by, resource } = typed
  const query = new URLSearchParams(
    Object.entries({ from, to, by, resource }).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, value]],
    ),
  ).toString()
  const known = [...state.rulebook.resources.values()]
    .map(({ id, title }) => ({ value: id, title: words.textOf(title, language).text }))
    .toSorted((one, other) => one.title.localeCompare(other.title, language))
    .slice(0, limits.reports.choices)
  const gone =
    resource === undefined || known.some(({ value }) => value === resource)
      ? []
      : [{ value: resource, title: resource }]
  const cutOption = (each: By): Option => ({
    value: each,
    title: words.say(language, `report.by_${each}`),
    isChosen: each === by,
  })
  return {
    name,
    ...wordsOf(name, { words, language }),
    from,
    to,
    cuts: cutsOf(name).map(cutOption),
    resources: [...gone, ...known].map((each) => ({ ...each, isChosen: each.value === resource })),
    files: reportFormats.map((format) => ({
      name: format,
      url: `${portalOrigin}/staff/reports/${name}/${format}?${query}`,
    })),
  }
}

async function sendFile(context: GatewayContext, { reporter }: PageParts): Promise<void> {
  const format = parameter(context, 'format')
  const request = readRequest(typedIn(context), reporter.thisMonth())
  if (!isFormatName(format) || isProblem(request)) throw noFile()
  const report = await reporter.make(request)
  if (isProblem(report)) throw noFile()
  context.set('Content-Disposition', `attachment; filename="${fileName(request, format)}"`)
  context.type = fileFormats[format].type
  context.body = await fileOf(report, format)
}

/** The page tells what is wrong with a question; a link that it gave has none of that. */
function noFile(): GatewayError {
  return new GatewayError('ERR_NOT_FOUND', 'no such file of a report')
}
