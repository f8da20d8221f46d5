/**
 * What happened, said once: every outcome of a request is one event on the bus, and log, metrics,
 * usage and reports listen.
 *
 * Events carry the person only as far as listeners need it to make a pseudonym; the usage recorder
 * is the one that stores them, and it stores no `issuer`, `subject` or query string.
 * @module
 */
import type { ClaimRejection } from './claims.ts'
import type { DenialReason } from './denials.ts'
import type { ErrorCode } from './errors.ts'
import type { LinkReportKind } from './link-reports.ts'
import type { LinkStanding, LinkState } from './links.ts'
import type { Category, Channel, Patron } from './types.ts'
import type { UseFacts } from './use.ts'

interface Base {
  /** Sorts by time; the key under which a replay finds the event already stored. */
  readonly id: string
  /** Epoch milliseconds of the end of the outcome. */
  readonly at: number
  readonly reference: string
}

/** Who and where, as far as known. */
export interface Asker {
  readonly sessionId?: string | undefined
  readonly patron?: Patron | undefined
  readonly address: string
  readonly network?: string | undefined
  readonly site?: string | undefined
  readonly channel: Channel
}

/** One exchange with a publisher that was answered, whatever the publisher's status. */
export interface ExchangeEvent extends Base, Asker {
  readonly kind: 'exchange'
  readonly resourceId: string
  readonly method: string
  readonly host: string
  /** Path without query. */
  readonly path: string
  /** Host, path and query, where host and path do not tell it all; kept as a pseudonym alone. */
  readonly url?: string | undefined
  readonly status: number
  readonly contentType: string
  /** Body bytes sent to the reader. */
  readonly bytes: number
  readonly durationMs: number
  /** False when the reader left or the publisher broke off before the end. */
  readonly isComplete: boolean
  readonly userAgent: string
  readonly isWebSocket: boolean
  /** The browser asked ahead of the reader, who may never look: Sec-Purpose and what came before it. */
  readonly isPrefetch?: boolean | undefined
  /** Text and data mining that the publisher has agreed to. */
  readonly isMining?: boolean | undefined
  /** For the access log alone: the publisher's origin, and the query, which nothing else keeps. */
  readonly asked?: { readonly origin: string; readonly query: string }
  /** What it was to the reader; undefined for what a page is made of. */
  readonly use?: UseFacts | undefined
}

/** A refusal. */
export interface DenialEvent extends Base, Asker {
  readonly kind: 'denial'
  readonly resourceId?: string
  readonly reason: DenialReason
  /** What was asked for: host, path and query; kept as a pseudonym alone. */
  readonly url?: string
  readonly userAgent?: string
}

/** Somebody who waits for a seat: each waiting begins once, and ends as granted, left, or untold. */
export interface WaitEvent extends Base, Asker {
  readonly kind: 'wait'
  readonly resourceId: string
  /** The pools that the resource takes its seats from: somebody waits in the queue of each. */
  readonly pools: readonly string[]
  /** The one of them that has given a seat. */
  readonly pool?: string
  readonly outcome: 'joined' | 'granted' | 'left'
  /** Of a seat that was granted. */
  readonly waitedMs?: number
}

/** A request that ended in an operating error. */
export interface FailureEvent extends Base {
  readonly kind: 'failure'
  readonly code: ErrorCode
  readonly status: number
  readonly resourceId?: string
  /** For the log only: what was found, expected and where. */
  readonly message: string
  readonly cause?: unknown
}

/** A sign-in that came to its end, well or badly. */
export interface SignInEvent extends Base {
  readonly kind: 'sign-in'
  readonly outcome: 'success' | 'failure' | 'address'
  /** Id of the provider, where it is known. */
  readonly provider?: string
  readonly category?: Category
  /** How many values of the claims counted for nothing, by reason. */
  readonly rejections?: Readonly<Partial<Record<ClaimRejection, number>>>
  /** Groups and units that the table of meanings lacks, for those who keep it; no person's. */
  readonly unmatched?: readonly string[]
}

/** A session that was ended on purpose, with who ended it. */
export interface SignOutEvent extends Base {
  readonly kind: 'sign-out'
  readonly by: 'reader' | 'provider'
  readonly sessionId: string
  readonly patron: Patron
}

/** An identity provider was found, or was lost; said at each change and at the first failure. */
export interface ProviderEvent extends Base {
  readonly kind: 'provider'
  /** Its id. */
  readonly provider: string
  readonly status: 'ready' | 'away'
  /** For operators: what was asked and what came, without secrets. */
  readonly detail: string
}

/** A published rule set came into force in this process, or could not. */
export interface RulesEvent extends Base {
  readonly kind: 'rules'
  readonly outcome: 'in-force' | 'failed'
  readonly version: number
  readonly hash: string
  /** Where the audit log ended then, as `audit verify --head` takes it. */
  readonly logHead: string
  /** Why not. */
  readonly code?: ErrorCode
  readonly message?: string
}

