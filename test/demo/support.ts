/**
 * Help for the demo's tests: publishers on free ports, asked from a chosen source address.
 * @module
 */
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

import { alatooBooks } from '../../src/demo/alatoo/alatoo-books.ts'
import { listenPublisher } from '../../src/demo/publisher.ts'
import { steppeJournals } from '../../src/demo/steppe/steppe-journals.ts'

/** The address that the publishers know as their subscriber's. */
export const subscriber = '127.0.0.2'

/** The address of anybody else. */
export const stranger = '127.0.0.1'

/** An answer with its body read. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** How to ask. */
export interface Question {
  readonly from?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Asks a server on this machine for a publisher's URL. */
export function ask(port: number, url: string, question: Question = {}): Promise<Answer> {
  const { host, pathname, search } = new URL(url)
  const { from = subscriber, method = 'GET', headers = {}, body } = question
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        localAddress: from,
        method,
        path: pathname + search,
        headers: { host, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

/** Both publishers on free ports. */
export async function startPublishers() {
  const place = { address: '127.0.0.1', port: 0, licensedAddress: subscriber }
  const [steppe, alatoo] = await Promise.all([
    listenPublisher(steppeJournals, place),
    listenPublisher(alatooBooks, place),
  ])
  return {
    steppe: steppe.port,
    alatoo: alatoo.port,
    stop: () => Promise.all([steppe.stop(), alatoo.stop()]),
  }
}
