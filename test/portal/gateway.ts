/**
 * A portal on loopback for tests: the real listener, host map, views and words; readers are chosen by
 * the cookie `reader`, and proxied hosts refuse or fail as the path says.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { request, type Dispatcher } from 'undici'

import { systemClock } from '../../src/core/clock.ts'
import type { Decision, GatewayContext, Stage } from '../../src/core/context.ts'
import { denialFacts, type DenialReason } from '../../src/core/denials.ts'
import { errorStatuses, GatewayError, type ErrorCode } from '../../src/core/errors.ts'
import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import type { Resource, Rulebook } from '../../src/core/resource.ts'
import type { Session } from '../../src/core/types.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { startingPoint } from '../../src/hosts/starting-point.ts'
import { createLinkRecords } from '../../src/links/books.ts'
import { createLinkHealth } from '../../src/links/health.ts'
import { createLinkReports } from '../../src/links/link-reports.ts'
import { createApplication } from '../../src/listener/application.ts'
import { createWords } from '../../src/locales/words.ts'
import { createAnswers } from '../../src/pages/answers.ts'
import { createAssets } from '../../src/pages/assets.ts'
import { createLanguageSwitch, languageOf } from '../../src/pages/language.ts'
import { createProblemPages } from '../../src/pages/problem-pages.ts'
import { createShell } from '../../src/pages/shell.ts'
import { createPortalPages } from '../../src/portal/pages.ts'
import { createPortal, createPortalStage } from '../../src/portal/routes.ts'
import { openStore } from '../../src/store/open.ts'
import { collection } from './collection.ts'

/** What a test may change about the portal. */
export interface PortalTestOptions {
  readonly resources?: readonly Resource[]
  readonly identityStatus?: 'ready' | 'away'
  readonly displayName?: string
  readonly contact?: string
  readonly viewsFolder?: string
  readonly isStoreAway?: boolean
  /** In the queue of every database but `jstor`, whose turn has come. */
  readonly place?: number
}

/** What is asked besides the path; plain GET of the portal unless said. */
export interface Question {
  readonly headers?: Record<string, string>
  readonly method?: Dispatcher.HttpMethod
  readonly body?: string
  readonly host?: string
}

