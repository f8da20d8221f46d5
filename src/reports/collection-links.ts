/**
 * The health of links in the report of the collection: how many databases can be reached, how old that
 * knowledge is, what readers have told, and how long a repair takes. No reader's words are in it: the
 * report goes by mail.
 * @module
 */
import { linkFigures } from '../core/link-figures.ts'
import { worstFirst, type LinkHealth } from '../core/links.ts'
import type { WordKey } from '../locales/words.ts'
import { column, resourceColumns } from './columns.ts'
import { resourceTitle, say, type ReportInput } from './input.ts'
import type { Table, Value } from './model.ts'

type Links = NonNullable<ReportInput['links']>

const dayMs = 86_400_000

/** The tables; none without knowledge of links. */
export function linkTables(input: ReportInput): Table[] {
  const { links } = input
  if (links === undefined) return []
  return [healthTable(input, links), troubleTable(input, links)]
}

/** A row for each figure, as in the table of the collection; what is not known is left empty. */
function healthTable(input: ReportInput, links: Links): Table {
  const { doneAt, at } = links
  const figures = linkFigures(links, at)
  const { known, working, byStanding, medianRepairMs } = figures
  const lines: readonly (readonly [string, WordKey, number | undefined])[] = [
    ['known', 'report.links_known', known],
    ['working', 'report.links_working', working],
    ['working_percent', 'report.links_share', known === 0 ? undefined : (100 * working) / known],
    ['broken', 'report.links_broken', byStanding.broken],
    ['unknown', 'report.links_unknown', byStanding.unknown + byStanding.unchecked],
    ['days_since_check', 'report.links_check_age', days(at, doneAt)],
    ['days_since_oldest_look', 'report.links_look_age', days(at, figures.oldestLookAt)],
    ['open_reports', 'report.link_reports_open', figures.open],
    ['oldest_report_days', 'report.link_reports_oldest', days(at, figures.oldestOpenAt)],
    ['mended', 'report.link_reports_mended', figures.mended],
    ['repair_days', 'report.link_reports_repair', medianRepairMs && medianRepairMs / dayMs],
  ]
  return {
    id: 'links',
    title: say(input, 'report.links'),
    columns: [
      column(input, 'name', 'text', 'report.name'),
      column(input, 'id', 'text', 'report.id'),
      column(input, 'value', 'decimal', 'report.number'),
    ],
    rows: lines.map(([id, word, value]) => [say(input, word), id, value]),
    notes: [
      say(input, doneAt === undefined ? 'report.note_links_never' : 'report.note_links'),
      say(input, 'report.note_link_reports'),
    ],
  }
}

/** Those that want something done, the worst first; one that nobody visits only if readers tell of it. */
function troubleTable(input: ReportInput, { standings, open, at }: Links): Table {
  const told = Map.groupBy(open, ({ resourceId }) => resourceId)
  const found = standings
    .filter(({ standing, links, resourceId }) => {
      return (standing !== 'works' && links.length > 0) || told.has(resourceId)
    })
    .toSorted(worstFirst)
  return {
    id: 'link_troubles',
    title: say(input, 'report.link_troubles'),
    columns: [
      ...resourceColumns(input),
      column(input, 'state', 'text', 'report.link_state'),
      column(input, 'days', 'decimal', 'report.link_days'),
      column(input, 'open_reports', 'count', 'report.link_reports_open'),
    ],
    rows: found.map(({ resourceId, standing, links: [worst] }): Value[] => [
      resourceTitle(input, resourceId),
      resourceId,
      say(input, `links.standing_${standing}`),
      days(at, standing === 'broken' ? failingSince(worst) : worst?.last?.sinceAt),
      told.get(resourceId)?.length ?? 0,
    ]),
    notes: [],
  }
}

/** Whatever it has failed by since. */
function failingSince(link: LinkHealth | undefined): number | undefined {
  return link?.failingSinceAt ?? link?.last?.sinceAt
}

function days(now: number, at: number | undefined): number | undefined {
  return at === undefined ? undefined : (now - at) / dayMs
}
