/**
 * Whole exchanges at the same time, each with a body of its own: what the process keeps between
 * bodies (the decoder's room above all) never shows one reader what is another's.
 * @module
 */
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'

import test from 'ava'
import * as fc from 'fast-check'

import { limits } from '../../src/core/limits.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { startMessageGateway } from '../support/message-gateway.ts'

const zone = 'proxy.example.edu'
/** As many as one reader has connections to a host. */
const atOnce = limits.exchange.readerConnections
const exchanges = 50 * atOnce

const codings: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  '': (body) => body,
  gzip: (body) => gzipSync(body),
  'x-gzip': (body) => {
    const half = body.length >> 1
    return Buffer.concat([gzipSync(body.subarray(0, half)), gzipSync(body.subarray(half))])
  },
  deflate: (body) => deflateSync(body),
  Deflate: (body) => deflateRawSync(body),
  br: (body) => brotliCompressSync(body, { params: { 1: 1 } }),
  zstd: (body) => zstdCompressSync(body),
  'gzip, gzip': (body) => gzipSync(gzipSync(body)),
  'deflate, gzip': (body) => gzipSync(deflateSync(body)),
  'gzip, br': (body) => brotliCompressSync(gzipSync(body)),
}

const decoders: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
}

/** A body around one address; each line of it tells whose it is. */
const shapes: Readonly<Record<string, (address: string, line: string, lines: number) => string>> = {
  'application/json': (address, line, lines) =>
    JSON.stringify({ address, lines: Array.from({ length: lines }, () => line) }),
  'text/css; charset=gbk': (address, line, lines) =>
    `a{background:url(${address})}${`/* ${line} */\n`.repeat(lines)}`,
  'text/html': (address, line, lines) =>
    `<p>x</p>${`<p>${line}</p>\n`.repeat(lines)}<a href="${address}">x</a>`,
  'text/javascript': (address, line, lines) => `${`// ${line}\n`.repeat(lines)}fetch("${address}")`,
}

const { inlineBytes, inlinePlainBytes } = limits.rewriting
const markChars = 16

const body = fc.record({
  coding: fc.constantFrom(...Object.keys(codings)),
  type: fc.constantFrom(...Object.keys(shapes)),
  lines: fc.oneof(
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 0, max: inlinePlainBytes >> 4 }),
    fc.integer({ min: 0, max: inlineBytes >> 1 }),
  ),
  /** Where it is damaged, in thousandths; most are whole. */
  damage: fc.option(fc.integer({ min: 0, max: 999 }), { freq: 6 }),
  isClean: fc.boolean(),
  /** Where a pause is, likewise. */
  cut: fc.integer({ min: 0, max: 999 }),
  accepted: fc.constantFrom('', 'gzip', 'br', 'zstd', 'gzip, br, zstd'),
})

/** Long enough that no damage makes one reader's mark into another's. */
const markOf = (id: number): string => hash('sha256', `reader ${id}`).slice(0, markChars)

test('every reader gets what was said to that reader', async (t) => {
  const [asked = []] = fc.sample(fc.array(body, { minLength: exchanges, maxLength: exchanges }), {
    numRuns: 1,
    seed: Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31),
  })
  const owners = new Map(asked.map((_, id) => [markOf(id), id]))
  const textOf = (id: number, address: string): string => {
    const { type = '', lines = 0 } = asked[id] ?? {}
    return shapes[type]?.(address, markOf(id), lines) ?? ''
  }
  const addressOf = (id: number) => (asked[id]?.isClean === true ? '/x' : 'https://www.jstor.org/x')

  const said = asked.map(({ coding, damage }, id) => {
    const coded = Buffer.from(codings[coding]?.(Buffer.from(textOf(id, addressOf(id)))) ?? '')
    return damage === null ? coded : coded.fill(0xa5, Math.floor((coded.length * damage) / 1000))
  })

  const rests: (() => void)[] = []
  const gateway = await startMessageGateway({
    resources: [resourceWith([ruleOf('www.jstor.org', 'exact')])],
    zoneOrigin: `https://${zone}`,
    script: (socket, { head }) => {
      const id = Number(/^GET \/(\d+)/.exec(head)?.[1])
      const { coding = '', type, cut = 0 } = asked[id] ?? {}
      const coded = said[id] ?? Buffer.alloc(0)
      const lines = [`Content-Type: ${type}`, `Content-Length: ${coded.length}`]
      if (coding !== '') lines.push(`Content-Encoding: ${coding}`)
      const at = Math.floor((coded.length * cut) / 1000)
      socket.write(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n`)
      socket.write(coded.subarray(0, at))
      rests.push(() => socket.write(coded.subarray(at)))
      // All of them end at the same moment, so that the gateway has them all at once.
      if (rests.length === atOnce) setImmediate(() => rests.splice(0).forEach((say) => say()))
    },
  })
  t.teardown(() => gateway.close())

  async function ask(id: number): Promise<void> {
    const { accepted = '', damage = null } = asked[id] ?? {}
    const asking = httpRequest({
      host: '127.0.0.1',
      port: gateway.port,
      path: `/${id}`,
      agent: false,
      headers: { host: `www-jstor-org.${zone}`, 'accept-encoding': accepted },
    }).end()
    const [answer]: IncomingMessage[] = await once(asking, 'response')
    const chunks: Buffer[] = []
    answer?.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
    await new Promise((done) => answer?.once('close', done))
    const got = decoded(Buffer.concat(chunks), answer?.headers['content-encoding'])
    const what = `${id} ${JSON.stringify(asked[id])}`
    for (const [mark] of got.matchAll(/[\da-f]{16}/g)) {
      const owner = owners.get(mark) ?? id
      if (owner !== id) t.fail(`${what} has a line of ${owner}`)
    }
    if (damage !== null) return
    const mapped = addressOf(id).replace('www.jstor.org', `www-jstor-org.${zone}`)
    t.true(got === textOf(id, mapped), what)
  }

  for (let first = 0; first < asked.length; first += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, index) => ask(first + index)))
  }
})

/** As a browser reads it; what cannot be read holds nobody's lines. */
function decoded(bytes: Buffer, coding = ''): string {
  try {
    let plain = bytes
    for (const name of coding.toLowerCase().split(', ').toReversed()) {
      if (name === 'deflate') plain = inflated(plain)
      else plain = decoders[name === 'x-gzip' ? 'gzip' : name]?.(plain) ?? plain
    }
    return plain.toString()
  } catch {
    return ''
  }
}

function inflated(bytes: Buffer): Buffer {
  return ((bytes[0] ?? 0) & 15) === 8 ? inflateSync(bytes) : inflateRawSync(bytes)
}
