/**
 * The portal: which page stands at which path, and the stage that finds it.
 * @module
 */
import { Router } from '@koa/router'

import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import type { GatewayContext, GatewayState, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { ProviderChoice } from '../identity/providers.ts'
import { afterSignIn, type Answers } from '../pages/answers.ts'
import { signInUrl } from '../pages/shell.ts'
import { createAccount, createRelease, type AccountParts } from './account.ts'
import { catalogueQuery, findResources, letterBar, letterGroups, subjectsOf } from './catalogue.ts'
import { createLogin, go, namedResource, type EntryParts } from './entry.ts'
import { linkReportRoutes, type LinkReportParts } from './link-report.ts'
import { createListing, type Listing, type ListingParts } from './listing.ts'
import type { ChooserModel, EntryModel, HelpModel, HomeModel } from './models.ts'
import type { PortalPages } from './pages.ts'
import { rememberedSeatUse } from './seats.ts'
import { waitingRoutes, type WaitingParts } from './waiting.ts'

/** The settings that the portal's pages depend on. */
export interface PortalConfig extends Pick<
  GatewayConfig,
  'institution' | 'portalOrigin' | 'zoneOrigin'
> {
  readonly identity: Pick<GatewayConfig['identity'], 'units' | 'sessionIdleSeconds'>
}

/** What the portal asks of the rest of the gateway. */
export interface PortalParts
  extends
    Pick<ListingParts, 'words' | 'decideFor' | 'seatUse' | 'mySeats' | 'linksOf'>,
    Pick<AccountParts, 'releaseSeat' | 'formToken' | 'checkForm'>,
    Pick<EntryParts, 'startingPoint'>,
    Pick<WaitingParts, 'wait' | 'leave' | 'stopping'>,
    Pick<LinkReportParts, 'linkReports' | 'bus'> {
  readonly config: PortalConfig
  readonly pages: PortalPages
  readonly clock: Clock
  readonly answers: Answers
  /** Sends the browser to sign-in, or hands on where the reader has to choose. */
  readonly signIn: Stage
  /** The providers to choose between, in the order of this browser. */
  readonly providerChoices: (context: GatewayContext) => readonly ProviderChoice[]
  /** After sign-out: sends the browser over the proxied hosts that were visited. */
  readonly farewell: Stage
}

/** The routes of the portal's own pages. */
export function createPortal(parts: PortalParts): readonly PortalRoute[] {
  const { config, pages, answers } = parts
  const { portalOrigin } = config
  const { get, show } = answers
  const listing = createListing({
    ...parts,
    units: config.identity.units,
    timeZone: config.institution.timeZone,
    portalOrigin,
    seatUse: rememberedSeatUse(parts.seatUse, parts.clock),
  })
  const entry: EntryParts = {
    ...parts,
    portalOrigin,
    showDeadLink: (context, model) => show(context, (frame) => pages.deadLink(frame, model)),
  }
  const account: AccountParts = {
    ...parts,
    portalOrigin,
    timeZone: config.institution.timeZone,
    idleSeconds: config.identity.sessionIdleSeconds,
    units: config.identity.units,
    showAccount: (context, model) => show(context, (frame) => pages.account(frame, model)),
  }
  const waiting: WaitingParts = {
    ...parts,
    portalOrigin,
    others: (context, resource) => othersLike(context, resource, listing, parts),
    show: (context, model) => show(context, (frame) => pages.waiting(frame, model)),
  }
  const linkReport: LinkReportParts = {
    ...parts,
    portalOrigin,
    showForm: (context, model) => show(context, (frame) => pages.linkReport(frame, model)),
    showThanks: (context, model) => show(context, (frame) => pages.linkThanks(frame, model)),
  }

  return [
    ...waitingRoutes(waiting, get),
    ...linkReportRoutes(linkReport, answers),
    get('/', async (context) => {
      const model = await homeModel(context, listing, parts)
      show(context, (frame) => pages.home(frame, model))
    }),
    get('/db/:id', async (context) => {
      const model = await listing.page(context, namedResource(context))
      show(context, (frame) => pages.resource(frame, model))
    }),
    get('/go/:id', go),
    get('/login', createLogin(entry)),
    get('/sign-in', (context) =>
      parts.signIn(context, async () => {
        const model = chooserModel(context, parts)
        show(context, (frame) => pages.chooser(frame, model))
      }),
    ),
    get('/account', createAccount(account)),
    { method: 'POST', path: '/account/release', handle: createRelease(account) },
    get('/signed-out', (context) =>
      parts.farewell(context, async () => show(context, (frame) => pages.signedOut(frame))),
    ),
    get('/help', async (context) => {
      const model = helpModel(config)
      show(context, (frame) => pages.help(frame, model))
    }),
    { method: 'GET', path: '/robots.txt', handle: answerRobots },
  ]
}

/**
 * Finds the route of a request to the portal name.
 *
 * Throws `ERR_NOT_FOUND` for a path that no route has, `ERR_METHOD` for a method that its route
 * lacks.
 */
export function createPortalStage(routes: readonly PortalRoute[]): Stage {
  const router = new Router<GatewayState>()
  for (const { method, path, handle } of routes) {
    router.register(path, [method], (context, next) => handle(context, next))
  }
  // The router makes of Koa's context the one that its own type asks for.
  const finder: { find(context: GatewayContext, next: () => Promise<void>): unknown } = {
    find: router.routes(),
  }
  return async (context) => {
    const isKnown = router.match(context.path, context.method === 'HEAD' ? 'GET' : context.method)
    if (!isKnown.route) {
      const code = isKnown.path.length > 0 ? 'ERR_METHOD' : 'ERR_NOT_FOUND'
      throw new GatewayError(code, `${context.method} is not answered here`)
    }
    await finder.find(context, async () => {})
  }
}

async function homeModel(
  context: GatewayContext,
  listing: Listing,
  { words }: PortalParts,
): Promise<HomeModel> {
  const { language, rulebook } = context.state
  const query = catalogueQuery(context.querystring)
  const found = findResources(rulebook.resources.values(), query, language, words)
  const entries = await listing.entries(context, found)
  const groups = letterGroups(entries, words.say(language, 'home.letters_digits'))
  return {
    ...query,
    subjects: subjectsOf(rulebook.resources.values()),
    isFiltered: query.search !== '' || query.subject !== '',
    count: entries.length,
    letterRows: letterBar(groups),
    groups,
  }
}

function chooserModel(
  context: GatewayContext,
  { config, words, providerChoices }: PortalParts,
): ChooserModel {
  const beginUrl = signInUrl(config.portalOrigin, afterSignIn(context))
  return {
    choices: providerChoices(context).map(({ id, name, isReady, isUsual }) => ({
      name: words.textOf(name, context.state.language),
      url: `${beginUrl}&provider=${id}`,
      isReady,
      isUsual,
    })),
  }
}

/** Databases of the same subjects that are open to the reader now. */
async function othersLike(
  context: GatewayContext,
  { id, subjects }: Resource,
  listing: Listing,
  { words }: PortalParts,
): Promise<EntryModel[]> {
  const { language, rulebook } = context.state
  const found = subjects.flatMap((subject) =>
    findResources(rulebook.resources.values(), { search: '', subject }, language, words),
  )
  const others = [...new Set(found)].filter((resource) => resource.id !== id)
  const entries = await listing.entries(context, others.slice(0, limits.portal.othersLooked))
  return entries.filter(({ badge }) => badge.kind === 'ready').slice(0, limits.portal.othersShown)
}

/** Strings for other programs. Source: Zotero Connector, proxy schemes (`%h` host, `%p` path). */
function helpModel({ portalOrigin, zoneOrigin }: PortalConfig): HelpModel {
  return {
    loginPrefix: `${portalOrigin}/login?qurl=`,
    proxyScheme: `%h.${new URL(zoneOrigin).host}/%p`,
    proxyLogin: `${portalOrigin}/login?qurl=%u`,
  }
}

const answerRobots: Stage = async (context) => {
  context.type = 'text/plain; charset=utf-8'
  context.set('X-Content-Type-Options', 'nosniff')
  context.set('Cache-Control', 'public, max-age=86400')
  context.body = [
    'User-agent: *',
    'Disallow: /account',
    'Disallow: /go/',
    'Disallow: /login',
    'Disallow: /problem',
    'Disallow: /wait',
    '',
  ].join('\n')
}
