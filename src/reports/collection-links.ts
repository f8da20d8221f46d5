/**
 * The health of links in the report of the collection: how many databases can be reached, how old that
 * knowledge is, what readers have told, and how long a repair takes. No reader's words are in it: the
 * report goes by mail.
 * @module
 */
import { linkFigures } from '../core/link-figures.ts'
import { linkStandings } from '../core/links.ts'
import { column, resourceColumns } from './columns.ts'
import { resourceTitle, say, type ReportInput } from './input.ts'
import type { Table, Value } from './model.ts'

type Links = NonNullable<ReportInput['links']>

const dayMs = 86_400_000

/** The tables; none without knowledge of links. */
export function linkTables(input: ReportInput): Table[] {
  const { links } = input
  if (links === undefined) return []
  return [healthTable(input, links), repairTable(input, links), troubleTable(input, links)]
}

function healthTable(input: ReportInput, links: Links): Table {
  const { known, working, byStanding, oldestLookAt } = linkFigures(links, links.at)
  const { doneAt } = links
  return {
    id: 'links',
    title: say(input, 'report.links'),
    columns: [
      column(input, 'known', 'count', 'report.links_known'),
      column(input, 'working', 'count', 'report.links_working'),
      column(input, 'working_share', 'share', 'report.links_share'),
      column(input, 'broken', 'count', 'report.links_broken'),
      column(input, 'unknown', 'count', 'report.links_unknown'),
      column(input, 'days_since_check', 'decimal', 'report.links_check_age'),
      column(input, 'days_since_oldest_look', 'decimal', 'report.links_look_age'),
    ],
    rows: [
      [
        known,
        working,
        known === 0 ? undefined : working / known,
        byStanding.broken,
        byStanding.unknown + byStanding.unchecked,
        days(links.at, doneAt),
        days(links.at, oldestLookAt),
      ],
    ],
    notes: [say(input, doneAt === undefined ? 'report.note_links_never' : 'report.note_links')],
  }
}

function repairTable(input: ReportInput, links: Links): Table {
  const { open, oldestOpenAt, mended, medianRepairMs } = linkFigures(links, links.at)
  return {
    id: 'link_reports',
    title: say(input, 'report.link_reports'),
    columns: [
      column(input, 'open', 'count', 'report.link_reports_open'),
      column(input, 'oldest_days', 'decimal', 'report.link_reports_oldest'),
      column(input, 'mended', 'count', 'report.link_reports_mended'),
      column(input, 'repair_days', 'decimal', 'report.link_reports_repair'),
    ],
    rows: [
      [
        open,
        days(links.at, oldestOpenAt),
        mended,
        medianRepairMs === undefined ? undefined : medianRepairMs / dayMs,
      ],
    ],
    notes: [say(input, 'report.note_link_reports')],
  }
}

/** Those that want something done, the worst first. */
function troubleTable(input: ReportInput, { standings, open, at }: Links): Table {
  const told = Map.groupBy(open, ({ resourceId }) => resourceId)
  const found = standings
    .filter(({ standing, resourceId }) => standing !== 'works' || told.has(resourceId))
    .toSorted((a, b) => linkStandings.indexOf(a.standing) - linkStandings.indexOf(b.standing))
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
      days(at, worst?.last?.sinceAt),
      told.get(resourceId)?.length ?? 0,
    ]),
    notes: found.length === 0 ? [say(input, 'report.note_none')] : [],
  }
}

function days(now: number, at: number | undefined): number | undefined {
  return at === undefined ? undefined : (now - at) / dayMs
}
