/**
 * The link checker of a gateway, and what it knows.
 * @module
 */
import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import type { LinkBooks } from '../core/links.ts'
import type { Store } from '../store/contract.ts'
import { createLinkRecords } from './books.ts'
import { createLinkChecker, type LinkChecker } from './check.ts'
import { createLinkHealth } from './health.ts'

/** What both need. */
export interface LinksParts {
  readonly config: Pick<GatewayConfig, 'institution' | 'portalOrigin' | 'upstream'>
  readonly store: Pick<Store, 'records'>
  readonly clock: Clock
}

/** Both. */
export interface Links {
  readonly checker: LinkChecker
  readonly books: LinkBooks
}

/** Makes both; nobody is asked before the checker is. */
export function createLinks({ config, store, clock }: LinksParts): Links {
  const { portalOrigin, upstream } = config
  const { timeZone } = config.institution
  const records = createLinkRecords(store.records)
  return {
    checker: createLinkChecker({ records, clock, timeZone, portalOrigin, upstream }),
    books: createLinkHealth(records),
  }
}
