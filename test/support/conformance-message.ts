/**
 * Runs message cases: one request, one answer, or a sequence of both, through a running gateway.
 *
 * What a case compares is a dump: the publisher's view of the forwarded requests, each after the line
 * `upstream`, or the gateway's own reply when it forwards none; or the answer as the browser gets it,
 * with its body decoded, its trailers after it, and `ABORTED` at the end when the connection broke.
 * @module
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'

import type { HostMap } from '../../src/core/resource.ts'
import { bodyText, saysMessage, whenWhole } from './conformance-answers.ts'
import { compare, trainCased } from './conformance-case.ts'
import type { CaseRunner, ConformanceCase, ConformanceSuite } from './conformance-case.ts'
import { closeCaseGateways, gatewayFor } from './conformance-gateways.ts'
import { runSequenceCase } from './conformance-sequence.ts'
import { sendRaw, type MessageGateway } from './message-gateway.ts'
import { reply, type SeenRequest } from './publisher.ts'

const MiB = 1024 * 1024
/** Of a longer body only the beginning is compared. */
const dumpBytes = MiB

/** Runs one message case. */
export const runMessageCase: CaseRunner = (testCase, suite) => {
  if (testCase.contentType === 'message/http-request') return runRequest(testCase, suite)
  if (testCase.contentType === 'message/http-response') return runResponse(testCase, suite)
  return runSequenceCase(testCase, suite)
}

/** Ends what the cases have started. */
export const endCases = closeCaseGateways

async function runRequest(testCase: ConformanceCase, suite: ConformanceSuite) {
  const { gateway, seen } = await gatewayFor(testCase, suite, {
    script: (socket, request) => {
      whenWhole(socket, request, () => {
        socket.end(reply('answered', 'Content-Type: text/plain\r\nConnection: close'))
      })
    },
  })
  const answer = await sendRaw(gateway.port, requestBytes(testCase.input))
  const dumps = seen().map(dumpOfRequest)
  return compare(testCase.expected, dumps.length > 0 ? dumps.join('\n') : answer)
}

function dumpOfRequest(request: SeenRequest): string {
  const lines = request.head.split('\r\n').map(trainCased)
  return `upstream\n${lines.join('\n')}\n\n${bodyText(request)}`
}

/** The case's text as bytes on the wire; the connection is closed after the answer. */
function requestBytes(input: string): Buffer {
  const [, start = '', rest = ''] = /^([^]*?)(?:\r?\n\r?\n([^]*))?$/.exec(input) ?? []
  const head = start.replace(/\r?\n$/, '')
  const hex = /^\{BYTES:([0-9a-f]+)\}$/i.exec(rest)
  const body = hex === null ? Buffer.from(rest) : Buffer.from(hex[1] ?? '', 'hex')
  const lines = head.replace('{AUTO}', String(body.length)).split(/\r?\n/)
  if (!/^connection:/im.test(head)) lines.push('Connection: close')
  const isFramed = /^(?:content-length|transfer-encoding):/im.test(head)
  if (!isFramed && (head.startsWith('POST') || body.length > 0)) {
    lines.push(`Content-Length: ${body.length}`)
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}

async function runResponse(testCase: ConformanceCase, suite: ConformanceSuite) {
  const { options, input } = testCase
  const [other] = textsOf(options?.['upstreamAlso'])
  const { gateway } = await gatewayFor(testCase, suite, {
    script: saysMessage(other?.[1] ?? input, options?.encodeBody),
    plainScript: saysMessage(input, options?.encodeBody),
  })
  const most = Number(options?.['maxRssGrowthMiB'] ?? Infinity)
  let [dump, growth] = await withGrowth(() => browse(gateway, testCase, suite.hosts))
  // What a first exchange makes the process keep is no growth: a leak grows each time.
  for (let left = 2; growth > most && left > 0; left -= 1) {
    ;[dump, growth] = await withGrowth(() => browse(gateway, testCase, suite.hosts))
  }
  if (growth > most) return `memory grew by ${Math.round(growth)} MiB, at most ${most} expected`
  return compare(testCase.expected, dump)
}

/** What the work gives, and by how many MiB the process has grown meanwhile. */
async function withGrowth<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const before = process.memoryUsage().rss
  const result = await work()
  return [result, (process.memoryUsage().rss - before) / MiB]
}

function browse(
  { port }: MessageGateway,
  { input, options, upstreamUrl }: ConformanceCase,
  hosts: HostMap,
): Promise<string> {
  const url = new URL(hosts.mapUrl(upstreamUrl) ?? upstreamUrl)
  const isHtml = !/^content-type: (?!text\/html)/im.test(input)
  const headers = {
    host: url.host,
    'accept-encoding': 'gzip, br, zstd',
    'sec-fetch-dest': options?.secFetchDest ?? (isHtml ? 'document' : 'empty'),
    ...lowerCased(options?.['requestHeaders']),
  }
  const path = url.pathname + url.search
  const given = options?.['method']
  const method = typeof given === 'string' ? given : 'GET'
  const interim: string[] = []
  return new Promise((resolve) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false })
    request.on('information', ({ statusCode, statusMessage, rawHeaders }) => {
      interim.push(`HTTP/1.1 ${statusCode} ${statusMessage}\n${linesOf(rawHeaders)}\n\n`)
    })
    request.once('error', () => {
      resolve('ABORTED')
    })
    request.once('response', (response) => {
      resolve(dumpOf(response).then((dump) => interim.join('') + dump))
    })
    const body = options?.['requestBody']
    request.end(typeof body === 'string' ? body : undefined)
  })
}

async function dumpOf(response: IncomingMessage): Promise<string> {
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
    // An answer that has a coding but no body (HEAD, 304) decodes to an error, and is whole.
    if (!response.complete || size > 0) end = '\nABORTED'
  }
  const { statusCode, statusMessage, rawHeaders, rawTrailers } = response
  const head = `HTTP/1.1 ${statusCode} ${statusMessage}\n${linesOf(rawHeaders)}`
  const trailers = rawTrailers.length === 0 ? '' : `\ntrailer ${linesOf(rawTrailers)}`
  return `${head}\n\n${Buffer.concat(chunks).toString()}${trailers}${end}`
}

function linesOf(raw: readonly string[]): string {
  const lines = raw.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${raw[at + 1]}`] : []))
  return lines.join('\n')
}

function lowerCased(headers: unknown): Record<string, string> {
  return Object.fromEntries(textsOf(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** The texts of an option by their keys. */
function textsOf(option: unknown): [string, string][] {
  return Object.entries(Object(option)).map(([key, value]) => [key, String(value)])
}
