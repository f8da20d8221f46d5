import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'

import test, { type ExecutionContext } from 'ava'

import type { UpstreamConfig } from '../../src/config/config.ts'
import {
  reply,
  says,
  saysAndEnds,
  saysAndResets,
  startPublisher,
  type Script,
} from '../support/publisher.ts'
import { browse, startGateway, until, upstreamConfig } from './harness.ts'

async function setUp(t: ExecutionContext, script: Script, more: Partial<UpstreamConfig> = {}) {
  const publisher = await startPublisher(script)
  const config = upstreamConfig({ www: publisher.port, other: publisher.port }, more)
  const gateway = await startGateway({ config })
  t.teardown(async () => {
    await gateway.close()
    await publisher.close()
  })
  return { publisher, gateway }
}

const answersAfter =
  (ms: number): Script =>
  (socket) =>
    setTimeout(() => socket.write(reply('ok')), ms)

const brokenGzip = gzipSync('a'.repeat(1000)).subarray(0, 20)
const misdeeds: readonly {
  does: string
  script: Script
  status: number
  code?: string
  isWhole?: boolean
  body?: string | Buffer
  method?: string
}[] = [
  {
    does: 'resets before the answer',
    script: saysAndResets(''),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  {
    does: 'closes before the answer',
    script: saysAndEnds(''),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  {
    does: 'closes within the head',
    script: saysAndEnds('HTTP/1.1 200 OK\r\nA:'),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  {
    does: 'speaks no HTTP',
    script: saysAndEnds('220 smtp ready\r\n'),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  { does: 'says nothing', script: says(''), status: 504, code: 'ERR_UPSTREAM_SLOW' },
  {
    does: 'stalls within the head',
    script: says('HTTP/1.1 200 OK\r\nA: b'),
    status: 504,
    code: 'ERR_UPSTREAM_SLOW',
  },
  {
    does: 'stalls within the body',
    script: says('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    status: 200,
    isWhole: false,
    body: 'half',
  },
  {
    does: 'resets within the body',
    script: saysAndResets('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    status: 200,
    isWhole: false,
    body: 'half',
  },
  {
    does: 'promises more than it sends',
    script: saysAndEnds('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    status: 200,
    isWhole: false,
    body: 'half',
  },
  {
    does: 'breaks off a chunk',
    script: saysAndEnds('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf'),
    status: 200,
    isWhole: false,
    body: 'half',
  },
  {
    does: 'forgets the last chunk',
    script: saysAndEnds('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
    status: 200,
    isWhole: false,
    body: 'half',
  },
  {
    does: 'sends a chunk size that is none',
    script: saysAndEnds('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n'),
    status: 200,
    isWhole: false,
    body: 'half',
  },
  {
    does: 'ends the body by closing',
    script: saysAndEnds('HTTP/1.1 200 OK\r\n\r\nall'),
    status: 200,
    isWhole: true,
    body: 'all',
  },
  {
    does: 'sends broken gzip',
    script: saysAndEnds(reply(brokenGzip, 'Content-Encoding: gzip')),
    status: 200,
    isWhole: true,
    body: brokenGzip,
  },
  {
    does: 'names two lengths',
    script: saysAndEnds('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nhalf'),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  {
    does: 'names a length and chunks',
    script: saysAndEnds(
      'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  {
    does: 'sends 64 KiB of header',
    script: saysAndEnds(reply('', `A: ${'a'.repeat(65_536)}`)),
    status: 502,
    code: 'ERR_UPSTREAM_EXCESS',
  },
  {
    does: 'sends a large header',
    script: saysAndEnds(reply('all', `A: ${'a'.repeat(30_000)}`)),
    status: 200,
    isWhole: true,
    body: 'all',
  },
  {
    does: 'hints before it answers',
    script: saysAndEnds(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${reply('all')}`),
    status: 200,
    isWhole: true,
    body: 'all',
  },
  {
    does: 'continues unasked',
    script: saysAndEnds(`HTTP/1.1 100 Continue\r\n\r\n${reply('all')}`),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  {
    does: 'upgrades unasked',
    script: saysAndEnds(
      'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    ),
    status: 502,
    code: 'ERR_UPSTREAM_BROKEN',
  },
  {
    does: 'answers HEAD with a body',
    script: saysAndEnds(reply('body')),
    status: 200,
    isWhole: true,
    body: '',
    method: 'HEAD',
  },
]
for (const { does, script, status, code, isWhole, body, method } of misdeeds) {
  test(`a publisher that ${does} gives ${code ?? status}`, async (t) => {
    const { gateway } = await setUp(t, script)
    const seen = await browse(gateway.port, 'www', method ? { method } : {})
    t.is(seen.status, status)
    if (isWhole !== undefined) t.is(seen.isWhole, isWhole)
    if (body !== undefined) t.deepEqual(seen.body, Buffer.from(body))
    const codes = gateway.events.flatMap((event) => (event.kind === 'failure' ? event.code : []))
    if (code !== undefined) t.deepEqual(codes, [code])
    // Whatever it was, the gateway goes on: the reader's connection is not the publisher's.
    t.is((await browse(gateway.port, 'www', method ? { method } : {})).status, status)
  })
}

test('nothing listening is ERR_UPSTREAM_AWAY, an error names the host and no path', async (t) => {
  const { publisher, gateway } = await setUp(t, says(''))
  await publisher.close()
  const again = await startPublisher(says(''))
  t.teardown(() => again.close())
  t.is((await browse(gateway.port, 'www', { path: '/secret?token=1' })).status, 502)
  const [event] = gateway.events
  t.like(event, { kind: 'failure', code: 'ERR_UPSTREAM_AWAY' })
  t.true(event?.kind === 'failure' && event.message.includes('www.publisher.test'))
  t.false(event?.kind === 'failure' && event.message.includes('secret'))
})

test('header lines arrive in order, with duplicates and bytes, without those of the connection', async (t) => {
  const { publisher, gateway } = await setUp(t, (socket) => {
    const lines = [
      'Set-Cookie: b=2',
      'X-A: \xe9',
      'Set-Cookie: a=1',
      'Connection: keep-alive, X-Hop',
      'Keep-Alive: timeout=5',
      'X-Hop: 1',
      'x-LOWER: v',
    ]
    socket.write(reply('ok', lines.join('\r\n')), 'latin1')
  })
  const headers = {
    cookie: 'a=1',
    'x-Two': 'b',
    connection: 'close, x-two',
    expect: '100-continue',
    te: 'trailers',
    'proxy-authorization': 'Basic x',
  }
  const seen = await browse(gateway.port, 'www', { headers, path: '/a//b/%2Fc/d;x=1/~e:@?' })
  const pairs = seen.rawHeaders.slice(0, 10)
  t.deepEqual(pairs, [
    'Set-Cookie',
    'b=2',
    'X-A',
    '\xe9',
    'Set-Cookie',
    'a=1',
    'x-LOWER',
    'v',
    'Content-Length',
    '2',
  ])
  const head = publisher.requests[0]?.head ?? ''
  t.regex(head, /^GET \/a\/\/b\/%2Fc\/d;x=1\/~e:@\? HTTP\/1\.1\r\nhost: www\.publisher\.test\r\n/i)
  t.regex(head, /\r\ncookie: a=1\r\nx-Two: b/)
  t.notRegex(head, /expect|proxy|\nte:|close/i)
})

test('bytes after the end of an answer never reach the next request', async (t) => {
  const forged = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged'
  const answers = [
    reply('fair'),
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 43\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ]
  const script: Script = (socket, { index, head }) => {
    const honest = answers[index % answers.length] ?? ''
    // At once, or while the connection lies idle; later it would be the answer to what was asked.
    if (head.includes('/idle'))
      socket.write(honest, () => setTimeout(() => socket.write(forged), 5))
    else socket.write(honest + forged)
  }
  const { gateway } = await setUp(t, script, { connectionsPerHost: 2 })
  for (let round = 0; round < 400; round++) {
    const method = round % 5 === 0 ? 'HEAD' : 'GET'
    const isIdle = round % 50 < 2
    const seen = await browse(gateway.port, 'www', { method, path: isIdle ? '/idle' : '/' })
    t.notRegex(seen.body.toString(), /forged/)
    if (isIdle) await new Promise((done) => setTimeout(done, 30))
  }
})

test('an answer before the request is sent whole reaches the reader', async (t) => {
  const { publisher, gateway } = await setUp(t, (socket) => {
    socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig')
  })
  const seen = await browse(gateway.port, 'www', { method: 'POST', body: 'x'.repeat(4_000_000) })
  t.is(seen.status, 413)
  t.is(seen.body.toString(), 'big')
  t.is(publisher.requests.length, 1)
})

test('a request body arrives whole, with its length or in chunks', async (t) => {
  const { publisher, gateway } = await setUp(t, (socket, request) => {
    setTimeout(() => socket.end(reply(String(request.body.length))), 200)
  })
  const length = { 'content-length': '100000', expect: '100-continue' }
  const body = 'y'.repeat(100_000)
  t.is(
    (await browse(gateway.port, 'www', { method: 'POST', headers: length, body })).body.toString(),
    '100000',
  )
  t.regex(publisher.requests[0]?.head ?? '', /content-length: 100000/i)
  const chunked = { 'transfer-encoding': 'chunked' }
  await browse(gateway.port, 'www', { method: 'POST', headers: chunked, body })
  t.regex(publisher.requests[1]?.head ?? '', /transfer-encoding: chunked/i)
  t.regex(publisher.requests[1]?.body.toString() ?? '', /^[0-9a-f]+\r\ny+/)
})

test('a GET that meets a closed connection is sent once more, a POST never', async (t) => {
  const { publisher, gateway } = await setUp(t, (socket, { index }) => {
    if (index === 1 || index === 3) socket.resetAndDestroy()
    else socket.write(reply('ok'))
  })
  t.is((await browse(gateway.port, 'www')).status, 200)
  t.is((await browse(gateway.port, 'www')).status, 200)
  t.is(publisher.requests.length, 3)
  t.is((await browse(gateway.port, 'www', { method: 'POST', body: 'a' })).status, 502)
  t.is(publisher.requests.length, 4)
})

test('connections to one host are bounded, and kept', async (t) => {
  const { publisher, gateway } = await setUp(t, answersAfter(20), { connectionsPerHost: 3 })
  const all = await Promise.all(Array.from({ length: 20 }, () => browse(gateway.port, 'www')))
  t.true(all.every(({ status }) => status === 200))
  t.true(publisher.accepted() <= 3, `${publisher.accepted()} connections`)
})

test('the publisher sees the address that licences know', async (t) => {
  const { gateway } = await setUp(t, (socket) => socket.end(reply(socket.remoteAddress ?? '')), {
    localAddress: '127.0.0.2',
  })
  t.is((await browse(gateway.port, 'www')).body.toString(), '127.0.0.2')
})

test('a reader who leaves ends the exchange, before the answer and within it', async (t) => {
  const { publisher, gateway } = await setUp(
    t,
    (socket, { head }) => {
      const isAnswered = head.includes('/body')
      if (isAnswered) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\nx')
    },
    { headersSeconds: 30, bodySeconds: 30 },
  )
  for (const path of ['/head', '/body']) {
    const reader = connect(gateway.port, '127.0.0.1')
    reader.write(`GET ${path} HTTP/1.1\r\nHost: www-publisher-test.proxy.localhost\r\n\r\n`)
    if (path === '/body') await once(reader, 'data')
    else await until(() => publisher.requests.length === 1)
    t.is(publisher.sockets.size, 1)
    reader.destroy()
    await until(() => publisher.sockets.size === 0)
  }
  t.pass()
})

test('a reader who leaves within an upload ends the exchange', async (t) => {
  const { publisher, gateway } = await setUp(t, says(''), { headersSeconds: 30 })
  const reader = connect(gateway.port, '127.0.0.1')
  reader.write(
    'POST / HTTP/1.1\r\nHost: www-publisher-test.proxy.localhost\r\nContent-Length: 99\r\n\r\nx',
  )
  await until(() => publisher.requests.length === 1)
  reader.destroy()
  await until(() => publisher.sockets.size === 0)
  t.pass()
})

test.serial(
  'a reader who leaves the queue does not cost the connection that becomes free',
  async (t) => {
    const { publisher, gateway } = await setUp(t, answersAfter(300), { connectionsPerHost: 1 })
    const first = browse(gateway.port, 'www')
    await until(() => publisher.requests.length === 1)
    const reader = connect(gateway.port, '127.0.0.1')
    reader.write('GET /left HTTP/1.1\r\nHost: www-publisher-test.proxy.localhost\r\n\r\n')
    await new Promise((done) => setTimeout(done, 50))
    reader.destroy()
    t.is((await first).status, 200)
    t.is((await browse(gateway.port, 'www', { path: '/next' })).status, 200)
    t.is(publisher.accepted(), 1)
    t.false(publisher.requests.some(({ head }) => head.includes('/left')))
  },
)

/** The value once it has not changed for half a second. */
async function settled(read: () => number): Promise<number> {
  const before = read()
  await new Promise((done) => setTimeout(done, 500))
  return read() === before ? before : settled(read)
}

test.serial('200 MB pass through a slow reader in bounded memory', async (t) => {
  const total = 200_000_000
  const piece = Buffer.alloc(100_000, 'x')
  let sent = 0
  const script: Script = (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
    const more = (): void => {
      while (sent < total) {
        sent += piece.length
        if (!socket.write(piece)) {
          socket.once('drain', more)
          return
        }
      }
    }
    more()
  }
  const { gateway } = await setUp(t, script, { bodySeconds: 30 })
  const reader = connect(gateway.port, '127.0.0.1')
  reader.write(
    'GET / HTTP/1.1\r\nHost: www-publisher-test.proxy.localhost\r\nConnection: close\r\n\r\n',
  )
  let received = 0
  reader.on('data', (chunk: Buffer) => (received += chunk.length))
  await once(reader, 'data')
  reader.pause()
  // Sockets of the machine's loopback hold some megabytes; the gateway itself adds next to nothing.
  const held = await settled(() => sent)
  t.true(held < 40_000_000, `${held} bytes were taken while the reader slept`)
  // What is on its way is counted rather than the memory of this process, in which publisher and
  // reader live as well and garbage waits for its collection.
  let peakBytes = 0
  reader.on('data', () => (peakBytes = Math.max(peakBytes, sent - received)))
  reader.resume()
  await once(reader, 'close')
  t.true(received > total)
  t.true(peakBytes < 40_000_000, `${peakBytes} bytes were on their way at once`)
})

test('a reader who takes nothing for long gives the connection back', async (t) => {
  const piece = Buffer.alloc(100_000, 'x')
  const publisher = await startPublisher((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
    }
    socket.on('drain', more)
    more()
  })
  const config = upstreamConfig({ www: publisher.port }, { connectionsPerHost: 1 })
  const gateway = await startGateway({ config, stalledMs: 300 })
  const sleeper = connect(gateway.port, '127.0.0.1').on('error', () => undefined)
  sleeper.write('GET / HTTP/1.1\r\nHost: www-publisher-test.proxy.localhost\r\n\r\n')
  await once(sleeper, 'data')
  sleeper.pause()
  t.is(publisher.sockets.size, 1)
  await until(() => publisher.sockets.size === 0)
  sleeper.destroy()
  await gateway.close()
  await publisher.close()
})

test('stopping breaks off what is under way', async (t) => {
  const publisher = await startPublisher(says(''))
  const gateway = await startGateway({
    config: upstreamConfig({ www: publisher.port }, { headersSeconds: 30 }),
  })
  const asked = browse(gateway.port, 'www')
  await until(() => publisher.requests.length === 1)
  await gateway.exchange.close()
  t.is((await asked).status, 503)
  await until(() => publisher.sockets.size === 0)
  await gateway.close()
  await publisher.close()
})
