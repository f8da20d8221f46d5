/**
 * Ports for servers that must know theirs before they listen, or come back to it.
 *
 * They lie below those that systems give away by themselves (from 32768 on Linux, from 49152
 * elsewhere), where any connection to anywhere may take a port that was free a moment ago. Each
 * process has blocks of its own: it listens on the first port of a block for as long as it lives.
 * @module
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

const firstPort = 10_240
const blockPorts = 128
const blocks = 176

let next = 0
let end = 0
let claiming: Promise<void> | undefined

/** A port of this machine that nobody listens on, and that no other test is given. */
export async function ownPort(): Promise<number> {
  for (;;) {
    while (next === end) await (claiming ??= claim())
    const port = next
    next += 1
    const server = await listen(port)
    if (server === undefined) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

async function claim(): Promise<void> {
  for (let step = 0; step < blocks; step++) {
    const port = firstPort + ((process.pid + step) % blocks) * blockPorts
    const server = await listen(port)
    if (server === undefined) continue
    server.unref()
    next = port + 1
    end = port + blockPorts
    claiming = undefined
    return
  }
  throw new Error(`no free block of ports from ${firstPort}`)
}

/** Undefined when somebody listens there. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}
