import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { connect } from 'node:tls'

import test from 'ava'
import { generate } from 'selfsigned'

import type { Stage } from '../../src/core/context.ts'
import { loadCertificates } from '../../src/listener/certificates.ts'
import { serveStage } from '../support/application.ts'
import { until } from '../support/gateway.ts'

const sayWhere: Stage = (context) => {
  context.body = `${context.req.httpVersion} ${context.host}`
  return Promise.resolve()
}

async function writePair(folder: string, name: string, commonName: string) {
  const pair = await generate([{ name: 'commonName', value: commonName }], { keySize: 2048 })
  const files = { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) }
  writeFileSync(files.certFile, pair.cert)
  writeFileSync(files.keyFile, pair.private)
  return files
}

async function serveTls(pipeline: Stage = sayWhere) {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-tls-'))
  const tls = {
    portal: await writePair(folder, 'portal', 'library.localhost'),
    zone: await writePair(folder, 'zone', '*.proxy.localhost'),
  }
  const served = await serveStage(pipeline, tls)
  return { ...served, port: served.server.address.port }
}

async function subjectFor(port: number, servername: string): Promise<string | undefined> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const commonName = socket.getPeerCertificate().subject.CN
  socket.destroy()
  return [commonName].flat()[0]
}

test('each name gets its own certificate, and HTTP/2 and HTTP/1.1 are both served', async (t) => {
  const { port, server } = await serveTls()
  t.is(await subjectFor(port, 'library.localhost'), 'library.localhost')
  t.is(await subjectFor(port, 'www-jstor-org.proxy.localhost'), '*.proxy.localhost')

  const session = connectHttp2(`https://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    servername: 'www-jstor-org.proxy.localhost',
  })
  const stream = session.request({ ':path': '/', ':authority': 'www-jstor-org.proxy.localhost' })
  t.is(Buffer.concat(await stream.toArray()).toString(), '2.0 www-jstor-org.proxy.localhost')

  const first = request({
    port,
    host: '127.0.0.1',
    servername: 'library.localhost',
    rejectUnauthorized: false,
  }).end()
  const [answer] = (await once(first, 'response')) as [IncomingMessage]
  t.regex(Buffer.concat(await answer.toArray()).toString(), /^1\.1 /)
  await server.stop() // ends the idle HTTP/2 session as well
  t.true(session.closed)
})

/** One answer over HTTP/2: its headers and its body. */
async function http2Answer(port: number) {
  const session = connectHttp2(`https://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    servername: 'www-jstor-org.proxy.localhost',
  })
  const stream = session.request({ ':path': '/', ':authority': 'www-jstor-org.proxy.localhost' })
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  const body = Buffer.concat(await stream.toArray()).toString()
  session.close()
  return { headers, body }
}

for (const kind of ['whole', 'stream'] as const) {
  test(`headers that a publisher says twice go out over HTTP/2, before a ${kind} body`, async (t) => {
    const lines = ['X-Content-Type-Options', 'ETag', 'Age', 'Date', 'X-Frame-Options'].flatMap(
      (name) => [name, 'one', name, 'one'],
    )
    const { port, server } = await serveTls(async ({ state }) => {
      const body = kind === 'whole' ? Buffer.from('text') : Readable.from([Buffer.from('text')])
      state.reply = { status: 200, lines, body }
    })
    const { headers, body } = await http2Answer(port)
    t.is(Number(headers[':status']), 200)
    t.is(headers['x-content-type-options'], 'one')
    t.is(body, 'text')
    await server.stop()
  })
}

test('a head that cannot be sent is told by a page, and the process lives on', async (t) => {
  const { port, server, events } = await serveTls(async ({ state }) => {
    const body = Readable.from([Buffer.from('text')])
    state.reply = { status: 200, lines: ['HTTP2-Settings', 'none'], body }
  })
  const { headers, body } = await http2Answer(port)
  t.is(Number(headers[':status']), 500)
  t.false(body.includes('text'))
  t.deepEqual(
    events.flatMap((event) => (event.kind === 'failure' ? [event.code] : [])),
    ['ERR_INTERNAL'],
  )
  await server.stop()
})

test('a client that names no host gets no certificate', async (t) => {
  const { port, server } = await serveTls()
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  socket.on('error', () => undefined) // more than one may come
  await t.throwsAsync(once(socket, 'secureConnect'))
  await server.stop()
})

test('TLS below 1.2 is refused', async (t) => {
  const { port, server } = await serveTls()
  const socket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  socket.on('error', () => undefined) // more than one may come
  await t.throwsAsync(once(socket, 'secureConnect'))
  await server.stop()
})

test('a renewed certificate is used without a restart; a damaged one is reported', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-tls-'))
  const files = await writePair(folder, 'one', 'library.localhost')
  const problems: string[] = []
  const certificates = loadCertificates(
    { portal: files, zone: files },
    'library.localhost',
    (error) => problems.push(error.code),
  )
  const before = certificates.contextFor('library.localhost')
  await writePair(folder, 'one', 'library.localhost')
  await until(
    () => certificates.contextFor('library.localhost') !== before,
    'the new certificate is not taken',
  )
  const renewed = certificates.contextFor('library.localhost')
  writeFileSync(files.certFile, 'damaged')
  await until(() => problems.includes('ERR_CONFIG'), 'the damaged one is not told')
  t.is(certificates.contextFor('library.localhost'), renewed)
  certificates.close()
})

test('files that are no certificate stop the start', (t) => {
  const files = { certFile: '/nonexistent/a.crt', keyFile: '/nonexistent/a.key' }
  t.throws(
    () => loadCertificates({ portal: files, zone: files }, 'library.localhost', () => undefined),
    {
      code: 'ERR_CONFIG',
      message: /listen\.tls: \/nonexistent\/a\.crt/,
    },
  )
})
