/**
 * A gateway of identity alone, for tests: the real listener application, host map, embedded store and
 * OpenID provider around it, and browsers that speak HTTP to it as if TLS ended in front of it.
 * @module
 */
import assert from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { CookieJar } from 'tough-cookie'

import type { ClaimsConfig, ProviderConfig } from '../../src/config/config.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { GatewayContext, Stage } from '../../src/core/context.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { createEventBus } from '../../src/core/events.ts'
import type { GatewayEvent } from '../../src/core/events.ts'
import { landingOrigin } from '../../src/core/landing.ts'
import { reservedPrefix } from '../../src/core/pages.ts'
import type { HostMap, Resource } from '../../src/core/resource.ts'
import type { Patron, Place, Session } from '../../src/core/types.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { createIdentity } from '../../src/identity/identity.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { createApplication } from '../../src/listener/application.ts'
import type { RecordStore } from '../../src/store/contract.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { startProvider } from '../support/provider.ts'
import type { ProviderJar, TestProvider } from '../support/provider.ts'

/** Origins as readers see them. */
export interface Origins {
  readonly portal: string
  readonly zone: string
}

/** With TLS in front, as in production. */
export const secureOrigins: Origins = {
  portal: 'https://library.example.edu',
  zone: 'https://proxy.example.org',
}

/** Without, as in the demo. */
export const plainOrigins: Origins = {
  portal: 'http://library.localhost:8080',
  zone: 'http://proxy.localhost:8080',
}

/** A reader anywhere. */
export const remotePlace: Place = {
  address: '198.51.100.7',
  channel: 'remote',
  treatment: 'authenticate',
}

/** A reader at a library computer. */
export const libraryPlace: Place = {
  address: '192.0.2.7',
  network: 'reading-room',
  channel: 'onsite',
  treatment: 'auto-login',
  category: 'walk-in',
}

/** An answer of the gateway. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly cookies: readonly string[]
  readonly location: string
  readonly body: string
}

/** What one asks beside the URL. */
export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One reader's browser. */
export interface Browser {
  readonly jar: CookieJar
  readonly providerJar: ProviderJar
  /** One exchange; a navigation unless the headers say otherwise. Cookies are kept and sent. */
  visit(url: string, ask?: Ask): Promise<Answer>
  /** Follows redirects through the provider, signing in there; answers the last page and its URL. */
  follow(url: string, account?: string): Promise<Answer & { url: string; trail: string[] }>
  /** Signs in at the portal. */
  signIn(account?: string): Promise<void>
  /** The value of a cookie that would be sent to a URL. */
  cookie(url: string, name: string): Promise<string | undefined>
}

/** Everything that runs. */
export interface World {
  readonly origins: Origins
  readonly identity: Identity
  readonly provider: TestProvider
  /** The second provider, where there is one. */
  readonly academy?: TestProvider
  readonly records: RecordStore
  readonly hosts: HostMap
  readonly events: GatewayEvent[]
  readonly ended: Session[]
  /** Whose seats were freed. */
  readonly freed: Patron[]
  readonly port: number
  /** Moves the gateway's clock on. */
  pass(ms: number): void
  setPlace(place: Place): void
  /** What the address decides for the journal alone. */
  setPlaceThere(place: Place): void
  setStoreAway(isAway: boolean): void
  /** The proxied form of a publisher's URL. */
  proxied(publisherUrl: string): string
  browser(): Browser
  stop(): Promise<void>
}

/** Claims as the test accounts have them. */
export const accounts = {
  aida: { affiliation: ['student@uni.kg', 'member@uni.kg'], name: 'Aida' },
  bolot: { affiliation: 'faculty@uni.kg', name: 'Bolot' },
  chynara: {
    affiliation: ['student@other.kg', 'alum@uni.kg', 'guest'],
    groups: ['/chess', '/law'],
  },
}

const academyAccounts = {
  aida: { affiliation: ['faculty@academy.kg'], name: 'Another Aida' },
  damir: { affiliation: ['student@uni.kg', 'staff@academy.kg'], name: 'Damir' },
}

/** Settings of the provider at an issuer. */
export function providerConfig(
  issuer: string,
  { id = 'uni', claims = {} }: { id?: string; claims?: Partial<ClaimsConfig> } = {},
): ProviderConfig {
  return {
    id,
    name: { en: `The ${id}` },
    issuer,
    clientId: 'darbaza',
    clientSecret: 'test client secret',
    scopes: ['openid', 'profile'],
    claims: {
      affiliation: ['affiliation'],
      entitlement: ['entitlement'],
      organisation: ['organisation'],
      groups: ['groups'],
      unit: ['unit'],
      displayName: ['name'],
      allowedScopes: ['uni.kg'],
      isUnscopedAllowed: false,
      isTextSplit: true,
      values: {},
      commonLibTerms: 'walk-in',
      required: {},
      ...claims,
    },
  }
}

