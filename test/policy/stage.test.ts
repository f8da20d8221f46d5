import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'

import test, { type ExecutionContext } from 'ava'

import type { Stage } from '../../src/core/context.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { ExchangeEvent } from '../../src/core/events.ts'
import { limits } from '../../src/core/limits.ts'
import { patronKey, type Session } from '../../src/core/types.ts'
import type { LicenceTerms } from '../../src/core/licence.ts'
import type { AddressEntry, Rulebook } from '../../src/core/resource.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { createEventBus } from '../../src/core/events.ts'
import { createAccess } from '../../src/policy/access.ts'
import { createAnnouncer } from '../../src/policy/announcer.ts'
import { compileNetworks, compilePlaces } from '../../src/policy/networks.ts'
import { createFairUse } from '../../src/policy/fair-use.ts'
import { createSeatKeeper } from '../../src/policy/seat-keeper.ts'
import { createPolicyStage, createTreatmentStage } from '../../src/policy/stage.ts'
import { compileScope } from '../../src/resources/path-patterns.ts'
import type { SeatStore } from '../../src/store/contract.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { emptyRulebook, serveStage } from '../support/application.ts'
import { resourceWith, sessionOf, stoppedClock } from './fixtures.ts'

let folder: string
let files = 0

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'darbaza-policy-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

const range = { ranges: ['127.0.0.1'], channel: 'onsite', category: 'walk-in' } as const
const rulebooks = new Map(
  (['authenticate', 'auto-login', 'direct', 'reject'] as const).map(
    (treatment): [string, Rulebook] => {
      const networks = [{ ...range, name: `net-${treatment}`, treatment }]
      return [treatment, { ...emptyRulebook, placeOf: compileNetworks(networks, 'x') }]
    },
  ),
)

/** What this machine's own address is in where a resource has a list of its own. */
const networks = [{ ...range, name: 'here', treatment: 'authenticate' }] as const

const unready: Stage = () => Promise.reject(new Error('not ready'))

const scope = compileScope([], ['/rss/**'], [])
const anonymousPaths = [{ scope, methods: ['GET'] }]

/**
 * Both stages behind a real listener. The stages of other folders are stood in for by request
 * headers: `x-treatment` of the client's network, `x-reader` signed in, `x-route`.
 */
async function serve(
  t: ExecutionContext,
  terms: Partial<LicenceTerms> = {},
  isOpen = true,
  addresses?: readonly AddressEntry[],
  seatsOf = (seats: SeatStore) => seats,
) {
  const resource = {
    ...resourceWith(terms, isOpen),
    rewriting: { anonymousPaths },
    ...(addresses && { addresses }),
  }
  const { clock, pass } = stoppedClock()
  const store = createEmbeddedStore({ file: path.join(folder, `${files++}.sqlite`), clock })
  const keeper = createSeatKeeper({ seats: seatsOf(store.seats), clock })
  const sessions = new Map<string, Session>()
  let stage: Stage = unready
  const served = await serveStage((context, next) => stage(context, next))
  const { bus } = served
  const fairUse = createFairUse({ records: store.records, clock, bus, resourceOf: () => resource })
  const portalOrigin = 'https://library.example'
  const parts = { keeper, fairUse, clock, bus, timeZone: 'Asia/Bishkek', portalOrigin }
  const treatment = createTreatmentStage(parts)
  const policy = createPolicyStage(parts)
  const upstream = {
    scheme: 'https',
    host: 'www.steppe.example',
    port: 8443,
    authority: 'www.steppe.example:8443',
    origin: 'https://www.steppe.example:8443',
    resource,
  } as const
  const rule = { host: 'www.steppe.example', match: 'exact', scheme: 'https' } as const
  const hosts = createHostMap({
    resources: [{ ...resource, hosts: [rule] }],
    zoneOrigin: 'https://proxy.example',
  })
  stage = async (context) => {
    const { state } = context
    const isPortal = context.get('x-route') === 'portal'
    state.route = isPortal ? { kind: 'portal' } : { kind: 'proxied', upstream }
    const rulebook = rulebooks.get(context.get('x-treatment') || 'authenticate')!
    const placeOf = addresses && compilePlaces(networks, [resource], 'x')
    state.rulebook = { ...rulebook, hosts, ...(placeOf && { placeOf }) }
    await treatment(context, async () => {
      const reader = context.get('x-reader')
      // The same object for each exchange of a session, as identity hands it on.
      if (reader !== '') state.session = sessions.get(reader) ?? sessionOf(reader)
      if (state.session !== undefined) sessions.set(reader, state.session)
      await policy(context, async () => {
        t.is(state.resource, isPortal ? undefined : resource)
        context.body = JSON.stringify({ place: state.place, decision: state.decision })
      })
    })
  }
  t.teardown(async () => {
    await served.server.stop()
    await store.close()
  })
  const access = createAccess({
    seats: store.seats,
    keeper,
    clock,
    timeZone: 'Asia/Bishkek',
    announcer: createAnnouncer(parts),
    resources: () => [resource, { ...resource, id: 'twin' }, { ...resourceWith({}), id: 'free' }],
  })
  return { ...served, resource, store, keeper, access, clock, pass, ask }

  async function ask(headers: Record<string, string>, target = '/', method = 'GET') {
    const call = request(`${served.origin}${target}`, { headers, method, agent: false })
    call.end()
    const [answer] = await once(call, 'response')
    t.true(answer instanceof IncomingMessage)
    const text = String(Buffer.concat(await answer.toArray()))
    return { status: Number(answer.statusCode), headers: answer.headers, text }
  }
}

