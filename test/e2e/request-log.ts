/**
 * What the browser asks in a visit, and when it has nothing more to ask.
 * @module
 */
import type { BrowserContext, Page, Request } from 'playwright-core'

/** Whose addresses are whose. */
interface Origins {
  /** Whether a URL is of the gateway itself. */
  readonly isOwn: (url: string) => boolean
  /** The publisher's hosts. */
  readonly hosts: readonly string[]
}

/** What is noted of a visit. */
interface RequestLog {
  /** One line for each answer and socket. */
  readonly asked: readonly string[]
  /** Requests to the publisher's own hosts, as the browser tells them. */
  readonly toPublisher: readonly string[]
  /** How many things the browser has asked and got so far. */
  readonly moves: () => number
  /** Whether an answer is still to come. */
  readonly isWaiting: () => boolean
}

/** Requests that an idle page makes by itself follow each other more quickly. */
const quietMs = 400

/** Of some answers nobody is told, such as those to shared workers: they come sooner than this. */
const answerMs = 3000

/** Waits until all that was asked for is answered, the pages are idle, and they ask for nothing more. */
export async function settled(context: BrowserContext, log: RequestLog): Promise<void> {
  for (let before = -1; before !== log.moves() || log.isWaiting();) {
    before = log.moves()
    await Promise.all(context.pages().map(idle))
    await new Promise((resolve) => setTimeout(resolve, quietMs))
  }
}

/** A page that is just being left answers nothing, and asks for nothing. */
async function idle(page: Page): Promise<void> {
  const told = page.evaluate('new Promise((resolve) => requestIdleCallback(resolve))')
  await told.catch(() => undefined)
}

/** Notes every answer that is not the gateway's own, and every socket. */
export function recordRequests(context: BrowserContext, { isOwn, hosts }: Origins): RequestLog {
  const asked: string[] = []
  const toPublisher: string[] = []
  const waiting = new Map<Request, number>()
  let moves = 0
  const note = (url: string, text: string) => {
    if (isOwn(url)) return
    asked.push(`asked: ${text} ${url}`)
    if (hosts.includes(new URL(url).hostname)) toPublisher.push(url)
  }
  context.on('request', (request) => {
    moves += 1
    waiting.set(request, performance.now())
  })
  // Not every answer ends: events go on, and what was asked for ahead is left half read.
  const end = (request: Request) => {
    moves += 1
    waiting.delete(request)
  }
  context.on('requestfinished', end)
  context.on('requestfailed', end)
  context.on('response', (response) => {
    const request = response.request()
    end(request)
    const { location, 'content-type': type = '' } = response.headers()
    // The first request for a host is sent through the portal, which gives it a session.
    if (location !== undefined && isOwn(URL.parse(location, response.url())?.href ?? '')) return
    // When a browser asks anew for what it holds is its own business.
    if (response.status() === 304) return
    const words = [request.method(), response.status(), request.resourceType(), type.split(';')[0]]
    note(response.url(), words.join(' '))
  })
  context.on('page', (page) => page.on('websocket', (socket) => note(socket.url(), 'socket')))
  for (const page of context.pages()) {
    page.on('websocket', (socket) => note(socket.url(), 'socket'))
  }
  const isWaiting = () => {
    const soonest = performance.now() - answerMs
    return waiting.values().some((askedAt) => askedAt > soonest)
  }
  return { asked, toPublisher, moves: () => moves, isWaiting }
}
