/**
 * Made-up publishers seen by real browsers on two ways: directly, and through a gateway with the
 * shim in every page. What a publisher does is scripted; what it was asked is written down.
 * @module
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'

import { chromium, firefox, webkit } from 'playwright-core'
import type { Browser, BrowserContext, BrowserType } from 'playwright-core'

import type { Resource } from '../../src/core/resource.ts'
import { bodyText, whenWhole } from './conformance-answers.ts'
import { startCrossroads } from './crossroads.ts'
import { startMessageGateway } from './message-gateway.ts'
import { findProgram } from './provision.ts'
import type { Script, SeenRequest } from './publisher.ts'

/** Directly, or through the gateway. */
export type Way = 'direct' | 'gateway'

/** A request as a publisher got it. */
export interface Asked {
  readonly method: string
  /** Absolute, under the publisher's own name. */
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** What a publisher answers; a body is text. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The connection stays open behind the body, as that of events does. */
  readonly isEndless?: boolean
}

/** Publishers, a gateway, and the two ways. */
export interface PressRun {
  /** A browser's window of its own, with cookies of its own. */
  newContext(browser: Browser, way: Way, userAgent?: string): Promise<BrowserContext>
  /** `host:port` of what left the zone for a host of the gateway. */
  escaped(): readonly string[]
  close(): Promise<void>
}

/** What the gateway takes for a session in these runs. */
const sessionCookie = '__Secure-darbaza-zone'

/** Starts publishers of all hosts of the resources, and the gateway. */
export async function startPressRun(options: {
  readonly resources: readonly Resource[]
  readonly zoneOrigin: string
  readonly answer: (asked: Asked) => Answer
}): Promise<PressRun> {
  const { resources, zoneOrigin } = options
  const zone = new URL(zoneOrigin).hostname
  const script: Script = (socket, request) => {
    whenWhole(socket, request, () => {
      const asked = readAsked(request)
      const key = asked.headers['sec-websocket-key']
      if (key === undefined) say(socket, asked, options.answer(asked))
      else shakeHands(socket, key, options.answer(asked))
    })
  }
  const gateway = await startMessageGateway({
    resources,
    zoneOrigin,
    script,
    tls: 'own',
    gatewayCookies: [sessionCookie],
    sessionCookie,
    shim: 'own',
  })
  const isKnown = (host: string, port: number) =>
    gateway.rulebook.hosts.mapUrl(`https://${host}:${port}/`) !== undefined
  const direct = await startCrossroads((host, port) =>
    isKnown(host, port) ? gateway.secure.port : undefined,
  )
  const proxied = await startCrossroads((host, port) =>
    host.endsWith(`.${zone}`) && port === 443 ? gateway.port : undefined,
  )

  return {
    async newContext(browser, way, userAgent) {
      const { server } = way === 'direct' ? direct : proxied
      const context = await browser.newContext({
        proxy: { server },
        ignoreHTTPSErrors: true,
        ...(userAgent !== undefined && { userAgent }),
      })
      const cookie = { name: sessionCookie, value: randomUUID(), domain: `.${zone}`, path: '/' }
      if (way === 'gateway') {
        await context.addCookies([{ ...cookie, secure: true, httpOnly: true, sameSite: 'Lax' }])
      }
      return context
    },
    escaped: () =>
      proxied.refused.filter((place) => {
        const [host = '', port = '443'] = place.split(':')
        return isKnown(host, Number(port))
      }),
    async close() {
      await Promise.all([direct.close(), proxied.close()])
      await gateway.close()
    },
  }
}

/** Browsers that are installed, or those of them that BROWSERS names ("chromium firefox"). */
export function installedBrowsers(): readonly { name: string; launch(): Promise<Browser> }[] {
  const wanted = process.env['BROWSERS']?.split(/[\s,]+/)
  const types: readonly (readonly [BrowserType, string | undefined])[] = [
    [chromium, findProgram('chromium')],
    [firefox, pathOf(firefox)],
    [webkit, pathOf(webkit)],
  ]
  return types.flatMap(([type, executablePath]) => {
    const name = type.name()
    if (executablePath === undefined || wanted?.includes(name) === false) return []
    const args =
      name === 'chromium' ? ['--no-sandbox', '--disable-gpu', '--ignore-certificate-errors'] : []
    return [{ name, launch: () => type.launch({ executablePath, args }) }]
  })
}

/** Where Playwright has put a browser of its own; undefined when it has not. */
function pathOf(type: BrowserType): string | undefined {
  const path = type.executablePath()
  return path !== '' && existsSync(path) ? path : undefined
}

function readAsked(request: SeenRequest): Asked {
  const [start = '', ...lines] = request.head.split('\r\n')
  const [method = '', target = '/'] = start.split(' ')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
    }),
  )
  const url = new URL(target, `https://${headers['host']}`)
  return { method, url, headers, body: bodyText(request) }
}

/** Opened to every origin that asks, as publishers open their services. */
function say(socket: Socket, { method, headers: asked }: Asked, answer: Answer): void {
  const { status = 200, headers = {}, body = '', isEndless = false } = answer
  const fields: Record<string, string> = {
    ...(asked['origin'] !== undefined && {
      'Access-Control-Allow-Origin': asked['origin'],
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
      'Access-Control-Allow-Headers': asked['access-control-request-headers'] ?? '',
      Vary: 'Origin',
    }),
    ...headers,
    ...(!isEndless && { 'Content-Length': String(Buffer.byteLength(body)) }),
    Connection: 'close',
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n${method === 'HEAD' ? '' : body}`)
  if (!isEndless) socket.end()
}

/** RFC 6455 section 4.2.2; a body is sent as one text message. */
function shakeHands(socket: Socket, key: string, { body = '' }: Answer): void {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  const lines = ['Upgrade: websocket', 'Connection: Upgrade']
  socket.write(
    `HTTP/1.1 101 X\r\n${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
  )
  const text = Buffer.from(body.slice(0, 125))
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]))
}
