import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { Readable } from 'node:stream'

import test from 'ava'

import type { Stage } from '../../src/core/context.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { secureHosts, upstreamOf } from '../rewriting/hosts.ts'
import { emptyRulebook, serveStage } from '../support/application.ts'

const page = { accept: 'text/html', 'sec-fetch-dest': 'document' }

async function rawExchange(port: number, text: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
  socket.write(text)
  await once(socket, 'close')
  return answer
}

test('an error becomes a page for a navigation and problem details for a script', async (t) => {
  const { origin, server, events } = await serveStage(() =>
    Promise.reject(
      new GatewayError('ERR_UPSTREAM_SLOW', 'silent for 30 s', { at: 'secret.example' }),
    ),
  )
  const asPage = await fetch(origin, { headers: page })
  t.is(asPage.status, 504)
  t.regex(await asPage.text(), /failed: ERR_UPSTREAM_SLOW [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/)
  const asScript = await fetch(origin, { headers: { 'sec-fetch-dest': 'empty', accept: '*/*' } })
  t.is(asScript.headers.get('content-type'), 'application/problem+json')
  const problem = (await asScript.json()) as { title: string; reference: string }
  t.is(problem.title, 'ERR_UPSTREAM_SLOW')
  t.is(asScript.headers.get('cache-control'), 'no-store')
  await server.stop()
  t.like(events[1], { kind: 'failure', code: 'ERR_UPSTREAM_SLOW', reference: problem.reference })
})

test('an unforeseen error says nothing of the inside', async (t) => {
  const { origin, server } = await serveStage(() => Promise.reject(new Error('at /srv/secret.ts')))
  const answer = await fetch(origin, { headers: page })
  t.is(answer.status, 500)
  t.notRegex(await answer.text(), /secret/)
  await server.stop()
})

const remote = { address: '127.0.0.1', channel: 'remote', treatment: 'authenticate' } as const

const refuse: Stage = (context) => {
  context.set('X-Internal', 'yes')
  context.set('Set-Cookie', 'a=; Max-Age=0')
  context.state.route = { kind: 'portal' }
  context.state.place = remote
  context.state.decision = { isAllowed: false, reason: 'seats_full', facts: {}, trace: [] }
  return Promise.resolve()
}

test('a refusal keeps its status, cleared cookies and nothing else a stage had set', async (t) => {
  const { origin, server, events } = await serveStage(refuse)
  const answer = await fetch(origin, { headers: page })
  t.is(answer.status, 403)
  const text = await answer.text()
  t.regex(text, /refused: seats_full/)
  t.like(events, { 0: { kind: 'denial', reason: 'seats_full' }, length: 1 })
  t.true(text.includes(String(events[0]?.reference)))
  t.is(answer.headers.get('x-internal'), null)
  t.is(answer.headers.get('set-cookie'), 'a=; Max-Age=0')
  await server.stop()
})

/** Nobody asks a proxied host, or another place. */
const turnAway =
  (kind: 'proxied' | 'unknown', reason: 'not_signed_in' | 'seats_full'): Stage =>
  (context) => {
    const upstream = upstreamOf(secureHosts, 'https://pubs.acs.org/')
    context.state.rulebook = { ...emptyRulebook, hosts: secureHosts }
    context.state.route = kind === 'proxied' ? { kind, upstream } : { kind }
    context.state.place = remote
    context.state.decision = { isAllowed: false, reason, facts: {}, trace: [] }
    return Promise.resolve()
  }

const asker = 'https://www-jstor-org.proxy.example.edu'
const script = { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }
for (const [title, kind, reason, headers, opened] of [
  ['a script of a proxied page', 'proxied', 'not_signed_in', { ...script, origin: asker }, asker],
  ['of no page', 'proxied', 'not_signed_in', script, null],
  ['of an opaque page', 'proxied', 'not_signed_in', { ...script, origin: 'null' }, null],
  ['of no exact origin', 'proxied', 'not_signed_in', { ...script, origin: `${asker}/a` }, null],
  [
    'of a host in no rule',
    'proxied',
    'not_signed_in',
    { ...script, origin: 'https://www-evil-example.proxy.example.edu' },
    null,
  ],
  [
    "of the portal's host",
    'proxied',
    'not_signed_in',
    { ...script, origin: 'https://proxy.example.edu' },
    null,
  ],
  ['of another scheme', 'proxied', 'not_signed_in', { ...script, origin: 'http://x.test' }, null],
  ['refused otherwise', 'proxied', 'seats_full', { ...script, origin: asker }, null],
  ['at no proxied host', 'unknown', 'not_signed_in', { ...script, origin: asker }, null],
  ['a navigation', 'proxied', 'not_signed_in', { ...page, origin: asker }, null],
  ['a font', 'proxied', 'not_signed_in', { 'sec-fetch-dest': 'font', origin: asker }, null],
] as const) {
  test(`who reads across hosts that nobody is signed in: ${title}: ${opened !== null}`, async (t) => {
    const { origin, server } = await serveStage(turnAway(kind, reason))
    const answer = await fetch(origin, { headers })
    t.is(answer.status, reason === 'seats_full' ? 403 : 401)
    t.is(answer.headers.get('access-control-allow-origin'), opened)
    t.is(answer.headers.get('access-control-allow-credentials'), opened && 'true')
    const isOfScript = 'sec-fetch-dest' in headers && headers['sec-fetch-dest'] === 'empty'
    const isVaried = kind === 'proxied' && reason === 'not_signed_in' && isOfScript
    t.is(answer.headers.get('vary'), isVaried ? 'Origin' : null)
    const body = await answer.text()
    t.false(body.includes('jstor'))
    await server.stop()
  })
}

test('a header of 64 KiB gets 431 with a reference, and the process lives on', async (t) => {
  const { server, broken, origin } = await serveStage((context) => {
    context.body = 'fine'
    return Promise.resolve()
  })
  const answer = await rawExchange(
    server.address.port,
    `GET / HTTP/1.1\r\nHost: a\r\nX-Big: ${'a'.repeat(64 * 1024)}\r\n\r\n`,
  )
  t.regex(answer, /^HTTP\/1\.1 431 /)
  t.true(answer.includes(broken[0]?.reference ?? 'none'))
  t.is(broken[0]?.status, 431)
  t.is(await (await fetch(origin)).text(), 'fine')
  await server.stop()
})

for (const [title, request] of [
  [
    'both lengths',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345',
  ],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n'],
  [
    'an unknown coding',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
  ],
  ['rubbish', '\u0016\u0003\u0001\r\n\r\n'],
] as const) {
  test(`a request with ${title} is refused and a second one behind it is never seen`, async (t) => {
    const seen: string[] = []
    const { server } = await serveStage((context) => {
      seen.push(context.path)
      context.body = 'ok'
      return Promise.resolve()
    })
    const sentinel = 'GET /sentinel HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    const answer = await rawExchange(server.address.port, request + sentinel)
    t.regex(answer, /^HTTP\/1\.1 400 /)
    t.false(seen.includes('/sentinel'))
    await server.stop()
  })
}

test('stopping lets an exchange in flight end and takes no new one', async (t) => {
  const body = new Readable({ read: () => undefined })
  const { origin, server } = await serveStage((context) => {
    context.body = body
    return Promise.resolve()
  })
  body.push('first ')
  const answer = await fetch(origin)
  const stopped = server.stop()
  await t.throwsAsync(fetch(origin))
  body.push('last')
  body.push(null)
  t.is(await answer.text(), 'first last')
  await stopped
})

test('idle connections do not hold up stopping', async (t) => {
  const { server } = await serveStage((context) => {
    context.body = 'ok'
    return Promise.resolve()
  })
  const socket = connectTcp(server.address.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  const closed = once(socket.resume(), 'close')
  await server.stop()
  await closed
  t.pass()
})

test('a handshake runs through the stages and a refusal is written to its socket', async (t) => {
  let hadSocket = false
  const { server } = await serveStage((context) => {
    hadSocket = context.state.upgrade !== undefined
    context.status = 401
    context.body = 'sign in first'
    return Promise.resolve()
  })
  const answer = await rawExchange(
    server.address.port,
    'GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  t.true(hadSocket)
  t.regex(answer, /^HTTP\/1\.1 401 /)
  t.regex(answer, /sign in first/)
  await server.stop()
})

for (const [title, request] of [
  [
    'an upgrade that is answered like any request',
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  ],
  ['a request that breaks HTTP', 'GET / HTTP/9\r\n\r\n'],
] as const) {
  test(`a client that never closes its half keeps no connection: ${title}`, async (t) => {
    const { server } = await serveStage((context) => {
      context.body = 'ok'
      return Promise.resolve()
    })
    const socket = connectTcp({ port: server.address.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => undefined).resume()
    socket.write(request)
    await once(socket, 'end')
    // Writing into a connection that is gone tells it.
    const writing = setInterval(() => socket.write('x'), 50)
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(writing)
    t.pass()
    await server.stop()
  })
}
