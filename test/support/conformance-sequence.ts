/**
 * Runs sequences: numbered requests of a browser and answers of a publisher, told in one line each,
 * and a log of what either side saw.
 * @module
 */
import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'

import { rewrittenTag } from '../../src/rewriting/validators.ts'
import { compare, trainCased } from './conformance-case.ts'
import type { ConformanceCase, ConformanceSuite } from './conformance-case.ts'
import { startMessageGateway, type MessageGateway } from './message-gateway.ts'
import type { Script } from './publisher.ts'

const MiB = 1024 * 1024

interface Step {
  readonly number: string
  readonly request: string
  readonly answer: string
}

/** Runs one sequence. */
export async function runSequenceCase(
  testCase: ConformanceCase,
  { resources, zoneOrigin }: ConformanceSuite,
): Promise<string | undefined> {
  const log: string[] = []
  const steps = readSteps(testCase.input)
  let current: Step | undefined
  const script: Script = (socket, { head }) => {
    const [, ...lines] = head.split('\r\n')
    for (const line of lines) log.push(`${current?.number} upstream ${trainCased(line)}`)
    play(socket, current?.answer ?? '', head)
  }
  const isHttp2 = steps.some(({ request }) => request.startsWith('h2 '))
  const gateway = await startMessageGateway({
    resources,
    zoneOrigin,
    script,
    ...(isHttp2 && { tls: 'own' as const }),
  })
  try {
    for (const step of steps) {
      current = step
      await ask(gateway, step, log)
    }
  } finally {
    await gateway.close()
  }
  return compare(testCase.expected, log.join('\n'))
}

function readSteps(input: string): Step[] {
  const lines = input.split('\n').map((line) => /^(\d+)([<>]) (.*)$/.exec(line))
  const steps = lines.filter((line) => line?.[2] === '>')
  return steps.flatMap((line) => {
    if (line === null) return []
    const [, number = '', , request = ''] = line
    const answer = lines.find((other) => other?.[1] === number && other[2] === '<')?.[3] ?? '200'
    return { number, request, answer }
  })
}

function ask(gateway: MessageGateway, step: Step, log: string[]): Promise<void> {
  return step.request.startsWith('h2 ')
    ? askHttp2(gateway, step, log)
    : askHttp1(gateway, step, log)
}

async function askHttp1(gateway: MessageGateway, step: Step, log: string[]): Promise<void> {
  const [, method = 'GET', address = '', rest = ''] = /^(\S+) (\S+) ?(.*)$/.exec(step.request) ?? []
  const url = new URL(address)
  const rate = /client reads (\d+) KiB\/s/.exec(rest)?.[1]
  const headers = { host: url.host, ...(rate === undefined ? headersOf(rest, gateway) : {}) }
  const startedAt = performance.now()
  const rssBefore = process.memoryUsage().rss
  const path = url.pathname + url.search
  const options = { host: '127.0.0.1', port: gateway.port, method, path, headers, agent: false }
  const request = httpRequest(options)
  request.end()
  const response = await answerTo(request)
  if (response === undefined) {
    log.push(`${step.number} downstream truncated`)
    return
  }
  log.push(`${step.number} downstream ${response.statusCode}`)
  for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
    log.push(`${step.number} downstream ${response.rawHeaders[at]}: ${response.rawHeaders[at + 1]}`)
  }
  response.once('data', () => {
    const isSoon = performance.now() - startedAt < 500
    log.push(`${step.number} downstream first-byte ${isSoon ? '<' : '>='} 500ms`)
    // Events go on for ever, and a slow reader for hours: enough is known here.
    if (/event-stream/.test(step.answer)) setTimeout(() => response.destroy(), 50)
  })
  if (rate !== undefined) {
    await readSlowly(response, Number(rate))
    const growth = process.memoryUsage().rss - rssBefore
    log.push(growth < 64 * MiB ? 'rss-growth < 64MiB' : `rss-growth ${growth / MiB} MiB`)
    return
  }
  response.on('error', () => undefined)
  await new Promise((done) => response.once('close', done))
  log.push(`${step.number} downstream ${response.complete ? 'clean-end' : 'truncated'}`)
}

/** Undefined when the connection broke before an answer began. */
function answerTo(request: ClientRequest): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    request.once('response', resolve).once('error', () => {
      resolve(undefined)
    })
  })
}

