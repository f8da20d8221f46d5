/**
 * A reader's browser as far as HTTP goes: cookies, redirects, sign-in at the provider, and answers
 * that tell whether their end was a clean one.
 * @module
 */
import assert from 'node:assert'
import { Agent, request } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http'

import { CookieJar } from 'tough-cookie'

import type { TestGateway } from './gateway.ts'
import type { ProviderJar, TestProvider } from './provider.ts'

/** What one asks beside the URL. */
export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** What the browser wants it for; a page unless told. */
  readonly as?: 'page' | 'script'
}

/** An answer with its body read as far as it came. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly location: string
  readonly body: Buffer
  readonly text: string
  /** False when the connection broke before the end. */
  readonly isWhole: boolean
}

/** An exchange whose answer has begun. */
export interface Begun {
  readonly sent: ClientRequest
  readonly answer: IncomingMessage
}

/** One reader. */
export interface Reader {
  readonly account: string
  readonly jar: CookieJar
  /** One exchange; cookies are sent and kept. */
  ask(url: string, asking?: Asking): Promise<Answer>
  /** Begins an exchange; whoever calls reads the answer, or does not. */
  begin(url: string, asking?: Asking): Promise<Begun>
  /** A page, through whatever redirects and sign-ins stand before it. */
  visit(url: string): Promise<Answer & { readonly url: string }>
  /** Closes the connections that wait for more. */
  leave(): void
}

/** What makes a request a navigation to Fetch Metadata, and what makes it a script's. */
const asked = {
  page: {
    Accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Dest': 'document',
    'Sec-Fetch-Site': 'same-origin',
  },
  script: {
    Accept: '*/*',
    'Sec-Fetch-Mode': 'cors',
    'Sec-Fetch-Dest': 'empty',
    'Sec-Fetch-Site': 'same-origin',
  },
} as const

/** Browsers send again what met a kept connection at the moment of its end (RFC 9112, 9.3.1). */
async function sendAgain(options: RequestOptions, body: Asking['body']): Promise<Begun> {
  const first = send(options, body)
  try {
    return await first.begun
  } catch (error) {
    if (!first.sent.reusedSocket) throw error
    return await send(options, body).begun
  }
}

function send(options: RequestOptions, body: Asking['body']) {
  const { promise, resolve, reject } = Promise.withResolvers<Begun>()
  const sent = request(options)
  sent.once('response', (answer) => {
    answer.on('error', () => undefined)
    resolve({ sent, answer })
  })
  sent.on('error', reject)
  sent.end(body)
  return { sent, begun: promise }
}

/** A reader with an account at the provider. */
export function createReader(
  { ports }: Pick<TestGateway, 'ports'>,
  provider: Pick<TestProvider, 'issuer' | 'signIn'>,
  account: string,
): Reader {
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false })
  const providerJar: ProviderJar = new Map()
  const agent = new Agent({ keepAlive: true })

  async function begin(url: string, asking: Asking = {}) {
    const { host, pathname, search } = new URL(url)
    const { method = 'GET', as = 'page' } = asking
    const cookie = await jar.getCookieString(url)
    const headers = {
      ...asked[as],
      'Accept-Encoding': 'identity',
      ...(cookie !== '' && { Cookie: cookie }),
      ...asking.headers,
      Host: host,
    }
    const path = pathname + search
    const options = { host: '127.0.0.1', port: ports.public, path, method, headers, agent }
    const begun = await sendAgain(options, asking.body)
    for (const line of begun.answer.headers['set-cookie'] ?? []) {
      await jar.setCookie(line, url, { ignoreError: true })
    }
    return begun
  }

  async function ask(url: string, asking?: Asking): Promise<Answer> {
    const { answer } = await begin(url, asking)
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    await new Promise((resolve) => answer.once('close', resolve))
    const body = Buffer.concat(chunks)
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      location: answer.headers.location ?? '',
      body,
      text: body.toString(),
      isWhole: answer.complete,
    }
  }

  async function visit(url: string) {
    let next = url
    for (let step = 0; step < 15; step += 1) {
      if (next.startsWith(provider.issuer)) {
        next = await provider.signIn(next, account, providerJar)
        continue
      }
      const answer = await ask(next)
      if (answer.location === '') return { ...answer, url: next }
      next = new URL(answer.location, next).href
    }
    return assert.fail(`circles at ${next}`)
  }

  return { account, jar, ask, begin, visit, leave: () => agent.destroy() }
}

/** A reader who asks for a page again and again, so many times at once, until it is enough. */
export function keepReading(reader: Pick<Reader, 'ask'>, url: string, count: number) {
  /** How often each status came; 0 for an answer that broke off. */
  const statuses = new Map<number, number>()
  const stopped = new AbortController()
  async function readOn(): Promise<void> {
    while (!stopped.signal.aborted) {
      const { status, isWhole } = await reader.ask(url)
      const seen = isWhole ? status : 0
      statuses.set(seen, (statuses.get(seen) ?? 0) + 1)
    }
  }
  const reading = Promise.all(Array.from({ length: count }, readOn))
  return {
    statuses: statuses as ReadonlyMap<number, number>,
    async stop(): Promise<void> {
      stopped.abort()
      await reading
    },
  }
}

/** The reference that an error page or problem shows. */
export function referenceOf({ text }: Pick<Answer, 'text'>): string {
  return (
    /\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b/.exec(text)?.[0] ?? ''
  )
}
