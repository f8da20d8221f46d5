/**
 * What usage costs an exchange by itself, in this process: the stage that tells what happened, and then
 * the recorder with its spool on the embedded store. So it can be seen on a busy machine too, where the
 * whole gateway shows a hundredth more or less at each turn.
 * @module
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import Koa from 'koa'

import { randomReference, systemClock as clock } from '../../src/core/clock.ts'
import type { GatewayContext, GatewayState, Stage } from '../../src/core/context.ts'
import { createEventBus } from '../../src/core/events.ts'
import type { Session } from '../../src/core/types.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createPseudonyms } from '../../src/usage/pseudonyms.ts'
import { startRecorder } from '../../src/usage/recorder.ts'
import { createUsageStage } from '../../src/usage/stage.ts'
import { createEventKeeping } from '../../src/usage/stored-event.ts'
import { resourceWith } from '../policy/fixtures.ts'
import { timeZone } from '../usage/events.ts'
import type { Effort } from './chapters.ts'
import { spreadOf } from './measure.ts'
import type { Cost } from './result.ts'

const resource = resourceWith({})
const upstream = { host: 'www.press1.example', origin: 'https://www.press1.example', resource }
const place = { address: '192.0.2.7', channel: 'remote', treatment: 'authenticate' } as const
const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

const sessions = Array.from({ length: 50 }, (_, number): Session => {
  const patron = { issuer: 'https://id.example', subject: `reader ${number}`, groups: [] }
  const times = { startedAt: 0, endsAt: 0 }
  return { id: `session ${number}`, patron: { ...patron, categories: ['student'] }, ...times }
})

/** What is asked for: a page that cites a work, each at an address of its own, or always the same picture. */
const kinds = {
  page: {
    type: 'text/html; charset=utf-8',
    destination: 'document',
    path: (n: number) => `/a/${n}?q=${n}`,
  },
  picture: { type: 'image/png', destination: 'image', path: () => '/logo.png' },
} as const
type Kind = keyof typeof kinds

const app = new Koa<GatewayState>()
let number = 0

/** An exchange that is answered; calling what comes back ends it. */
function exchangeOf(kind: Kind): { readonly context: GatewayContext; end(): void } {
  number += 1
  const { type, destination, path } = kinds[kind]
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method: 'GET', url: path(number) })
  request.headers = { 'user-agent': agent, 'sec-fetch-dest': destination, accept: '*/*' }
  const response = new ServerResponse(request)
  response.statusCode = 200
  const context = app.createContext<GatewayState>(request, response)
  const pdfUrl = `http://www.press2.example/article/10.1000/${number}.pdf`
  const citation = { itemName: `The words of a title ${number}`, pdfUrl }
  const ends: (() => void)[] = []
  Object.assign(context.state, {
    route: { kind: 'proxied', upstream },
    resource,
    place,
    session: sessions[number % sessions.length],
    reference: randomReference(),
    sentBytes: 3550,
    whenOver: (act: () => void) => ends.push(act),
    upstreamAnswer: { status: 200, headers: [], body: Readable.from([]) },
    reply: {
      status: 200,
      lines: ['Date', 'x', 'Vary', 'Accept', 'Content-Type', type, 'ETag', '"1"'],
    },
    ...(kind === 'page' && { citation: () => citation }),
  })
  return { context, end: () => ends.forEach((act) => act()) }
}

const newBus = () =>
  createEventBus((error) => {
    throw error
  })

const exchanges = 1000

async function round(kind: Kind, stage: Stage, flush: () => Promise<void>): Promise<number> {
  const prepared = Array.from({ length: exchanges }, () => exchangeOf(kind))
  const startedAt = process.cpuUsage()
  for (const { context, end } of prepared) {
    await stage(context, () => Promise.resolve())
    end()
  }
  await flush()
  const { user, system } = process.cpuUsage(startedAt)
  return (user + system) / exchanges
}

/** Microseconds for an exchange, told alone and recorded as well. */
export async function measureEvents({ rounds, share }: Effort): Promise<Cost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-events-'))
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock })
  const heard = newBus()
  // Both are kept: what a stage remembers is full after some rounds.
  const quietStage = createUsageStage({ bus: newBus(), clock })
  const heardStage = createUsageStage({ bus: heard, clock })
  const recorder = startRecorder({
    bus: heard,
    store: store.usage,
    folder: join(folder, 'spool'),
    keep: createEventKeeping(createPseudonyms({ key: 'key', period: 'year', timeZone })),
    onTrouble(message, cause) {
      throw new Error(message, { cause })
    },
  })
  const costs: Cost[] = []
  for (const kind of ['page', 'picture'] as const) {
    const told: number[] = []
    const recorded: number[] = []
    const warm = Math.ceil(20 * share)
    for (let at = 0; at < warm + rounds * 10 * share; at++) {
      const us = [
        await round(kind, quietStage, () => Promise.resolve()),
        await round(kind, heardStage, recorder.flush),
      ] as const
      if (at < warm) continue
      told.push(us[0])
      recorded.push(us[1])
    }
    costs.push(
      { what: `alone, a ${kind}: told, us`, cost: spreadOf(told) },
      { what: `alone, a ${kind}: told, spooled and stored, us`, cost: spreadOf(recorded) },
    )
  }
  await recorder.stop()
  await store.close()
  rmSync(folder, { recursive: true })
  return costs
}