async function askHttp2({ port, ca }: MessageGateway, step: Step, log: string[]): Promise<void> {
  const pairs = [...step.request.matchAll(/(:?[a-z-]+)[=:] ?(\S+)/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  )
  const fields: Record<string, string | string[]> = { ':path': '/' }
  for (const [name, value] of pairs) {
    if (name === 'cookie') fields[name] = [...[fields[name] ?? []].flat(), value]
    else if (name.startsWith(':') || name === 'te') fields[name] = value
  }
  const authority = String(fields[':authority'])
  // The connection is opened for another name of the wildcard where the case says so.
  const servername = / for (\S+) \(/.exec(step.request)?.[1] ?? authority
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, servername })
  const stream = session.request(fields)
  stream.once('response', (headers) => {
    log.push(`${step.number} downstream ${headers[':status']}`)
    for (const [name, value] of Object.entries(headers)) {
      log.push(`${step.number} downstream ${name}: ${String(value)}`)
    }
  })
  stream.resume()
  await once(stream, 'end')
  session.close()
}

function headersOf(text: string, { rulebook }: MessageGateway): Record<string, string> {
  const older = rewrittenTag(`${rulebook.version}-before`, '"abc"')
  const lines = text.replace('{ETAG-FROM-OLDER-RULE-VERSION}', older).split('; ')
  const pairs = lines.map((line) => /^([^:]+): ?(.*)$/.exec(line))
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : [])))
}

/** Says what the line tells: a status, header fields, and what happens to the body. */
function play(socket: Parameters<Script>[0], answer: string, head: string): void {
  const [start = '', ...parts] = answer.replace(/^HTTP\/1\.1 /, '').split(/; (?=[A-Za-z-]+: )/)
  const status = /\b\d{3}\b/.exec(start)?.[0] ?? '200'
  // The first part may stand beside the status: "200 Content-Type: text/html; ETag: …".
  const first = /[A-Z][\w-]*: .*$/.exec(start)?.[0] ?? ''
  const fields = [first, ...parts].filter((part) => /^[\w-]+: /.test(part)).map(withoutRest)
  const type = /\b(?:text|application)\/[a-z-]+/.exec(answer)?.[0]
  if (type !== undefined && !/content-type/i.test(answer)) fields.push(`Content-Type: ${type}`)
  const begin = (more: string[], code = status) =>
    socket.write(`HTTP/1.1 ${code} X\r\n${[...fields, ...more].join('\r\n')}\r\n\r\n`)

  if (/GiB/.test(answer)) {
    const [, count = '0'] = /(\d+) GiB/.exec(answer) ?? []
    begin([`Content-Length: ${Number(count) * 1024 * MiB}`])
    const pour = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(64 * 1024))) continue
    }
    socket.on('drain', pour)
    pour()
  } else if (/RST/.test(answer)) {
    begin([])
    const [, count = '0'] = /(\d+) bytes/.exec(answer) ?? []
    socket.write('x'.repeat(Number(count)), () => setTimeout(() => socket.destroy(), 50))
  } else if (/write "/.test(answer)) {
    begin(['Connection: close'])
    const [, text = ''] = /write "((?:[^"\\]|\\.)*)"/.exec(answer) ?? []
    socket.write(text.replaceAll('\\n', '\n'))
  } else if (/Transfer-Encoding: chunked/.test(answer)) {
    begin([])
    socket.write('1\r\nx\r\n0\r\n\r\n')
  } else if (/SUPPORTS-RANGES/.test(answer)) {
    const range = /^range: bytes=(\d+)-(\d+)/im.exec(head)
    if (range === null) begin(['Content-Length: 30', 'ETag: "abc"'], '200')
    else begin([`Content-Range: bytes ${range[1]}-${range[2]}/30`, 'Content-Length: 11'], '206')
    socket.write('x'.repeat(range === null ? 30 : 11))
  } else {
    begin(/content-length/i.test(answer) ? [] : ['Content-Length: 0'])
  }
}

/** `Content-Length: 1000; 300 bytes; RST`: what is told of the body is no part of the field. */
function withoutRest(field: string): string {
  return field.replace(/; \d+ bytes.*$/, '')
}

/** Reads at a rate for two seconds, which would fill any buffer without a bound, then leaves. */
async function readSlowly(response: IncomingMessage, kibibytes: number): Promise<void> {
  response.pause()
  for (let tick = 0; tick < 20; tick++) {
    await new Promise((done) => setTimeout(done, 100))
    response.read(kibibytes * 102)
  }
  response.destroy()
}
