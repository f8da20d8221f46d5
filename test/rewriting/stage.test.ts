import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'

import test, { type ExecutionContext } from 'ava'

import { limits } from '../../src/core/limits.ts'
import { rewrittenTag } from '../../src/rewriting/validators.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { startMessageGateway, type MessageGatewayOptions } from '../support/message-gateway.ts'
import { reply, type Script } from '../support/publisher.ts'

const zone = 'proxy.example.edu'
const jstor = `www-jstor-org.${zone}`
const resources = [resourceWith([ruleOf('www.jstor.org', 'exact'), ruleOf('jstor.org', 'domain')])]

interface Asked {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

async function start(
  t: ExecutionContext,
  script: Script,
  more: Partial<MessageGatewayOptions> = {},
) {
  const gateway = await startMessageGateway({
    resources,
    zoneOrigin: `https://${zone}`,
    script,
    ...more,
  })
  t.teardown(() => gateway.close())

  async function ask(options: Asked = {}, body?: Buffer | string) {
    const headers = { host: jstor, ...options.headers }
    const { port } = gateway
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    httpRequest({ host: '127.0.0.1', port, agent: false, ...options, headers })
      .once('response', resolve)
      .once('error', reject)
      .end(body)
    return await promise
  }
  return { gateway, ask, seen: gateway.secure.requests }
}

async function read(response: IncomingMessage): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = []
  response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
  await new Promise((done) => response.once('close', done))
  return { bytes: Buffer.concat(chunks), isWhole: response.complete }
}

function saying(head: string, body: Buffer | string = ''): Script {
  return (socket) => {
    socket.write(`${head.replaceAll('\n', '\r\n')}\r\n\r\n`)
    socket.write(body)
  }
}

const page = '<html><head></head><a href="https://www.jstor.org/x">x</a></html>'

test('an untouched body passes byte for byte, with its coding, length and validators', async (t) => {
  const body = gzipSync(randomBytes(100_000))
  const head = `HTTP/1.1 200 OK
Content-Type: application/pdf
Content-Encoding: gzip
ETag: "abc"
Accept-Ranges: bytes
Digest: sha-256=x
Content-Length: ${body.length}`
  const { ask } = await start(t, saying(head, body))
  const response = await ask()
  t.deepEqual((await read(response)).bytes, body)
  t.like(response.headers, {
    'content-encoding': 'gzip',
    etag: '"abc"',
    'accept-ranges': 'bytes',
    digest: 'sha-256=x',
    'content-length': String(body.length),
    'content-type': 'application/pdf',
  })
})

test('a range of an untouched body passes as a range', async (t) => {
  const head = `HTTP/1.1 206 Partial Content
Content-Type: application/pdf
Content-Range: bytes 0-3/10
Content-Length: 4`
  const { ask, seen } = await start(t, saying(head, '%PDF'))
  const response = await ask({ headers: { range: 'bytes=0-3', 'if-range': '"abc"' } })
  t.is(response.statusCode, 206)
  t.is(response.headers['content-range'], 'bytes 0-3/10')
  t.is((await read(response)).bytes.toString(), '%PDF')
  t.is(seen.length, 1)
  t.regex(seen[0]?.head ?? '', /^range: bytes=0-3\r\nif-range: "abc"/m)
})

test("a page is revalidated with the publisher's own tag, and 304 answers with the gateway's", async (t) => {
  const { ask, seen, gateway } = await start(t, (socket, { head }) => {
    const isKnown = /^if-none-match: "abc"/im.test(head)
    if (isKnown) socket.write('HTTP/1.1 304 Not Modified\r\nETag: "abc"\r\n\r\n')
    else socket.write(reply(page, 'Content-Type: text/html\r\nETag: "abc"'))
  })
  const first = await ask()
  const { etag = '' } = first.headers
  t.is(etag, rewrittenTag('v1', '"abc"'))
  t.true((await read(first)).bytes.toString().includes(`https://${jstor}/x`))

  const second = await ask({ headers: { 'if-none-match': etag } })
  t.deepEqual([second.statusCode, second.headers.etag], [304, etag])
  t.is((await read(second)).bytes.length, 0)

  gateway.rulebook.version = 'v2'
  const third = await ask({ headers: { 'if-none-match': etag } })
  t.is(third.statusCode, 200)
  t.is(third.headers.etag, rewrittenTag('v2', '"abc"'))
  await read(third)
  t.is(seen.length, 3)
})