/** One answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** Starts the portal; `released` tells what readers did. */
export async function startPortal(options: PortalTestOptions = {}) {
  // Longer than a test on a busy machine pauses: a client may be just about to use the connection.
  const server = createServer({ keepAliveTimeout: 60_000 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
  const portalOrigin = `http://library.localhost:${port}`
  const zoneOrigin = `http://proxy.localhost:${port}`
  const released: string[] = []
  const left: string[] = []
  const stopping = new AbortController()
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-portal-'))

  const words = createWords()
  const assets = createAssets()
  const institution = {
    name: {
      ky: 'Ала-Тоо университетинин илимий китепканасы',
      ru: 'Научная библиотека университета Ала-Тоо',
      en: 'Ala-Too University Library',
    },
    contact: options.contact ?? 'library@example.edu',
    visit: { ky: 'Манас көчөсү 1, 9–18', en: '1 Manas Street, 9 to 18' },
    timeZone: 'Asia/Bishkek',
  }
  const units = { philology: { ky: 'Филология факультети', en: 'Faculty of Philology' } }
  const shell = createShell({
    words,
    assets,
    institution,
    units,
    portalOrigin,
    ...(options.viewsFolder && { viewsFolder: options.viewsFolder }),
  })
  const resources = options.resources ?? collection
  const rulebook: Rulebook = {
    version: 'test',
    resources: new Map(resources.map((resource) => [resource.id, resource])),
    hosts: createHostMap({ resources, zoneOrigin }),
    placeOf: (address) => ({ address, channel: 'remote', treatment: 'authenticate' }),
  }
  const bus = createEventBus((error) => {
    throw error
  })
  const events: GatewayEvent[] = []
  bus.listen((event) => events.push(event))
  const store = openStore({ kind: 'embedded', file: join(folder, 'store.db') }, systemClock)
  const linkReports = createLinkReports({ records: store.records, clock: systemClock })
  const linkRecords = createLinkRecords(store.records)
  const books = createLinkHealth(linkRecords)
  const routes = createPortal({
    config: {
      institution,
      portalOrigin,
      zoneOrigin,
      identity: {
        units,
        sessionIdleSeconds: 1800,
      },
    },
    words,
    pages: createPortalPages(shell),
    answers: createAnswers({
      issuers: ['http://provider.localhost/'],
      identityStatus: () => options.identityStatus ?? 'ready',
      isStaff: () => false,
    }),
    clock: systemClock,
    decideFor: decide,
    seatUse: async ({ id }) => (options.isStoreAway ? away() : id === 'full' ? 3 : 2),
    mySeats: async () =>
      options.isStoreAway
        ? away()
        : resources
            .filter(({ id }) => (id === 'scopus' || id === 'jstor') && !released.includes(id))
            .map((resource) => ({
              pool: resource.licence.pool,
              resource,
              endsAt: Date.UTC(2026, 8, 1, 4, 45),
            })),
    releaseSeat: async (_session, { id }) => void released.push(id),
    async wait(_context, { id }, only) {
      if (options.isStoreAway) return away()
      if (id === 'jstor') return { kind: 'held', leftMs: 60_000 }
      if (only === 'stay' && left.includes(id)) return { kind: 'gone' }
      const place = options.place ?? 3
      return { kind: 'waiting', isNew: only === undefined, place, length: 7, paceMs: 170_000 }
    },
    leave: async (_context, { id }) => void left.push(id),
    stopping: stopping.signal,
    linkReports: options.isStoreAway ? { take: away } : linkReports,
    linksOf: async (asked) => (options.isStoreAway ? away() : books.standings(asked)),
    bus,
    formToken: () => 'token-of-this-session',
    checkForm: async (context) => {
      const form = new URLSearchParams(Buffer.concat(await context.req.toArray()).toString())
      if (form.get('form_token') === 'token-of-this-session') return form
      throw new GatewayError('ERR_FORGERY', 'the form is refused')
    },
    signIn: (_, next) => next(),
    providerChoices: (context) => choicesOf(options, context.cookies.get('usual')),
    startingPoint: (query, hosts) => startingPoint(query, hosts, portalOrigin),
    async farewell(context, next) {
      if (context.get('Cookie').includes('farewell=')) context.set('Refresh', '0; url=/after')
      await next()
    },
  })
  const portal = createPortalStage(routes)
  const { onRequest } = createApplication({
    portalOrigin,
    pipeline: pipelineOf([
      assets.stage,
      createLanguageSwitch(portalOrigin),
      reader(options.displayName ?? 'Айгүл Өмүрова'),
      onProxiedHost,
      portal,
    ]),
    rulebook: () => rulebook,
    clientAddress: () => '127.0.0.1',
    languageOf,
    pages: createProblemPages(shell),
    bus,
    clock: systemClock,
  })
  server.on('request', onRequest)

  return {
    portalOrigin,
    zoneOrigin,
    released,
    left,
    stop: () => stopping.abort(),
    events,
    linkReports,
    linkRecords,
    async ask(
      path: string,
      {
        headers = {},
        method = 'GET',
        body = '',
        host = `library.localhost:${port}`,
      }: Question = {},
    ): Promise<Answer> {
      const answer = await request(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { host, accept: 'text/html', ...headers },
        ...(body && { body }),
      })
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
    },
    async close() {
      stopping.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

async function away(): Promise<never> {
  throw new GatewayError('ERR_STORE_AWAY', 'the store does not answer')
}

/** Three institutions, the last of which is away. */
function choicesOf({ identityStatus }: PortalTestOptions, usual: string | undefined) {
  const isReady = identityStatus !== 'away'
  const choices = [
    { id: 'alatoo', name: { ky: 'Ала-Тоо университети', en: 'Ala-Too University' }, isReady },
    { id: 'medical', name: { en: 'Medical Academy' }, isReady },
    { id: 'polytechnic', name: { ru: 'Политехнический университет' }, isReady: false },
  ]
  return choices.map((choice) => ({ ...choice, isUsual: choice.id === usual }))
}

function pipelineOf(stages: readonly Stage[]): Stage {
  return async (context) => {
    const run = async (index: number): Promise<void> =>
      stages[index]?.(context, () => run(index + 1))
    await run(0)
  }
}

/** `reader=student`, `reader=direct` (an address of the library), nobody without the cookie. */
function reader(displayName: string): Stage {
  return async (context, next) => {
    const kind = context.cookies.get('reader')
    context.state.place = {
      address: '127.0.0.1',
      channel: 'remote',
      treatment: kind === 'direct' ? 'direct' : 'authenticate',
    }
    if (kind === 'student') context.state.session = studentSession(displayName)
    return next()
  }
}

function studentSession(displayName: string): Session {
  return {
    id: 'session',
    patron: {
      issuer: 'http://provider.localhost/',
      subject: 'aigul',
      displayName,
      categories: ['student', 'member'],
      unit: 'philology',
      groups: [],
    },
    startedAt: Date.UTC(2026, 8, 1, 2, 0),
    endsAt: Date.UTC(2026, 8, 1, 12, 5),
  }
}

/** `/refuse/<reason>` and `/fail/<code>` of any proxied host. */
const onProxiedHost: Stage = async (context, next) => {
  if (!/\.proxy\.localhost(:\d+)?$/.test(context.host)) return next()
  const [, , what = ''] = context.path.split('/')
  context.state.route = { kind: 'unknown' }
  const resource = context.state.rulebook.resources.get('jstor')
  if (resource !== undefined) context.state.resource = resource
  if (isErrorCode(what)) throw new GatewayError(what, 'as the test wants')
  if (isDenialReason(what)) context.state.decision = refused(what)
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorStatuses, text)
}

function isDenialReason(text: string): text is DenialReason {
  return Object.hasOwn(denialFacts, text)
}

function refused(reason: DenialReason): Decision {
  return { isAllowed: false, reason, facts: {}, trace: [] }
}

const refusals: Readonly<Record<string, DenialReason>> = {
  closed: 'resource_closed',
  future: 'licence_not_started',
  ended: 'licence_ended',
  lecturers: 'category_not_entitled',
  rooms: 'place_not_entitled',
}

function decide(context: GatewayContext, { id }: Resource): Decision {
  const reason = refusals[id]
  if (reason !== undefined) return refused(reason)
  return context.state.session === undefined
    ? refused('not_signed_in')
    : { isAllowed: true, trace: [] }
}
