/**
 * All that is known of links and told by readers, asked at once.
 * @module
 */
import { dayIn } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import type { AskLinkOverview } from '../core/link-figures.ts'
import type { LinkReports } from '../core/link-reports.ts'
import type { LinkBooks, ResourceLinks } from '../core/links.ts'
import type { Resource } from '../core/resource.ts'
import type { Store } from '../store/contract.ts'
import { createLinkRecords } from './books.ts'
import { isChecked } from './check.ts'
import { createLinkHealth } from './health.ts'
import { createLinkReports } from './link-reports.ts'

/** The question to a store alone, for a process that checks nothing itself. */
export function linkOverviewOf(
  { records }: Pick<Store, 'records'>,
  clock: Clock,
  timeZone: string,
): AskLinkOverview {
  const books = createLinkHealth(createLinkRecords(records))
  return createLinkOverview({
    books,
    reports: createLinkReports({ records, clock }),
    clock,
    timeZone,
  })
}

/** What is asked. */
export interface LinkOverviewParts {
  readonly books: LinkBooks
  readonly reports: Pick<LinkReports, 'open' | 'ended'>
  readonly clock: Clock
  /** Licences end at its midnight. */
  readonly timeZone: string
}

/**
 * Makes the question. What was found of a resource that is closed or over now counts no more, and a
 * report of one that there is no longer is nobody's to mend.
 */
export function createLinkOverview(parts: LinkOverviewParts): AskLinkOverview {
  const { books, reports, clock, timeZone } = parts
  return async (asked) => {
    const resources = [...asked]
    const todayOn = dayIn(timeZone, clock.now())
    const ids = new Set(resources.map(({ id }) => id))
    const [standings, doneAt, open, ended] = await Promise.all([
      books.standings(resources.filter((resource) => isChecked(resource, todayOn))),
      books.lastDoneAt(),
      reports.open(),
      reports.ended(),
    ])
    return {
      standings: [...standings, ...uncheckedOf(resources, standings)],
      ...(doneAt !== undefined && { doneAt }),
      open: open.filter(({ resourceId }) => ids.has(resourceId)),
      ended: ended.filter(({ resourceId }) => ids.has(resourceId)),
    }
  }
}

/** Those that are left in peace. */
function uncheckedOf(
  resources: readonly Resource[],
  standings: readonly ResourceLinks[],
): ResourceLinks[] {
  const known = new Set(standings.map(({ resourceId }) => resourceId))
  return resources
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => ({ resourceId: id, standing: 'unchecked', links: [] }))
}