test('who may enter enters, with place, resource and the whole decision', async (t) => {
  const { ask, events } = await serve(t)
  const { status, text } = await ask({ 'x-reader': 'aigul' })
  t.is(status, 200)
  const { place, decision } = JSON.parse(text)
  t.is(place.network, 'net-authenticate')
  t.true(decision.isAllowed)
  t.like(decision.trace.at(-1), { criterion: 'seat', outcome: 'passed', detail: 'no limit' })
  t.deepEqual(events, [])
})

test('a refusal is a page with its status, said once on the bus, and nothing runs after it', async (t) => {
  const { ask, events } = await serve(t, { untilOn: '2026-11-22' })
  const { status, text } = await ask({ 'x-reader': 'aigul', accept: 'text/html' })
  t.is(status, 403)
  t.regex(text, /refused: licence_ended/)
  t.is(events.length, 1)
  t.like(events[0], {
    kind: 'denial',
    reason: 'licence_ended',
    resourceId: 'steppe',
    sessionId: 'session-aigul',
    address: '127.0.0.1',
    network: 'net-authenticate',
    channel: 'onsite',
  })
  t.true(text.includes(events[0]!.reference))
})

test('a decision is made anew when the day, the place or the reader is another', async (t) => {
  const { ask, pass } = await serve(t, { untilOn: '2026-11-23', remote: 'on_site_only' })
  t.is((await ask({ 'x-reader': 'aigul' })).status, 200)
  t.is((await ask({ 'x-reader': 'aigul' })).status, 200)
  t.is((await ask({ 'x-reader': 'aigul', 'x-treatment': 'reject' })).status, 403)
  t.is((await ask({})).status, 401)
  const place = JSON.parse((await ask({ 'x-reader': 'aigul', 'x-treatment': 'auto-login' })).text)
  t.is(place.decision.trace[0].detail, 'net-auto-login: auto-login')
  pass(24 * 60 * 60_000)
  t.is((await ask({ 'x-reader': 'aigul' })).status, 403)
})

test('nobody signed in is refused with 401, at an admitting address nobody needs to', async (t) => {
  const { ask } = await serve(t, { categories: ['walk-in'] })
  t.is((await ask({})).status, 401)
  t.is((await ask({ 'x-treatment': 'auto-login' })).status, 200)
})

