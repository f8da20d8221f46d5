/**
 * Both ends of the COUNTER API in a gateway: the library's own reports for others, and publishers'
 * reports for the library.
 * @module
 */
import type { GatewayConfig } from '../../config/config.ts'
import type { Clock } from '../../core/clock.ts'
import type { EventBus } from '../../core/events.ts'
import type { HarvestBooks } from '../../core/harvest.ts'
import type { PortalRoute } from '../../core/routes.ts'
import type { Store } from '../../store/contract.ts'
import { createMonthReader } from '../counter/figures.ts'
import { createBooks } from './books.ts'
import { createHarvester, type Harvester } from './harvest.ts'
import { createSushiServer } from './server.ts'

/** What both need. */
export interface SushiParts {
  readonly config: Pick<GatewayConfig, 'counter' | 'institution' | 'upstream'>
  readonly store: Pick<Store, 'records' | 'figures' | 'ping'>
  readonly clock: Clock
  readonly bus: EventBus
}

/** Both ends. */
export interface Sushi {
  /** The portal's routes; none where nobody may ask. */
  readonly routes: readonly PortalRoute[]
  readonly harvester: Harvester
  readonly books: HarvestBooks
}

/** Makes both ends; nobody is asked before the harvester is. */
export function createSushi({ config, store, clock, bus }: SushiParts): Sushi {
  const { timeZone } = config.institution
  const months = createMonthReader({ store, clock })
  return {
    routes: createSushiServer({ config, store, months, clock, bus }),
    harvester: createHarvester({ store, clock, timeZone, upstream: config.upstream }),
    books: createBooks({ store, months, clock, timeZone }),
  }
}
