/**
 * How the links of a collection stand, in a few figures: for the staff page and the report of the
 * collection alike.
 * @module
 */
import type { EndedLinkReport, LinkReport } from './link-reports.ts'
import type { LinkStanding, ResourceLinks } from './links.ts'
import type { Resource } from './resource.ts'

/** All that is known of links and told by readers. */
export interface LinkOverview {
  readonly standings: readonly ResourceLinks[]
  /** Epoch milliseconds: when the checker last came to the end of all that was due; absent for never. */
  readonly doneAt?: number
  /** Of these resources, the oldest first. */
  readonly open: readonly LinkReport[]
  readonly ended: readonly EndedLinkReport[]
}

/** Asks for it; may reject with `ERR_STORE_AWAY`. */
export type AskLinkOverview = (resources: Iterable<Resource>) => Promise<LinkOverview>

/** The figures. */
export interface LinkFigures {
  /** Resources by their standing; none is left out. */
  readonly byStanding: Readonly<Record<LinkStanding, number>>
  /** Those of which it is known, and of these the ones that readers get through. */
  readonly known: number
  readonly working: number
  /** Epoch milliseconds of the look that is the longest ago, among the last ones at each link. */
  readonly oldestLookAt?: number
  readonly open: number
  readonly oldestOpenAt?: number
  /** Reports that ended with a repair in the year before, and the time that half of them took. */
  readonly mended: number
  readonly medianRepairMs?: number
}

const yearMs = 365 * 86_400_000

/** The figures of an overview at an instant. */
export function linkFigures({ standings, open, ended }: LinkOverview, now: number): LinkFigures {
  const byStanding = { broken: 0, suspect: 0, notice: 0, unknown: 0, unchecked: 0, works: 0 }
  for (const { standing } of standings) byStanding[standing] += 1
  const looks = standings.flatMap(({ links }) => links.flatMap(({ last }) => last?.at ?? []))
  const repairs = ended
    .filter(({ end, endedAt }) => end === 'mended' && endedAt > now - yearMs)
    .map(({ at, endedAt }) => endedAt - at)
    .toSorted((one, other) => one - other)
  const [oldest] = open
  // As the metric has it: a link that failed once may have been away for an hour.
  const working = byStanding.works + byStanding.notice + byStanding.suspect
  return {
    byStanding,
    known: working + byStanding.broken,
    working,
    ...(looks.length > 0 && { oldestLookAt: looks.reduce((one, other) => Math.min(one, other)) }),
    open: open.length,
    ...(oldest && { oldestOpenAt: oldest.at }),
    mended: repairs.length,
    ...medianOf(repairs),
  }
}

function medianOf(sorted: readonly number[]): Pick<LinkFigures, 'medianRepairMs'> {
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]
  return middle === undefined ? {} : { medianRepairMs: middle }
}
