/**
 * The WebSocket of Steppe Journals: how many readers have a page open now, and an echo.
 * @module
 */
import type { WebSocket } from 'ws'

import type { Visit } from '../visit.ts'
import { domain, origins } from './hosts.ts'

const readers = new Map<string, Set<WebSocket>>()

/** Takes sockets of `www` pages at `/v1/live`; nobody else's. */
export function takeReader(visit: Visit): ((socket: WebSocket) => void) | undefined {
  const isOurs = visit.host === `api.${domain}` && visit.url.pathname === '/v1/live'
  if (!isOurs || visit.origin !== origins.www) return undefined
  const topic = visit.url.searchParams.get('page') ?? '/'

  return (socket) => {
    const others = readers.get(topic) ?? new Set()
    readers.set(topic, others.add(socket))
    tellCount(topic)
    socket.on('message', (message, isBinary) => {
      // Without another binaryType a message is one Buffer: ws, "Event: 'message'".
      if (isBinary || !Buffer.isBuffer(message)) socket.send(message)
      else socket.send(JSON.stringify({ type: 'echo', text: message.toString() }))
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      others.delete(socket)
      if (others.size === 0) readers.delete(topic)
      tellCount(topic)
    })
  }
}

function tellCount(topic: string): void {
  const sockets = readers.get(topic) ?? new Set()
  for (const socket of sockets) {
    socket.send(JSON.stringify({ type: 'readers', count: sockets.size }))
  }
}
