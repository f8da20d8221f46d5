/**
 * Health of links, as staff see it: how each database's links stand and what to do, and what readers
 * have told.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { isStoreAway } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { linkFigures, type LinkOverview } from '../core/link-figures.ts'
import type { LinkReport } from '../core/link-reports.ts'
import {
  linkStandings,
  worstFirst,
  type LinkHealth,
  type LinkStanding,
  type LinkState,
  type ResourceLinks,
} from '../core/links.ts'
import type { Resource } from '../core/resource.ts'
import type { Facts, WordKey } from '../locales/words.ts'
import { durationText, momentText, numberText } from '../pages/formats.ts'
import type { Term } from '../pages/models.ts'
import type { LinkModel, LinkReportRowModel, LinksModel, ResourceLinksModel } from './models.ts'
import type { ConsoleParts } from './parts.ts'

type LinksParts = Pick<ConsoleParts, 'askLinks' | 'words' | 'config' | 'clock'>

/** What the page shows besides what may be done on it; the query narrows it. */
export type ShownLinks = Omit<LinksModel, 'form' | 'asked' | 'problem' | 'notice'>

/** The page, and the reports that are open. */
export async function linksModel(
  context: GatewayContext,
  parts: LinksParts,
): Promise<{ readonly shown: ShownLinks; readonly open: readonly LinkReport[] }> {
  const wording = wordingOf(context, parts)
  const { resources } = context.state.rulebook
  const query = new URLSearchParams(context.querystring)
  const one = resources.get(query.get('resource') ?? '')
  const standing = linkStandings.find((each) => each === query.get('standing'))
  const overview = await askedOf(parts, one === undefined ? resources.values() : [one])
  if (overview === undefined) {
    return {
      shown: { isStoreAway: true, lines: [], filters: [], reports: [], links: [] },
      open: [],
    }
  }
  const { links: linksShown, linkReports: reportsShown } = limits.console
  const { byStanding } = linkFigures(overview, parts.clock.now())
  const found = overview.standings
    .filter((each) => standing === undefined || each.standing === standing)
    .toSorted(worstFirst)
  const shown = {
    isStoreAway: false,
    ...(one && { one: namedModel(one, wording) }),
    lines: one === undefined ? figureLines(overview, parts, wording) : [],
    filters: one === undefined ? filterModels(byStanding, standing, wording) : [],
    reports: overview.open.slice(0, reportsShown).map((each) => reportModel(each, wording)),
    ...moreOf('moreReports', overview.open.length - reportsShown, wording),
    links: found.slice(0, linksShown).flatMap((each) => resourceModel(each, wording)),
    ...moreOf('more', found.length - linksShown, wording),
  }
  return { shown, open: overview.open }
}

async function askedOf(
  { askLinks }: LinksParts,
  resources: Iterable<Resource>,
): Promise<LinkOverview | undefined> {
  try {
    return await askLinks(resources)
  } catch (error) {
    if (isStoreAway(error)) return undefined
    throw error
  }
}

/** What words are chosen with. */
export interface LinkWording {
  readonly say: (key: WordKey, facts?: Facts) => string
  readonly moment: (at: number) => string
  readonly context: GatewayContext
  readonly parts: Pick<LinksParts, 'words'>
}

/** The wording of a request. */
export function wordingOf(
  context: GatewayContext,
  parts: Pick<LinksParts, 'words' | 'config'>,
): LinkWording {
  const { language } = context.state
  const { timeZone } = parts.config.institution
  return {
    say: (key, facts) => parts.words.say(language, key, facts),
    moment: (at) => momentText(at, language, timeZone),
    context,
    parts,
  }
}

function namedModel(resource: Resource, { context, parts }: LinkWording) {
  const { id, title } = resource
  return { id, title: parts.words.textOf(title, context.state.language) }
}

function figureLines(overview: LinkOverview, parts: LinksParts, wording: LinkWording): Term[] {
  const { say, moment, context } = wording
  const { language } = context.state
  const now = parts.clock.now()
  const { known, working, open, oldestOpenAt, mended, medianRepairMs } = linkFigures(overview, now)
  const number = (value: number) => numberText(value, language)
  const { doneAt } = overview
  return [
    {
      name: say('links.working'),
      value: say('links.working_of', { working: number(working), known: number(known) }),
    },
    {
      name: say('links.done'),
      value: doneAt === undefined ? say('links.never') : moment(doneAt),
    },
    {
      name: say('links.open'),
      value:
        oldestOpenAt === undefined
          ? number(open)
          : say('links.open_since', { open: number(open), since: moment(oldestOpenAt) }),
    },
    ...(medianRepairMs === undefined
      ? []
      : [
          {
            name: say('links.repair'),
            value: say('links.repair_half', {
              span: durationText(medianRepairMs, language),
              mended: number(mended),
            }),
          },
        ]),
  ]
}

