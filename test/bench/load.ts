/**
 * The reader: asks one path, or some in turn, a given number of times over a given number of kept
 * connections, one request at a time on each, and tells latencies and bytes. Run as a process of its own with one
 * argument, a `LoadOptions` in JSON; answers with a `LoadResult` on standard output.
 *
 * It reads HTTP no further than needed to see where an answer ends, so that it costs little itself.
 * @module
 */
import { connect, type Socket } from 'node:net'

/** One thing that is asked for. */
export interface Ask {
  readonly path: string
  /** Header lines without the line ends. */
  readonly lines: readonly string[]
  /** Whether every request asks for a URL of its own. */
  readonly isUnique: boolean
}

/** What is asked. */
export interface LoadOptions {
  readonly port: number
  /** In turn. */
  readonly asks: readonly Ask[]
  readonly requests: number
  readonly connections: number
}

/** What came of it. */
export interface LoadResult {
  readonly requests: number
  readonly elapsedMs: number
  readonly bytes: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const endOfHead = Buffer.from('\r\n\r\n')
const lastChunk = Buffer.from('\r\n0\r\n\r\n')
const mostMs = 120_000

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions
const latencies: number[] = []
const mark = `${process.pid}x`
let asked = 0
let bytes = 0

function requestOf(number: number): string {
  const ask = options.asks[number % options.asks.length]
  if (ask === undefined) throw new Error('nothing is asked for')
  const query = ask.isUnique ? `?${mark}${number}` : ''
  return `GET ${ask.path}${query} HTTP/1.1\r\n${ask.lines.join('\r\n')}\r\n\r\n`
}

/** How many bytes an answer has in all; undefined when only its last chunk tells. */
function wholeLength(head: Buffer, headBytes: number): number | undefined {
  const text = head.toString('latin1', 0, headBytes)
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`unexpected answer: ${text.slice(0, 400)}`)
  const length = /^content-length: *(\d+)/im.exec(text)?.[1]
  return length === undefined ? undefined : headBytes + Number(length)
}

function follow(socket: Socket, done: () => void): void {
  let startedAt = 0
  let received = 0
  let whole: number | undefined
  let head: Buffer | undefined = Buffer.alloc(0)
  let tail = Buffer.alloc(0)

  function ask(): void {
    if (asked >= options.requests) {
      socket.end()
      return done()
    }
    asked += 1
    received = 0
    head = Buffer.alloc(0)
    startedAt = performance.now()
    socket.write(requestOf(asked))
  }

  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    bytes += chunk.length
    tail = Buffer.concat([tail, chunk.subarray(-lastChunk.length)]).subarray(-lastChunk.length)
    if (head !== undefined) {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf(endOfHead)
      if (end === -1) return
      whole = wholeLength(head, end + endOfHead.length)
      head = undefined
    }
    const isOver = whole === undefined ? tail.equals(lastChunk) : received >= whole
    if (!isOver) return
    latencies.push(performance.now() - startedAt)
    ask()
  })
  socket.on('error', (error) => {
    throw error
  })
  socket.on('end', () => {
    if (received > 0 && asked < options.requests) throw new Error('the connection ended')
  })
  ask()
}

function connection(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(options.port, '127.0.0.1', () => {
      socket.setNoDelay(true)
      follow(socket, resolve)
    })
  })
}

setTimeout(() => {
  process.stderr.write(`no end after ${mostMs / 1000} s\n`)
  process.exit(1)
}, mostMs).unref()

const startedAt = performance.now()
await Promise.all(Array.from({ length: options.connections }, connection))
const elapsedMs = performance.now() - startedAt
const sorted = latencies.toSorted((left, right) => left - right)
const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
const result: LoadResult = {
  requests: latencies.length,
  elapsedMs,
  bytes,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
}
process.stdout.write(`${JSON.stringify(result)}\n`)