/** Starts all of it; `issuer` stands for a provider of one's own. */
export async function startWorld(
  options: {
    origins?: Origins
    issuer?: string
    isProviderAwaited?: boolean
    claims?: Partial<ClaimsConfig>
    /** Besides `uni`, a provider `academy` with keys of its own, which speaks for academy.kg. */
    hasAcademy?: boolean
  } = {},
): Promise<World> {
  const { origins = secureOrigins } = options
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  const { port } = address
  const provider = await startProvider({ accounts, clients: [clientOf(origins, port, 'uni')] })
  const academy = options.hasAcademy
    ? await startProvider({
        accounts: academyAccounts,
        clients: [clientOf(origins, port, 'academy')],
        keys: 'own',
      })
    : undefined

  let offsetMs = 0
  let place = remotePlace
  let placeThere: Place | undefined
  const clock: Clock = { now: () => Date.now() + offsetMs, steady: () => performance.now() }
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-identity-'))
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock })
  const breakable = breakableRecords(store.records)
  const events: GatewayEvent[] = []
  const ended: Session[] = []
  const freed: Patron[] = []
  const bus = createEventBus((error) => {
    throw error
  })
  bus.listen((event) => {
    // When the provider is found depends on the machine, not on what a test does.
    if (event.kind !== 'provider') events.push(event)
  })
  const identity = createIdentity({
    config: {
      providers: [
        providerConfig(options.issuer ?? provider.issuer, { claims: options.claims ?? {} }),
        ...(academy === undefined
          ? []
          : [
              providerConfig(academy.issuer, {
                id: 'academy',
                claims: { allowedScopes: ['academy.kg'] },
              }),
            ]),
      ],
      units: {},
      sessionIdleSeconds: 3600,
      sessionMaxSeconds: 8 * 3600,
    },
    portalOrigin: origins.portal,
    zoneOrigin: origins.zone,
    records: breakable.records,
    clock,
    bus,
    onSessionEnd: async (session) => void ended.push(session),
    releaseSeats: async (patron) => void freed.push(patron),
  })
  const placeOf = (entered?: object) => (entered && placeThere) ?? place
  const hosts = createHostMap({ resources: [journal], zoneOrigin: origins.zone })
  const { onRequest, onUpgrade } = createApplication({
    portalOrigin: origins.portal,
    pipeline: pipelineOf(identity, hosts, placeOf),
    rulebook: () => ({
      version: '1',
      resources: new Map([[journal.id, journal]]),
      hosts,
      placeOf: (_, resource) => placeOf(resource),
    }),
    clientAddress: () => place.address,
    languageOf: () => 'en',
    pages: {
      refusal: ({ reason }) => `refused: ${reason}`,
      failure: ({ code }) => `failed: ${code}`,
    },
    bus,
    clock,
  })
  server.on('request', onRequest)
  server.on('upgrade', onUpgrade)
  identity.start()
  if (options.isProviderAwaited !== false) await until(() => isFound(identity))

  return {
    origins,
    identity,
    provider,
    ...(academy !== undefined && { academy }),
    records: breakable.records,
    hosts,
    events,
    ended,
    freed,
    port,
    pass: (ms) => void (offsetMs += ms),
    setPlace: (next) => void (place = next),
    setPlaceThere: (next) => void (placeThere = next),
    setStoreAway: breakable.setAway,
    proxied: (url) => hosts.mapUrl(url)!,
    browser: () => createBrowser(port, [provider, ...(academy ? [academy] : [])], origins),
    async stop() {
      await identity.stop()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      await provider.stop()
      await academy?.stop()
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Waits for a condition of the outside world, at most ten seconds. */
export async function until(isTrue: () => boolean): Promise<void> {
  const endsAt = performance.now() + 10_000
  while (!isTrue()) {
    assert(performance.now() < endsAt, 'waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Whether every provider of an identity was found. */
export function isFound(identity: Identity): boolean {
  return identity.providers().every(({ isReady }) => isReady)
}

function clientOf(origins: Origins, port: number, id: string) {
  return {
    client_id: 'darbaza',
    client_secret: 'test client secret',
    // Plain http is for native clients alone there; the demo's origins are plain.
    ...(origins.portal.startsWith('http:') && { application_type: 'web' as const }),
    redirect_uris: [`${origins.portal}/callback/${id}`],
    post_logout_redirect_uris: [`${origins.portal}/signed-out`],
    backchannel_logout_uri: `http://127.0.0.1:${port}/backchannel-logout`,
    backchannel_logout_session_required: true,
  }
}

/** The store, with a switch that makes it answer as when it cannot be reached. */
function breakableRecords(records: RecordStore) {
  let isAway = false
  const guarded = new Proxy(records, {
    get(target, name: keyof RecordStore) {
      if (isAway) {
        return () => Promise.reject(new GatewayError('ERR_STORE_AWAY', 'the store is away'))
      }
      return target[name].bind(target)
    },
  })
  return { records: guarded, setAway: (next: boolean) => void (isAway = next) }
}

function pipelineOf(
  identity: Identity,
  hosts: HostMap,
  placeOf: (entered?: object) => Place,
): Stage {
  return async (context, next) => {
    const { state } = context
    const upstream = hosts.upstreamOf(context.host)
    state.place = placeOf(upstream?.resource)
    if (context.host === new URL(landingOrigin(hosts.zoneOrigin)).host) {
      state.route = { kind: 'landing' }
      await identity.landingStage(context, next)
    } else if (upstream === undefined) {
      state.route = { kind: 'portal' }
      await identity.portalStage(context, () => portal(context, identity))
    } else if (context.path.startsWith(reservedPrefix)) {
      state.route = { kind: 'reserved', upstream }
      await identity.farewellOnHost(context, next)
    } else {
      state.route = { kind: 'proxied', upstream }
      await identity.zoneStage(context, async () => show(context))
    }
  }
}

async function portal(context: GatewayContext, identity: Identity): Promise<void> {
  const route = identity.routes.find(
    ({ method, path }) => path === context.path && method === context.method,
  )
  if (route !== undefined) await route.handle(context, async () => {})
  else if (context.path === '/sign-in') {
    await identity.signInStage(context, async () => void (context.body = identity.choices(context)))
  } else if (context.path === '/form') context.body = identity.formToken(context.state.session!)
  else if (context.path === '/save') context.body = String(await identity.checkForm(context))
  else if (context.path === '/signed-out') {
    await identity.farewellStage(context, async () => void (context.body = 'signed out'))
  } else show(context)
}

function show(context: GatewayContext): void {
  const { session } = context.state
  const body = JSON.stringify({
    id: session?.id ?? null,
    subject: session?.patron.subject ?? null,
    categories: session?.patron.categories ?? [],
    url: context.url,
    cookies: context.get('Cookie'),
  })
  const lines = {
    'Access-Control-Allow-Origin': '*',
    'Set-Cookie': 'publisher=1',
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
  }
  context.state.reply = {
    status: 200,
    lines: Object.entries(lines).flat(),
    body: Buffer.from(body),
  }
}

function createBrowser(
  port: number,
  providers: readonly TestProvider[],
  origins: Origins,
): Browser {
  const jar = new CookieJar(undefined, { prefixSecurity: 'strict', rejectPublicSuffixes: false })
  const providerJar: ProviderJar = new Map()
  const academyJar: ProviderJar = new Map()
  const jarOf = (provider: TestProvider) => (provider === providers[0] ? providerJar : academyJar)

  async function visit(url: string, ask: Ask = {}): Promise<Answer> {
    const { host, pathname, search } = new URL(url)
    const cookie = await jar.getCookieString(url)
    const answer = await exchange(port, pathname + search, {
      ...ask,
      headers: {
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
        ...(cookie !== '' && { Cookie: cookie }),
        ...ask.headers,
        Host: host,
      },
    })
    for (const line of answer.cookies) await jar.setCookie(line, url, { ignoreError: false })
    return answer
  }

  async function follow(url: string, account = 'aida') {
    const trail = [url]
    for (let step = 0; step < 15; step += 1) {
      const last = trail.at(-1)!
      const provider = providers.find(({ issuer }) => last.startsWith(`${issuer}/`))
      if (provider !== undefined) {
        trail.push(await provider.signIn(last, account, jarOf(provider)))
        continue
      }
      const answer = await visit(last)
      if (answer.location === '') return { ...answer, url: last, trail }
      trail.push(new URL(answer.location, last).href)
    }
    throw new Error(`circles: ${trail.join(' ')}`)
  }

  return {
    jar,
    providerJar,
    visit,
    follow,
    async signIn(account) {
      const page = await follow(`${origins.portal}/sign-in?to=/account`, account)
      assert.equal(page.url, `${origins.portal}/account`)
    },
    async cookie(url, name) {
      const cookies = await jar.getCookies(url)
      return cookies.find(({ key }) => key === name)?.value
    },
  }
}

/** One HTTP exchange with the gateway's socket. */
export function exchange(port: number, path: string, ask: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = ask
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      text(answer).then(
        (read) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            cookies: answer.headers['set-cookie'] ?? [],
            location: answer.headers.location ?? '',
            body: read,
          }),
        reject,
      )
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

/** A journal with two hosts. */
export const journal: Resource = {
  id: 'journal',
  file: 'rules/journal.yaml',
  title: { en: 'Journal' },
  description: {},
  provider: 'Press',
  subjects: [],
  startUrl: 'https://www.journal.test/',
  // A list of its own that names nothing: `setPlaceThere` tells what it decides.
  addresses: [],
  hosts: [
    { host: 'www.journal.test', match: 'exact', scheme: 'https' },
    { host: 'static.journal.test', match: 'exact', scheme: 'https' },
  ],
  licence: {
    graceDays: 0,
    categories: ['student'],
    groups: [],
    remote: 'anywhere',
    sites: [],
    pool: 'journal',
    seatIdleSeconds: 600,
  },
  isOpen: true,
}
