/**
 * A script of hundreds of megabytes: plain, it passes with its hosts mapped; coded, it ends at the
 * bound for what inflates, and the log says so. Memory does not grow with either.
 *
 * LONG_SCRIPT_MB sets its length.
 * @module
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

import anyTest, { type ExecutionContext, type TestFn } from 'ava'

import { limits } from '../../src/core/limits.ts'
import { residentKiB, ruleOf } from '../support/gateway.ts'
import { startPublisher, type Publisher } from '../support/publisher.ts'
import type { Reader } from '../support/reader.ts'
import { openHouse, type House } from './house.ts'
import { pathOf } from './mishaps.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
  readonly reader: Reader
}

const test = anyTest as TestFn<Context>

const megabytes = Number(process.env['LONG_SCRIPT_MB'] ?? 150)
const site = 'http://www.press.test/'

/** About a mebibyte, with an address of the publisher in every line. */
const line = `parts.push({ url: "${site}parts/1.js", weight: [1, 2, 3] });\n`
const piece = line.repeat(Math.ceil(2 ** 20 / line.length))
const pieces = Math.ceil((megabytes * 1e6) / piece.length)
/** The threads and the compiled code are there after so many. */
const firstPieces = 16

/**
 * What may be resident beyond what is after the first script. Bytes on their way are a megabyte or two.
 * The engine lets some 70 MiB gather once, after twenty seconds or so, and no more then: 1,500 MB have
 * shown the same as 500. A script that was held would be longer.
 */
const growthKiBMost = 96 * 1024

test.before(async (t) => {
  const plain = Buffer.from(piece)
  const coded = gzipSync(plain, { level: 1 })
  const publisher = await startPublisher((socket, request) => {
    const path = pathOf(request)
    const count = path.startsWith('/first') ? firstPieces : pieces
    if (path.endsWith('.gz')) write(socket, 'Content-Encoding: gzip\r\n', coded, count)
    else write(socket, '', plain, count)
  })
  const house = await openHouse({
    rules: { press: ruleOf('www.press.test') },
    hosts: { 'www.press.test': publisher.port },
  })
  const reader = house.reader('r1')
  await reader.visit(house.gateway.proxied(`${site}first.js`))
  Object.assign(t.context, { house, publisher, reader })
})

test.after.always(async (t) => {
  await t.context.house?.close()
  await t.context.publisher?.close()
})

test.serial(`a script of ${megabytes} MB passes, and memory stays as it is`, async (t) => {
  const { house } = t.context
  const mapped = piece.replaceAll(site, house.gateway.proxied(site))
  const told = (count: number) => {
    const hash = createHash('sha1')
    for (let index = 0; index < count; index++) hash.update(mapped)
    return { bytes: mapped.length * count, digest: hash.digest('hex'), isWhole: true }
  }
  t.deepEqual(await read(t.context, 'first.js'), told(firstPieces))
  await holdsMemory(t, async () => {
    t.deepEqual(await read(t.context, 'long.js'), told(pieces))
  })
})

test.serial('a coded one ends at the bound for what inflates, and the log says so', async (t) => {
  t.true(pieces * piece.length > limits.rewriting.inflatedBytes)
  t.true((await read(t.context, 'first.js.gz')).isWhole)
  await holdsMemory(t, async () => {
    t.false((await read(t.context, 'long.js.gz')).isWhole)
  })
  const failures = t.context.house.gateway.log().filter(({ kind }) => kind === 'failure')
  t.deepEqual(
    failures.map(({ code }) => code),
    ['ERR_UPSTREAM_EXCESS'],
  )
})

/** Writes the part so many times, as fast as it is read. */
function write(socket: Socket, lines: string, part: Buffer, count: number): void {
  socket.write(
    `HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\n${lines}Transfer-Encoding: chunked\r\n\r\n`,
  )
  let left = count
  const pump = () => {
    for (let hasRoom = true; hasRoom && left > 0; left -= 1) {
      socket.write(`${part.length.toString(16)}\r\n`)
      socket.write(part)
      hasRoom = socket.write('\r\n')
    }
    if (left === 0) socket.write('0\r\n\r\n')
    else socket.once('drain', pump)
  }
  pump()
}

async function read({ house, reader }: Context, name: string) {
  const url = house.gateway.proxied(`${site}${name}`)
  const { answer } = await reader.begin(url, { as: 'script' })
  const hash = createHash('sha1')
  let bytes = 0
  answer.on('data', (part: Buffer) => {
    bytes += part.length
    hash.update(part)
  })
  await new Promise((resolve) => answer.once('close', resolve))
  return { bytes, digest: hash.digest('hex'), isWhole: answer.complete }
}

/** Holds the most that the gateway has resident meanwhile against what it had before, on Linux. */
async function holdsMemory(t: ExecutionContext<Context>, work: () => Promise<void>): Promise<void> {
  const { pid } = t.context.house.gateway
  if (process.platform !== 'linux') {
    t.log('memory was not measured: there is no /proc')
    await work()
    return
  }
  // The peak is forgotten. Source: proc_pid_clear_refs(5).
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  const before = residentKiB(pid)
  const startedAt = performance.now()
  await work()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const grown = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) - before
  t.log(`${seconds} s, at most ${grown} KiB more resident`)
  t.true(grown < growthKiBMost, `${grown} KiB more`)
}