/** An on-site reader sent to the publisher unproxied; what came of it the gateway does not see. */
export interface DirectEvent extends Base, Asker {
  readonly kind: 'direct'
  readonly resourceId: string
  readonly isPrefetch?: boolean
  /** What the address is, by the patterns of the resource or its ending. */
  readonly use?: UseFacts
  /** Where they were sent: host, path and query; kept as a pseudonym alone. */
  readonly url?: string
  readonly userAgent?: string
}

/** The seats of a pool that is in use, as one process looks at them once a minute. */
export interface SeatsEvent extends Base {
  readonly kind: 'seats'
  readonly pool: string
  readonly seats: number
  /** Held, or kept for somebody who has waited. */
  readonly used: number
  readonly waiting: number
}

/** A day that a licence's keepers must know of; said once a day by one process. */
export interface LicenceEvent extends Base {
  readonly kind: 'licence'
  readonly resourceId: string
  /** `notice`: the contract can be renewed or ended until that day. */
  readonly state: 'begins' | 'ends' | 'grace' | 'ended' | 'notice'
  /** ISO date of that day, in the institution's time zone. */
  readonly on: string
}

/** A scheduled job that was run, by this process. */
export interface JobEvent extends Base {
  readonly kind: 'job'
  readonly name: string
  readonly outcome: 'done' | 'failed'
  readonly cause?: unknown
}

/** A reader has used up the fair-use quota of a resource; said once in a window by each process. */
export interface FairUseEvent extends Base, Asker {
  readonly kind: 'fair-use'
  readonly resourceId: string
  readonly measure: 'items' | 'bytes'
  readonly mode: 'watch' | 'enforce'
}

/** Somebody asked for the library's own reports by the COUNTER API. */
export interface CounterRequestEvent extends Base {
  readonly kind: 'counter-request'
  /** Without query. */
  readonly path: string
  /** Absent when nobody was let in, or where nobody has to be. */
  readonly requestor?: string
  /** The exception instead of an answer. */
  readonly code?: number
}

/** A publisher was asked for its own reports. */
export interface HarvestEvent extends Base {
  readonly kind: 'harvest'
  readonly resourceId: string
  /** As `reports/sushi/outcome.ts` has them; `done` and `incomplete` are good. */
  readonly state: string
  readonly isGood: boolean
  /** For operators, without anything secret. */
  readonly detail?: string | undefined
}

/** A reader has told of a database that does not work. */
export interface LinkReportEvent extends Base {
  readonly kind: 'link-report'
  readonly resourceId: string
  readonly problem: LinkReportKind
  /** Reference of the page that showed an error. */
  readonly about?: string
}

/** The links of a resource stand otherwise than before. */
export interface LinkEvent extends Base {
  readonly kind: 'link'
  readonly resourceId: string
  readonly standing: LinkStanding
  /** Of the worst of them. */
  readonly state?: LinkState | undefined
  readonly status?: number | undefined
  /** For operators, without anything secret. */
  readonly detail?: string | undefined
}

/** Something that staff did in the console. */
export interface StaffEvent extends Base {
  readonly kind: 'staff'
  readonly action:
    'seat-release' | 'override-add' | 'override-end' | 'rollback' | 'report-end' | 'link-check'
  /** Of whoever did it. */
  readonly sessionId?: string
  /** What it was done to; the audit log has who and why. */
  readonly pool?: string
  readonly override?: number
  readonly version?: number
  readonly resourceId?: string
  /** Reference of a reader's report. */
  readonly about?: string
}

/** Everything that is said on the bus. */
export type GatewayEvent =
  | ExchangeEvent
  | DenialEvent
  | WaitEvent
  | FailureEvent
  | SignInEvent
  | SignOutEvent
  | ProviderEvent
  | DirectEvent
  | SeatsEvent
  | LicenceEvent
  | JobEvent
  | FairUseEvent
  | RulesEvent
  | CounterRequestEvent
  | HarvestEvent
  | LinkReportEvent
  | LinkEvent
  | StaffEvent

/** Takes events from whoever has one and hands them to every listener, at once and in order. */
export interface EventBus {
  emit(event: GatewayEvent): void
  listen(listener: (event: GatewayEvent) => void): void
}

/**
 * A bus within the process. A listener that throws does not keep the others from hearing: its error
 * goes to `onListenerError`.
 */
export function createEventBus(onListenerError: (error: unknown) => void): EventBus {
  const listeners: ((event: GatewayEvent) => void)[] = []
  return {
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          onListenerError(error)
        }
      }
    },
    listen(listener) {
      listeners.push(listener)
    },
  }
}
