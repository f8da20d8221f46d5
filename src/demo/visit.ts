/**
 * One request to a demo publisher, as its pages see it.
 * @module
 */
import type { IncomingMessage } from 'node:http'

/** A request with its body read. */
export interface Visit {
  readonly method: string
  /** The publisher's host that was asked, without port. */
  readonly host: string
  /** Absolute, as the publisher would write it: without the port that the demo listens on. */
  readonly url: URL
  readonly cookies: ReadonlyMap<string, string>
  readonly origin: string | undefined
  readonly acceptsHtml: boolean
  readonly customHeader: (name: string) => string | undefined
  readonly body: string
  /** Whether the connection comes from the address that the licence names. */
  readonly isLicensed: boolean
}

/** Reads a request line and its headers; `body` has been read before. */
export function readVisit(request: IncomingMessage, body: string, licensedAddress: string): Visit {
  const { headers } = request
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  return {
    method: request.method ?? 'GET',
    host,
    url: new URL(`http://${host === '' ? 'nowhere.example' : host}${request.url ?? '/'}`),
    cookies: readCookies(headers.cookie ?? ''),
    origin: headers.origin,
    acceptsHtml: (headers.accept ?? '').includes('text/html'),
    customHeader: (name) => [headers[name]].flat()[0],
    body,
    isLicensed: request.socket.remoteAddress === licensedAddress,
  }
}

function readCookies(header: string): ReadonlyMap<string, string> {
  const pairs = header.split(/;\s*/).filter((pair) => pair.includes('='))
  return new Map(
    pairs.map((pair) => [
      pair.slice(0, pair.indexOf('=')),
      decode(pair.slice(pair.indexOf('=') + 1)),
    ]),
  )
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
