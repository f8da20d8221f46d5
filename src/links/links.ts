/**
 * The link checker of a gateway, what it knows, and what readers tell.
 * @module
 */
import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import type { AskLinkOverview } from '../core/link-figures.ts'
import type { LinkReports } from '../core/link-reports.ts'
import type { LinkBooks } from '../core/links.ts'
import type { Store } from '../store/contract.ts'
import { createLinkRecords } from './books.ts'
import { createLinkChecker, type LinkChecker } from './check.ts'
import { createLinkHealth } from './health.ts'
import { createLinkReports } from './link-reports.ts'
import { createLinkOverview } from './overview.ts'

/** What they need. */
export interface LinksParts {
  readonly config: Pick<GatewayConfig, 'institution' | 'portalOrigin' | 'upstream'>
  readonly store: Pick<Store, 'records'>
  readonly clock: Clock
}

/** All about links. */
export interface Links {
  readonly checker: LinkChecker
  readonly books: LinkBooks
  readonly reports: LinkReports
  readonly overview: AskLinkOverview
}

/** Makes them; nobody is asked before the checker is. */
export function createLinks({ config, store, clock }: LinksParts): Links {
  const { portalOrigin, upstream } = config
  const { timeZone } = config.institution
  const records = createLinkRecords(store.records)
  const books = createLinkHealth(records)
  const reports = createLinkReports({ records: store.records, clock })
  return {
    checker: createLinkChecker({ records, clock, timeZone, portalOrigin, upstream }),
    books,
    reports,
    overview: createLinkOverview({ books, reports, clock, timeZone }),
  }
}
