/**
 * What publishers do wrong, by path: scripts for a raw socket, with what a reader must see of each.
 * @module
 */
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

import { reply, type Script, type SeenRequest } from '../support/publisher.ts'

/** One kind of mishap. */
export interface Mishap {
  readonly script: Script
  /** The status that the reader gets, and the code that page and log tell. */
  readonly status: number
  readonly code: string
}

const headOf = (type: string) => `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n`
const head = headOf('text/html')
/** The body of every good answer. */
export const goodBody = '<p>good'
/** Long enough to leave the gateway before the mishap comes. */
const part = `<p>${'part of a page '.repeat(6000)}`
/** The same bytes at every run, of the kind that cannot be compressed. */
const random = Buffer.concat(
  Array.from({ length: 2000 }, (_, at) => createHash('sha256').update(`random ${at}`).digest()),
)

const say =
  (text: string | Buffer): Script =>
  (socket) =>
    socket.write(text)
const sayAndEnd =
  (text: string | Buffer): Script =>
  (socket) =>
    socket.end(text)
/** What was written must arrive before the reset throws it away. */
const sayAndReset =
  (text: string): Script =>
  (socket) =>
    socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 100))

function everAgain(socket: Socket, text: string, everyMs: number): void {
  const timer = setInterval(() => socket.write(text), everyMs)
  socket.once('close', () => clearInterval(timer))
}

/** Nothing of the publisher's has reached the reader: an error page with its own status. */
export const beforeTheAnswer: Readonly<Record<string, Mishap>> = {
  'resets at once': {
    script: (socket) => socket.resetAndDestroy(),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'closes at once': { script: sayAndEnd(''), status: 502, code: 'ERR_UPSTREAM_BROKEN' },
  'closes within the headers': {
    script: sayAndEnd(`${head}X-More: `),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'closes after the headers': {
    script: sayAndEnd(`${head}Content-Length: 99\r\n\r\n`),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'stalls after the headers': {
    script: say(`${head}Content-Length: 99\r\n\r\n`),
    status: 504,
    code: 'ERR_UPSTREAM_SLOW',
  },
  'says nothing': { script: () => undefined, status: 504, code: 'ERR_UPSTREAM_SLOW' },
  'stalls within the headers': {
    script: say(`${head}X-More: `),
    status: 504,
    code: 'ERR_UPSTREAM_SLOW',
  },
  'sends a header every tenth of a second': {
    script(socket) {
      socket.write(head)
      everAgain(socket, 'X-More: a\r\n', 100)
    },
    status: 504,
    code: 'ERR_UPSTREAM_SLOW',
  },
  'sends early hints without an end': {
    script(socket) {
      everAgain(socket, 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n', 100)
    },
    status: 502,
    code: 'ERR_UPSTREAM_EXCESS',
  },
  'sends headers without an end': {
    script(socket) {
      socket.write(head)
      everAgain(socket, `X-More: ${'a'.repeat(8000)}\r\n`, 5)
    },
    status: 502,
    code: 'ERR_UPSTREAM_EXCESS',
  },
  'speaks something else': {
    script: sayAndEnd('SSH-2.0-OpenSSH_9.2p1 Debian\r\n'),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'sends random bytes': { script: sayAndEnd(random), status: 502, code: 'ERR_UPSTREAM_BROKEN' },
  'names two lengths': {
    script: say(`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'names a length and chunks': {
    script: say(
      `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    ),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'puts a null byte into a header': {
    script: say(`${head}X-Null: a\0b\r\nContent-Length: 2\r\n\r\nhi`),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'switches protocols unasked': {
    script: say('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'codes its body ten times': {
    script: say(`${head}Content-Encoding: ${'gzip,'.repeat(9)}gzip\r\nContent-Length: 2\r\n\r\nhi`),
    status: 502,
    code: 'ERR_UPSTREAM_EXCESS',
  },
}

/** Text, because deflate stores what it cannot compress, and damage to that breaks only the checksum. */
const damaged = gzipSync(random.toString('hex'))
damaged.fill(0xff, 40_000, 50_000)
/** Inflates to more than a rewritten body may, from a few hundred kilobytes. */
const bomb = gzipSync(Buffer.alloc(70 * 1024 * 1024, '<p>aaaaaaaa'))

function coded(body: Buffer): Buffer {
  const lines = `${head}Content-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(lines), body])
}

/** A part has reached the reader: the connection breaks, so that nobody takes it for the whole. */
export function withinTheBody(type: string): Readonly<Record<string, Mishap>> {
  const typed = headOf(type)
  return {
    'promises more than it sends': {
      script: sayAndEnd(`${typed}Content-Length: 200000\r\n\r\n${part}`),
      status: 200,
      code: 'ERR_UPSTREAM_BROKEN',
    },
    'resets within the body': {
      script: sayAndReset(`${typed}Content-Length: 200000\r\n\r\n${part}`),
      status: 200,
      code: 'ERR_UPSTREAM_BROKEN',
    },
    'closes within a chunk': {
      script: sayAndEnd(`${typed}Transfer-Encoding: chunked\r\n\r\n20000\r\n${part}`),
      status: 200,
      code: 'ERR_UPSTREAM_BROKEN',
    },
    'closes between chunks': {
      script: sayAndEnd(
        `${typed}Transfer-Encoding: chunked\r\n\r\n${part.length.toString(16)}\r\n${part}\r\n`,
      ),
      status: 200,
      code: 'ERR_UPSTREAM_BROKEN',
    },
    'sends a chunk without a size': {
      script: say(
        `${typed}Transfer-Encoding: chunked\r\n\r\n${part.length.toString(16)}\r\n${part}\r\nzz\r\n`,
      ),
      status: 200,
      code: 'ERR_UPSTREAM_BROKEN',
    },
    'stalls within the body': {
      script: say(`${typed}Content-Length: 200000\r\n\r\n${part}`),
      status: 200,
      code: 'ERR_UPSTREAM_SLOW',
    },
  }
}

/** The same of bodies that the gateway has to undo. */
export const withinTheCoding: Readonly<Record<string, Mishap>> = {
  'damages the gzip in its middle': {
    script: say(coded(damaged)),
    status: 200,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  'sends a bomb of gzip': { script: say(coded(bomb)), status: 200, code: 'ERR_UPSTREAM_EXCESS' },
}

/** A script for each path; anything else is answered well. */
export function byPath(scripts: Readonly<Record<string, Script>>): Script {
  return (socket, request) => {
    const script = scripts[pathOf(request)]
    if (script === undefined) socket.write(reply(goodBody, 'Content-Type: text/html'))
    else script(socket, request)
  }
}

/** Path and query of a request. */
export function pathOf({ head: lines }: SeenRequest): string {
  return lines.split(' ', 2)[1] ?? ''
}
