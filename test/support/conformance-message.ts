/**
 * Runs message cases: one request, one answer, or a sequence of both, through a running gateway.
 *
 * What a case compares is a dump: the publisher's view of a forwarded request after the line
 * `upstream`, the gateway's own reply otherwise; or the answer as the browser gets it, with its body
 * decoded and `ABORTED` after it when the connection broke.
 * @module
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createBrotliDecompress, createGunzip, createZstdDecompress, gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'

import type { HostMap, Resource } from '../../src/core/resource.ts'
import { compare, trainCased } from './conformance-case.ts'
import type { CaseRunner, ConformanceCase, ConformanceSuite } from './conformance-case.ts'
import { sendRaw, startMessageGateway, type MessageGateway } from './message-gateway.ts'
import { reply, type Script } from './publisher.ts'
import { runSequenceCase } from './conformance-sequence.ts'

const MiB = 1024 * 1024
/** Of a longer body only the beginning is compared. */
const dumpBytes = MiB

/** Runs one message case. */
export const runMessageCase: CaseRunner = async (testCase, suite) => {
  if (testCase.options?.session === 'none' && testCase.area === 'req.session') {
    return 'needs sign-in, which this runner has not got'
  }
  if (testCase.contentType === 'message/http-request') return runRequest(testCase, suite)
  if (testCase.contentType === 'message/http-response') return runResponse(testCase, suite)
  return runSequenceCase(testCase, suite)
}

/** What is set up alike for every case. */
export function gatewayFor(
  { options }: ConformanceCase,
  { resources, zoneOrigin }: ConformanceSuite,
  scripts: { readonly script: Script; readonly plainScript?: Script },
): Promise<MessageGateway> {
  const gatewayCookies = options?.gatewayCookies ?? ['__Host-gw']
  const isPlain = options?.['upstreamScheme'] === 'http'
  return startMessageGateway({
    resources: isPlain ? resources.map(overHttp) : resources,
    zoneOrigin,
    gatewayCookies,
    shimMarkup: '<!--GW-SHIM-->',
    ...scripts,
  })
}

async function runRequest(testCase: ConformanceCase, suite: ConformanceSuite) {
  const gateway = await gatewayFor(testCase, suite, {
    script: (socket) => socket.write(reply('answered')),
  })
  try {
    const wire = requestBytes(testCase.input)
    const answer = await sendRaw(gateway.port, wire)
    const [seen] = gateway.secure.requests
    const isForwarded = seen !== undefined
    const dump = isForwarded
      ? `upstream\n${seen.head.split('\r\n').map(trainCased).join('\n')}\n\n${seen.body.toString()}`
      : answer
    return compare(testCase.expected, dump)
  } finally {
    await gateway.close()
  }
}

/** The case's text as bytes on the wire; the connection is closed after the answer. */
function requestBytes(input: string): string {
  const end = input.indexOf('\n\n')
  const head = (end === -1 ? input : input.slice(0, end)).trimEnd()
  const body = end === -1 ? '' : input.slice(end + 2)
  const length = String(Buffer.byteLength(body))
  const lines = head.replace('{AUTO}', length).split('\n')
  if (!/^connection:/im.test(head)) lines.push('Connection: close')
  if (head.startsWith('POST') && !/^content-length:/im.test(head)) lines.push('Content-Length: 0')
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

async function runResponse(testCase: ConformanceCase, suite: ConformanceSuite) {
  const [other] = textsOf(testCase.options?.['upstreamAlso'])
  const script = play(other?.[1] ?? testCase.input)
  const gateway = await gatewayFor(testCase, suite, { script, plainScript: play(testCase.input) })
  try {
    const rssBefore = process.memoryUsage().rss
    const dump = await browse(gateway, testCase, suite.hosts)
    const growth = (process.memoryUsage().rss - rssBefore) / MiB
    const most = Number(testCase.options?.['maxRssGrowthMiB'] ?? Infinity)
    if (growth > most) return `memory grew by ${Math.round(growth)} MiB, at most ${most} expected`
    return compare(testCase.expected, dump)
  } finally {
    await gateway.close()
  }
}

function play(text: string): Script {
  return (socket) => {
    writeAnswer(socket, text)
  }
}

/** Writes an answer; one without length ends with its connection. */
function writeAnswer(socket: Socket, text: string): void {
  const end = text.indexOf('\n\n')
  const head = text.slice(0, end).split('\n')
  const body = text.slice(end + 2)
  const bytes = bodyBytes(body)
  // The case says how long its body was written down, which need not be how long it is.
  const lines = head.map((line) =>
    /^content-length:/i.test(line) && body !== '' ? `Content-Length: ${bytes.length}` : line,
  )
  if (!/ (?:204|304) /.test(head[0] ?? '')) lines.push('Connection: close')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  socket.end(bytes)
}

function bodyBytes(body: string): Buffer {
  const zeros = /^\{GZIP-ZEROS:(\d+)\}$/.exec(body)
  if (zeros !== null) {
    // Members of a gzip file follow each other (RFC 1952 section 2.2).
    const member = gzipSync(Buffer.alloc(16 * MiB))
    return Buffer.concat(Array<Buffer>(Number(zeros[1]) / (16 * MiB)).fill(member))
  }
  const hex = /^\{BYTES:([0-9a-f]+)\}$/i.exec(body)
  return hex === null ? Buffer.from(body) : Buffer.from(hex[1] ?? '', 'hex')
}

function browse(
  { port }: MessageGateway,
  testCase: ConformanceCase,
  hosts: HostMap,
): Promise<string> {
  const url = new URL(hosts.mapUrl(testCase.upstreamUrl) ?? testCase.upstreamUrl)
  const isHtml = !/^content-type: (?!text\/html)/im.test(testCase.input)
  const headers = {
    host: url.host,
    'accept-encoding': 'gzip, br, zstd',
    'sec-fetch-dest': testCase.options?.secFetchDest ?? (isHtml ? 'document' : 'empty'),
    ...lowerCased(testCase.options?.['requestHeaders']),
  }
  const path = url.pathname + url.search
  return new Promise((resolve) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false })
    request.once('error', () => {
      resolve('ABORTED')
    })
    request.once('response', (response) => {
      void dumpOf(response).then(resolve)
    })
    request.end()
  })
}

async function dumpOf(response: IncomingMessage): Promise<string> {
  const lines: string[] = []
  for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
    lines.push(`${response.rawHeaders[at]}: ${response.rawHeaders[at + 1]}`)
  }
  const decoders = { gzip: createGunzip, br: createBrotliDecompress, zstd: createZstdDecompress }
  const coding = response.headers['content-encoding'] ?? ''
  const decode = Object.entries(decoders).find(([name]) => name === coding)?.[1]
  const chunks: Buffer[] = []
  let [size, end] = [0, '']
  const plain = decode === undefined ? response : response.pipe(decode())
  response.on('error', (error) => plain.destroy(error))
  try {
    for await (const chunk of plain) {
      if (size < dumpBytes) chunks.push(chunk)
      size += chunk.length
    }
  } catch {
    end = '\nABORTED'
  }
  const head = `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\n${lines.join('\n')}`
  return `${head}\n\n${Buffer.concat(chunks).toString()}${end}`
}

function lowerCased(headers: unknown): Record<string, string> {
  return Object.fromEntries(textsOf(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** The texts of an option by their keys. */
function textsOf(option: unknown): [string, string][] {
  return Object.entries(Object(option)).map(([key, value]) => [key, String(value)])
}

function overHttp(resource: Resource): Resource {
  return { ...resource, hosts: resource.hosts.map((rule) => ({ ...rule, scheme: 'http' })) }
}