test('a rejected address is refused before sign-in, with a complete trace', async (t) => {
  const { ask, events } = await serve(t)
  const { status, text } = await ask({ 'x-treatment': 'reject', accept: 'text/html' })
  t.is(status, 403)
  t.regex(text, /address_rejected/)
  t.like(events, { 0: { kind: 'denial', reason: 'address_rejected' }, length: 1 })
})

test('a direct address is sent to the publisher, target byte for byte, before sign-in', async (t) => {
  const { ask, events } = await serve(t)
  const target = '/a%2Fb//c;d?q=%D0%B0+b&url=https://x/#'.replace('#', '')
  const { status, headers } = await ask({ 'x-treatment': 'direct' }, target)
  t.is(status, 302)
  t.is(headers.location, `https://www.steppe.example:8443${target}`)
  t.is(headers['cache-control'], 'no-store')
  t.like(events, { 0: { kind: 'direct', resourceId: 'steppe', network: 'net-direct' }, length: 1 })
})

for (const [treatment, status] of [
  ['direct', 302],
  ['auto-login', 200],
  ['reject', 403],
  ['authenticate', 401],
] as const) {
  test(`an address that one resource has an exception for: ${treatment}, elsewhere it signs in`, async (t) => {
    const entry = { networks: ['here'], ranges: [], treatment, category: 'member' } as const
    const { ask } = await serve(t, { categories: ['member'] }, true, [entry])
    t.is((await ask({})).status, status)
    const portal = await ask({ 'x-route': 'portal' })
    t.is(portal.status, 200)
    t.is(JSON.parse(portal.text).place.treatment, 'authenticate')
  })
}

const delivered = (
  patron: Session['patron'],
  more: Partial<ExchangeEvent> = {},
): ExchangeEvent => ({
  kind: 'exchange',
  id: '0',
  at: 0,
  reference: 'r',
  patron,
  address: '127.0.0.1',
  channel: 'onsite',
  resourceId: 'steppe',
  method: 'GET',
  host: 'www.steppe.example',
  path: '/a.pdf',
  status: 200,
  contentType: 'application/pdf',
  bytes: 1000,
  durationMs: 1,
  isComplete: true,
  userAgent: '',
  isWebSocket: false,
  ...more,
})

test('who has used up a quota is refused with 429 before a seat is taken, until the window ends', async (t) => {
  const fairUse = { items: 2, per: 'hour', windowMs: 3_600_000, mode: 'enforce' } as const
  const { ask, bus, store, pass, events } = await serve(t, { fairUse, seats: 1 })
  const { patron } = sessionOf('aigul')
  t.is((await ask({ 'x-reader': 'aigul' })).status, 200)
  bus.emit(delivered(patron))
  const told = JSON.parse((await ask({ 'x-reader': 'aigul' })).text)
  t.like(told.decision.trace.at(-2), { criterion: 'fair-use', detail: '1 of 2 items in this hour' })
  bus.emit(delivered(patron))
  await store.seats.release(['steppe'], patronKey(patron))

  const refused = await ask({ 'x-reader': 'aigul' })
  t.is(refused.status, 429)
  t.is(JSON.parse(refused.text).title, 'quota')
  const wait = Number(refused.headers['retry-after'])
  t.true(wait > 3590 && wait <= 3600, String(wait))
  t.is((await ask({ 'x-reader': 'bakyt' })).status, 200, 'the seat was not taken')
  t.is(events.filter(({ kind }) => kind === 'fair-use').length, 1)
  await store.seats.release(['steppe'], patronKey(sessionOf('bakyt').patron))

  pass(3_600_000)
  t.is((await ask({ 'x-reader': 'aigul' })).status, 200)
})

test('a rejected address is refused on the portal as well', async (t) => {
  const { ask, events } = await serve(t)
  const { status, text } = await ask({ 'x-route': 'portal', 'x-treatment': 'reject' })
  t.is(status, 403)
  t.regex(text, /address_rejected/)
  t.like(events, { 0: { kind: 'denial', reason: 'address_rejected' }, length: 1 })
  t.false('resourceId' in (events[0] ?? {}))
})

