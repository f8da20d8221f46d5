import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'

import test, { type ExecutionContext } from 'ava'

import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { startMessageGateway } from '../support/message-gateway.ts'
import type { Script } from '../support/publisher.ts'

const zone = 'proxy.example.edu'
const resources = [
  resourceWith([ruleOf('www.jstor.org', 'exact'), ruleOf('static.jstor.org', 'exact')]),
]
const asker = `https://www-jstor-org.${zone}`

/** What a browser sends for a page of www, or somebody who pretends to be one. */
const asked = {
  host: `static-jstor-org.${zone}`,
  origin: asker,
  'sec-fetch-dest': 'font',
  'sec-fetch-mode': 'cors',
  'sec-fetch-site': 'same-site',
  'accept-encoding': 'gzip, br',
  authorization: 'Bearer x',
  cookie: 'publisher=1',
  range: 'bytes=0-3',
  'if-range': '"a"',
}

async function ask(t: ExecutionContext, script: Script, headers: Record<string, string> = {}) {
  const gateway = await startMessageGateway({
    resources,
    zoneOrigin: `https://${zone}`,
    script,
    reader: 'nobody',
  })
  t.teardown(() => gateway.close())
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { port: gateway.port, path: '/serif.woff2', headers: { ...asked, ...headers } }
    request({ host: '127.0.0.1', agent: false, ...options })
      .once('response', resolve)
      .once('error', reject)
      .end()
  })
  answer.setEncoding('latin1')
  const body = await text(answer)
  return { status: answer.statusCode, headers: answer.headers, body, seen: gateway.secure.requests }
}

const answering =
  (status: string, body: Buffer | string, more: readonly string[] = []): Script =>
  (socket) => {
    const bytes = Buffer.from(body)
    const lines = [`Content-Length: ${bytes.length}`, ...more]
    socket.write(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n`)
    socket.write(bytes)
  }

const common = [
  'Access-Control-Allow-Origin: https://www.jstor.org',
  'Access-Control-Allow-Credentials: true',
  'Content-Type: font/woff2',
  'ETag: "a"',
  'Link: <https://www.jstor.org/x>',
  'Set-Cookie: seen=1',
  'X-Account: library',
]

const beginnings = ['wOF2', 'wOFF', 'OTTO\0', 'true\0', 'ttcf\0', '\0\x01\0\0']

for (const beginning of beginnings) {
  test(`a font comes back whole to nobody: ${JSON.stringify(beginning)}`, async (t) => {
    const font = beginning + 'x'.repeat(100_000)
    const { status, headers, body } = await ask(t, answering('200 OK', font, common))
    t.is(status, 200)
    t.true(body === font)
    t.like(headers, {
      'access-control-allow-origin': asker,
      'content-type': 'font/woff2',
      'content-length': String(font.length),
      etag: '"a"',
    })
    for (const name of ['access-control-allow-credentials', 'link', 'set-cookie', 'x-account']) {
      t.is(headers[name], undefined, name)
    }
  })
}

test('a font that comes byte by byte is seen for one', async (t) => {
  const { status, body } = await ask(t, (socket) => {
    socket.setNoDelay(true)
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (const byte of 'wOF2 and more') socket.write(`1\r\n${byte}\r\n`)
    socket.write('0\r\n\r\n')
  })
  t.is(status, 200)
  t.is(body, 'wOF2 and more')
})

test('the publisher is asked for nobody, for the whole font, uncoded', async (t) => {
  const { seen } = await ask(t, answering('200 OK', 'wOF2....'))
  const head = seen[0]?.head ?? ''
  t.regex(head, /^accept-encoding: identity$/im)
  t.notRegex(head, /^(?:cookie|authorization|range|if-range):|gzip/im)
})

const secret = 'licensed words'
const refused: [title: string, status: string, body: Buffer | string, more?: string[]][] = [
  ['HTML', '200 OK', `<html>${secret}`, ['Content-Type: font/woff2']],
  ['a PDF', '200 OK', `%PDF-1.7 ${secret}`],
  ['JSON', '200 OK', `{"a":"${secret}"}`],
  ['JSON that is true', '200 OK', 'true'],
  ['a script that begins with true', '200 OK', `true && '${secret}'`],
  ['a font of four bytes', '200 OK', 'wOF2'],
  ['nothing', '200 OK', ''],
  ['a coded font', '200 OK', gzipSync(`wOF2${secret}`), ['Content-Encoding: gzip']],
  ['a part', '206 Partial Content', `wOF2${secret}`, ['Content-Range: bytes 0-3/9']],
  ['a redirect', '302 Found', secret, ['Location: https://www.jstor.org/x']],
  ['a failure', '500 Internal Server Error', `wOF2${secret}`],
  ['another success', '203 Non-Authoritative Information', `wOF2${secret}`],
]

for (const [title, line, sent, more] of refused) {
  test(`forged headers bring nothing that is no font: ${title}`, async (t) => {
    const { status, headers, body, seen } = await ask(
      t,
      answering(line, sent, [...common.slice(0, 2), ...(more ?? [])]),
    )
    t.is(status, 401)
    t.is(seen.length, 1)
    t.is(headers['content-type'], 'application/problem+json')
    t.like(JSON.parse(body), { title: 'not_signed_in', status: 401 })
    t.notRegex(body, new RegExp(secret))
    for (const name of ['location', 'set-cookie', 'access-control-allow-origin', 'content-range']) {
      t.is(headers[name], undefined, name)
    }
  })
}

test('that there is no font, or no newer one, is told without a word of the publisher', async (t) => {
  const missing = await ask(t, answering('404 Not Found', secret, common))
  t.is(missing.status, 404)
  t.is(missing.body, '')
  t.is(missing.headers['content-type'], undefined)
  const known = await ask(
    t,
    (socket) => void socket.write('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'),
    { 'if-none-match': '"a"' },
  )
  t.is(known.status, 304)
  t.is(known.headers.etag, '"a"')
})

test('a font that the publisher breaks off does not look whole', async (t) => {
  await t.throwsAsync(
    ask(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwOF2 and')
      setTimeout(() => socket.destroy(), 50)
    }),
  )
})
