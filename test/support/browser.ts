/**
 * A headless Chromium for end-to-end tests that can reach nothing but this machine, and readers who
 * use it, each with cookies of their own.
 *
 * Whatever a page complains of is collected: requests to any host that is not this machine's, errors
 * and warnings of the console (where CSP, CORS and mixed content speak), uncaught exceptions, failed
 * requests. A scenario fails on every complaint that it did not announce.
 * @module
 */
import type { ExecutionContext, TestFn } from 'ava'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'

import { chromiumPath } from './provision.ts'

/** How a browser is started. */
export interface BrowserOptions {
  /** The address that every name below `.localhost` leads to. */
  readonly address?: string
  /** Further names, as patterns, with the address and port that each leads to. */
  readonly hosts?: Readonly<Record<string, string>>
  /** Takes certificates that nobody vouches for, as those of a test are. */
  readonly certificates?: 'checked' | 'unchecked'
}

/** One person at one browser: cookies and storage of their own. */
export interface Reader {
  readonly context: BrowserContext
  readonly page: Page
  /** A further page of the same browser. */
  newPage(): Promise<Page>
  /** Announces a complaint: it must come, any number of times, and is no fault then. */
  expects(complaint: RegExp): void
  /** Complaints so far that were not announced, and announced ones that did not come. */
  faults(): readonly string[]
}

/** A browser, started at its first reader. */
export interface TestBrowser {
  newReader(): Promise<Reader>
  close(): Promise<void>
}

/** A scenario's own part: what it does with its first reader, and how it gets more of them. */
export type Scenario = (
  t: ExecutionContext,
  reader: Reader,
  newReader: () => Promise<Reader>,
) => Promise<void>

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Long enough for a machine with two busy cores, short enough to see where a scenario stands. */
const stepMs = 20_000

/** A browser of its own process. */
export function createBrowser(options: BrowserOptions = {}): TestBrowser {
  let launched: Promise<Browser> | undefined
  return {
    async newReader() {
      const browser = await (launched ??= launch(options))
      const context = await browser.newContext({
        locale: 'en-GB',
        viewport: { width: 1280, height: 800 },
        colorScheme: 'light',
        ignoreHTTPSErrors: options.certificates === 'unchecked',
      })
      context.setDefaultTimeout(stepMs)
      return watched(context, Object.keys(options.hosts ?? {}))
    },
    async close() {
      await (await launched)?.close()
    },
  }
}

/**
 * Declares a test that is run by one reader or more, none of whose browsers may complain.
 *
 * @param test AVA's, or its `serial`.
 */
export function scenarios(test: Pick<TestFn, 'serial'>, browser: TestBrowser) {
  return (title: string, run: Scenario): void => {
    test.serial(title, async (t) => {
      const readers: Reader[] = []
      const newReader = async () => {
        const reader = await browser.newReader()
        readers.push(reader)
        return reader
      }
      try {
        await run(t, await newReader(), newReader)
        t.deepEqual(
          readers.flatMap((reader) => reader.faults()),
          [],
        )
      } catch (error) {
        for (const reader of readers) await tell(t, reader)
        throw error
      } finally {
        for (const { context } of readers) await context.close()
      }
    })
  }
}

/** Signs in at the test's provider, whose page has neither form nor icon. */
export async function signInAt(
  { issuer }: { readonly issuer: string },
  { page, expects }: Reader,
  account: string,
): Promise<void> {
  expects(/status of 404 .*\/favicon\.ico/)
  await page.waitForURL(`${issuer}/interaction/**`)
  await page.evaluate(`(() => {
    const form = document.createElement('form')
    form.method = 'post'
    form.action = location.pathname + '?account=${account}'
    document.body.append(form)
    form.submit()
  })()`)
}

function launch({ address = '127.0.0.1', hosts = {} }: BrowserOptions): Promise<Browser> {
  const places = Object.entries({ ...hosts, '*.localhost': address })
  const rules = [
    ...places.map(([pattern, place]) => `MAP ${pattern} ${place}`),
    'MAP * ~NOTFOUND',
    'EXCLUDE localhost',
    'EXCLUDE 127.0.0.1',
  ]
  return chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [...flags, `--host-resolver-rules=${rules.join(', ')}`],
    // Readers press Back in browsers that keep pages alive.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}

async function watched(context: BrowserContext, hosts: readonly string[]): Promise<Reader> {
  const complaints: string[] = []
  const announced: RegExp[] = []
  const complain = (what: string) => complaints.push(what)
  const isElsewhere = (url: string) => leadsElsewhere(url, hosts)

  context.on('request', (request) => {
    if (isElsewhere(request.url())) complain(`a request to another host: ${request.url()}`)
  })
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? ''
    // A page that is left, or a download, gives up its own requests.
    if (reason !== 'net::ERR_ABORTED') complain(`failed: ${request.url()} ${reason}`)
  })
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) {
      complain(`console: ${message.text()} (${message.location().url})`)
    }
  })
  context.on('weberror', (error) => complain(`uncaught: ${String(error.error())}`))
  context.on('page', (page) => {
    page.on('websocket', (socket) => {
      if (isElsewhere(socket.url())) complain(`a socket to another host: ${socket.url()}`)
      socket.on('socketerror', (reason) => complain(`socket failed: ${socket.url()} ${reason}`))
    })
    page.on('crash', () => complain('a page crashed'))
  })
  return {
    context,
    page: await context.newPage(),
    newPage: () => context.newPage(),
    expects: (complaint) => announced.push(complaint),
    faults: () => [
      ...complaints.filter((each) => !announced.some((pattern) => pattern.test(each))),
      ...announced
        .filter((pattern) => !complaints.some((each) => pattern.test(each)))
        .map((pattern) => `did not come: ${String(pattern)}`),
    ],
  }
}

function leadsElsewhere(address: string, patterns: readonly string[]): boolean {
  const { protocol, hostname } = new URL(address)
  const isNetwork = ['http:', 'https:', 'ws:', 'wss:'].includes(protocol)
  const isHere =
    hostname === '127.0.0.1' ||
    /(?:^|\.)localhost$/.test(hostname) ||
    patterns.some((pattern) => hostname.endsWith(pattern.replace('*', '')))
  return isNetwork && !isHere
}

async function tell(t: ExecutionContext, reader: Reader): Promise<void> {
  const pages = reader.context.pages().map((page) => page.url())
  t.log('pages', pages, 'faults', reader.faults())
  const text = await reader.page.innerText('body', { timeout: 1000 }).catch(() => '')
  t.log(text.slice(0, 600))
}