test('other routes get their place and are not decided', async (t) => {
  const { ask, events } = await serve(t, {}, false)
  for (const treatment of ['direct', 'auto-login', 'authenticate']) {
    const { status, text } = await ask({ 'x-route': 'portal', 'x-treatment': treatment })
    t.is(status, 200)
    t.is(JSON.parse(text).place.treatment, treatment)
  }
  t.deepEqual(events, [])
})

const preflight = { origin: 'https://x.example', 'access-control-request-method': 'PUT' }

test('a preflight passes without session and seat, as far as the resource is open', async (t) => {
  const { ask, store } = await serve(t, { seats: 1 })
  const { status, text } = await ask(preflight, '/', 'OPTIONS')
  t.is(status, 200)
  t.true(JSON.parse(text).decision.isAllowed)
  t.deepEqual(await store.seats.leases('steppe'), [])
  t.is((await ask({ origin: 'https://x.example' }, '/', 'OPTIONS')).status, 401)
  t.is((await ask(preflight, '/', 'GET')).status, 401)
  t.is((await ask({ ...preflight, 'x-treatment': 'reject' }, '/', 'OPTIONS')).status, 403)

  const closed = await serve(t, {}, false)
  t.is((await closed.ask(preflight, '/', 'OPTIONS')).status, 403)
})

const font = {
  origin: 'https://www-steppe-example.proxy.example',
  'sec-fetch-dest': 'font',
  'sec-fetch-mode': 'cors',
}

test('fonts are asked for like preflights: without session and seat, while the resource is open', async (t) => {
  const { ask, store } = await serve(t, { seats: 1 })
  t.is((await ask(font, '/serif.woff2')).status, 200)
  t.deepEqual(await store.seats.leases('steppe'), [])
  t.is((await ask(font, '/article')).status, 401)
  t.is((await ask({ ...font, 'x-treatment': 'reject' }, '/serif.woff2')).status, 403)

  const closed = await serve(t, {}, false)
  t.is((await closed.ask(font, '/serif.woff2')).status, 403)
})

test('a path that the rule leaves open is asked for likewise, while the resource is open', async (t) => {
  const { ask, store } = await serve(t, { seats: 1 })
  t.is((await ask({}, '/rss/new')).status, 200)
  t.deepEqual(await store.seats.leases('steppe'), [])
  t.is((await ask({}, '/rss')).status, 401)
  t.is((await ask({}, '/rss/new', 'POST')).status, 401)
  t.is((await ask({ 'x-treatment': 'reject' }, '/rss/new')).status, 403)
  // Whoever is somebody takes a seat there as anywhere.
  t.is((await ask({ 'x-reader': 'a' }, '/rss/new')).status, 200)
  t.is((await store.seats.leases('steppe')).length, 1)

  const closed = await serve(t, {}, false)
  t.is((await closed.ask({}, '/rss/new')).status, 403)
  const over = await serve(t, { untilOn: '2020-01-01' })
  t.is((await over.ask({}, '/rss/new')).status, 403)
})

test('seats go to persons, not to requests, and the next reader is told how many are held', async (t) => {
  const { ask, store, events } = await serve(t, { seats: 2 })
  const readers = ['a', 'b', 'a', 'b', 'a', 'b']
  const answers = await Promise.all(readers.map((reader) => ask({ 'x-reader': reader })))
  t.true(answers.every(({ status }) => status === 200))
  t.is((await store.seats.leases('steppe')).length, 2)

  const frame = { accept: 'text/html', 'sec-fetch-dest': 'iframe' }
  const refusal = await ask({ 'x-reader': 'c', ...frame })
  t.is(refusal.status, 403)
  t.regex(refusal.text, /seats_full/)
  t.like(events, { 0: { kind: 'denial', reason: 'seats_full' }, length: 1 })
})

