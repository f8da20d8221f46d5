/**
 * HTTP/2 by hand, for requests that Node's own client refuses to send: header fields of a connection,
 * which RFC 9113 section 8.2.2 forbids.
 * @module
 */
import { connect } from 'node:tls'

const frames = { data: 0, headers: 1, reset: 3, settings: 4, goAway: 7 } as const
const endStream = 1
const endHeaders = 4
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
/** Entries 8 to 14 of the static table, as one byte (RFC 7541 section 6.1, appendix A). */
const statuses = [200, 204, 206, 304, 400, 404, 500]
const silenceMs = 2000

/** Where to connect to. */
export interface Http2Target {
  readonly port: number
  readonly ca: string
  readonly servername: string
}

/** Sends one request; resolves to what came of it: `reset`, or a status, or `answered`. */
export function sendHttp2(
  { port, ca, servername }: Http2Target,
  fields: readonly (readonly [name: string, value: string])[],
  body: string | undefined,
): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca, servername, ALPNProtocols: ['h2'] })
  const block = Buffer.concat(fields.flatMap((field) => [Buffer.of(0), ...field.map(literal)]))
  const flags = endHeaders | (body === undefined ? endStream : 0)
  socket.write(preface)
  socket.write(frame(frames.settings, 0, 0))
  socket.write(frame(frames.headers, flags, 1, block))
  if (body !== undefined) socket.write(frame(frames.data, endStream, 1, Buffer.from(body)))
  return new Promise((resolve) => {
    let held = Buffer.alloc(0)
    const end = (outcome: string): void => {
      socket.destroy()
      resolve(outcome)
    }
    socket.setTimeout(silenceMs, () => {
      end('silent')
    })
    socket.on('error', () => undefined)
    socket.once('close', () => {
      end('reset')
    })
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 9 && held.length >= 9 + held.readUIntBE(0, 3)) {
        const size = 9 + held.readUIntBE(0, 3)
        const [type, first] = [held[3], held[9]]
        held = held.subarray(size)
        if (type === frames.reset || type === frames.goAway) end('reset')
        if (type === frames.headers) end(statusOf(first))
      }
    })
  })
}

function statusOf(first: number | undefined): string {
  const status = statuses[(first ?? 0) - 0x88]
  return status === undefined ? 'answered' : String(status)
}

/** A string as it is (RFC 7541 section 5.2). */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  const length =
    bytes.length < 127 ? Buffer.of(bytes.length) : Buffer.of(127, ...rest(bytes.length))
  return Buffer.concat([length, bytes])
}

function rest(length: number): number[] {
  const left = length - 127
  return left < 128 ? [left] : [(left % 128) + 128, left >> 7]
}

function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}
