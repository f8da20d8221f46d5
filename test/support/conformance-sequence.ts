/**
 * Runs sequences: numbered requests of a browser and answers of a publisher, told in one line each,
 * and a log of what either side saw. The browser keeps host-only cookies as browsers do, unless a
 * step says what its Cookie header is.
 * @module
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { Socket } from 'node:net'

import { CookieJar } from 'tough-cookie'

import type { HostMap } from '../../src/core/resource.ts'
import { rewrittenTag } from '../../src/rewriting/validators.ts'
import { bodyText, play, whenWhole } from './conformance-answers.ts'
import { compare, trainCased } from './conformance-case.ts'
import type { ConformanceCase, ConformanceSuite } from './conformance-case.ts'
import { gatewayFor } from './conformance-gateways.ts'
import type { MessageGateway } from './message-gateway.ts'
import { sendHttp2 } from './http2-frames.ts'
import type { Script } from './publisher.ts'

/** RFC 9113 section 8.2.2; Node's client does not send them. */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])
const MiB = 1024 * 1024
/** Long enough for any machine that runs the tests; cases speak of half a second. */
const soonMs = 500
const goneMs = 1000

interface Step {
  readonly number: string
  readonly request: string
  readonly answer: string
}

/** What the steps of one case share. */
interface Run {
  readonly gateway: MessageGateway
  readonly hosts: HostMap
  readonly log: string[]
  readonly jar: CookieJar
  /** The last entity tag that the browser got. */
  tag?: string
  /** The publisher's side of the connection that asked last. */
  socket?: Socket
}

/** Runs one sequence. */
export async function runSequenceCase(
  testCase: ConformanceCase,
  suite: ConformanceSuite,
): Promise<string | undefined> {
  const steps = readSteps(testCase.input)
  const log: string[] = []
  let current: Step | undefined
  const script: Script = (socket, request) => {
    whenWhole(socket, request, () => {
      const [start = '', ...lines] = request.head.split('\r\n')
      const body = bodyText(request)
      const said = [start, ...lines.map(trainCased), ...(body === '' ? [] : [`body ${body}`])]
      for (const line of said) log.push(`${current?.number} upstream ${line}`)
      run.socket = socket
      play(socket, current?.answer ?? '', request.head)
    })
  }
  const isHttp2 = steps.some(({ request }) => request.startsWith('h2 '))
  const { gateway } = await gatewayFor(testCase, suite, { script }, isHttp2 ? 'own' : 'none')
  const run: Run = { gateway, hosts: suite.hosts, log, jar: new CookieJar() }
  for (const step of steps) {
    current = step
    await (step.request.startsWith('h2 ') ? askHttp2(run, step) : askHttp1(run, step))
  }
  return compare(testCase.expected, log.join('\n'))
}

/** A line without a number goes on with the one before it. */
function readSteps(input: string): Step[] {
  const lines = [...input.matchAll(/^(\d+)([<>]) (.*(?:\n(?!\d+[<>] ).*)*)/gm)]
  const steps = lines.filter((line) => line[2] === '>')
  return steps.map(([, number = '', , request = '']) => {
    const answer = lines.find((other) => other[1] === number && other[2] === '<')?.[3] ?? '200'
    return { number, request, answer }
  })
}

async function askHttp1(run: Run, step: Step): Promise<void> {
  const { gateway, hosts, log, jar } = run
  const [, method = 'GET', address = '', rest = ''] =
    /^(\S+) (\S+)\s*([^]*)$/.exec(step.request) ?? []
  const url = new URL(hosts.mapUrl(address) ?? address)
  const rate = /client reads (\d+) KiB\/s/.exec(rest)?.[1]
  const leaves = /\b(?:abort|leave|disconnect|close|cancel)s?\b/i.test(rest)
  const body = /\bbody:? "((?:[^"\\]|\\.)*)"/.exec(rest)
  const given = fieldsOf(rest.replace(body?.[0] ?? '\0', ''), run)
  const cookie = given['cookie'] ?? (await jar.getCookieString(url.href))
  const headers = { host: url.host, ...given, ...(cookie !== '' && { cookie }) }
  const startedAt = performance.now()
  const rssBefore = process.memoryUsage().rss
  const path = url.pathname + url.search
  const options = { host: '127.0.0.1', port: gateway.port, method, path, headers, agent: false }
  const request = httpRequest(options)
  request.end(body === null ? undefined : JSON.parse(`"${body[1]}"`))
  const response = await answerTo(request)
  if (response === undefined) {
    log.push(`${step.number} downstream truncated`)
    return
  }
  await noteHead(run, step, url, response)
  response.once('data', () => {
    const isSoon = performance.now() - startedAt < soonMs
    log.push(`${step.number} downstream first-byte ${isSoon ? '<' : '>='} ${soonMs}ms`)
    // Events go on for ever, and a slow reader for hours: enough is known here.
    if (/event-stream/.test(step.answer)) setTimeout(() => response.destroy(), 50)
  })
  if (leaves) await leave(run, step, response)
  else if (rate === undefined) await readWhole(run, step, response)
  else {
    await readSlowly(response, Number(rate))
    const growth = process.memoryUsage().rss - rssBefore
    log.push(growth < 64 * MiB ? 'rss-growth < 64MiB' : `rss-growth ${growth / MiB} MiB`)
  }
}