test('HEAD tells what GET would deliver', async (t) => {
  const { ask } = await start(
    t,
    saying(
      'HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Encoding: gzip\nContent-Length: 500\nETag: "abc"',
    ),
  )
  const { headers, statusCode } = await ask({ method: 'HEAD' })
  t.is(statusCode, 200)
  t.is(headers['content-type'], 'text/html')
  t.is(headers.etag, rewrittenTag('v1', '"abc"'))
  t.is(headers['content-length'], undefined)
  t.is(headers['content-encoding'], undefined)
})

test('a body without a type stays without one', async (t) => {
  const { ask } = await start(t, saying('HTTP/1.1 200 OK\nContent-Length: 4', '%PDF'))
  const response = await ask()
  t.is(response.headers['content-type'], undefined)
  t.is((await read(response)).bytes.toString(), '%PDF')
})

test('of two types the first counts, as it did when the body was judged; other names repeat', async (t) => {
  const head = 'HTTP/1.1 200 OK\nContent-Type: application/pdf\nX-Note: a\nContent-Type: text/html'
  const { ask } = await start(t, saying(`${head}\nx-note: b\nContent-Length: 4`, '%PDF'))
  const response = await ask()
  const types = response.rawHeaders.filter((_, at) =>
    /content-type/i.test(response.rawHeaders[at - 1] ?? ''),
  )
  t.deepEqual(types, ['application/pdf'])
  t.is(response.headers['x-note'], 'a, b')
  t.is((await read(response)).bytes.toString(), '%PDF')
})

