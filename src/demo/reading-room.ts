/**
 * The door of the library's reading room: connections that come in here reach the gateway from the
 * address of a library computer, so that access without sign-in can be tried in a browser.
 * @module
 */
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** A door that is open. */
interface ReadingRoom {
  readonly address: string
  stop(): Promise<void>
}

/** Listens on the library computer's address, on the gateway's own port. */
export async function openReadingRoom(
  address: string,
  gateway: { readonly address: string; readonly port: number },
): Promise<ReadingRoom> {
  const sockets = new Set<Socket>()
  const server = createServer((inside) => {
    const { address: host, port } = gateway
    const outside = connect({ host, port, localAddress: address })
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => sockets.delete(socket))
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(gateway.port, address, resolve)
  })
  return {
    address,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