/** Undefined when the connection broke before an answer began. */
function answerTo(request: ClientRequest): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    request.once('response', resolve).once('error', () => {
      resolve(undefined)
    })
  })
}

async function noteHead(run: Run, { number }: Step, url: URL, response: IncomingMessage) {
  const { log, jar } = run
  const { statusCode, rawHeaders, headers } = response
  log.push(`${number} downstream ${statusCode}`)
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    log.push(`${number} downstream ${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  }
  for (const line of headers['set-cookie'] ?? []) {
    await jar.setCookie(line, url.href, { ignoreError: true })
  }
  if (headers.etag !== undefined) run.tag = headers.etag
}

async function readWhole({ log }: Run, { number }: Step, response: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = []
  let size = 0
  response.on('data', (chunk: Buffer) => {
    if (size < MiB) chunks.push(chunk)
    size += chunk.length
  })
  response.on('error', () => undefined)
  await new Promise((done) => response.once('close', done))
  const isCoded = response.headers['content-encoding'] !== undefined
  if (size > 0 && !isCoded)
    log.push(`${number} downstream body ${Buffer.concat(chunks).toString()}`)
  log.push(`${number} downstream ${response.complete ? 'clean-end' : 'truncated'}`)
}

/** The browser goes; the log tells whether the publisher's connection went with it. */
async function leave(run: Run, { number }: Step, response: IncomingMessage): Promise<void> {
  response.on('error', () => undefined)
  await new Promise((done) => response.once('data', done))
  response.destroy()
  const startedAt = performance.now()
  while (run.socket?.destroyed === false && performance.now() - startedAt < goneMs) {
    await new Promise((done) => setTimeout(done, 10))
  }
  const isGone = run.socket?.destroyed === true
  for (const word of ['closed', 'aborted']) {
    run.log.push(`${number} upstream ${isGone ? `${word} < ${goneMs}ms` : `not ${word}`}`)
  }
}

async function askHttp2({ gateway, log }: Run, { number, request }: Step): Promise<void> {
  const fields = http2Fields(request)
  const authority = String(fields[':authority'])
  const body = /\bbody:? "((?:[^"\\]|\\.)*)"/.exec(request)?.[1]
  // The connection is opened for another name of the wildcard where the case says so.
  const servername = / for (\S+) \(/.exec(request)?.[1] ?? authority
  const { port, ca } = gateway
  if (Object.keys(fields).some((name) => ofConnection.has(name))) {
    const named: Record<string, string | string[]> = {
      ':method': 'GET',
      ':scheme': 'https',
      ...fields,
    }
    const lines = Object.entries(named).flatMap(([name, value]) =>
      [value].flat().map((each) => [name, each] as const),
    )
    const text = body === undefined ? undefined : String(JSON.parse(`"${body}"`))
    log.push(`${number} downstream ${await sendHttp2({ port, ca, servername }, lines, text)}`)
    return
  }
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, servername })
  session.on('error', () => undefined)
  try {
    const stream = session.request(fields, { endStream: body === undefined })
    stream.once('response', (headers) => {
      log.push(`${number} downstream ${headers[':status']}`)
      for (const [name, value] of Object.entries(headers)) {
        for (const each of [value].flat()) log.push(`${number} downstream ${name}: ${String(each)}`)
      }
    })
    stream.once('error', () => log.push(`${number} downstream reset`))
    if (body !== undefined) stream.end(JSON.parse(`"${body}"`))
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    await new Promise((done) => stream.once('close', done))
    if (chunks.length > 0) log.push(`${number} downstream body ${Buffer.concat(chunks).toString()}`)
  } finally {
    session.destroy()
  }
}

/** `h2 :authority=a :path=/b cookie: c=1 cookie: d=2`, in which a value may have blanks. */
function http2Fields(text: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = { ':path': '/' }
  for (const [, name = '', value = ''] of text.matchAll(/(:[a-z]+)[=:] ?(\S+)/g))
    fields[name] = value
  const plain = text.replace(/\bbody:? ".*"/, '').replace(/(:[a-z]+)[=:] ?(\S+)/g, ';')
  const pairs = /(?<=^|[\s;])([a-z][a-z0-9-]*): (.*?)(?=\s*;|\s+[a-z][a-z0-9-]*: |\s*$)/gs
  for (const [, name = '', value = ''] of plain.matchAll(pairs)) {
    fields[name] = fields[name] === undefined ? value : [fields[name], value].flat()
  }
  return fields
}

/** Header fields told in a row; a remark in brackets is none. */
function fieldsOf(text: string, { gateway, tag }: Run): Record<string, string> {
  const older = rewrittenTag(`${gateway.rulebook.version}-before`, '"abc"')
  const latest = tag ?? rewrittenTag(gateway.rulebook.version, '"abc"')
  const filled = text
    .replace(/\((?:client|browser)[^)]*\)/, '')
    .replace(/\{ETAG[^}]*OLDER[^}]*\}/, older)
    .replace(/\{[^}]*ETAG[^}]*\}/, latest)
  const parts = filled.split(/; *(?=[A-Za-z][\w-]*: )|\n/)
  const pairs = parts.flatMap((part) => {
    const pair = /^\s*([A-Za-z][\w-]*): ?(.*?);?\s*$/s.exec(part)
    return pair === null ? [] : [[(pair[1] ?? '').toLowerCase(), pair[2] ?? ''] as const]
  })
  return Object.fromEntries(pairs)
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