function filterModels(
  byStanding: Readonly<Record<LinkStanding, number>>,
  chosen: LinkStanding | undefined,
  { say, context }: LinkWording,
): LinksModel['filters'] {
  const { language } = context.state
  const all = linkStandings.reduce((sum, each) => sum + byStanding[each], 0)
  return [
    { text: say('links.all'), count: numberText(all, language), isChosen: chosen === undefined },
    ...linkStandings
      .filter((each) => byStanding[each] > 0 || each === chosen)
      .map((standing) => ({
        standing,
        text: say(`links.standing_${standing}`),
        count: numberText(byStanding[standing], language),
        isChosen: standing === chosen,
      })),
  ]
}

const kinds = {
  broken: 'shut',
  suspect: 'wait',
  notice: 'wait',
  unknown: 'unasked',
  unchecked: 'unasked',
  works: 'ready',
} as const satisfies Record<LinkStanding, ResourceLinksModel['kind']>

/** None for a resource that is in force no longer. */
function resourceModel(links: ResourceLinks, wording: LinkWording): ResourceLinksModel[] {
  const { say, context } = wording
  const resource = context.state.rulebook.resources.get(links.resourceId)
  if (resource === undefined) return []
  const { standing } = links
  return [
    {
      ...namedModel(resource, wording),
      kind: kinds[standing],
      text: say(`links.standing_${standing}`),
      links: links.links.map((link) => linkModel(link, wording)),
      isChecked: links.links.length > 0,
    },
  ]
}

function linkModel({ kind, url, standing, last }: LinkHealth, wording: LinkWording): LinkModel {
  const { say, moment } = wording
  const todo = last === undefined ? undefined : todos[last.state]
  return {
    kind: kinds[standing],
    name: say(`links.kind_${kind}`),
    url,
    found: say(last === undefined ? 'links.state_none' : `links.state_${last.state}`),
    lines:
      last === undefined
        ? []
        : [
            { name: say('links.since'), value: moment(last.sinceAt) },
            { name: say('links.checked'), value: moment(last.at) },
            ...(last.status === undefined
              ? []
              : [{ name: say('links.status'), value: String(last.status) }]),
          ],
    // What differs in its query alone is shown alike.
    ...(last?.leadsTo !== undefined && last.leadsTo !== url && { leadsTo: last.leadsTo }),
    ...(last?.detail !== undefined && { detail: last.detail }),
    ...(todo !== undefined && { todo: say(`links.todo_${todo}`) }),
  }
}

/** What staff do about each state; several ask for the same. */
const todos = {
  works: undefined,
  moved: 'moved',
  leaves: 'leaves',
  'not-entitled': 'licence',
  gone: 'address',
  'says-gone': 'address',
  parked: 'address',
  loops: 'address',
  misleads: 'address',
  empty: 'publisher',
  failing: 'publisher',
  garbled: 'publisher',
  unreachable: 'publisher',
  slow: 'publisher',
  nameless: 'name',
  forbidden: 'forbidden',
  certificate: 'certificate',
  blocked: 'blocked',
  busy: 'busy',
  untold: 'untold',
} as const satisfies Record<LinkState, string | undefined>

/** A reader's report as the page shows it. */
export function reportModel(report: LinkReport, wording: LinkWording): LinkReportRowModel {
  const { id, resourceId, kind, at, channel, text, about, reference } = report
  const { say, moment, context } = wording
  const resource = context.state.rulebook.resources.get(resourceId)
  return {
    id,
    reference,
    resource:
      resource === undefined
        ? { id: resourceId, title: { text: resourceId, language: context.state.language } }
        : namedModel(resource, wording),
    kind: say(`link_report.kind_${kind}`),
    lines: [
      { name: say('links.told'), value: moment(at) },
      { name: say('links.from'), value: say(`account.channel_${channel}`) },
    ],
    ...(text !== undefined && { text }),
    ...(about !== undefined && { about }),
  }
}

function moreOf<Name extends string>(
  name: Name,
  count: number,
  { say }: LinkWording,
): { readonly [key in Name]?: string } | object {
  return count > 0 ? { [name]: say('staff.more', { more: count }) } : {}
}
