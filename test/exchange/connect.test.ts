import { generateKeyPairSync } from 'node:crypto'
import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import { generate } from 'selfsigned'

import { createExchange } from '../../src/exchange/exchange.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import { browse, startGateway, upstreamConfig } from './harness.ts'

const folder = await mkdtemp(join(tmpdir(), 'darbaza-connect-'))

const day = 86_400_000
const now = Date.now()
// One key for all: the tests are about names and signatures, and making keys takes long.
const keyPair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const authority = await generate([{ name: 'commonName', value: 'Test Authority' }], {
  extensions: [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ],
  notAfterDate: new Date(now + day),
  keyPair,
})
const caFile = join(folder, 'ca.pem')
await writeFile(caFile, authority.cert)

test.after.always(() => rm(folder, { recursive: true }))

async function certificate(name: string, options: { days?: number; isSelfSigned?: boolean } = {}) {
  const { days = 1, isSelfSigned = false } = options
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyPair,
    notBeforeDate: new Date(now - 3 * day),
    notAfterDate: new Date(now + days * day),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    ...(!isSelfSigned && { ca: { key: authority.private, cert: authority.cert } }),
  })
  return { key, cert }
}

const good = 'secure.publisher.test'
const certificates: readonly [
  rule: string,
  name: string,
  options: Parameters<typeof certificate>[1],
  status: number,
][] = [
  ['of the right name and authority', good, {}, 200],
  ['with a wildcard', '*.publisher.test', {}, 200],
  ['of another name', 'www.publisher.test', {}, 502],
  ['with a wildcard two levels up', '*.test', {}, 502],
  ['that has expired', good, { days: -1 }, 502],
  ['that signs itself', good, { isSelfSigned: true }, 502],
]
for (const [rule, name, options, status] of certificates) {
  test(`a certificate ${rule} gives ${status}`, async (t) => {
    const tls = await certificate(name, options)
    const publisher = await startPublisher((socket) => socket.write(reply('ok')), { tls })
    t.teardown(() => publisher.close())
    const gateway = await startGateway({
      config: upstreamConfig({ secure: publisher.port }, { caFile }),
    })
    t.teardown(() => gateway.close())
    t.is((await browse(gateway.port, 'secure')).status, status)
    t.is(publisher.requests.length, status === 200 ? 1 : 0)
    if (status !== 200) {
      t.like(gateway.events[0], { kind: 'failure', code: 'ERR_UPSTREAM_CERTIFICATE' })
    }
  })
}

test('an authority that no setting names is not believed', async (t) => {
  const publisher = await startPublisher((socket) => socket.write(reply('ok')), {
    tls: await certificate(good),
  })
  t.teardown(() => publisher.close())
  const gateway = await startGateway({ config: upstreamConfig({ secure: publisher.port }) })
  t.teardown(() => gateway.close())
  t.is((await browse(gateway.port, 'secure')).status, 502)
  t.like(gateway.events[0], { code: 'ERR_UPSTREAM_CERTIFICATE' })
})

test('a second host at the address of a good first one is verified by its own name', async (t) => {
  const publisher = await startPublisher((socket) => socket.write(reply('ok')), {
    tls: await certificate(good),
  })
  t.teardown(() => publisher.close())
  const { port } = publisher
  const gateway = await startGateway({
    config: upstreamConfig({ secure: port, second: port }, { caFile }),
  })
  t.teardown(() => gateway.close())
  for (let round = 0; round < 3; round++) {
    t.is((await browse(gateway.port, 'secure')).status, 200)
    t.is((await browse(gateway.port, 'second')).status, 502)
  }
})

test('a plain server behind an https host breaks, and a deaf one is slow', async (t) => {
  const plain = await startPublisher((socket) => socket.end(reply('ok')))
  t.teardown(() => plain.close())
  const ports = { secure: plain.port, second: plain.port }
  const gateway = await startGateway({ config: upstreamConfig(ports, { connectSeconds: 1 }) })
  t.teardown(() => gateway.close())
  // The handshake's bytes hold no end of a head, so that this server waits for ever.
  t.is((await browse(gateway.port, 'secure')).status, 504)
  t.like(gateway.events[0], { code: 'ERR_UPSTREAM_SLOW' })
})

test('an unreadable file of authorities is refused at load', (t) => {
  const config = upstreamConfig({}, { caFile: join(folder, 'none.pem') })
  t.throws(() => createExchange({ config }), {
    code: 'ERR_CONFIG',
    message: /^upstream\.caFile: .*none\.pem/,
  })
})
