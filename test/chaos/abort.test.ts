import type { Socket } from 'node:net'

import anyTest, { type TestFn } from 'ava'

import { residentKiB, ruleOf, until } from '../support/gateway.ts'
import { reply, startPublisher, type Publisher } from '../support/publisher.ts'
import type { Reader } from '../support/reader.ts'
import { openHouse, type House } from './house.ts'
import { pathOf } from './mishaps.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
  readonly reader: Reader
  /** Bytes that the publisher has put into its connection, by path. */
  readonly written: Map<string, number>
  /** Paths whose connection to the publisher is open. */
  readonly open: Set<string>
  url(path: string): string
}

const test = anyTest as TestFn<Context>

const chunk = Buffer.from('<p>a page without an end</p>\n'.repeat(2000))
const wholeBytes = 8_000_000

/** Writes for ever, as fast as it is read. */
function writeOn(socket: Socket, type: string, onWritten: (bytes: number) => void): void {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`)
  const size = `${chunk.length.toString(16)}\r\n`
  function pump(): void {
    let hasRoom = true
    while (hasRoom && !socket.destroyed) {
      onWritten(chunk.length)
      socket.write(size)
      socket.write(chunk)
      hasRoom = socket.write('\r\n')
    }
    socket.once('drain', pump)
  }
  pump()
}

test.before(async (t) => {
  const written = new Map<string, number>()
  const open = new Set<string>()
  const publisher = await startPublisher((socket, request) => {
    const path = pathOf(request)
    open.add(path)
    socket.once('close', () => open.delete(path))
    const count = (bytes: number) => void written.set(path, (written.get(path) ?? 0) + bytes)
    if (path.startsWith('/page')) writeOn(socket, 'text/html', count)
    else if (path.startsWith('/file')) writeOn(socket, 'application/pdf', count)
    else if (path.startsWith('/whole')) {
      socket.write(reply(Buffer.alloc(wholeBytes, 'a'), 'Content-Type: application/pdf'))
    } else if (!path.startsWith('/silent')) socket.write(reply('good'))
  })
  const house = await openHouse({
    rules: { press: ruleOf('www.press.test') },
    hosts: { 'www.press.test': publisher.port },
  })
  const reader = house.reader('r1')
  const url = (path: string) => house.gateway.proxied(`http://www.press.test${path}`)
  t.is((await reader.visit(url('/'))).status, 200)
  Object.assign(t.context, { house, publisher, reader, written, open, url })
})

test.after.always(async (t) => {
  await t.context.house?.close()
  await t.context.publisher?.close()
})

async function eventOf({ house }: Context, path: string) {
  const find = async () => (await house.gateway.usage()).find((event) => event['path'] === path)
  await until(async () => (await find()) !== undefined, `no event for ${path}`)
  return find()
}

for (const path of ['/page/left', '/file/left']) {
  test.serial(
    `a reader who leaves in the middle of ${path} lets the publisher go at once, and is told as incomplete`,
    async (t) => {
      const { reader, url, open, house } = t.context
      const { answer } = await reader.begin(url(path))
      for await (const part of answer) {
        t.true(part.length > 0)
        break // ends the stream, and with it the connection
      }
      await until(() => !open.has(path), 'the publisher writes on', 2000)
      const event = await eventOf(t.context, path)
      t.like(event, { status: 200, isComplete: false })
      // Who leaves is no failure of anything.
      t.false(house.gateway.said.log.includes('ERR_INTERNAL'))
    },
  )
}

test.serial('a reader who leaves before the answer lets the publisher go at once', async (t) => {
  const { reader, url, open } = t.context
  const begun = reader.begin(url('/silent'), { headers: { Connection: 'close' } })
  const isLeft = t.throwsAsync(begun)
  await until(() => open.has('/silent'), 'the publisher was not asked')
  reader.leave()
  await isLeft
  await until(() => !open.has('/silent'), 'the publisher is still held', 1500)
})

test.serial(
  'a reader who leaves in the middle of an upload lets the publisher go at once',
  async (t) => {
    const { reader, url, open } = t.context
    const headers = { 'Content-Length': '5000000', 'Content-Type': 'application/octet-stream' }
    const begun = reader.begin(url('/silent/up'), { method: 'POST', headers, body: 'a' })
    const isLeft = t.throwsAsync(begun)
    await until(() => open.has('/silent/up'), 'the publisher was not asked')
    reader.leave()
    await isLeft
    await until(() => !open.has('/silent/up'), 'the publisher is still held', 1500)
  },
)

test.serial(
  'readers who do not read hold the publisher back, and memory stays as it is',
  async (t) => {
    const { reader, url, house, written, open } = t.context
    const before = residentKiB(house.gateway.pid)
    const names = Array.from({ length: 20 }, (_, index) => [
      `/page/${index}`,
      `/file/${index}`,
    ]).flat()
    const answers = await Promise.all(names.map((path) => reader.begin(url(path))))
    for (const { answer } of answers) t.is(answer.statusCode, 200)
    const sums: number[] = []
    await until(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1000))
        sums.push([...written.values()].reduce((sum, bytes) => sum + bytes, 0))
        return sums.at(-1) === sums.at(-2)
      },
      'publishers write although nobody reads',
      15_000,
    )
    // What the systems on both sides of both connections hold is some megabytes each.
    const most = Math.max(...names.map((path) => written.get(path) ?? 0))
    t.true(most < 20_000_000, `${most} bytes`)
    // A mebibyte taken in ahead and two on their way for each, and what a fresh process gathers with
    // its first exchanges, which is garbage that it has no need to collect yet.
    const grown = residentKiB(house.gateway.pid) - before
    t.log(`${names.length} readers: ${grown} KiB more`)
    t.true(grown < names.length * 3 * 1024 + 80_000, `${grown} KiB more`)
    t.is((await house.gateway.manage('/healthz')).status, 200)
    for (const { answer } of answers) answer.destroy()
    await until(() => names.every((path) => !open.has(path)), 'publishers are still held', 3000)
  },
)

test.serial(
  'a reader who pauses for longer than a publisher may is still given the whole',
  async (t) => {
    const { reader, url } = t.context
    const { answer } = await reader.begin(url('/whole'))
    let bytes = 0
    answer.on('data', (part: Buffer) => (bytes += part.length))
    answer.pause()
    await new Promise((resolve) => setTimeout(resolve, 3500))
    answer.resume()
    await new Promise((resolve) => answer.once('close', resolve))
    t.is(bytes, wholeBytes)
    t.true(answer.complete)
  },
)
