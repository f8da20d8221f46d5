/**
 * Identity: who is asking. Signs readers in at OpenID providers, keeps their sessions in the store, carries a session from the portal to proxied hosts, and ends it everywhere.
 *
 * Fails closed: without an answer of the store nobody is known (but for the short grace of
 * `sessions.ts`), without the provider nobody signs in, and the portal serves on either way.
 * @module
 */
import assert from 'node:assert'

import type { IdentityConfig } from '../config/config.ts'
import { randomReference, timeOrderedId, type Clock } from '../core/clock.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import type { EventBus } from '../core/events.ts'
import { landingOrigin } from '../core/landing.ts'
import type { Upstream } from '../core/resource.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { Patron, Session } from '../core/types.ts'
import type { RecordStore } from '../store/contract.ts'
import { createCookies } from './cookies.ts'
import { clearingStage, farewellStage } from './farewell.ts'
import { createForms } from './forms.ts'
import { portalGate, zoneGate } from './gate.ts'
import type { Parts } from './parts.ts'
import { createProvider } from './provider.ts'
import { createProviders } from './providers.ts'
import type { ProviderChoice } from './providers.ts'
import { createSessions } from './sessions.ts'
import { callbackRoutes, providerChoices, signInStage } from './sign-in.ts'
import { signOutRoutes } from './sign-out.ts'
import { enterRoute, landingStage } from './tickets.ts'

/** What identity needs. */
export interface IdentityOptions {
  readonly config: IdentityConfig
  readonly portalOrigin: string
  readonly zoneOrigin: string
  readonly records: RecordStore
  readonly clock: Clock
  readonly bus: EventBus
  /** Called with each session that ended before its time, so that its sockets and cookies go. */
  readonly onSessionEnd: (session: Session) => Promise<void>
  /** Called with a reader who has left, not with one who goes on in another session. */
  readonly releaseSeats: (patron: Patron) => Promise<void>
}

/** Identity as the gateway wires it. */
export interface Identity {
  /** Begins to look for the providers; does not wait for them. */
  start(): void
  stop(): Promise<void>
  /** `away` when no provider answers: nobody can sign in. */
  status(): 'ready' | 'away'
  /** Each provider by its id. */
  providers(): readonly { readonly id: string; readonly isReady: boolean }[]
  /** For `/sign-in`: sends the browser to a provider, or hands on where the reader has to choose. */
  readonly signInStage: Stage
  /** What to choose between, in this browser's order. */
  choices(context: GatewayContext): readonly ProviderChoice[]
  /** For the portal name: sets `state.session` if there is one. */
  readonly portalStage: Stage
  /** For proxied hosts: sets `state.session`, or sends to sign-in, or refuses. */
  readonly zoneStage: Stage
  /** For the landing: hops and tickets; hands on all others. */
  readonly landingStage: Stage
  /** For reserved paths of proxied hosts: sign-out; hands on all others. */
  readonly farewellOnHost: Stage
  /** `/callback/<provider>`, `/enter`, `/sign-out`, `/backchannel-logout`. */
  readonly routes: readonly PortalRoute[]
  /** Value for the field `formTokenField` of a form that this session may send. */
  formToken(session: Session): string
  /**
   * The fields of a form that a page of the portal sent in this session.
   *
   * @throws {GatewayError} `ERR_FORGERY`, `ERR_BAD_REQUEST`
   */
  checkForm(context: GatewayContext): Promise<URLSearchParams>
  /** For the page after sign-out: sends the browser over the visited hosts, to be cleared. */
  readonly farewellStage: Stage
  /** Whether a session has neither run out nor been ended anywhere. May fail with `ERR_STORE_AWAY`. */
  isLive(session: Session): Promise<boolean>
  /** Every cookie that the gateway sets; none of them ever passes to or from a publisher. */
  readonly cookieNames: readonly string[]
}

/**
 * Identity over a store.
 *
 * @throws {GatewayError} `ERR_CONFIG` for an issuer on plain http that is not this machine.
 */
export function createIdentity(options: IdentityOptions): Identity {
  const { config, portalOrigin, zoneOrigin, records, clock, bus } = options
  const cookies = createCookies(portalOrigin, zoneOrigin)
  const sessions = createSessions({ config, records, clock })
  const forms = createForms(portalOrigin, sessions)
  const providers = createProviders(
    config.providers.map((each) =>
      createProvider(each, portalOrigin, clock, (status, detail) => {
        const at = clock.now()
        const base = { id: timeOrderedId(at), at, reference: randomReference() }
        bus.emit({ kind: 'provider', ...base, provider: each.id, status, detail })
      }),
    ),
  )
  const landing = landingOrigin(zoneOrigin)
  const parts: Parts = { ...options, landing, cookies, providers, sessions }
  return {
    start: () => providers.start(),
    stop: () => providers.stop(),
    status: () => (providers.all.some((each) => each.status() === 'ready') ? 'ready' : 'away'),
    providers: () =>
      providers.all.map(({ config: { id }, status }) => ({ id, isReady: status() === 'ready' })),
    signInStage: signInStage(parts),
    choices: (context) => providerChoices(context, parts),
    portalStage: portalGate(parts),
    zoneStage: zoneGate(parts, proxiedOrigin),
    landingStage: landingStage(parts),
    farewellOnHost: clearingStage(parts, proxiedOrigin),
    routes: [...callbackRoutes(parts), enterRoute(parts), ...signOutRoutes(parts, forms)],
    formToken: (session) => forms.token(session),
    checkForm: (context) => forms.check(context),
    farewellStage: farewellStage(parts),
    isLive: async ({ id }) => (await sessions.findById(id)) !== undefined,
    cookieNames: cookies.names,
  }
}

/** Of the upstreams of the rules in force, and of those that a request still runs under. */
const proxiedOrigins = new WeakMap<Upstream, string>()

/** Origin of the proxied host of a request, from the closed table and not from its headers. */
function proxiedOrigin(context: GatewayContext): string {
  const { route, rulebook } = context.state
  assert(route.kind === 'proxied' || route.kind === 'reserved')
  const { upstream } = route
  const known = proxiedOrigins.get(upstream)
  if (known !== undefined) return known
  const proxied = rulebook.hosts.proxiedAuthority(upstream.scheme, upstream.authority)
  assert(proxied !== undefined)
  const origin = `${new URL(rulebook.hosts.zoneOrigin).protocol}//${proxied}`
  proxiedOrigins.set(upstream, origin)
  return origin
}