test('each exchange is told the pool in which its reader holds a seat then', async (t) => {
  const morePools = [{ pool: 'more', seats: 1 }]
  const { access, ask } = await serve(t, { seats: 1, morePools })
  const poolOf = async (reader: string): Promise<string> => {
    const { text } = await ask({ 'x-reader': reader })
    return JSON.parse(text).decision.trace.at(-1).detail
  }
  t.is(await poolOf('a'), 'holds one of 2 in pool steppe')
  for (let each = 0; each < 3; each++) t.is(await poolOf('b'), 'holds one of 2 in pool more')
  for (const reader of ['a', 'b']) await access.releaseSeats(sessionOf(reader).patron)
  for (let each = 0; each < 3; each++) t.is(await poolOf('b'), 'holds one of 2 in pool steppe')
})

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

test('waiting is told of every pool that is waited for, a seat of the one that gave it', async (t) => {
  const { ask, store, events, access } = await serve(t, {
    seats: 1,
    morePools: [{ pool: 'more', seats: 1 }],
  })
  for (const reader of ['a', 'b']) await ask({ 'x-reader': reader })
  t.is((await ask({ ...page, 'x-reader': 'c' })).status, 303)
  await access.releaseSeats(sessionOf('b').patron)
  t.is((await ask({ ...page, 'x-reader': 'c' })).status, 200)
  const waits = events.flatMap((event) =>
    event.kind === 'wait' ? [[event.outcome, event.pools, event.pool]] : [],
  )
  t.deepEqual(waits, [
    ['joined', ['steppe', 'more'], undefined],
    ['granted', ['steppe', 'more'], 'more'],
  ])
  // No seat of the other pool is kept for who has one already.
  t.deepEqual(await store.seats.waiters('steppe'), [])
})

test('a page for which no seat is free leads to the waiting room, and is refused once', async (t) => {
  const { ask, store, events, access } = await serve(t, { seats: 1 })
  await ask({ 'x-reader': 'a' })
  const target = '/a%2Fb?q=%D0%B0&c=1'
  for (let time = 0; time < 3; time += 1) {
    const { status, headers } = await ask({ ...page, 'x-reader': 'b' }, target)
    t.is(status, 303)
    const to = encodeURIComponent(`https://www.steppe.example:8443${target}`)
    t.is(headers.location, `https://library.example/wait?to=${to}`)
    t.is(headers['cache-control'], 'no-store')
  }
  t.is((await store.seats.waiters('steppe')).length, 1)
  t.deepEqual(
    events.map(({ kind }) => kind),
    ['wait', 'denial'],
  )
  t.like(events[1], { kind: 'denial', reason: 'seats_full' })
  await access.releaseSeats(sessionOf('a').patron)
  t.is((await ask({ ...page, 'x-reader': 'c' }, target)).status, 303)
  t.is((await ask({ ...page, 'x-reader': 'b' }, target)).status, 200)
  t.like(events.at(-1), { kind: 'wait', outcome: 'granted', waitedMs: 0 })
})

for (const [what, headers, method] of [
  ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' }, 'GET'],
  ['a frame', { ...page, 'sec-fetch-dest': 'iframe' }, 'GET'],
  ['a page fetched early', { ...page, 'sec-purpose': 'prefetch;prerender' }, 'GET'],
  ['a form', page, 'POST'],
  ['a WebSocket', { 'sec-fetch-mode': 'websocket', 'sec-fetch-dest': 'websocket' }, 'GET'],
] as const) {
  test(`${what} is refused without a seat, and does not wait`, async (t) => {
    const { ask, store, events } = await serve(t, { seats: 1 })
    await ask({ 'x-reader': 'a' })
    t.is((await ask({ ...headers, 'x-reader': 'b' }, '/', method)).status, 403)
    t.deepEqual(await store.seats.waiters('steppe'), [])
    t.like(events, { 0: { kind: 'denial', reason: 'seats_full' }, length: 1 })
  })
}

test('a queue that is full is told by the refusal', async (t) => {
  const { ask, store } = await serve(t, { seats: 1 })
  await ask({ 'x-reader': 'a' })
  for (let number = 0; number < limits.policy.queue.waiters; number += 1) {
    const holder = `h${number}`
    await store.seats.wait({ pool: 'steppe', holder, seats: 1, queue: limits.policy.queue })
  }
  t.is((await ask({ ...page, 'x-reader': 'b' })).status, 403)
})

