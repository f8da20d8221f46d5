/**
 * What the publishers of message cases say: an answer written out, or one told in a line.
 * @module
 */
import type { Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import type { Script, SeenRequest } from './publisher.ts'

const MiB = 1024 * 1024
const coders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliCompressSync,
  deflate: deflateSync,
  gzip: gzipSync,
  zstd: zstdCompressSync,
}

/** Calls back when all of a request's body is there. */
export function whenWhole(socket: Socket, request: SeenRequest, act: () => void): void {
  const isWhole = () => {
    const length = /^content-length: *(\d+)/im.exec(request.head)?.[1]
    if (/^transfer-encoding:/im.test(request.head)) {
      return /(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n$/.test(request.body.toString('latin1'))
    }
    return request.body.length >= Number(length ?? 0)
  }
  const look = () => {
    if (!isWhole()) return
    socket.off('data', look)
    act()
  }
  socket.on('data', look)
  look()
}

/** The body of a request, without the framing of chunks. */
export function bodyText({ head, body }: SeenRequest): string {
  if (!/^transfer-encoding:/im.test(head)) return body.toString()
  const parts: Buffer[] = []
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.subarray(at, end).toString('latin1'), 16)
    if (end === -1 || !(size > 0)) break
    parts.push(body.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
  return Buffer.concat(parts).toString()
}

/** One message of an answer, made ready before anything is measured. */
interface Message {
  readonly head: Buffer
  readonly body: Buffer
  readonly isInterim: boolean
}

/** Writes a whole message, interim ones before it included; one without length ends with its connection. */
export function saysMessage(text: string, coding?: string): Script {
  const messages = readMessages(text, coding)
  return (socket, request) => {
    whenWhole(socket, request, () => {
      for (const { head, body, isInterim } of messages) {
        socket.write(head)
        if (!isInterim) socket.end(request.head.startsWith('HEAD ') ? Buffer.alloc(0) : body)
      }
    })
  }
}

function readMessages(text: string, coding: string | undefined): Message[] {
  const end = text.indexOf('\n\n')
  const lines = (end === -1 ? text.trimEnd() : text.slice(0, end)).split('\n')
  const rest = end === -1 ? '' : text.slice(end + 2)
  if (/^HTTP\/1\.1 1\d\d/.test(lines[0] ?? '') && rest.startsWith('HTTP/1.1 ')) {
    const interim = { head: headBytes(lines), body: Buffer.alloc(0), isInterim: true }
    return [interim, ...readMessages(rest, coding)]
  }
  const body = coders[coding ?? '']?.(bodyBytes(rest)) ?? bodyBytes(rest)
  const lengths = lines.filter((line) => /^content-length:/i.test(line)).length
  // The case says how long its body was written down, which need not be how long it is.
  const said = lines.map((line) =>
    /^content-length:/i.test(line) && rest !== '' && lengths === 1
      ? `Content-Length: ${body.length}`
      : line,
  )
  if (coding !== undefined && !lines.some((line) => /^content-encoding:/i.test(line))) {
    said.push(`Content-Encoding: ${coding}`)
  }
  if (!/ (?:204|304) /.test(lines[0] ?? '')) said.push('Connection: close')
  return [{ head: headBytes(said), body, isInterim: false }]
}

function headBytes(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
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

/** An answer as its line tells it. */
interface Told {
  readonly status: string
  readonly fields: readonly string[]
  /** What happens after the head, one after the other; empty when nothing is told. */
  readonly acts: readonly string[]
  readonly type: string
}

const units: Readonly<Record<string, number>> = { K: 1024, M: MiB, G: 1024 * MiB }
const quoted = /\b(write|body):? "((?:[^"\\]|\\.)*)"/g
/** A quoted text keeps its place in the line without being read as part of it. */
const held = /^(?:write|body) @(\d+)$/
const act = /^(?:(?:write|body) @\d+|sleep \S+|\d+ (?:bytes|[KMG]iB)|RST|end|close)$/i

function readTold(answer: string): Told {
  const texts: string[] = []
  const line = answer.replace(quoted, (_whole, word: string, text: string) => {
    texts.push(JSON.parse(`"${text}"`))
    return `${word} @${texts.length - 1}`
  })
  const size = /\b\d+ [KMG]iB\b/.exec(line)?.[0]
  const parts = line
    .replace(/^HTTP\/1\.1 /, '')
    .replace(size ?? '\0', '')
    .split(/; *(?=[A-Za-z][\w-]*: |(?:write|body) @|sleep |\d+ bytes|RST|end$|close$)|\n/i)
    .map((part) => part.trim())
  const [start = '', ...rest] = parts
  // The first field may stand beside the status: "200 Content-Type: text/html; ETag: …".
  const first = /[A-Z][\w-]*: .*$/.exec(start)?.[0]
  const fields = [first ?? '', ...rest].filter((part) => /^[\w-]+: /.test(part))
  const acts = rest.filter((part) => act.test(part)).map((part) => textOf(part, texts))
  const type = /\b(?:text|application|image|font)\/[a-z0-9.+-]+/.exec(line)?.[0] ?? ''
  const isTyped = fields.some((field) => /^content-type:/i.test(field))
  return {
    status: /\b\d{3}\b/.exec(start)?.[0] ?? '200',
    fields: isTyped || type === '' ? fields : [...fields, `Content-Type: ${type}`],
    acts: size === undefined ? acts : [size, ...acts],
    type,
  }
}