for (const type of ['application/pdf', 'text/html']) {
  test(`${type}: what the publisher breaks off, the browser sees broken off`, async (t) => {
    const head = `HTTP/1.1 200 OK\nContent-Type: ${type}\nContent-Length: 9000`
    const { ask } = await start(t, (socket) => {
      saying(head, `<p>${'x'.repeat(5000)}`)(socket, { head: '', index: 0, body: Buffer.alloc(0) })
      setTimeout(() => socket.destroy(), 50)
    })
    const { bytes, isWhole } = await read(await ask())
    t.false(isWhole)
    t.true(bytes.length > 0)
  })

  test(`${type}: a browser that leaves frees the publisher's connection`, async (t) => {
    const { ask, gateway } = await start(t, (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: 99999999\r\n\r\n`)
      socket.write(Buffer.alloc(100_000, 'x'))
    })
    const response = await ask()
    await once(response, 'readable')
    const [socket] = gateway.secure.sockets
    response.destroy()
    if (socket !== undefined && !socket.closed) await once(socket, 'close')
    t.is(gateway.secure.sockets.size, 0)
  })
}

test('too long a chain of codings is a failure page, and the connection is let go', async (t) => {
  const coding = Array.from({ length: 7 }, () => 'gzip').join(', ')
  const { ask } = await start(
    t,
    saying(
      `HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Encoding: ${coding}\nContent-Length: 1`,
      'x',
    ),
  )
  const response = await ask()
  t.is(response.statusCode, 502)
  t.true((await read(response)).bytes.includes('ERR_UPSTREAM_EXCESS'))
})

/** Answers and hangs up when the last letter of a body, an "é", has come. */
const afterBody: Script = (socket, request) => {
  const timer = setInterval(() => {
    if (!request.body.includes('\u00e9')) return
    clearInterval(timer)
    socket.end(reply('ok', 'Connection: close'))
  }, 10)
}

test('a form is mapped back with its right length, an upload and a coded body are not touched', async (t) => {
  const { ask, seen } = await start(t, afterBody)
  const body = `u=https%3A%2F%2F${jstor}%2Fa&n=\u00e9`
  const send = async (type: string, more: Record<string, string> = {}) => {
    const length = String(Buffer.byteLength(body))
    const headers = { host: jstor, 'content-type': type, 'content-length': length, ...more }
    await read(await ask({ method: 'POST', headers }, body))
    return seen.at(-1)
  }
  const mapped = `u=https%3A%2F%2Fwww.jstor.org%2Fa&n=\u00e9`
  const form = await send('application/x-www-form-urlencoded; charset=utf-8', {
    'content-digest': 'x',
  })
  t.is(form?.body.toString(), mapped)
  t.regex(form?.head ?? '', new RegExp(`^content-length: ${Buffer.byteLength(mapped)}$`, 'im'))
  t.notRegex(form?.head ?? '', /content-digest/i)
  t.is((await send('multipart/form-data; boundary=B'))?.body.toString(), body)
  t.is((await send('application/json', { 'content-encoding': 'gzip' }))?.body.toString(), body)
})

test('a form beyond the bound streams through as it is, however it is framed', async (t) => {
  const { ask, seen } = await start(t, afterBody)
  const long = Buffer.from(
    `https://${jstor}/ ${'x'.repeat(limits.rewriting.requestBodyBytes)}\u00e9`,
  )
  for (const framing of [
    { 'content-length': String(long.length) },
    { 'transfer-encoding': 'chunked' },
  ]) {
    const headers = { host: jstor, 'content-type': 'application/json', ...framing }
    const response = await ask({ method: 'PUT', headers }, long)
    t.is((await read(response)).bytes.toString(), 'ok')
    t.true(seen.at(-1)?.body.includes(`https://${jstor}/`))
    t.true((seen.at(-1)?.body.length ?? 0) >= long.length)
  }
})

test('a signed SAML query keeps every byte, any other loses the proxied host', async (t) => {
  const { ask, seen } = await start(t, (socket) => socket.write(reply('ok')))
  const relay = `RelayState=https%3A%2F%2F${jstor}%2F`
  const targetOf = async (path: string) => {
    await read(await ask({ path }))
    return seen.at(-1)?.head.split(' ')[1]
  }
  const signed = `/sso?SAMLRequest=x&${relay}&SigAlg=y&Signature=z`
  t.is(await targetOf(signed), signed)
  t.is(
    await targetOf(`/sso?SAMLRequest=x&${relay}`),
    '/sso?SAMLRequest=x&RelayState=https%3A%2F%2Fwww.jstor.org%2F',
  )
})

test('what no publisher shall get is answered here', async (t) => {
  const { ask, seen } = await start(t, (socket) => socket.write(reply('publisher')))
  const robots = await ask({ path: '/robots.txt' })
  t.is((await read(robots)).bytes.toString(), 'User-agent: *\nDisallow: /\n')
  const worker = await ask({ headers: { 'service-worker': 'script' } })
  t.is(worker.statusCode, 403)
  await read(worker)
  for (const method of ['TRACE', 'TRACK']) {
    const refused = await ask({ method }).catch(() => undefined)
    // Node's parser knows no TRACK and refuses it before there is a request.
    t.true([400, 405].includes(refused?.statusCode ?? 0), method)
    if (refused !== undefined) await read(refused)
  }
  t.is(seen.length, 0)
})

test("the shim runs under the page's own nonce", async (t) => {
  const lines = "Content-Type: text/html\r\nContent-Security-Policy: script-src 'nonce-abc'"
  const { ask } = await start(t, (socket) => socket.write(reply(page, lines)), {
    shimMarkup: '<script src="/.darbaza/shim.js"></script>',
  })
  const response = await ask({ headers: { 'sec-fetch-dest': 'document' } })
  const text = (await read(response)).bytes.toString()
  t.true(text.includes('<head><script nonce="abc" src="/.darbaza/shim.js"></script>'), text)
  const part = await ask({ headers: { 'sec-fetch-dest': 'empty' } })
  t.false((await read(part)).bytes.includes('shim.js'))
})

test('a page of a sister host gets the mirrors of domain cookies, a script does not', async (t) => {
  const { ask, seen } = await start(t, (socket, { index }) => {
    const cookie =
      'Set-Cookie: v=1; Domain=jstor.org; Path=/\r\nSet-Cookie: h=2; Domain=jstor.org; Path=/; HttpOnly'
    socket.write(reply(page, `Content-Type: text/html${index === 0 ? `\r\n${cookie}` : ''}`))
  })
  const first = await ask()
  t.deepEqual(first.headers['set-cookie'], ['v=1; Path=/; Secure'])
  await read(first)
  const host = `daily-jstor-org.${zone}`
  const sister = await ask({ headers: { host, 'sec-fetch-dest': 'document' } })
  t.deepEqual(sister.headers['set-cookie'], ['v=1; Path=/; Secure'])
  await read(sister)
  t.regex(seen[1]?.head ?? '', /^cookie: v=1; h=2$/im)
  const script = await ask({ headers: { host, 'sec-fetch-dest': 'script' } })
  t.is(script.headers['set-cookie'], undefined)
  await read(script)
})

test('clearing cookies clears the jar of that publisher, not the gateway', async (t) => {
  const { ask, seen } = await start(t, (socket, { index }) => {
    const lines = [
      'Set-Cookie: v=1; Domain=jstor.org; HttpOnly',
      'Clear-Site-Data: "cookies"',
      'X: 1',
    ]
    socket.write(reply('{}', `Content-Type: application/json\r\n${lines[index] ?? ''}`))
  })
  await read(await ask())
  const second = await ask()
  t.is(second.headers['clear-site-data'], undefined)
  await read(second)
  await read(await ask())
  t.regex(seen[1]?.head ?? '', /^cookie: v=1$/im)
  t.notRegex(seen[2]?.head ?? '', /^cookie:/im)
})
