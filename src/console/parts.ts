/**
 * What the console asks of the rest of the gateway.
 * @module
 */
import type { ConfigOutline } from '../config/load.ts'
import type { Clock } from '../core/clock.ts'
import type { GatewayContext } from '../core/context.ts'
import type { EventBus } from '../core/events.ts'
import type { HarvestBooks } from '../core/harvest.ts'
import type { AskLinkOverview } from '../core/link-figures.ts'
import type { LinkReports } from '../core/link-reports.ts'
import type { LinkCheckAnswer } from '../core/links.ts'
import type { Session } from '../core/types.ts'
import type { UnmatchedValue } from '../identity/unmatched-values.ts'
import type { Words } from '../locales/words.ts'
import type { Answers } from '../pages/answers.ts'
import type { Pools } from '../policy/pools.ts'
import type { ControlStore } from '../store/contract.ts'
import type { ConsolePages } from './pages.ts'
import type { RoleOf } from './staff.ts'

/** Handed in by the gateway; what staff put into force goes through `control`, as the commands do. */
export interface ConsoleParts {
  readonly config: ConfigOutline
  readonly words: Words
  readonly pages: ConsolePages
  readonly answers: Answers
  readonly clock: Clock
  readonly bus: EventBus
  readonly pools: Pools
  readonly control: ControlStore
  /** The version that is in force in this process; 0 while the files are. */
  readonly publishedVersion: () => number
  /** Values of sign-ins that mean nothing yet. May reject with `ERR_STORE_AWAY`. */
  readonly unmatched: () => Promise<readonly UnmatchedValue[]>
  readonly harvest: HarvestBooks
  /** All that is known of the links of resources. May reject with `ERR_STORE_AWAY`. */
  readonly askLinks: AskLinkOverview
  readonly linkReports: Pick<LinkReports, 'open' | 'end'>
  /** Has the links of a resource looked at now. */
  readonly checkLinksNow: (resourceId: string) => Promise<LinkCheckAnswer>
  readonly roleOf: RoleOf
  readonly formToken: (session: Session) => string
  readonly checkForm: (context: GatewayContext) => Promise<URLSearchParams>
  readonly identityStatus: () => 'ready' | 'away'
  readonly isStoreReady: () => Promise<boolean>
}
