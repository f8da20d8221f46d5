/**
 * Runs browser cases: a script on a page of a publisher, in Chromium, through a gateway with the shim
 * in the page. What is compared is a log: `REPORT value` for what the script reports, `UPSTREAM GET
 * url` and `UPSTREAM Name: value` for what publishers were asked, `THROWN message` for errors.
 *
 * A request that leaves the zone for a host of the gateway fails any case. One browser and one gateway
 * serve all cases; each has cookies of its own.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises'

import { chromium } from 'playwright-core'
import type { Browser, BrowserContext } from 'playwright-core'

import { compare, trainCased } from './conformance-case.ts'
import type { CaseRunner, ConformanceCase, ConformanceSuite } from './conformance-case.ts'
import { startPressRun, type Answer, type Asked, type PressRun } from './press-run.ts'
import { chromiumPath } from './provision.ts'

/** Marks lines of the console that are reports, of pages, frames and workers. */
const mark = '\u2016report\u2016'
const settleMs = 400
const longestMs = 8000

interface World {
  readonly run: PressRun
  readonly browser: Browser
  current: { readonly testCase: ConformanceCase; readonly log: string[] } | undefined
}

let started: Promise<World> | undefined

/** Runs one browser case. */
export const runBrowserCase: CaseRunner = async (testCase, suite) => {
  const world = await (started ??= open(suite))
  const log: string[] = []
  const escapedBefore = world.run.escaped().length
  world.current = { testCase, log }
  const context = await world.run.newContext(world.browser, 'gateway')
  try {
    listen(context, log)
    const page = await context.newPage()
    const address = suite.hosts.mapUrl(testCase.upstreamUrl) ?? testCase.upstreamUrl
    await page.goto(address, { waitUntil: 'commit' })
    await settle(testCase, log)
  } finally {
    await context.close()
    world.current = undefined
  }
  const escaped = world.run.escaped().slice(escapedBefore)
  if (escaped.length > 0) return `escaped to ${escaped.join(', ')}`
  const { expected } = testCase
  const reports = log.filter((line) => line.startsWith('REPORT '))
  return compare(expected, (typeof expected === 'string' ? reports : log).join('\n'))
}

/** Ends what the cases have started. */
export async function endCases(): Promise<void> {
  const world = await started
  started = undefined
  await world?.browser.close()
  await world?.run.close()
}

async function open({ resources, zoneOrigin }: ConformanceSuite): Promise<World> {
  const run = await startPressRun({
    resources,
    zoneOrigin,
    answer: (asked) => {
      if (world.current === undefined) return { status: 404 }
      return answer(asked, world.current.testCase, world.current.log)
    },
  })
  const args = ['--no-sandbox', '--disable-gpu']
  const browser = await chromium.launch({ executablePath: chromiumPath(), args })
  const world: World = { run, browser, current: undefined }
  return world
}

function listen(context: BrowserContext, log: string[]): void {
  context.on('console', (message) => {
    const text = message.text()
    if (text.startsWith(mark)) log.push(`REPORT ${text.slice(mark.length)}`)
  })
  context.on('weberror', (error) => log.push(`THROWN ${String(error.error())}`))
}

/** Waits until what must come has come, and nothing else comes for a while. */
async function settle({ expected }: ConformanceCase, log: readonly string[]): Promise<void> {
  const startedAt = performance.now()
  const isOver = () => {
    const text = log.join('\n')
    const wanted = typeof expected === 'string' ? [] : expected
    const isThere = wanted.every(
      (each) => !('mustContain' in each) || text.includes(each.mustContain),
    )
    return isThere && log.some((line) => line.startsWith('REPORT ') || line.startsWith('UPSTREAM '))
  }
  let [length, quietAt] = [log.length, startedAt]
  for (let now = startedAt; now < startedAt + longestMs; now = performance.now()) {
    if (log.length !== length) [length, quietAt] = [log.length, now]
    const quietMs = now - quietAt
    if (quietMs > (isOver() ? settleMs : longestMs / 2)) return
    await pause(25)
  }
}

function answer(asked: Asked, testCase: ConformanceCase, log: string[]): Answer {
  const { method, url, headers } = asked
  log.push(`UPSTREAM ${method} ${url.href}`)
  for (const [name, value] of Object.entries(headers)) {
    log.push(`UPSTREAM ${trainCased(`${name}: ${value}`)}`)
  }
  if (asked.body !== '') log.push(`UPSTREAM body ${asked.body}`)
  const isPage = url.href === new URL(testCase.upstreamUrl).href
  return told(url, testCase) ?? (isPage ? pageOf(testCase) : usual(asked))
}

/** What a case itself lets publishers say: an option with addresses or paths for keys. */
function told(url: URL, { options = {} }: ConformanceCase): Answer | undefined {
  for (const option of Object.values(options)) {
    const found = new Map(Object.entries(Object(option)))
    const value = found.get(url.href) ?? found.get(url.pathname + url.search)
    if (typeof value === 'string') return readAnswer(value, url)
    // The file is part of the tests; a wrong shape shows as a failed case.
    if (typeof value === 'object') return value as Answer
  }
  return undefined
}

/** A whole message, or a body whose type the address tells. */
function readAnswer(text: string, { pathname }: URL): Answer {
  const end = text.indexOf('\n\n')
  if (!text.startsWith('HTTP/1.1 ')) {
    const type = /\.m?js$/.test(pathname) ? 'text/javascript' : 'text/html'
    return { headers: { 'Content-Type': type }, body: text }
  }
  const [start = '', ...lines] = text.slice(0, end === -1 ? text.length : end).split('\n')
  const headers = lines.map((line) => line.split(/: ?(.*)/s).slice(0, 2))
  return {
    status: Number(start.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: end === -1 ? '' : text.slice(end + 2),
  }
}

function pageOf({ input, options }: ConformanceCase): Answer {
  const script = input.replaceAll(/<(?=\/script|!--|script)/gi, '\\x3c')
  const headers = Object(options?.['responseHeaders'] ?? options?.['headers'])
  const report = `(value) => console.log(${JSON.stringify(mark)} + value)`
  const body = `<!doctype html><html><head><title>test</title></head><body><script>(async (report) => {
${script}
})(${report}).catch((error) => setTimeout(() => { throw error }))</script></body></html>`
  return { headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body }
}

/** Frames and popups answer what they are told, and everything else says that it is there. */
const frame = `<!doctype html><html><head><title>frame</title></head><body><script>
addEventListener("message", (event) => event.source.postMessage(event.data + "-back", event.origin))
</script></body></html>`
const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'

function usual({ url, headers, method }: Asked): Answer {
  const destination = headers['sec-fetch-dest'] ?? ''
  if (headers['accept']?.includes('text/event-stream') === true) {
    return {
      headers: { 'Content-Type': 'text/event-stream' },
      body: 'data: 1\n\n',
      isEndless: true,
    }
  }
  const [type, body] = /document|frame|embed|object/.test(destination)
    ? ['text/html; charset=utf-8', frame]
    : /script|worker/.test(destination)
      ? ['text/javascript', '']
      : destination === 'image'
        ? ['image/svg+xml', picture]
        : destination === 'style'
          ? ['text/css', '']
          : /json|api/.test(url.pathname)
            ? ['application/json', '{"ok":true}']
            : ['text/plain', `${method} ${url.pathname}`]
  return { headers: { 'Content-Type': type }, body }
}
