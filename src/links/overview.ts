/**
 * All that is known of links and told by readers, asked at once.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { AskLinkOverview } from '../core/link-figures.ts'
import type { LinkReports } from '../core/link-reports.ts'
import type { LinkBooks } from '../core/links.ts'
import type { Store } from '../store/contract.ts'
import { createLinkRecords } from './books.ts'
import { createLinkHealth } from './health.ts'
import { createLinkReports } from './link-reports.ts'

/** The question to a store alone, for a process that checks nothing itself. */
export function linkOverviewOf({ records }: Pick<Store, 'records'>, clock: Clock): AskLinkOverview {
  return createLinkOverview(
    createLinkHealth(createLinkRecords(records)),
    createLinkReports({ records, clock }),
  )
}

/** Makes the question. A report of a database that there is no longer is nobody's to mend. */
export function createLinkOverview(
  books: LinkBooks,
  reports: Pick<LinkReports, 'open' | 'ended'>,
): AskLinkOverview {
  return async (asked) => {
    const resources = [...asked]
    const ids = new Set(resources.map(({ id }) => id))
    const [standings, doneAt, open, ended] = await Promise.all([
      books.standings(resources),
      books.lastDoneAt(),
      reports.open(),
      reports.ended(),
    ])
    return {
      standings,
      ...(doneAt !== undefined && { doneAt }),
      open: open.filter(({ resourceId }) => ids.has(resourceId)),
      ended: ended.filter(({ resourceId }) => ids.has(resourceId)),
    }
  }
}