test('reserved seats are for readers of the networks that are named', async (t) => {
  const reserved = { seats: 1, networks: ['net-auto-login'] }
  const { ask } = await serve(t, { seats: 2, reserved })
  t.is((await ask({ 'x-reader': 'a' })).status, 200)
  t.is((await ask({ 'x-reader': 'b' })).status, 403)
  t.is((await ask({ 'x-reader': 'c', 'x-treatment': 'auto-login' })).status, 200)
  t.is((await ask({ 'x-reader': 'd', 'x-treatment': 'auto-login' })).status, 403)
})

const away = () => Promise.reject(new GatewayError('ERR_STORE_AWAY', 'as the test wants'))

/** Fails the call of this number: before the store has heard of it, or after it has done it. */
function faultySeats(seats: SeatStore, faultAt: number, isDone: boolean) {
  const state = { calls: 0 }
  const wrapped: SeatStore = {
    ...seats,
    async acquire(ask) {
      state.calls += 1
      if (state.calls !== faultAt) return seats.acquire(ask)
      if (isDone) await seats.acquire(ask)
      return away()
    },
    async release(pools, holder) {
      state.calls += 1
      if (state.calls !== faultAt) return seats.release(pools, holder)
      if (isDone) await seats.release(pools, holder)
      return away()
    },
  }
  return { wrapped, state }
}

/** Readers come, wait, read, leave and come back; nobody minds a fault. */
const visits: readonly (readonly [reader: string, does: 'page' | 'script' | 'leave' | 'rest'])[] = [
  ['a', 'page'],
  ['b', 'page'],
  ['c', 'script'],
  ['c', 'page'],
  ['b', 'page'],
  ['a', 'rest'],
  ['a', 'script'],
  ['a', 'leave'],
  ['c', 'page'],
  ['b', 'page'],
  ['a', 'page'],
  ['b', 'leave'],
  ['c', 'page'],
]

for (const isDone of [false, true]) {
  const what = isDone ? 'the answer of any one call is lost' : 'any one call fails'
  test(`${what}: one seat is never two, each refusal is told once, and all goes on`, async (t) => {
    let faultAt = 0
    let calls: number
    do {
      faultAt += 1
      let state = { calls: 0 }
      const { ask, access, store, events, pass } = await serve(
        t,
        { seats: 1, seatIdleSeconds: 60 },
        true,
        [],
        (seats) => {
          const faulty = faultySeats(seats, faultAt, isDone)
          state = faulty.state
          return faulty.wrapped
        },
      )
      let refusals = 0
      const waiting = new Set<string>()
      for (const [reader, does] of visits) {
        if (does === 'rest') pass(20_000)
        else if (does === 'leave') {
          await access.releaseSeats(sessionOf(reader).patron).catch(() => undefined)
        } else {
          const { status } = await ask({ ...(does === 'page' && page), 'x-reader': reader })
          if (status === 200) waiting.delete(reader)
          else if (status !== 303 || !waiting.has(reader)) refusals += 1
          if (status === 303) waiting.add(reader)
        }
        t.true((await store.seats.leases('steppe')).length <= 1, `${faultAt}: ${reader} ${does}`)
      }
      const denials = events.filter(({ kind }) => kind === 'denial')
      // A join whose answer was lost was told as a seat that cannot be checked.
      t.true(Math.abs(denials.length - refusals) <= (isDone ? 1 : 0), `${faultAt}`)
      t.is(new Set(denials.map(({ reference }) => reference)).size, denials.length)
      calls = state.calls
      pass(60_000)
      // No fault from here on.
      state.calls = 1000
      t.is((await ask({ ...page, 'x-reader': 'd' })).status, 200)
    } while (faultAt <= calls)
    t.true(faultAt > 8)
  })
}