function textOf(part: string, texts: readonly string[]): string {
  const index = held.exec(part)?.[1]
  return index === undefined ? part : `write ${texts[Number(index)]}`
}

/**
 * Says what a line tells: a status, header fields, and what happens to the body. A publisher that
 * supports ranges, or is said to answer with one, answers with the whole when none is asked for.
 */
export function play(socket: Socket, answer: string, asked: string): void {
  const told = readTold(answer)
  const range = /^range: bytes=(\d+)-(\d+)/im.exec(asked)
  if (/SUPPORTS-RANGES/.test(answer)) {
    playRanges(socket, told, range)
    return
  }
  const isWholeAsked = told.status === '206' && !/^range:/im.test(asked)
  const status = isWholeAsked ? '200' : told.status
  const fields = told.fields.filter((field) => !(isWholeAsked && /^content-range:/i.test(field)))
  // What comes after a body on the same connection would be taken for more of it.
  if (/^(?:content-length: *[1-9]|transfer-encoding:)/im.test(asked))
    fields.push('Connection: close')
  const named = (name: RegExp) =>
    fields
      .find((field) => name.test(field))
      ?.replace(name, '')
      .trim()
  const length = named(/^content-length:/i)
  const isChunked = named(/^transfer-encoding:/i) !== undefined
  const isBodiless = /^(?:1..|204|205|304|3..)$/.test(status) || asked.startsWith('HEAD ')
  const body = bodyFor(told, length)
  const begin = (more: readonly string[]) =>
    socket.write(
      Buffer.from(`HTTP/1.1 ${status} X\r\n${[...fields, ...more].join('\r\n')}\r\n\r\n`),
    )
  if (isBodiless && told.acts.length === 0) {
    begin(length === undefined && status !== '304' && status !== '204' ? ['Content-Length: 0'] : [])
  } else if (told.acts.length > 0) {
    const size = sizeOf(told.acts[0] ?? '')
    const isPoured = size !== undefined && size >= MiB && length === undefined
    begin(
      isPoured ? [`Content-Length: ${size}`] : length === undefined ? ['Connection: close'] : [],
    )
    void perform(socket, told.acts)
  } else if (isChunked) {
    begin([])
    socket.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)
  } else {
    begin(length === undefined ? [`Content-Length: ${Buffer.byteLength(body)}`] : [])
    socket.write(body)
  }
}

function playRanges(socket: Socket, { fields }: Told, range: RegExpExecArray | null): void {
  const [, from = '0', to = '29'] = range ?? []
  const size = Number(to) - Number(from) + 1
  const lines = [...fields, `Content-Length: ${size}`, 'ETag: "abc"', 'Accept-Ranges: bytes']
  if (range !== null) lines.push(`Content-Range: bytes ${from}-${to}/30`)
  const status = range === null ? '200 OK' : '206 Partial Content'
  socket.write(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n${'x'.repeat(size)}`)
}

/** Something of the type that the answer has, as long as it says. */
function bodyFor({ type }: Told, length: string | undefined): string {
  if (length !== undefined) return 'x'.repeat(Math.min(Number(length), MiB))
  return type.includes('html') ? '<p>x</p>' : type.includes('json') ? '{}' : 'x'
}

function sizeOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+) (bytes|[KMG]iB)$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * (units[unit[0] ?? ''] ?? 1)
}

async function perform(socket: Socket, acts: readonly string[]): Promise<void> {
  const breaks = acts.some((text) => /^RST$/i.test(text))
  for (const text of acts) {
    const size = sizeOf(text)
    const [, count, unit] = /^sleep (\d+)\s*(ms|s)$/.exec(text) ?? []
    if (size !== undefined) await pour(socket, size)
    else if (text.startsWith('write ')) socket.write(text.slice('write '.length))
    else if (count !== undefined) await pause(Number(count) * (unit === 's' ? 1000 : 1))
    else if (/^RST$/i.test(text)) {
      await pause(50)
      socket.destroy()
    }
    if (socket.destroyed) return
  }
  if (!breaks) socket.end()
}

/** Writes as fast as it is read. */
async function pour(socket: Socket, size: number): Promise<void> {
  const piece = Buffer.alloc(64 * 1024, 'x')
  for (let left = size; left > 0 && !socket.destroyed; left -= piece.length) {
    const isTaken = socket.write(piece.subarray(0, Math.min(left, piece.length)))
    if (isTaken) continue
    await new Promise<void>((done) => {
      const go = () => {
        socket.off('drain', go).off('close', go)
        done()
      }
      socket.on('drain', go).on('close', go)
    })
  }
}

/** A case that is over does not keep the process waiting. */
function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms).unref())
}
