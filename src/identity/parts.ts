/**
 * What the modules of this folder share, put together once by `createIdentity`.
 * @module
 */
import type { IdentityConfig } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import type { GatewayContext } from '../core/context.ts'
import type { EventBus } from '../core/events.ts'
import type { Patron, Session } from '../core/types.ts'
import type { RecordStore } from '../store/contract.ts'
import type { Cookies } from './cookies.ts'
import type { Providers } from './providers.ts'
import type { Sessions } from './sessions.ts'

/** The common parts. */
export interface Parts {
  readonly config: IdentityConfig
  readonly portalOrigin: string
  /** Origin of the landing. */
  readonly landing: string
  readonly records: RecordStore
  readonly clock: Clock
  readonly bus: EventBus
  readonly cookies: Cookies
  readonly providers: Providers
  readonly sessions: Sessions
  /** Called with each session that ended before its time: what else belongs to it goes there. */
  readonly onSessionEnd: (session: Session) => Promise<void>
  /** Called with a reader who has left. */
  readonly releaseSeats: (patron: Patron) => Promise<void>
}

/** Sends the browser on; neither the answer nor the address it came from is kept by anybody. */
export function redirect(context: GatewayContext, url: string): void {
  context.status = 303
  context.set('Location', url)
  context.set('Cache-Control', 'no-store')
  context.set('Referrer-Policy', 'no-referrer')
  context.body = ''
}
