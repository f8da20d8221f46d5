/**
 * What a gateway shows to people: the portal, the staff console and the reports, behind the portal's name.
 * @module
 */
import type { Logger } from 'pino'

import type { GatewayConfig } from './config/config.ts'
import { createConsolePages } from './console/pages.ts'
import { createConsole } from './console/routes.ts'
import { createRoleOf, createStaffGate, type RoleOf } from './console/staff.ts'
import type { RulesInForce } from './control/in-force.ts'
import { systemClock as clock } from './core/clock.ts'
import type { Stage } from './core/context.ts'
import type { EventBus } from './core/events.ts'
import type { PortalRoute } from './core/routes.ts'
import { startingPoint } from './hosts/starting-point.ts'
import type { Identity } from './identity/identity.ts'
import type { UnmatchedValues } from './identity/unmatched-values.ts'
import { sayChanges } from './jobs/link-check.ts'
import { createCheckNow } from './links/check-now.ts'
import type { Links } from './links/links.ts'
import { createAnswers, type Answers } from './pages/answers.ts'
import type { Shell } from './pages/shell.ts'
import type { Access } from './policy/access.ts'
import type { Pools } from './policy/pools.ts'
import { createPortalPages } from './portal/pages.ts'
import { createPortal, createPortalStage } from './portal/routes.ts'
import { createReportPages } from './reports/routes.ts'
import type { Sushi } from './reports/sushi/sushi.ts'
import type { Store } from './store/contract.ts'
import { isReady } from './telling.ts'
import type { UsageFigures } from './usage/figures.ts'

/** What staff are shown, and what is asked for it. */
export interface StaffParts {
  readonly config: GatewayConfig
  readonly log: Pick<Logger, 'warn'>
  readonly bus: EventBus
  readonly rules: Pick<RulesInForce, 'current' | 'facts'>
  readonly store: Store
  readonly figures: UsageFigures
  readonly pools: Pools
  readonly identity: Pick<Identity, 'formToken' | 'checkForm' | 'status'>
  readonly unmatched: Pick<UnmatchedValues, 'list'>
  readonly sushi: Pick<Sushi, 'books'>
  readonly links: Pick<Links, 'overview' | 'reports'> & {
    readonly checker: Pick<Links['checker'], 'runAll'>
  }
}

/** What everybody is shown. */
export interface ShowingParts extends StaffParts {
  readonly access: Access
  readonly identity: Identity
  readonly sushi: Pick<Sushi, 'routes' | 'books'>
  readonly links: Links
  /** Aborted when the gateway stops: a page that stays open ends then. */
  readonly stopping: AbortController
}

/** Makes the pages behind the portal's name, those of staff behind their gate. */
export function shownBy(parts: ShowingParts, shell: Shell): Stage {
  const { config, access, identity, stopping } = parts
  const { portalOrigin } = config
  const { providers } = config.identity
  const staff = { config: config.console, providers, portalOrigin }
  const roleOf = createRoleOf(staff)
  const answers = createAnswers({
    issuers: providers.map(({ issuer }) => issuer),
    identityStatus: identity.status,
    isStaff: (context) => roleOf(context) !== undefined,
  })
  const routes = createPortal({
    config,
    clock,
    words: shell.words,
    pages: createPortalPages(shell),
    answers,
    decideFor: access.decideFor,
    seatUse: access.seatsUsed,
    wait: access.wait,
    leave: access.leave,
    stopping: stopping.signal,
    mySeats: ({ patron }) => access.seatsOf(patron),
    releaseSeat: ({ patron }, resource) => access.releaseSeat(patron, resource),
    formToken: identity.formToken,
    checkForm: identity.checkForm,
    signIn: identity.signInStage,
    providerChoices: identity.choices,
    farewell: identity.farewellStage,
    linkReports: parts.links.reports,
    linksOf: (resources) => parts.links.books.standings(resources),
    bus: parts.bus,
    startingPoint: (query, hosts) => startingPoint(query, hosts, portalOrigin),
  })
  const pages = createPortalStage([
    ...routes,
    ...staffPages(parts, shell, { answers, roleOf }),
    ...parts.sushi.routes,
    ...identity.routes,
  ])
  return createStaffGate(staff, roleOf, pages)
}

/** The console and the reports; who may see them is asked by the gate before them. */
export function staffPages(
  parts: StaffParts,
  shell: Shell,
  { answers, roleOf }: { readonly answers: Answers; readonly roleOf: RoleOf },
): readonly PortalRoute[] {
  const { config, bus, rules, pools, identity, unmatched, sushi, store, links } = parts
  const reports = createReportPages({ ...parts, clock, shell, answers, askLinks: links.overview })
  const routes = createConsole({
    config,
    words: shell.words,
    pages: createConsolePages(shell),
    answers,
    clock,
    bus,
    pools,
    control: store.control,
    publishedVersion: () => rules.facts().version,
    unmatched: unmatched.list,
    harvest: sushi.books,
    askLinks: links.overview,
    linkReports: links.reports,
    checkLinksNow: createCheckNow({
      records: store.records,
      isOn: config.links.isChecked,
      look: (ids, onChecked) => links.checker.runAll(rules.current(), ids, onChecked),
      onChecked: sayChanges({ bus, clock }),
      onTrouble: (error) => parts.log.warn({ cause: String(error) }, 'a look at links broke off'),
    }),
    roleOf,
    formToken: identity.formToken,
    checkForm: identity.checkForm,
    identityStatus: identity.status,
    isStoreReady: () => isReady(store),
  })
  return [...routes, ...reports]
}
