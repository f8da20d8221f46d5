/**
 * `/staff/links`: how links stand, readers' reports and their end, and a look at one database now.
 * @module
 */
import { FieldError } from '../control/field-error.ts'
import { recordAct } from '../control/record.ts'
import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { linkReportEnds, type LinkReport, type LinkReportEnd } from '../core/link-reports.ts'
import type { PortalRoute } from '../core/routes.ts'
import { formTokenField } from '../identity/forms.ts'
import { goTo } from '../pages/go-to.ts'
import { doerIn } from './doer.ts'
import { linksModel, reportModel, wordingOf } from './links.ts'
import type { LinksModel } from './models.ts'
import type { ConsoleParts } from './parts.ts'
import { requireEditor } from './staff.ts'
import { tellStaff } from './tell.ts'

/** The routes of the page and of what is done on it. */
export function linksRoutes(parts: ConsoleParts): readonly PortalRoute[] {
  const { get, post } = parts.answers
  return [
    get('/staff/links', async (context) => showLinks(context, parts)),
    post('/staff/links/end', (context) => endReport(context, parts)),
    post('/staff/links/check', (context) => checkNow(context, parts)),
  ]
}

const notices = ['ended', 'gone', 'checked', 'begun', 'busy', 'unchecked'] as const
type Notice = (typeof notices)[number]

/** What was typed about the end of a report, and does not do. */
interface Asked {
  readonly id: string
  readonly end?: LinkReportEnd
  readonly problem: 'why' | 'end'
}

async function showLinks(
  context: GatewayContext,
  parts: ConsoleParts,
  asked?: Asked,
): Promise<void> {
  const { session } = context.state
  const query = new URLSearchParams(context.querystring)
  const { shown, open } = await linksModel(context, parts)
  const isEditor = parts.roleOf(context) === 'editor' && session !== undefined
  const id = asked?.id ?? query.get('end')
  const report = isEditor ? open.find((each) => each.id === id) : undefined
  const notice = notices.find((word) => query.has(word))
  const wording = wordingOf(context, parts)
  const model: LinksModel = {
    ...shown,
    ...(isEditor && { form: { field: formTokenField, token: parts.formToken(session) } }),
    ...(report && {
      asked: {
        report: reportModel(report, wording),
        ends: linkReportEnds.map((end) => ({
          end,
          text: wording.say(`links.end_${end}`),
          isChosen: end === asked?.end,
        })),
      },
    }),
    ...(asked && {
      problem: { field: asked.problem, text: wording.say(`links.problem_${asked.problem}`) },
    }),
    ...(notice && { notice }),
  }
  parts.answers.show(context, (frame) => parts.pages.links(frame, model))
}

async function endReport(context: GatewayContext, parts: ConsoleParts): Promise<void> {
  requireEditor(parts.roleOf(context))
  const fields = await parts.checkForm(context)
  const id = fields.get('id') ?? ''
  const end = linkReportEnds.find((each) => each === fields.get('end'))
  const report = (await parts.linkReports.open()).find((each) => each.id === id)
  // It was too old, or somebody else was first.
  if (report === undefined) return goToLinks(context, parts, 'gone')
  const again = (problem: Asked['problem']): Promise<void> => {
    context.status = 400
    return showLinks(context, parts, { id, problem, ...(end && { end }) })
  }
  if (end === undefined) return again('end')
  try {
    await writeDown(context, fields, { report, end }, parts)
  } catch (error) {
    if (error instanceof FieldError) return again('why')
    throw error
  }
  if (!(await parts.linkReports.end(id, end))) return goToLinks(context, parts, 'gone')
  const { resourceId, reference: about } = report
  tellStaff(context, parts, { action: 'report-end', resourceId, about })
  goToLinks(context, parts, 'ended')
}

/** The entry of the log comes first: what cannot be written down is not done. */
async function writeDown(
  context: GatewayContext,
  fields: URLSearchParams,
  { report, end }: { report: LinkReport; end: LinkReportEnd },
  parts: ConsoleParts,
): Promise<void> {
  const { reference, resourceId, kind } = report
  await recordAct(parts, {
    ...doerIn(context, fields),
    action: 'report-end',
    target: `report ${reference}`,
    details: { resource: resourceId, kind, end },
  })
}

async function checkNow(context: GatewayContext, parts: ConsoleParts): Promise<void> {
  requireEditor(parts.roleOf(context))
  const fields = await parts.checkForm(context)
  const resource = context.state.rulebook.resources.get(fields.get('resource') ?? '')
  if (resource === undefined) throw new GatewayError('ERR_NOT_FOUND', 'no such database')
  const answer = await parts.checkLinksNow(resource.id)
  tellStaff(context, parts, { action: 'link-check', resourceId: resource.id })
  goToLinks(context, parts, answer, `&resource=${resource.id}`)
}

function goToLinks(
  context: GatewayContext,
  { config }: ConsoleParts,
  notice: Notice,
  more = '',
): void {
  goTo(context, `${config.portalOrigin}/staff/links?${notice}${more}`)
}
