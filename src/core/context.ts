/**
 * What stages hand to each other along one request: each field names the stage that sets it.
 * @module
 */
import type { Duplex, Readable } from 'node:stream'

import type Koa from 'koa'

import type { PageCitation } from './citation.ts'
import type { DenialReason } from './denials.ts'
import type { Language, Text } from './languages.ts'
import type { Resource, Rulebook, Upstream } from './resource.ts'
import type { Place, Session } from './types.ts'

/** Header lines in order, names as sent; one pair for each line. */
export type HeaderLines = readonly (readonly [name: string, value: string])[]

/** One step of the decision, for `explain`. */
export interface TraceStep {
  readonly criterion: string
  readonly outcome: 'passed' | 'refused' | 'not asked'
  /** What was compared, without names of persons. */
  readonly detail: string
}

/** May they? With the reason if not, and how it was found. */
export type Decision =
  | { readonly isAllowed: true; readonly trace: readonly TraceStep[] }
  | {
      readonly isAllowed: false
      readonly reason: DenialReason
      readonly trace: readonly TraceStep[]
      /** Facts for the page's words, such as `{ seats: 3 }`; keys are those of the locale files. */
      readonly facts: Readonly<Record<string, string | number>>
      /** A page of the portal that serves the reader better than the refusal: the waiting room. */
      readonly leadsTo?: string
      /** The reader was told so before and waits since then: it is not said again on the bus. */
      readonly isTold?: boolean
      /** What staff want readers to be told of it. */
      readonly message?: Text
    }

/** What the gateway asks a publisher. */
export interface UpstreamRequest {
  readonly upstream: Upstream
  readonly method: string
  /** Path and query, byte for byte as they shall arrive. */
  readonly target: string
  readonly headers: HeaderLines
  readonly body?: Readable
}

/** What the publisher answers; `body` is as received, still coded. */
export interface UpstreamAnswer {
  readonly status: number
  readonly headers: HeaderLines
  readonly body: Readable
}

/** What a browser gets of a publisher's answer. */
export interface Reply {
  readonly status: number
  /** Names and values in turn, each safe to send; with the length of a body that is a buffer. */
  readonly lines: readonly string[]
  /** Absent where the protocol has none. */
  readonly body?: Buffer | Readable
}

/** The socket of a connection that asked to become a WebSocket. */
export interface UpgradeSocket {
  readonly socket: Duplex
  readonly head: Buffer
}

/** Which of the gateway's names a request came to. */
export type Route =
  | { readonly kind: 'portal' }
  /** The gateway's own host of the zone, where hops begin and tickets are redeemed. */
  | { readonly kind: 'landing' }
  | { readonly kind: 'proxied'; readonly upstream: Upstream }
  /** Below `/.darbaza/` of a proxied host: shim, style sheet, sign-out. */
  | { readonly kind: 'reserved'; readonly upstream: Upstream }
  | { readonly kind: 'unknown' }

/** The values that travel with one request. */
export interface GatewayState {
  /** [listener] Shown on the error page and in every log line of the request. */
  reference: string
  /** [listener] Canonical client address, from the socket or from a trusted proxy. */
  clientAddress: string
  /** [listener] Set when the request is a WebSocket handshake. */
  upgrade?: UpgradeSocket
  /** [listener] The rules under which this request runs to its end. */
  rulebook: Rulebook
  /** [listener] Language of the pages. */
  language: Language
  /** [listener] Body bytes that were handed to the connection so far. */
  sentBytes: number
  /** [listener] Takes what is to be done when the answer is over, whole or broken off; in order. */
  whenOver: (act: () => void) => void
  /** [hosts] */
  route: Route
  /** [treatment] */
  place: Place
  /** [identity] Absent when nobody is signed in. */
  session?: Session
  /** [policy] The resource that the request enters or is in. */
  resource?: Resource
  /** [policy] */
  decision?: Decision
  /** [rewriting] Set on the way in. */
  upstreamRequest?: UpstreamRequest
  /** [exchange] Set before the way back. */
  upstreamAnswer?: UpstreamAnswer
  /** [rewriting] Tells what the page says of its work, as far as it has been read. */
  citation?: () => PageCitation | undefined
  /** [rewriting] What goes out instead of Koa's body, unless a page takes its place. */
  reply?: Reply
}

/** Koa's context with the gateway's state. */
export type GatewayContext = Koa.ParameterizedContext<GatewayState>

/** A stage: acts on the way in, calls `next`, acts on the way back. */
export type Stage = (context: GatewayContext, next: () => Promise<void>) => Promise<void>
