import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

import anyTest, { type TestFn } from 'ava'

import { ruleOf } from '../support/gateway.ts'
import { reply, startPublisher, type Publisher } from '../support/publisher.ts'
import { referenceOf, type Reader } from '../support/reader.ts'
import { openHouse, type House } from './house.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
  readonly reader: Reader
}

const test = anyTest as TestFn<Context>

test.before(async (t) => {
  const publisher = await startPublisher((socket) => socket.write(reply('good')))
  const house = await openHouse({
    rules: { press: ruleOf('www.my-press.test') },
    hosts: { 'www.my-press.test': publisher.port },
  })
  const reader = house.reader('r1')
  t.is((await reader.visit(house.gateway.proxied('http://www.my-press.test/'))).status, 200)
  Object.assign(t.context, { house, publisher, reader })
})

test.after.always(async (t) => {
  await t.context.house?.close()
  await t.context.publisher?.close()
})

/** Bytes as they are, and everything that comes back. */
async function say({ house }: Context, bytes: string): Promise<{ status: number; text: string }> {
  const socket = connect(house.gateway.ports.public, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(bytes, 'latin1')
  const answer = await text(socket)
  return { status: Number(answer.split(' ', 2)[1]), text: answer }
}

const labels: readonly [what: string, label: string][] = [
  ['of no resource', 'www-jstor-org'],
  ['of a sister host that no rule names', 'api-my--press-test'],
  ['with the default port', 'www-my--press-test---p80'],
  ['with another port', 'www-my--press-test---p8080'],
  ['with three hyphens', 'www-my---press-test'],
  ['with a mark that it does not need', 'x---www-my--press-test'],
  ['of an address', '127-0-0-1'],
  ['of a hash that is no host’s', `h---${'0'.repeat(32)}`],
  ['with another label before it', 'evil.www-my--press-test'],
  ['with a root dot', 'www-my--press-test.'],
]

for (const [what, label] of labels) {
  test.serial(
    `a proxied name ${what} is refused with 421, and nobody else is asked: ${label}`,
    async (t) => {
      const { reader, house, publisher } = t.context
      const { host } = new URL(house.gateway.zone)
      const before = publisher.requests.length
      // A client's Host header is its own: the cookie goes along whatever name it claims.
      const url = house.gateway.proxied('http://www.my-press.test/')
      const cookie = await reader.jar.getCookieString(url)
      const answer = await say(
        t.context,
        `GET /a HTTP/1.1\r\nHost: ${label}.${host}\r\nCookie: ${cookie}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
      )
      t.is(answer.status, 421)
      t.like(await house.gateway.failure(referenceOf(answer)), {
        code: 'ERR_UNKNOWN_HOST',
        status: 421,
      })
      t.is(publisher.requests.length, before)
    },
  )
}

test.serial('EZproxy’s spelling of a known name leads to the canonical one', async (t) => {
  const { host } = new URL(t.context.house.gateway.zone)
  const answer = await say(
    t.context,
    `GET /a?b HTTP/1.1\r\nHost: www-my-press-test.${host}\r\nConnection: close\r\n\r\n`,
  )
  t.is(answer.status, 303)
  t.true(answer.text.includes(`Location: http://www-my--press-test.${host}/a?b\r\n`))
})

const good = 'www-my--press-test.proxy.localhost'
const broken: readonly [what: string, head: string, status: number][] = [
  ['two Host headers', `GET / HTTP/1.1\r\nHost: ${good}\r\nHost: ${good}\r\n`, 400],
  ['two different Host headers', `GET / HTTP/1.1\r\nHost: ${good}\r\nHost: evil.test\r\n`, 400],
  ['no Host header', 'GET / HTTP/1.1\r\n', 400],
  ['an empty Host header', 'GET / HTTP/1.1\r\nHost:\r\n', 400],
  ['a Host header with userinfo', `GET / HTTP/1.1\r\nHost: a@${good}\r\n`, 400],
  ['an absolute target', `GET http://evil.test/ HTTP/1.1\r\nHost: ${good}\r\n`, 400],
  ['dot segments', `GET /a/../b HTTP/1.1\r\nHost: ${good}\r\n`, 400],
  ['a header line without a colon', `GET / HTTP/1.1\r\nHost: ${good}\r\nbroken\r\n`, 400],
  ['a null byte in a header', `GET / HTTP/1.1\r\nHost: ${good}\r\nX: a\0b\r\n`, 400],
  [
    'a length and chunks',
    `POST / HTTP/1.1\r\nHost: ${good}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n`,
    400,
  ],
  ['no HTTP at all', 'EHLO mail.example.edu\r\n', 400],
  ['a header of 64 KiB', `GET / HTTP/1.1\r\nHost: ${good}\r\nX: ${'a'.repeat(65_536)}\r\n`, 431],
  [
    'headers of 64 KiB together',
    `GET / HTTP/1.1\r\nHost: ${good}\r\n${`X-More: ${'a'.repeat(1000)}\r\n`.repeat(66)}`,
    431,
  ],
  ['a target of 64 KiB', `GET /${'a'.repeat(65_536)} HTTP/1.1\r\nHost: ${good}\r\n`, 431],
]

for (const [what, head, status] of broken) {
  test.serial(
    `a request with ${what} is answered with ${status} and a reference that the log has`,
    async (t) => {
      const { reader, house, publisher } = t.context
      const before = publisher.requests.length
      const answer = await say(t.context, `${head}Connection: close\r\n\r\n`)
      t.is(answer.status, status, answer.text.slice(0, 300))
      t.regex(referenceOf(answer), /^\w{4}-\w{4}-\w{4}$/)
      t.like(await house.gateway.failure(referenceOf(answer)), {
        kind: 'failure',
        code: 'ERR_BAD_REQUEST',
      })
      t.is(publisher.requests.length, before)
      const url = house.gateway.proxied('http://www.my-press.test/good')
      t.is((await reader.ask(url)).status, 200)
    },
  )
}

test.serial('a cookie that makes the headers almost 64 KiB long still reads', async (t) => {
  const { reader, house } = t.context
  const url = house.gateway.proxied('http://www.my-press.test/long')
  const cookie = await reader.jar.getCookieString(url)
  const headers = { Cookie: `${cookie}; big=${'a'.repeat(60_000)}` }
  t.is((await reader.ask(url, { headers })).status, 200)
})