test('who may not read takes no seat', async (t) => {
  const { ask, store } = await serve(t, { seats: 2, categories: ['faculty'] })
  t.is((await ask({ 'x-reader': 'a' })).status, 403)
  t.deepEqual(await store.seats.leases('steppe'), [])
})

test('an idle seat is free again, and what sign-out frees is free at once', async (t) => {
  const { ask, access, pass } = await serve(t, { seats: 1, seatIdleSeconds: 60 })
  const { patron } = sessionOf('a')
  t.is((await ask({ 'x-reader': 'a' })).status, 200)
  t.is((await ask({ 'x-reader': 'b' })).status, 403)
  pass(60_000)
  t.is((await ask({ 'x-reader': 'b' })).status, 200)
  t.is((await ask({ 'x-reader': 'a' })).status, 403)
  await access.releaseSeats(sessionOf('b').patron)
  t.is((await ask({ 'x-reader': 'a' })).status, 200)
  t.is((await ask({ 'x-reader': 'b' })).status, 403)
  await access.releaseSeats(patron)
  t.is((await ask({ 'x-reader': 'b' })).status, 200)
})

test('a store that is away grants no seat: 503, and readers with a fresh lease go on', async (t) => {
  const { ask, store, events } = await serve(t, { seats: 2 })
  t.is((await ask({ 'x-reader': 'a' })).status, 200)
  await store.close()
  t.is((await ask({ 'x-reader': 'a' })).status, 200)
  const { status, headers } = await ask({ 'x-reader': 'b' })
  t.is(status, 503)
  t.truthy(headers['retry-after'])
  t.like(events, { 0: { kind: 'denial', reason: 'seats_unknown' }, length: 1 })
})

test('a WebSocket handshake is decided like any exchange', async (t) => {
  const { ask, events } = await serve(t, { seats: 1 })
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  }
  t.is((await ask({ 'x-reader': 'a' })).status, 200)
  t.is((await ask({ ...handshake, 'x-reader': 'b' })).status, 403)
  t.like(events, { 0: { kind: 'denial', reason: 'seats_full' }, length: 1 })
})

test('the list is told decisions without taking seats, the account its seats', async (t) => {
  const { ask, access, resource, store, clock } = await serve(t, { seats: 2 })
  await ask({ 'x-reader': 'a' })
  const { patron } = sessionOf('a')
  t.is(await access.seatsUsed(resource), 1)
  t.is(await access.seatsUsed(resourceWith({})), 0)
  const endsAt = clock.now() + 600_000
  t.deepEqual(await access.seatsOf(patron), [{ pool: 'steppe', resource, endsAt }])
  t.deepEqual(await access.seatsOf(sessionOf('b').patron), [])
  await access.releaseSeat(patron, resource)
  t.is(await access.seatsUsed(resource), 0)
  await store.seats.acquire({ pool: 'steppe', holder: patronKey(patron), seats: 2, idleMs: 1000 })
  await store.close()
  t.is(await access.seatsUsed(resource), undefined)
  await t.throwsAsync(() => access.seatsOf(patron), { code: 'ERR_STORE_AWAY' })
})

test('the decision for the list is that of the gateway, up to the seat', async (t) => {
  const { clock } = stoppedClock()
  const { seats } = createEmbeddedStore({ file: path.join(folder, 'list.sqlite'), clock })
  const keeper = createSeatKeeper({ seats, clock })
  const announcer = createAnnouncer({ bus: createEventBus(() => undefined), clock })
  const none = { timeZone: 'UTC', resources: () => [], announcer }
  const access = createAccess({ seats, keeper, clock, ...none })
  const { server, origin } = await serveStage(async (context) => {
    context.state.place = { address: '127.0.0.1', channel: 'remote', treatment: 'authenticate' }
    const resource = resourceWith({ seats: 1 }, context.path === '/open')
    context.body = JSON.stringify(access.decideFor(context, resource))
  })
  t.teardown(() => server.stop())
  t.like(await (await fetch(`${origin}/open`)).json(), { reason: 'not_signed_in' })
  t.like(await (await fetch(`${origin}/closed`)).json(), { reason: 'resource_closed' })
})
